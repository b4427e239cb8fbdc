"""A host for tests: speaks to a simulated RehaStim 2 on a clock of its own, with frames from the simulator's codec."""

from collections.abc import Mapping, Sequence
from typing import Any

from firmware_sim.faults import Fault, FaultSchedule
from firmware_sim.rehastim2.device import RehaStim2
from firmware_sim.rehastim2.framing import build
from firmware_sim.rehastim2.wire import Frame, decode, encode
from firmware_sim.scope import Scope, ScopeLine


class Host:
    """Holds the device, the time and what the oscilloscope showed. `at` moves time; everything else happens now."""

    def __init__(self, *, faults: Sequence[Fault] = (), start_us: int = 1_000_000, **device: Any) -> None:
        self.lines: list[ScopeLine] = []
        self.scope = Scope.in_memory(self.lines)
        self.device = RehaStim2(scope=self.scope, faults=FaultSchedule(faults), **device)
        self.now_us = start_us
        self.number = 0
        self.unasked: list[Frame] = []
        self.at(start_us)

    def at(self, now_us: int) -> list[Frame]:
        """Time passes up to `now_us`; returns what the device said meanwhile, and keeps it in `unasked`."""
        assert now_us >= self.now_us
        self.now_us = now_us
        said = decode(self.device.advance(now_us), "device")
        assert all(frame.error is None for frame in said)
        self.unasked += said
        return said

    def later(self, ms: float) -> list[Frame]:
        """`ms` later."""
        return self.at(self.now_us + round(ms * 1000))

    def send(self, data: bytes) -> list[Frame]:
        """Raw bytes; returns what the device says at once."""
        self.device.receive(data, self.now_us)
        return decode(self.device.advance(self.now_us), "device")

    def frame(self, command_number: int, data: bytes = b"") -> list[Frame]:
        """A frame of any number and data, sound on the outside."""
        self.number = (self.number + 1) % 256
        return self.send(build(self.number, command_number, data))

    def ask(self, command: str, **params: Any) -> list[Frame]:
        """A command; returns what the device says at once."""
        self.number = (self.number + 1) % 256
        return self.send(encode(command, {"packet_number": self.number, **params}))

    def result(self, command: str, **params: Any) -> int:
        """A command; returns the result of its answer, which must be the first thing that comes, with our packet number."""
        answer = self.ask(command, **params)[0]
        assert answer.command == command + "Ack"
        assert answer.packet_number == self.number
        return int(answer.params["result"])

    def connect(self) -> "Host":
        """InitAck with the packet number of the last Init."""
        init = [frame for frame in self.unasked if frame.command == "Init"][-1]
        self.send(encode("InitAck", {"packet_number": init.packet_number, "result": 0}))
        assert self.device.connected
        return self

    def set_up(
        self, active: Sequence[int], t1_ms: float | None = 20, t2_ms: float = 8, low: Sequence[int] = (), n: int = 0
    ) -> int:
        """InitChannelListMode; returns its result."""
        return self.result(
            "InitChannelListMode",
            low_frequency_factor=n,
            active_channels=list(active),
            low_frequency_channels=list(low),
            inter_pulse_interval_ms=t2_ms,
            main_interval_ms=t1_ms,
            channel_execution=0,
        )

    def start(self, currents_ma: Mapping[int, int], width_us: int = 250, mode: str = "single") -> int:
        """StartChannelListMode with one current a channel; returns its result."""
        channels = [
            {"channel": channel, "mode": mode, "pulse_width_us": width_us, "current_ma": currents_ma[channel]}
            for channel in sorted(currents_ma)
        ]
        return self.result("StartChannelListMode", channels=channels)

    def stop(self) -> int:
        """StopChannelListMode; returns its result."""
        return self.result("StopChannelListMode")

    def mode(self) -> int:
        """The mode that the device says it is in."""
        return int(self.ask("GetStimulationMode")[0].params["mode"])

    def run_alive(self, until_us: int, every_us: int = 400_000) -> None:
        """Time passes with a Watchdog often enough."""
        while self.now_us < until_us:
            self.at(min(until_us, self.now_us + every_us))
            self.ask("Watchdog")

    def stage_is_silent(self) -> bool:
        """Whether no channel carries current, as the output stage and the oscilloscope see it."""
        last_shown = [self.shown(channel)[-1][1] for channel in range(1, 9) if self.shown(channel)]
        return self.device.stage.is_zero and not any(last_shown)

    def shown(self, channel: int) -> list[tuple[int, int]]:
        """(time, amplitude) of each change of amplitude that the oscilloscope showed on a channel."""
        changes: list[tuple[int, int]] = []
        for line in self.lines:
            if line.channel == channel and (not changes or changes[-1][1] != line.amplitude_ua):
                changes.append((line.t_us, line.amplitude_ua))
        return changes


def connected(**device: Any) -> Host:
    """A host that has shaken hands."""
    return Host(**device).connect()
