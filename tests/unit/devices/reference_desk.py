"""A reference driver face to face with a scripted device: one that keeps to the page, until a test makes it say otherwise."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from emscontrol.core.pulse import NOTHING, Output, Outputs, Swell, Train
from emscontrol.core.stimulator import _GATE_KEY, ChannelLimits, Cleared, DeviceEvent
from emscontrol.devices.reference.driver import ReferenceDriver
from emscontrol.devices.reference.wire import Decoder, Frame, encode
from tests.unit.devices.driver_bench import train

MS = 1_000
EPOCH = 0x5EED0001
LIMITS = ChannelLimits(120_000, 1_000, 2_500, 120_000_000, 240_000)
CAPABLE = {
    "channels": 8,
    "flags": 3,
    "shapes": 15,
    "burst_max": 6,
    "amplitude_max": 1_200,
    "width_min_us": 20,
    "width_max_us": 200_000,
    "period_min_us": 2_500,
    "period_max_us": 5_000_000,
    "voltage_max": 1_500,
    "lease_max_ms": 500,
}
WHO = {"maker": "somebody", "model": "one", "serial": "S-1", "firmware": "2.0"}
Params = dict[str, Any]
E = TypeVar("E")


def block(state: int = 0, faults: int = 0, rows: Iterable[Mapping[str, int]] = (), **changes: int) -> Params:
    """A status block."""
    head = {"state": state, "faults": faults, "lease_left_ms": 0, "battery": 80, "temperature": 30, "device_ms": 5}
    return {**head, **changes, "each": [dict(row) for row in rows]}


def row(channel: int, **changes: int) -> dict[str, int]:
    """One channel of a status block, with current on."""
    return {"channel": channel, "flags": 1, "pulses": 10, "set": 200, "measured": 199, "ohm": 900, **changes}


class Desk:
    """`replies` holds, by command, what the device answers (a dict, a function of the request, or None for silence)."""

    def __init__(self) -> None:
        self.driver = ReferenceDriver()
        self.now_us = 0
        self.frames: list[Frame] = []
        self.raw: list[bytes] = []
        self.events: list[DeviceEvent] = []
        self.limits: dict[int, Params] = {}
        self.in_force: dict[int, int] = {}
        self._ears = Decoder("host")
        self.replies: dict[str, Params | Callable[[Params], Params | None] | None] = {
            "HELLO": {"version": 1, "boot_id": 7, "state": 0},
            "IDENTIFY": WHO,
            "CAPABILITIES": CAPABLE,
            "STATUS": block(),
            "LIMITS": self._limit,
            "READ_LIMITS": lambda asked: self.limits[asked["channel"]],
            "TRAIN": {},
            "ARM": {"epoch": EPOCH},
            "RENEW": lambda asked: block(asked["state"], rows=[row(c) for c in sorted(self.in_force)]),
            "SET": self._set,
            "CONTRACT": self._contract,
            "STOP": {"state": 0},
            "CLEAR": {"faults": 0},
            "CHECK": lambda asked: {"channel": asked["channel"], "ohm": 1_200},
        }

    # -- the device ----------------------------------------------------------------------------------------------------

    def _limit(self, asked: Params) -> Params:
        self.limits[asked["channel"]] = {name: value for name, value in asked.items() if name not in ("seq", "epoch")}
        return {}

    def _set(self, asked: Params) -> Params:
        self.in_force = {}
        return self._contract(asked)

    def _contract(self, asked: Params) -> Params:
        self.in_force |= {entry["channel"]: entry["amplitude"] for entry in asked["each"] if entry["amplitude"]}
        return {"each": [{"channel": c, "amplitude": a} for c, a in sorted(self.in_force.items())]}

    def refuse(self, command: str, result: int, channel: int = 0) -> None:
        """From now on this command is refused."""
        self.replies[command] = {"result": result, "channel": channel}

    def say(self, name: str, **params: Any) -> list[DeviceEvent]:
        """The device says this by itself."""
        return self._hear(encode(name, params))

    # -- the wire ------------------------------------------------------------------------------------------------------

    def write(self, data: bytes) -> list[DeviceEvent]:
        """What the driver has written reaches the device, its answers the driver, until both are silent."""
        events: list[DeviceEvent] = []
        while data:
            self.raw.append(data)
            heard = self._ears.feed(data)
            self.frames += heard
            for frame in heard:
                assert frame.error is None, frame
                events += self._answer(frame)
            data = self.driver.tick(self.now_us)
        return events

    def _answer(self, frame: Frame) -> list[DeviceEvent]:
        reply = self.replies[frame.command]
        given = reply(frame.params) if callable(reply) else reply
        if given is None:
            return []
        heading = {"seq": frame.params["seq"], "epoch": frame.params["epoch"], "result": 0}
        return self._hear(encode(f"{frame.command}_ANSWER", {**heading, **given}))

    def _hear(self, data: bytes) -> list[DeviceEvent]:
        events = self.driver.receive(data, self.now_us)
        self.events += events
        return events

    def run(self, for_us: int = 0) -> list[DeviceEvent]:
        """Time passes, and the driver does what is due."""
        until_us, events = self.now_us + for_us, []
        while True:
            events += self._hear(b"")
            events += self.write(self.driver.tick(self.now_us))
            due_us = self.driver.due_us()
            if due_us is None or due_us > until_us:
                break
            assert due_us > self.now_us
            self.now_us = due_us
        self.now_us = until_us
        return events

    # -- the host ------------------------------------------------------------------------------------------------------

    def connect(self) -> list[DeviceEvent]:
        return self.write(self.driver.connect(self.now_us))

    def prepare(self, *channels: int, of: Train | None = None, limits: ChannelLimits = LIMITS) -> list[DeviceEvent]:
        trains = dict.fromkeys(channels or (1,), of or train())
        return self.write(self.driver.prepare(trains, dict.fromkeys(trains, limits), self.now_us))

    def ready(self, *channels: int, of: Train | None = None) -> "Desk":
        self.connect()
        self.prepare(*channels, of=of)
        return self

    def send(self, *outputs: Output, number: int = 1) -> list[DeviceEvent]:
        wanted = Outputs(outputs) if outputs else NOTHING
        return self.write(self.driver.send(Cleared(wanted, number, _GATE_KEY), self.now_us))

    def stop(self) -> list[DeviceEvent]:
        return self.write(self.driver.stop(self.now_us))

    def names(self, since: int = 0) -> list[str]:
        """The commands that the driver has written, the first `since` left out."""
        return [frame.command for frame in self.frames[since:]]


def swell(number: int = 1, rise_us: int = 1_000_000, hold_us: int = 3_000_000, fall_us: int = 500_000) -> Swell:
    return Swell(number, rise_us, hold_us, fall_us)


def only(kind: type[E], events: Iterable[object]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]
