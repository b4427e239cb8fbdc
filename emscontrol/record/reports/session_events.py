"""What happened in a session that somebody must know of: alarms, stops, pauses; what was refused, held back or changed."""

from collections.abc import Sequence
from typing import Final

from emscontrol.core.events import EVENTS, Severity
from emscontrol.core.units import counted
from emscontrol.record.refusals import KINDS
from emscontrol.record.reports.blocks import Block, Table, Text
from emscontrol.record.reports.session_read import At, SessionRecord
from emscontrol.record.reports.words import clock, short

LISTED_MAX: Final = 9
WITHHELD: Final = "Refused, held back or changed"
"""The heading of what is told in groups."""
ALSO: Final = frozenset({"stop_requested", "paused", "resumed", "alarm_seen", "earlier_journal", "interrupted"})
"""Events that are listed although they are no alarm."""
WEIGHTS: Final = {
    Severity.ALARM_HIGH: "alarm, high",
    Severity.ALARM_MEDIUM: "alarm, medium",
    Severity.ALARM_LOW: "alarm, low",
    Severity.NOTICE: "",
    Severity.INFO: "",
}
ORDER: Final = tuple(WEIGHTS)


def important(session: SessionRecord) -> tuple[list[At], int]:
    """The gravest events in order of time, and how many more there are. What is told in groups is not among them."""
    found = [
        at for at in session.events if (at.event.severity.is_alarm or at.event.kind in ALSO) and at.event.kind not in KINDS
    ]
    gravest = sorted(found, key=lambda at: (ORDER.index(at.event.severity), at.t_us))[:LISTED_MAX]
    kept = [at for at in found if any(at is each for each in gravest)]
    return kept, len(found) - len(kept)


def happened(session: SessionRecord, told: Sequence[At], more: int) -> list[Block]:
    """The list, numbered as in the chart, and how many alarms are told elsewhere."""
    grouped = sum(at.event.severity.is_alarm and at.event.kind in KINDS for at in session.events)
    elsewhere = f"{counted(grouped, 'other alarm' if told else 'alarm')}: see “{WITHHELD}”." if grouped else ""
    if not told:
        other = "other " if grouped else ""
        nothing = _of_what_stands(session, f"No {other}alarm, no stop by hand, no pause.")
        return [Text(" ".join(filter(None, (nothing, elsewhere))))]
    start_us = session.start_us or 0
    rows = tuple(
        (str(number), clock(at.t_us - start_us), short(at.event.sentence()), WEIGHTS[at.event.severity])
        for number, at in enumerate(told, start=1)
    )
    made: list[Block] = [Table("", ("No.", "Time", "What", "Priority"), rows)]
    if more:
        made.append(Text(f"And {more} more of no greater weight, which `emscontrol export` lists."))
    return [*made, *([Text(elsewhere)] if elsewhere else [])]


def withheld(session: SessionRecord) -> list[Block]:
    """What was refused, held back, warned of or changed by hand, and why; the gravest first."""
    rows = sorted(session.refusals, key=lambda row: ORDER.index(EVENTS[row.kind].severity))
    if not rows:
        return [Text(_of_what_stands(session, "Nothing was refused, held back, warned of or changed by hand."))]
    kept = rows[:LISTED_MAX]
    more = sum(row.count for row in rows[LISTED_MAX:]) + session.refusals_more
    table = Table("", ("What", "By", "Why"), tuple((_effect(row.effect, row.count), row.by, short(row.reason)) for row in kept))
    return [table, *([Text(f"And {counted(more, 'event')} more.")] if more else [])]


def _of_what_stands(session: SessionRecord, nothing: str) -> str:
    """What is said of a whole session, said of no more than the records that there are."""
    return nothing if session.complete else f"In the records that stand: {nothing[0].lower()}{nothing[1:]}"


def _effect(effect: str, count: int) -> str:
    return effect if count == 1 else f"{effect}, {count} times"
