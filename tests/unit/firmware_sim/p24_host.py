"""A host for the simulated P24 in virtual time, speaking through the simulator's own codec (held by the vectors)."""

from typing import Any

from firmware_sim.faults import Fault
from firmware_sim.p24 import wire
from firmware_sim.scope import Scope, ScopeLine
from firmware_sim.world import SimulatedPort, make


class Host:
    """One P24 on a cable, its clock, and what the oscilloscope saw."""

    def __init__(self, *faults: Fault, **options: Any) -> None:
        self.lines: list[ScopeLine] = []
        self.port: SimulatedPort = make("p24", scope=Scope.in_memory(self.lines), faults=faults, **options)
        self.now_us = 0

    def wait(self, until_us: int) -> None:
        """Lets time pass."""
        self.now_us = until_us
        assert self.port.read(until_us) == b""

    def send(self, command: str, **params: Any) -> list[wire.Frame]:
        """One command now; what the device says at this very moment."""
        return self.send_bytes(wire.encode(command, params))

    def send_bytes(self, data: bytes) -> list[wire.Frame]:
        """Any bytes now."""
        self.port.write(data, self.now_us)
        return self.heard()

    def heard(self) -> list[wire.Frame]:
        """What the device has said up to now."""
        return wire.decode(self.port.read(self.now_us), "device")

    def ask(self, command: str, **params: Any) -> dict[str, Any]:
        """One command now and its one, sound answer of the next number."""
        (answer,) = self.send(command, **params)
        assert answer.error is None
        assert answer.command == f"{command}_ack"
        return answer.params

    def result(self, command: str, **params: Any) -> int:
        """One command now; the result it was answered with."""
        return int(self.ask(command, **params)["result"])

    def start(self, *channels: dict[str, Any], stop_all: bool = False) -> None:
        """Mid level with these trains."""
        assert self.result("ml_init", stop_all_on_error=stop_all) == 0
        assert self.update(*channels) == 0

    def update(self, *channels: dict[str, Any]) -> int:
        """The result of an Ml_update."""
        return self.result("ml_update", channels=list(channels))

    def pulses(self, channel: int) -> int:
        """Pulses with current so far on a channel counted from 1."""
        return self.port.stage.pulses(channel)

    def shown(self, channel: int) -> list[tuple[int, int, int]]:
        """(t, amplitude, pulses) of the oscilloscope's lines of a channel counted from 1."""
        return [(line.t_us, line.amplitude_ua, line.pulses) for line in self.lines if line.channel == channel]


def train(channel: int, ma: float, period_ms: float = 20, ramp: int = 0, width_us: int = 200) -> dict[str, Any]:
    """A symmetric biphasic train; `channel` counts from 0 as on the wire."""
    points = [[width_us, ma], [100, 0], [width_us, -ma]]
    return {"channel": channel, "period_ms": period_ms, "ramp": ramp, "points": points}
