"""One session in the hand: its facts, what happened in it, and its amplitudes sampled at a fixed rate.

What EDF+ and BIDS are made of. A sample is what was in force at its own time, so a command shows from the next sample on. Of
a contraction that the stimulator makes by itself the ramps are reckoned, rounded down to its steps.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, cast

from emscontrol.core.errors import UsageError
from emscontrol.core.pulse import Swell
from emscontrol.core.units import US_PER_S
from emscontrol.record.exports.tables import TABLES, Row, Value

RATE_HZ: Final = 100
SAMPLE_US: Final = US_PER_S // RATE_HZ
LONGEST_US: Final = 24 * 3600 * US_PER_S
MOST_UA: Final = 10**9  # fits a sample; no stimulator has a thousandth of it
TOLD: Final = frozenset(
    {
        "session_opened", "started", "paused", "resumed", "adjusted", "stop_requested", "stop_sent", "stop_confirmed",
        "threshold_found", "threshold_absent", "curve_point", "curve_gap", "session_ended",
    }
)  # fmt: skip
"""Events that are told beside the signals; alarms of every priority are as well."""


DOUBTS: Final = (
    ("record_without_end", "closed", False, "The session was interrupted, or its end was cut off."),
    ("output_not_known", "off_known", False, "That no current flowed after this, the record does not say."),
    ("key_not_trusted", "key_distrusted", True, "The key that signed this, or one that it follows, is not trusted any more."),
)
"""What is told after the last event: its name, a flag of the session, the answer for which it is told, and in words."""


class Step(NamedTuple):
    """A channel from `t_us` on: an amplitude, or the plateau of a contraction of the stimulator's own."""

    t_us: int
    amplitude_ua: int
    swell: Swell | None = None
    origin_us: int = 0

    @property
    def ends_us(self) -> int:
        """When a contraction of the stimulator's own is over by itself; its beginning for anything else."""
        return self.origin_us + self.swell.end_us if self.swell else self.t_us

    def at_ua(self, t_us: int) -> int:
        """What is commanded at a time from `t_us` on."""
        return self.swell.amplitude_ua(self.amplitude_ua, t_us - self.origin_us) if self.swell else self.amplitude_ua


class Told(NamedTuple):
    """Something that happened, with how long it lasted (0 for a moment) where it is a phase or a contraction."""

    t_us: int
    lasted_us: int
    kind: str
    text: str
    channel: int | None = None
    amplitude_ua: int | None = None
    phase: int | None = None
    contraction: int | None = None


@dataclass(slots=True)
class SessionTrace:
    """Takes the rows of one session with `take`; everything else is there after the last."""

    facts: dict[str, Value] = field(default_factory=dict)
    commanded: dict[int, list[Step]] = field(default_factory=dict)
    measured: dict[int, list[Step]] = field(default_factory=dict)
    events: list[Told] = field(default_factory=list)
    contractions: list[Told] = field(default_factory=list)
    phases: list[tuple[int, int, str]] = field(default_factory=list)  # begin, number, name
    last_us: int = 0

    def take(self, table: str, row: Row) -> None:
        """The next row."""
        if table == "events":
            self._event(row)
        elif table == "set_points":
            self._set_point(row)
        elif table == "measured":
            self._measured(row)
        elif table == "contractions":
            _, phase, _, number, _, channel, begin_us, _, lasted_us, peak_ua, whole = cast("tuple[Any, ...]", row)
            kind = "contraction" if whole else "contraction_cut_short"
            self.contractions.append(Told(begin_us, lasted_us or 0, kind, "", channel, peak_ua, phase, number))
        elif table == "sessions":
            self.facts = {column.name: value for column, value in zip(TABLES[table].columns, row, strict=True)}

    @property
    def simulated(self) -> bool:
        """True when no person can have been on the other end."""
        return self.facts.get("simulated") is True

    def told(self) -> list[Told]:
        """Phases, contractions and events in order of time, and last what is in doubt."""
        ends_us = [*(begin_us for begin_us, _, _ in self.phases[1:]), self.last_us]
        phases = [
            Told(begin_us, end_us - begin_us, "phase", name, phase=number)
            for (begin_us, number, name), end_us in zip(self.phases, ends_us, strict=False)
        ]
        doubts = [Told(self.last_us, 0, kind, text) for kind, flag, answer, text in DOUBTS if self.facts.get(flag) is answer]
        return sorted([*phases, *self.contractions, *self.events, *doubts], key=lambda told: told.t_us)

    def samples(self) -> int:
        """How many there are, whole seconds. Raises UsageError for a session of more than a day."""
        if self.last_us > LONGEST_US:
            raise UsageError("A session of more than a day is not sampled.", "Export it as csv, jsonl or parquet.")
        return (self.last_us // US_PER_S + 1) * RATE_HZ

    def _event(self, row: Row) -> None:
        _, _, t_us, _, kind, severity, phase, name, channel, sentence, _ = cast("tuple[Any, ...]", row)
        self.last_us = max(self.last_us, t_us)
        if kind == "stop_confirmed":
            self._off(t_us, self.measured)
        if kind == "phase_started":
            self.phases.append((t_us, phase, name or ""))
        elif kind in TOLD or severity.startswith("alarm_"):
            self.events.append(Told(t_us, 0, kind, sentence or "", channel, phase=phase))

    def _set_point(self, row: Row) -> None:
        _, _, t_us, _, channel, amplitude_ua, _, _, _, *ramps, _, _, answer, answer_us = cast("tuple[Any, ...]", row)
        steps = self.commanded.setdefault(channel, [])
        steps.append(next_step(steps[-1] if steps else None, t_us, amplitude_ua, ramps))
        if not amplitude_ua and answer == "acked":
            self._off(answer_us, [channel])

    def _off(self, t_us: int, channels: Iterable[int]) -> None:
        """What was measured is held until the stimulator itself says that it is off: a command alone ends no current."""
        for channel in channels:
            if channel in self.measured:
                self.measured[channel].append(Step(t_us, 0))

    def _measured(self, row: Row) -> None:
        _, _, t_us, channel, amplitude_ua, *_ = cast("tuple[Any, ...]", row)
        self.measured.setdefault(channel, []).append(Step(t_us, amplitude_ua))


def next_step(before: Step | None, t_us: int, amplitude_ua: int, ramps: Sequence[int | None]) -> Step:
    """The step that a command makes; `ramps` are rise, hold and fall (µs), None where the stimulator makes no contraction."""
    rise_us, hold_us, fall_us = ramps
    if rise_us is None or hold_us is None or fall_us is None:
        return Step(t_us, amplitude_ua)
    known = before.swell if before else None
    if before and known and _shape(known) == (rise_us, hold_us, fall_us) and t_us < before.ends_us:
        return Step(t_us, amplitude_ua, known, before.origin_us)  # told again while it runs
    return Step(t_us, amplitude_ua, Swell(known.number + 1 if known else 1, rise_us, hold_us, fall_us), t_us)


def sampled(steps: Iterable[Step], count: int, step_ua: int = 1) -> "array[int]":
    """Amplitudes in µA at 0, 10, 20 … ms. `step_ua` is the stimulator's step of amplitude.

    Raises UsageError for what no session has: a command before the first record, a current beyond all measure.
    """
    out = array("i", bytes(4 * count))
    ordered = sorted(steps, key=lambda step: step.t_us)  # a command's answer is told with the command
    if ordered and (ordered[0].t_us < 0 or max(step.amplitude_ua for step in ordered) > MOST_UA):
        raise UsageError(
            "A command before the first record, or a current beyond all measure, is not sampled.",
            "Look at who made the record; csv, jsonl and parquet hold it as it stands.",
        )
    for place, step in enumerate(ordered):
        begin = -(-step.t_us // SAMPLE_US)
        end = min(count, -(-ordered[place + 1].t_us // SAMPLE_US)) if place + 1 < len(ordered) else count
        if begin >= end:
            continue
        if step.swell is None:
            out[begin:end] = array("i", [step.amplitude_ua]) * (end - begin)
        else:
            for sample in range(begin, min(end, -(-step.ends_us // SAMPLE_US))):
                out[sample] = step.at_ua(sample * SAMPLE_US) // step_ua * step_ua
    return out


def _shape(swell: Swell) -> tuple[int, int, int]:
    return swell.rise_us, swell.hold_us, swell.fall_us
