"""The contractions behind a session's chart as a table: those that are alike and follow each other in one row."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from emscontrol.core.units import counted
from emscontrol.measure.suggestion import shown_width
from emscontrol.record.exports.trace import Told
from emscontrol.record.reports.blocks import Table
from emscontrol.record.reports.session_read import SessionRecord
from emscontrol.record.reports.words import UNKNOWN, clock, ma, short

ROWS_MAX: Final = 16
HEADER: Final = ("Channel", "Phase", "Contractions", "First begins", "Last ends", "Highest commanded", "Ran")


def figures(session: SessionRecord) -> Table:
    """The table, of a measurement that of its steps; what goes beyond `ROWS_MAX` is counted in the caption."""
    if session.plan:
        return _steps(session)
    names = {number: name for _, number, name in session.trace.phases}
    rows = list(_rows(session.trace.contractions, names, session.start_us or 0, session.goes_on))
    kept, more = rows[:ROWS_MAX], len(rows) - ROWS_MAX
    rest = f" {counted(more, 'row')} more: `emscontrol export` has every contraction." if more > 0 else ""
    return Table(
        f"Contractions, those alike together; minutes and seconds since the start.{rest}", HEADER, tuple(kept), FIGURES
    )


FIGURES: Final = frozenset({3, 4, 5})


def _rows(contractions: Sequence[Told], names: dict[int, str], start_us: int, goes_on: bool) -> Iterator[tuple[str, ...]]:
    in_order = sorted(contractions, key=lambda each: (each.channel or 0, each.t_us))
    for _, group in groupby(in_order, key=lambda each: (each.channel, each.phase, each.amplitude_ua, each.kind)):
        run = list(group)
        first, last = run[0], run[-1]
        numbers = f"{first.contraction}" if len(run) == 1 else f"{first.contraction} to {last.contraction}"
        ended_us = last.t_us + last.lasted_us - start_us if last.lasted_us else None
        yield (
            str(first.channel),
            short(names.get(first.phase or 0, ""), 40),
            numbers,
            clock(first.t_us - start_us),
            clock(ended_us),
            _highest(first.amplitude_ua, goes_on and not last.lasted_us),
            "to the end" if first.kind == "contraction" else "cut short",
        )


def _highest(amplitude_ua: int | None, goes_on: bool) -> str:
    """The highest amplitude commanded; the least that it was of a contraction that goes on beyond what can be read."""
    if not goes_on:
        return ma(amplitude_ua)
    return f"at least {ma(amplitude_ua)}" if amplitude_ua else UNKNOWN


def _steps(session: SessionRecord) -> Table:
    """What a measurement gave, by pulse width."""
    start_us, rows = session.start_us or 0, []
    for width_us, group in groupby(session.of("asked"), key=lambda at: at.event.args["width_us"]):
        run: list[Any] = list(group)
        highest_ua = max(at.event.args["amplitude_ua"] for at in run)
        rows.append(
            (
                shown_width(width_us),
                str(len(run)),
                clock(run[0].t_us - start_us),
                clock(run[-1].t_us - start_us),
                ma(highest_ua),
            )
        )
    kept, more = rows[:ROWS_MAX], len(rows) - ROWS_MAX
    rest = f" {counted(more, 'row')} more: `emscontrol export` has every step." if more > 0 else ""
    caption = f"Steps by pulse width; minutes and seconds since the start.{rest}"
    header = ("Pulse width", "Steps", "First", "Last", "Highest commanded")
    return Table(caption, header, tuple(kept), frozenset(range(5)))
