"""One record of a journal as typed values, for programs and notebooks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from emscontrol.core.arguments import ArgType
from emscontrol.core.events import Event
from emscontrol.record.knowledge import Knowledge, knowledge_of
from emscontrol.record.line import Record

UNITS: Final = {ArgType.UA: "µA", ArgType.US: "µs", ArgType.MN: "mN", ArgType.PERCENT: "%"}
"""Of the figures whose type says it; counts, codes and numbers have none."""


@dataclass(frozen=True, slots=True)
class Commanded:
    """What one channel is given from a set point on; rise, hold and fall of a contraction that the stimulator makes, else 0."""

    channel: int
    amplitude_ua: int
    width_us: int
    period_us: int
    rise_us: int = 0
    hold_us: int = 0
    fall_us: int = 0


@dataclass(frozen=True, slots=True)
class JournalEvent:
    """One record. `t_us` counts from the first one by a clock that never jumps, `wall` is the time of day, which may,
    None where it makes no sense.

    The arguments are read by what they are: `whole`, `text`, `flag`. All raise KeyError for one that this event does not have,
    and for an optional one that is absent; `has` tells.
    """

    n: int
    t_us: int
    wall: datetime | None
    event: Event

    @property
    def kind(self) -> str:
        """A word of the vocabulary, as in `emscontrol schema journal`."""
        return self.event.kind

    @property
    def severity(self) -> str:
        """info, notice, alarm_low, alarm_medium or alarm_high."""
        return self.event.severity.value

    @property
    def sentence(self) -> str:
        """What happened in plain words."""
        return self.event.sentence()

    @property
    def channels(self) -> tuple[int, ...]:
        """The channels that it speaks of; empty where it speaks of none."""
        one, more = self.event.args.get("channel"), self.event.args.get("channels")
        if isinstance(more, list | tuple):
            return tuple(channel for channel in more if isinstance(channel, int))
        return (one,) if isinstance(one, int) else ()

    @property
    def outputs(self) -> tuple[Commanded, ...]:
        """What a set point commands, channel by channel; a channel that is missing is off. Empty for any other event."""
        rows = self.event.args.get("outputs", ())
        return tuple(Commanded(**row) for row in rows if isinstance(row, dict)) if isinstance(rows, list | tuple) else ()

    def has(self, name: str) -> bool:
        """Whether this argument is there."""
        return self.event.args.get(name) is not None

    def whole(self, name: str) -> int:
        """A figure, in the unit that its name and `unit` say."""
        value = self.event.args[name]
        if not isinstance(value, int):
            raise KeyError(f"{name} of {self.kind} is no whole number")
        return int(value)

    def text(self, name: str) -> str:
        """A text."""
        value = self.event.args[name]
        if not isinstance(value, str):
            raise KeyError(f"{name} of {self.kind} is no text")
        return value

    def flag(self, name: str) -> bool:
        """A yes or no."""
        value = self.event.args[name]
        if not isinstance(value, bool):
            raise KeyError(f"{name} of {self.kind} is no flag")
        return value

    def unit(self, name: str) -> str:
        """The unit of a figure, "" where it has none."""
        return UNITS.get(self.event.row.args[name].type, "")

    def known(self, name: str) -> Knowledge:
        """How a figure is known: commanded, acknowledged, measured or assumed."""
        return knowledge_of(self.kind, name)


def journal_event(record: Record, first_us: int) -> JournalEvent:
    """The record with its times as a reader wants them; `first_us` is the time of the first one."""
    return JournalEvent(record.n, record.t_us - first_us, time_of_day(record.wall), record.event)


def time_of_day(wall: str) -> datetime | None:
    """What the clock on the wall showed; None for what is no time."""
    try:
        return datetime.fromisoformat(wall)
    except ValueError:
        return None
