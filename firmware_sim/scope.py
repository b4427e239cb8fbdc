"""The oscilloscope: what came out of the electrodes, as JSON lines.

    {"t_us": 120000, "channel": 1, "amplitude_ua": 20000, "width_us": 250, "period_us": 28571, "pulses": 0}

A line says what a channel does from `t_us` on (amplitude 0 = off). `pulses` are the pulses with current that the channel has
delivered since its last line, so they belong to the state that the last line described. Off means that no pulse begins any
more: one that has begun counts, and is finished or cut off as its device does it (`OutputStage.cuts`). In real time `t_us` is
the machine's monotonic clock, which other processes can read as well; in virtual time it is the virtual clock.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TextIO

HEARTBEAT_US: Final = 50_000
"""A channel that is on is written at least this often in real time; half of the 100 ms that readers may rely on."""


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """One line of the oscilloscope."""

    t_us: int
    channel: int
    amplitude_ua: int
    width_us: int
    period_us: int
    pulses: int


@dataclass(slots=True)
class _Trace:
    shown: ScopeLine
    pulses: int = 0


class Scope:
    """Takes changes and pulse counts and gives lines to a sink. Lines of one channel are in order of time."""

    def __init__(self, sink: Callable[[ScopeLine], object]) -> None:
        self._sink: Final = sink
        self._traces: Final[dict[int, _Trace]] = {}
        self._file: TextIO | None = None

    @classmethod
    def to_file(cls, path: Path | str) -> "Scope":
        """Writes to a new file, each line flushed at once. Raises OSError when it cannot be made, or is there already."""
        file = Path(path).open("x", encoding="utf-8", buffering=1)  # noqa: SIM115 - open until close()
        scope = cls(lambda line: file.write(json.dumps(asdict(line)) + "\n"))
        scope._file = file
        return scope

    @classmethod
    def in_memory(cls, lines: list[ScopeLine]) -> "Scope":
        """Appends to a list."""
        return cls(lines.append)

    def change(self, channel: int, t_us: int, amplitude_ua: int, width_us: int, period_us: int) -> None:
        """The output of a channel is another one from now on. Nothing is written when it is the same as before."""
        trace = self._traces.get(channel)
        if trace is None:
            trace = self._traces[channel] = _Trace(ScopeLine(t_us, channel, 0, 0, 0, 0))
        shown = trace.shown
        if (shown.amplitude_ua, shown.width_us, shown.period_us) != (amplitude_ua, width_us, period_us):
            self._write(trace, ScopeLine(t_us, channel, amplitude_ua, width_us, period_us, trace.pulses))

    def count(self, channel: int, pulses: int) -> None:
        """Pulses with current were delivered in the state last shown."""
        self._traces[channel].pulses += pulses

    def heartbeat(self, now_us: int) -> None:
        """Writes a line for each channel that is on and has not been written for a while. For real time only."""
        for trace in self._traces.values():
            if trace.shown.amplitude_ua and now_us - trace.shown.t_us >= HEARTBEAT_US:
                self._repeat(trace, now_us)

    def heartbeat_due_us(self) -> int | None:
        """When `heartbeat` has something to write; None while every channel is off."""
        return min((t.shown.t_us + HEARTBEAT_US for t in self._traces.values() if t.shown.amplitude_ua), default=None)

    def finish(self, now_us: int) -> None:
        """Writes what was counted and not yet written, and closes the file."""
        for trace in self._traces.values():
            if trace.pulses or trace.shown.amplitude_ua:
                self._repeat(trace, now_us)
        if self._file is not None:
            self._file.close()

    def _repeat(self, trace: _Trace, now_us: int) -> None:
        shown = trace.shown
        line = ScopeLine(now_us, shown.channel, shown.amplitude_ua, shown.width_us, shown.period_us, trace.pulses)
        self._write(trace, line)

    def _write(self, trace: _Trace, line: ScopeLine) -> None:
        trace.shown = line
        trace.pulses = 0
        self._sink(line)
