"""One session as far as a bundle tells it: facts, and totals of each channel; never a row for each set point."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, cast

from emscontrol.core.arguments import printable
from emscontrol.record.exports.fhir.codes import ENDANGERING
from emscontrol.record.exports.tables import TABLES, Row, Value


@dataclass(slots=True)
class Measured:
    """What the stimulator measured on a channel: highest current (µA), its last count of pulses, its last resistance (Ω).

    `last_us` is when it was last read.
    """

    peak_ua: int | None = None
    pulses: int | None = None
    resistance_ohm: int | None = None
    last_us: int = 0


@dataclass(slots=True)
class Alarm:
    """A kind of alarm: when it was first heard, in which words (empty in an export without names), and how often."""

    first_us: int
    sentence: str
    times: int = 1


@dataclass(slots=True)
class Summary:
    """Takes the rows of one session; its memory grows with channels and thresholds, not with time."""

    facts: dict[str, Value] = field(default_factory=dict)
    channels: dict[int, dict[str, Value]] = field(default_factory=dict)
    thresholds: list[dict[str, Value]] = field(default_factory=list)
    measured: dict[int, Measured] = field(default_factory=dict)
    at_rest_ohm: dict[int, int | None] = field(default_factory=dict)  # electrodes checked before the session
    alarms: dict[str, Alarm] = field(default_factory=dict)
    with_current: set[int] = field(default_factory=set)
    first_current_us: int | None = None
    last_us: int = 0

    @property
    def simulated(self) -> bool:
        """True when no person can have been on the other end."""
        return self.facts.get("simulated") is True

    def take(self, table: str, row: Row) -> None:
        """The next row."""
        follow = _FOLLOWED.get(table)
        if follow is not None:
            follow(self, row)

    def moment(self, t_us: int | None) -> str | None:
        """The time of day of a moment, as FHIR writes it; None when the record's clock told none that FHIR knows."""
        try:
            begun = datetime.fromisoformat(str(self.facts["opened"]))
            told = begun + timedelta(microseconds=cast("int", t_us))
        except (ValueError, OverflowError, TypeError):
            return None
        offset = told.utcoffset()
        if offset is None or offset.total_seconds() % 60 or abs(offset) > timedelta(hours=14):
            return None
        return told.isoformat(timespec="milliseconds")

    def period(self, until_us: int | None = None) -> dict[str, str] | None:
        """From the first current to a moment, else to the last record; None without either, or where that was before it.

        Where nobody knows when the current ended, no end is told.
        """
        end_us = self.last_us if until_us is None else until_us
        if self.first_current_us is None or end_us < self.first_current_us:
            return None
        begin, end = self.moment(self.first_current_us), self.moment(end_us)
        if begin and until_us is None and not self.over:
            return {"start": begin}
        return {"start": begin, "end": end} if begin and end else None

    @property
    def over(self) -> bool:
        """True when the record has its end, and the stimulator's last word in it was that no current flows."""
        return self.facts.get("closed") is True and self.facts.get("off_known") is True

    def _event(self, row: Row) -> None:
        _, _, t_us, _, kind, _, _, _, channel, sentence, args = cast("tuple[Any, ...]", row)
        self.last_us = max(self.last_us, t_us)
        if kind == "electrode_checked":
            self.at_rest_ohm[channel] = json.loads(args).get("ohm")
        elif kind in ENDANGERING:
            known = self.alarms.get(kind)
            if known is None:
                self.alarms[kind] = Alarm(t_us, sentence or "")
            else:
                known.times += 1

    def _set_point(self, row: Row) -> None:
        if row[_AMPLITUDE]:
            self.with_current.add(cast("int", row[_CHANNEL]))
            if self.first_current_us is None:
                self.first_current_us = cast("int", row[_T])

    def _on_measured(self, row: Row) -> None:
        _, _, t_us, channel, amplitude_ua, _, ohm, pulses = cast("tuple[Any, ...]", row)
        known = self.measured.setdefault(channel, Measured())
        known.peak_ua = max(known.peak_ua or 0, amplitude_ua)
        known.pulses, known.last_us = pulses, t_us
        known.resistance_ohm = known.resistance_ohm if ohm is None else ohm


def named(table: str, row: Row) -> dict[str, Value]:
    """A row by the names of its columns."""
    return {column.name: value for column, value in zip(TABLES[table].columns, row, strict=True)}


def words(value: Value) -> str | None:
    """Text as a FHIR string: printable and not blank; None for none."""
    return (printable(value).strip() or None) if isinstance(value, str) else None


def _on_channel(summary: Summary, row: Row) -> None:
    told = named("channels", row)
    summary.channels[cast("int", told["channel"])] = told


_T, _CHANNEL, _AMPLITUDE = (TABLES["set_points"].place(name) for name in ("t_s", "channel", "amplitude_ma"))
_FOLLOWED: Final[Mapping[str, Callable[[Summary, Row], None]]] = {
    "events": Summary._event,
    "set_points": Summary._set_point,
    "measured": Summary._on_measured,
    "channels": _on_channel,
    "thresholds": lambda summary, row: summary.thresholds.append(named("thresholds", row)),
    "sessions": lambda summary, row: summary.facts.update(named("sessions", row)),
}
