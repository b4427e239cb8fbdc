"""What a measuring procedure found: thresholds, or a strength–duration curve with its picture."""

from collections.abc import Sequence
from typing import Any, Final

from emscontrol.core.errors import JournalBroken
from emscontrol.core.units import UA_PER_MA, US_PER_MS, counted
from emscontrol.measure.rebuild import FINDINGS, rebuild
from emscontrol.measure.strength_duration import CurvePoint, Fit
from emscontrol.measure.suggestion import assess, shown_width
from emscontrol.measure.threshold import Threshold
from emscontrol.measure.words import Word
from emscontrol.record.reports.axes import linear_axis, log_axis
from emscontrol.record.reports.blocks import Block, Chart, Table, Text
from emscontrol.record.reports.charts import chart
from emscontrol.record.reports.plots import Course, Line, LinePlot
from emscontrol.record.reports.session_read import At, SessionRecord
from emscontrol.record.reports.words import ma, short

FOUND: Final = ("threshold_found", "threshold_absent", "curve_point", "curve_gap")
HEADER: Final = ("Threshold", "Pulse width", "Commanded", "Highest step without it", "Too much at")
CURVE_POINTS: Final = 48  # of a fitted curve
HEIGHT: Final = 150.0
"""Of the chart of a curve, in points."""


def measured(session: SessionRecord) -> list[Block]:
    """The findings; empty for a session that measured nothing."""
    found = session.of(*FOUND)
    if session.plan is None:
        return []
    if not found:
        return [Text("Nothing was found: the procedure did not come so far.")]
    rows = [_row(at, _too_much_ua(session, at)) for at in found]
    columns = len(HEADER) if any(row[-1] for row in rows) else len(HEADER) - 1  # nothing was too much: nothing to tell of it
    table = Table("", HEADER[:columns], tuple(row[:columns] for row in rows), frozenset(range(1, columns)))
    return [*_curve(session, table), *_suggested(session), Text(_steps(session))]


def _too_much_ua(session: SessionRecord, found: At) -> int | None:
    """The lowest step at this pulse width that was too much: what ended the way up to a level, or before a threshold."""
    args: Any = found.event.args
    if found.event.kind in ("threshold_absent", "curve_gap"):
        told: int | None = args.get("too_much_ua")
        return told
    if args.get("threshold") != Threshold.COMFORT:
        return None
    said: list[Any] = [at.event.args for at in session.of("answered") if at.event.args["word"] == Word.TOO_MUCH]
    return min((each["amplitude_ua"] for each in said if each["width_us"] == args["width_us"]), default=None)


def _row(at: At, too_much_ua: int | None) -> tuple[str, ...]:
    args: Any = at.event.args
    kind = at.event.kind
    name = args.get("threshold", "motor")  # a curve is one of motor thresholds
    reached = ma(args["amplitude_ua"]) if kind in ("threshold_found", "curve_point") else "not reached"
    below_ua = args.get("below_ua", args.get("up_to_ua"))
    return (
        short(str(name), 40),
        shown_width(args["width_us"]),
        reached,
        "" if below_ua is None else ma(below_ua),
        "" if too_much_ua is None else ma(too_much_ua),
    )


def _curve(session: SessionRecord, table: Table) -> list[Block]:
    """The picture of a curve with its table; of thresholds the table alone."""
    points = _points(session)
    if len(points) < 2:
        return [table]
    return [Chart(_drawn(points), table)]


def _points(session: SessionRecord) -> Sequence[CurvePoint]:
    """Worked out again from the words of the record, as `measure` does; none where they do not fit its steps."""
    wanted = FINDINGS | {"session_opened", "answered"}
    try:
        return rebuild(at.event for at in session.events if at.event.kind in wanted).points
    except JournalBroken:
        return ()


def _drawn(points: Sequence[CurvePoint]) -> Any:
    reached = [(point.width_us / US_PER_MS, point.middle_ua / UA_PER_MA) for point in points if point.at_ua is not None]
    silent = [(point.width_us / US_PER_MS, point.below_ua / UA_PER_MA) for point in points if point.at_ua is None]
    x = log_axis("pulse width, ms", [width for width, _ in (*reached, *silent)])
    top = max(level for _, level in (*reached, *silent)) * 1.15
    y = linear_axis("mA", (0.0, top))
    fits = [Line(f"fitted, {_over(fit)}", _fitted(fit, x.low, x.high, y.high), marked=False) for fit in assess(points).fits]
    lines = [Line("motor threshold", tuple(sorted(reached)), Course.NONE)] if reached else []
    lines += [Line("no contraction up to there", tuple(sorted(silent)), Course.NONE)] if silent else []
    told = f"Motor thresholds at {len(reached)} pulse widths, {len(silent)} without a contraction."
    return chart("Strength–duration curve", told, [LinePlot("", x, y, [*lines, *fits])], width=526.0, row_height=HEIGHT)


def _over(fit: Fit) -> str:
    return f"{shown_width(min(fit.widths_us))} to {shown_width(max(fit.widths_us))}"


def _fitted(fit: Fit, low_ms: float, high_ms: float, top_ma: float) -> tuple[tuple[float, float], ...]:
    """The curve over the axis, as far as it is on it."""
    ratio = high_ms / low_ms
    widths = [min(high_ms, low_ms * ratio ** (place / (CURVE_POINTS - 1))) for place in range(CURVE_POINTS)]
    found = [(width, fit.threshold_ua(width * US_PER_MS) / UA_PER_MA) for width in widths]
    return tuple((width, level) for width, level in found if level <= top_ma)


def _suggested(session: SessionRecord) -> list[Block]:
    return [Text(f"{short(at.event.sentence(), 600)} A suggestion, no diagnosis.") for at in session.of("curve_fitted")]


def _steps(session: SessionRecord) -> str:
    given, words = session.counts.get("asked", 0), session.counts.get("answered", 0)
    return f"{counted(given, 'step')} given, {counted(words, 'answer')} in the record."
