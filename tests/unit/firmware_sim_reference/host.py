"""A host for the simulated reference stimulator in virtual time, speaking through the simulator's own codec."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from firmware_sim.faults import Fault
from firmware_sim.reference import wire
from firmware_sim.scope import Scope, ScopeLine
from firmware_sim.world import SimulatedPort, make

LIMITS = {
    "flags": 0,
    "shapes": 0b0111,
    "burst_max": 6,
    "amplitude_max": 1000,
    "width_max_us": 1000,
    "period_min_us": 2500,
    "charge_max_nc": 100_000,
    "rise_max": 1200,
}
TRAIN = {
    "shape": 0,
    "width_us": 250,
    "gap_us": 0,
    "recovery_ratio": 1,
    "period_us": 20_000,
    "burst_pulses": 1,
    "burst_interval_us": 0,
}
NEEDS_EPOCH = ("RENEW", "SET", "CONTRACT")


class Host:
    """One device on a cable, its clock, and what the oscilloscope saw."""

    def __init__(self, *faults: Fault, **options: Any) -> None:
        self.lines: list[ScopeLine] = []
        self.port: SimulatedPort = make("reference", scope=Scope.in_memory(self.lines), faults=faults, **options)
        self.now_us = 0
        self.seq = 0
        self.epoch = 0

    def wait(self, until_us: int) -> list[wire.Frame]:
        """Lets time pass; what the device said meanwhile."""
        self.now_us = until_us
        return self.heard()

    def heard(self) -> list[wire.Frame]:
        """What the device has said up to now."""
        data = self.port.read(self.now_us)
        return wire.decode(data, "device") if data else []

    def frame(self, command: str, params: dict[str, Any]) -> bytes:
        """The bytes of a command with the next number, and with the epoch where it needs one."""
        if "seq" not in params:
            self.seq = (self.seq + 1) % 65_536
        epoch = self.epoch if command in NEEDS_EPOCH else 0
        return wire.encode(command, {"seq": self.seq, "epoch": epoch, **params})

    def send_bytes(self, data: bytes) -> list[wire.Frame]:
        """Any bytes now; what the device says at this very moment."""
        self.port.write(data, self.now_us)
        return self.heard()

    def send(self, command: str, **params: Any) -> list[wire.Frame]:
        """One command now; what the device says at this very moment."""
        return self.send_bytes(self.frame(command, params))

    def ask(self, command: str, **params: Any) -> dict[str, Any]:
        """One command now and its one, sound answer."""
        (answer,) = self.send(command, **params)
        assert answer.error is None, answer
        assert answer.command == f"{command}_ANSWER"
        assert answer.params["seq"] == params.get("seq", self.seq)
        return answer.params

    def result(self, command: str, **params: Any) -> tuple[int, int]:
        """One command now; result and channel of the answer (0 where there is none)."""
        answer = self.ask(command, **params)
        return answer["result"], 0 if answer["result"] == 0 else answer["channel"]

    def ok(self, command: str, **params: Any) -> dict[str, Any]:
        """One command now, which is accepted."""
        answer = self.ask(command, **params)
        assert answer["result"] == 0, (command, answer)
        return answer

    def prepare(self, channels: Iterable[int] = (1,), limits: dict[str, Any] | None = None, **train: Any) -> None:
        """Limits and a train for these channels."""
        for channel in channels:
            self.ok("LIMITS", channel=channel, **{**LIMITS, **(limits or {})})
            self.ok("TRAIN", channel=channel, **{**TRAIN, **train})

    def arm(self, lease_ms: int = 500) -> int:
        """Arms; the epoch is used from here on."""
        self.epoch = self.ok("ARM", lease_ms=lease_ms)["epoch"]
        return self.epoch

    def ready(self, channels: Iterable[int] = (1,), limits: dict[str, Any] | None = None, **train: Any) -> None:
        """Armed, with limits and a train for these channels."""
        self.prepare(channels, limits, **train)
        self.arm()

    def set(self, **amplitudes: int) -> dict[str, Any]:
        """An accepted SET: `set(c1=300)`."""
        return self.ok("SET", each=rows(amplitudes))

    def keep(self, until_us: int) -> list[wire.Frame]:
        """Lets time pass while the lease is renewed every 100 ms; what else the device said."""
        said = []
        while self.now_us < until_us:
            said += self.wait(min(until_us, self.now_us + 100_000))
            state = self.port.device.state  # type: ignore[attr-defined]
            if state not in (1, 2):
                continue
            status = self.ask("STATUS")
            mask = self.port.device._arming.mask  # type: ignore[attr-defined]
            self.ok("RENEW", state=status["state"], channels=mask)
        return said

    def status(self) -> dict[str, Any]:
        """What the device measures."""
        return self.ok("STATUS")

    def pulses(self, channel: int) -> int:
        """Pulses with current so far."""
        return self.port.stage.pulses(channel)

    def shown(self, channel: int = 1) -> list[tuple[int, int, int]]:
        """(t, amplitude in µA, pulses since the line before) of the oscilloscope's lines."""
        return [(line.t_us, line.amplitude_ua, line.pulses) for line in self.lines if line.channel == channel]

    def given(self, channel: int = 1) -> list[tuple[int, int]]:
        """(begin, amplitude in µA) of every pulse, read from the oscilloscope; only where patterns are single pulses."""
        lines = [line for line in self.lines if line.channel == channel]
        pulses = []
        for line, after in pairwise(lines):
            pulses += [(line.t_us + k * line.period_us, line.amplitude_ua) for k in range(after.pulses)]
        return pulses


def rows(amplitudes: dict[str, int]) -> list[dict[str, int]]:
    """`{"c1": 300}` as the list of a SET."""
    return [{"channel": int(name[1:]), "amplitude": amplitude} for name, amplitude in amplitudes.items()]


def contraction(channel: int, amplitude: int, rise_us: int, hold_us: int, fall_us: int) -> dict[str, int]:
    """One row of a CONTRACT."""
    return {"channel": channel, "amplitude": amplitude, "rise_us": rise_us, "hold_us": hold_us, "fall_us": fall_us}
