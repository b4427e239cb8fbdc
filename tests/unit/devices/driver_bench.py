"""A driver wired to a simulated stimulator in virtual time: what every driver test stands on."""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from emscontrol.core.pulse import NOTHING, Output, Outputs, Shape, Train, Waveform
from emscontrol.core.stimulator import _GATE_KEY, ChannelLimits, Cleared, Connected, DeviceEvent, Stimulator
from emscontrol.devices import registry
from emscontrol.devices.reference import wire as reference
from emscontrol.devices.sciencemode2 import wire as wire2
from emscontrol.devices.sciencemode4 import wire as wire4
from emscontrol.devices.stuffing import Frame
from firmware_sim import world
from firmware_sim.faults import Fault, parse_fault
from firmware_sim.scope import Scope, ScopeLine

MS = 1_000
SET_POINT = {"p24": "ml_update", "rehastim2": "StartChannelListMode", "reference": "SET"}
ARMING = {
    "p24": {"ml_init", "ml_update"},
    "rehastim2": {"InitChannelListMode", "StartChannelListMode"},
    "reference": {"ARM", "SET", "CONTRACT"},
}
STOP = {"p24": "ml_stop", "rehastim2": "StopChannelListMode", "reference": "STOP"}
POLL = {"p24": "ml_get_current_data", "rehastim2": "GetStimulationMode", "reference": "RENEW"}
ACK_WAIT_US = {"p24": 60 * MS, "rehastim2": 100 * MS, "reference": 60 * MS}
NUMBER = {"p24": "packet_number", "rehastim2": "packet_number", "reference": "seq"}
ANSWER = {"p24": "_ack", "rehastim2": "Ack", "reference": "_ANSWER"}
_WIRES: Final[dict[str, Any]] = {"p24": wire4, "rehastim2": wire2, "reference": reference}
WIDEST: Final = ChannelLimits(130_000, 1_000, 500, 130_000_000, 1_200_000)
"""Limits that no innervated output of these tests reaches."""
E = TypeVar("E")


def train(width_us: int = 300, period_us: int = 30_000, *, shape: Shape = Shape.SYMMETRIC, **rest: int) -> Train:
    waveform = Waveform(shape, width_us, rest.get("gap_us", 100), rest.get("ratio", 1))
    return Train(waveform, period_us, rest.get("pulses", 1), rest.get("interval_us", 0))


def outputs(of: Train, **amplitudes_ua: int) -> Outputs:
    """`outputs(train, ch1=4_000)`."""
    return Outputs(tuple(Output(int(name[2:]), of, ua) for name, ua in sorted(amplitudes_ua.items())))


def cleared(wanted: Outputs, number: int = 1) -> Cleared:
    return Cleared(wanted, number, _GATE_KEY)


class Bench:
    """`events` and `written` hold (time, what) of everything so far. `uplink` may change what the device says on its way."""

    def __init__(self, model: str, faults: Iterable[str] = (), seed: int = 0, watchdog_ms: int | None = None) -> None:
        self.model = model
        self.lines: list[ScopeLine] = []
        self.port = world.make(
            model,
            scope=Scope.in_memory(self.lines),
            faults=[parse_fault(text) for text in faults],
            seed=seed,
            watchdog_ms=watchdog_ms,
        )
        self.driver: Stimulator = registry.driver(model)
        self.now_us = 0
        self.events: list[tuple[int, DeviceEvent]] = []
        self.written: list[tuple[int, bytes]] = []
        self.uplink: Callable[[bytes], bytes] = lambda data: data

    def inject(self, text: str) -> None:
        fault: Fault = parse_fault(text)
        self.port.inject(fault, self.now_us)

    def write(self, data: bytes) -> None:
        if data:
            self.written.append((self.now_us, data))
            self.port.write(data, self.now_us)

    def run(self, for_us: int = 0) -> list[DeviceEvent]:
        """Let time pass as an engine would: receive, then tick, at each deadline. Returns the events of this time."""
        until_us, first = self.now_us + for_us, len(self.events)
        while True:
            self._settle()
            dues = (due for due in (self.driver.due_us(), self.port.due_us()) if due is not None and due > self.now_us)
            following_us = min(dues, default=until_us + 1)
            if following_us > until_us:
                break
            self.now_us = following_us
        self.now_us = until_us
        return [event for _, event in self.events[first:]]

    def _settle(self) -> None:
        for _ in range(100):
            data = self.uplink(self.port.read(self.now_us))
            self.events += [(self.now_us, event) for event in self.driver.receive(data, self.now_us)]
            answer = self.driver.tick(self.now_us)
            self.write(answer)
            if not answer:
                return
        raise AssertionError("driver and device talk without end at one moment")

    def connect(self) -> list[DeviceEvent]:
        self.write(self.driver.connect(self.now_us))
        return self.run(3_000 * MS if self.driver.capabilities.model == "rehastim2" else 100 * MS)

    def prepare(self, *channels: int, of: Train | None = None) -> list[DeviceEvent]:
        self.write(self.driver.prepare(dict.fromkeys(channels, of or train()), dict.fromkeys(channels, WIDEST), self.now_us))
        return self.run(MS)

    def ready(self, *channels: int, of: Train | None = None) -> "Bench":
        """Connected and prepared."""
        assert any(isinstance(event, Connected) for event in self.connect())
        self.prepare(*channels or (1,), of=of)
        return self

    def send(self, wanted: Outputs = NOTHING, number: int = 1, for_us: int = MS) -> list[DeviceEvent]:
        self.write(self.driver.send(cleared(wanted, number), self.now_us))
        return self.run(for_us)

    def stop(self, for_us: int = MS) -> list[DeviceEvent]:
        self.write(self.driver.stop(self.now_us))
        return self.run(for_us)

    def read_back(self, for_us: int = MS) -> list[DeviceEvent]:
        self.write(self.driver.read_back(self.now_us))
        return self.run(for_us)

    def amplitude_ua(self, channel: int) -> int:
        """What really comes out."""
        return self.port.stage.amplitude_ua(channel)

    def requests(self, since_us: int = 0) -> list[tuple[int, Frame]]:
        """What the driver has written since then, frame by frame."""
        decoder = _WIRES[self.model].Decoder("host")
        return [(at, frame) for at, data in self.written if at >= since_us for frame in decoder.feed(data)]

    def names(self, since_us: int = 0) -> list[str]:
        """The commands the driver has written since then."""
        return [frame.command for _, frame in self.requests(since_us)]

    def say(self, command: str, **params: object) -> list[DeviceEvent]:
        """The device says this; the packet number is that of the last request unless it is given."""
        name, last = NUMBER[self.model], self.requests()[-1][1].params
        heading = {name: last[name], **({"epoch": last["epoch"]} if "epoch" in last else {})}
        data = _WIRES[self.model].encode(command, heading | params)
        events = self.driver.receive(data, self.now_us)
        self.events += [(self.now_us, event) for event in events]
        self.write(self.driver.tick(self.now_us))
        return events


def only(kind: type[E], events: Iterable[object]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]
