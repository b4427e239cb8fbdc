"""What is known of a measurement while it goes on: from the words that were said so far. Pure.

What counts in the end is what the engine finds from the same words; this is for looking at it on the way.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import log10
from typing import Any, Final, NamedTuple

from emscontrol.core.units import US_PER_MS, format_ma
from emscontrol.measure.strength_duration import CurvePoint, Fit
from emscontrol.measure.words import MEANINGS, SAYS_CONTRACTS, SAYS_FELT, Word
from emscontrol.tui.braille import Span
from emscontrol.tui.language import _
from emscontrol.tui.widgets.chart import Plot

TICKS_MS: Final = (0.1, 0.3, 1, 3, 10, 30, 100, 300)
ROOM: Final = 0.08  # of a decade at both ends, so that no point lies on the edge
FITTED_POINTS: Final = 40


class Answered(NamedTuple):
    """One word, about the step that was given."""

    word: Word
    width_us: int
    amplitude_ua: int


def answered(line: Mapping[str, Any]) -> Answered:
    """The word of an `answered` event."""
    args = line["args"]
    return Answered(Word(args["word"]), int(args["width_us"]), int(args["amplitude_ua"]))


def point_of(line: Mapping[str, Any]) -> CurvePoint:
    """The point of a `curve_point` or `curve_gap` event."""
    args = line["args"]
    if line["event"] == "curve_point":
        return CurvePoint(args["width_us"], args["below_ua"], args["amplitude_ua"])
    return CurvePoint(args["width_us"], args.get("up_to_ua") or 0, None, args.get("too_much_ua"))


def so_far(said: Sequence[Answered]) -> list[str]:
    """Sensory, motor and comfort threshold as far as the words tell."""
    return [
        f"{_('sensory'):<8} {_bracket(said, SAYS_FELT, _('felt'), _('not felt at'))}",
        f"{_('motor'):<8} {_bracket(said, SAYS_CONTRACTS, _('contracts'), _('does not at'))}",
        f"{_('comfort'):<8} {_comfort(said)}",
    ]


def steps_told(said: Iterable[Answered], widths: bool) -> list[str]:
    """The steps that were judged, newest first."""
    told = [one for one in said if one.amplitude_ua]
    return [
        f"{format_ma(one.amplitude_ua):>8}{_width(one) if widths else ''}  {_(MEANINGS[one.word])}" for one in reversed(told)
    ]


def curve_plot(points: Sequence[CurvePoint], fits: Sequence[Fit], widths_us: Sequence[int], up_to_ua: int) -> Plot:
    """Threshold over pulse width, the width logarithmic; with the fitted curve where there is one."""
    in_order = sorted(points, key=lambda point: point.width_us)
    found = [point for point in in_order if point.at_ua is not None]
    silent = [point for point in in_order if point.at_ua is None and point.below_ua]
    widths = [width for width in widths_us if width > 0] or [300]
    across = Span(log10(min(widths) / US_PER_MS) - ROOM, log10(max(widths) / US_PER_MS) + ROOM)
    top_ma = _top_ma(points, up_to_ua)
    series: dict[str, list[tuple[float, float]]] = {}
    if found:
        series[_("threshold")] = [place for point in found for place in _between_steps(point)]
    if silent:
        series[_("none up to there")] = [place for point in silent for place in _above(point, top_ma)]
    for number, fit in enumerate(fits, start=1):
        name = _("fitted") if len(fits) == 1 else _("fitted {number}").format(number=number)
        series[name] = _fitted(fit, across)
    return Plot(
        series=series,
        across_words=_("pulse width, ms (logarithmic)"),
        upward_words=_("mA"),
        across=across,
        upwards=Span(0, top_ma),
        ticks=[(log10(ms), f"{ms:g}") for ms in TICKS_MS if across.low <= log10(ms) <= across.high],
        nothing=_("No point yet. The longest pulse comes first; the curve grows as each width is found."),
    )


def _between_steps(point: CurvePoint) -> list[tuple[float, float]]:
    """The threshold with the two steps that it lies between, as an upright line on the way to the next one."""
    x, middle_ma = log10(point.width_us / US_PER_MS), point.middle_ua / 1000
    return [(x, middle_ma), (x, point.below_ua / 1000), (x, (point.at_ua or 0) / 1000), (x, middle_ma)]


def _above(point: CurvePoint, top_ma: float) -> list[tuple[float, float]]:
    """Anywhere above the last step."""
    x, below_ma = log10(point.width_us / US_PER_MS), point.below_ua / 1000
    return [(x, below_ma), (x, top_ma), (x, below_ma)]


def _bracket(said: Sequence[Answered], says: Mapping[Word, bool], yes: str, no: str) -> str:
    there = [one.amplitude_ua for one in said if says.get(one.word) is True and one.amplitude_ua]
    absent = [one.amplitude_ua for one in said if says.get(one.word) is False and one.amplitude_ua]
    if there:
        below = max((ua for ua in absent if ua < min(there)), default=0)
        return f"{yes} {format_ma(min(there))}" + (_(", not {ma}").format(ma=format_ma(below)) if below else "")
    return f"{no} {format_ma(max(absent))}" if absent else _("not known yet")


def _comfort(said: Sequence[Answered]) -> str:
    too_much = [one.amplitude_ua for one in said if one.word is Word.TOO_MUCH]
    limits = [one.amplitude_ua for one in said if one.word is Word.LIMIT]
    if limits:
        return _("limit at {ma}").format(ma=format_ma(limits[-1]))
    borne = [one.amplitude_ua for one in said if one.word in (Word.NOTHING, Word.FELT, Word.CONTRACTS, Word.UNFELT, Word.UP)]
    borne = [ua for ua in borne if not too_much or ua < min(too_much)]
    told = _("tolerated {ma}").format(ma=format_ma(max(borne))) if any(borne) else _("not known yet")
    return told + (_(", too much {ma}").format(ma=format_ma(min(too_much))) if too_much else "")


def _width(one: Answered) -> str:
    return f"{one.width_us / US_PER_MS:>7g} ms"


def _fitted(fit: Fit, across: Span) -> list[tuple[float, float]]:
    at = [across.low + (across.high - across.low) * step / FITTED_POINTS for step in range(FITTED_POINTS + 1)]
    return [(x, fit.threshold_ua(10**x * US_PER_MS) / 1000) for x in at]


def _top_ma(points: Sequence[CurvePoint], up_to_ua: int) -> float:
    highest_ua = max((point.middle_ua for point in points), default=0.0)
    return (min(up_to_ua, highest_ua * 1.5) if highest_ua else up_to_ua) / 1000
