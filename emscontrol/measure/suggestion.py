"""What a strength–duration curve suggests of the muscle's nerve, with the reason in words and numbers.

A suggestion, never a diagnosis: the figures that separate the three cases are those of simulator-physiology §2 and of the 1 ms
test of the clinical sheet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from emscontrol.core.units import US_PER_MS, format_ma
from emscontrol.measure.strength_duration import (
    MISFIT_MAX,
    POINTS_MIN,
    CurvePoint,
    Estimate,
    Fit,
    comes_near,
    fit_weiss,
    fits_one_curve,
    furthest,
    out_of_order,
)

INNERVATED_MAX_US: Final = 1_000  # chronaxie 0.1–1 ms (Enraf manual) [S]
DENERVATED_MIN_US: Final = 10_000  # chronaxie of denervated muscle 10–30 ms [R80]
SHORT_US: Final = 1_000  # the 1 ms test: innervated muscle answers to it, denervated muscle does not [S]
SHORT_ONLY: Final = " Pulses so short do not show denervated fibres beside the innervated ones."
BESIDE: Final = " Nerve fibres answer first, so this does not exclude that some fibres are denervated."
LOOK: Final = "Look at the electrodes and their leads"
KINK_RATIO: Final = 5.0  # so much longer must the second chronaxie be to stand for other fibres [D]


class Suggestion(StrEnum):
    """What a curve suggests."""

    INNERVATED = "innervated"
    PARTLY = "partly denervated"
    DENERVATED = "denervated"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Assessment:
    """The fitted curves (two where the points show a kink, the one of the short pulses first) and what they suggest."""

    suggestion: Suggestion
    reason: str
    fits: tuple[Fit, ...]


def assess(points: Sequence[CurvePoint]) -> Assessment:
    """What these points suggest. The same points always give the same answer."""
    in_order = sorted(points, key=lambda point: point.width_us)
    answered = [point for point in in_order if point.at_ua is not None]
    if not answered:
        return Assessment(Suggestion.UNDECIDED, _silent(in_order), ())
    wrong = out_of_order(in_order)
    if wrong is not None:
        return Assessment(Suggestion.UNDECIDED, _impossible(*wrong), ())
    short = [point for point in in_order if point.width_us <= SHORT_US]
    if short and all(point.at_ua is None for point in short):
        return _only_long(short[-1], answered[-1], in_order)
    if len(answered) < POINTS_MIN:
        reason = f"{len(answered)} of {POINTS_MIN} thresholds at different pulse widths are too few for a curve."
        return Assessment(Suggestion.UNDECIDED, reason, ())
    kink = None if fits_one_curve(in_order) else _kink(in_order)
    if kink is not None:
        return Assessment(Suggestion.PARTLY, _kinked(*kink), kink)
    fits = _one(in_order)
    if not fits:
        reason = f"The thresholds do not rise towards shorter pulses as those of a muscle do. {LOOK}. Measure again."
        return Assessment(Suggestion.UNDECIDED, reason, ())
    return _by_chronaxie(fits[0], in_order)


def _one(points: Sequence[CurvePoint]) -> tuple[Fit, ...]:
    fit = fit_weiss(points)
    return () if fit is None else (fit,)


def _kink(points: Sequence[CurvePoint]) -> tuple[Fit, Fit] | None:
    """Two curves, one for the short and one for the long pulses, that explain what one cannot; None when no two do."""
    best: tuple[Fit, Fit] | None = None
    for place in range(2, len(points) - 1):
        short, long = fit_weiss(points[:place]), fit_weiss(points[place:])
        if short is None or long is None or long.chronaxie_us.best < KINK_RATIO * short.chronaxie_us.best:
            continue
        if _doubt(short, points[:place]) or _doubt(long, points[place:]):
            continue
        if best is None or max(short.misfit, long.misfit) < max(best[0].misfit, best[1].misfit):
            best = short, long
    return best


def _by_chronaxie(fit: Fit, points: Sequence[CurvePoint]) -> Assessment:
    chronaxie = fit.chronaxie_us
    told = f"One curve with a chronaxie of {in_ms(chronaxie)} and a rheobase of {in_ma(fit.rheobase_ua)}"
    doubt = _doubt(fit, points)
    if doubt:
        return Assessment(Suggestion.UNDECIDED, f"{told}, but {doubt}", (fit,))
    if not fits_one_curve(points):
        told += f" (the points lie up to {fit.misfit:.1f} half steps off it)"
    if chronaxie.high <= INNERVATED_MAX_US:
        beside = SHORT_ONLY if fit.widths_us[-1] < DENERVATED_MIN_US else BESIDE
        return Assessment(Suggestion.INNERVATED, f"{told}: innervated muscle has 0.1 to 1 ms.{beside}", (fit,))
    if chronaxie.low >= DENERVATED_MIN_US:
        return Assessment(Suggestion.DENERVATED, f"{told}: denervated muscle has 10 to 30 ms.", (fit,))
    if chronaxie.low > INNERVATED_MAX_US and chronaxie.high < DENERVATED_MIN_US:
        reason = f"{told}: longer than the 1 ms of innervated muscle, shorter than the 10 ms of denervated muscle."
        return Assessment(Suggestion.PARTLY, reason, (fit,))
    reason = f"{told}: too wide an interval to tell. Use finer steps or more pulse widths."
    return Assessment(Suggestion.UNDECIDED, reason, (fit,))


def _doubt(fit: Fit, points: Sequence[CurvePoint]) -> str:
    """Why this curve says nothing of the muscle, and what to do; empty where it does."""
    far, point = furthest(points, fit)
    if far > MISFIT_MAX:
        worst = shown_width(point.width_us)
        return (
            f"the points do not lie on it: the one at {worst} is {far:.1f} half steps off, more than {MISFIT_MAX:g}. "
            f"{LOOK}, then measure {worst} again."
        )
    for name, estimate in (("chronaxie", fit.chronaxie_us), ("rheobase", fit.rheobase_ua)):
        if estimate.told[1] <= 0:
            return f"the {name} could be zero, which no muscle has. Use finer steps, or more and shorter pulse widths."
    return ""


def _impossible(shorter: CurvePoint, longer: CurvePoint) -> str:
    return (
        f"A contraction at {format_ma(shorter.at_ua or 0)} and {shown_width(shorter.width_us)}, but none at "
        f"{format_ma(longer.below_ua)} and {shown_width(longer.width_us)}: a shorter pulse never needs less current, so at "
        f"least one of the two is wrong. {LOOK}. Measure again, these two first."
    )


def _silent(points: Sequence[CurvePoint]) -> str:
    longest = points[-1] if points else None
    if longest is None or (not longest.below_ua and longest.too_much_ua is None):
        return "Nothing was measured."
    reason = f"No contraction up to {format_ma(longest.below_ua)} at {shown_width(longest.width_us)}."
    if longest.too_much_ua is not None:
        return f"{reason} {format_ma(longest.too_much_ua)} was too much, so it was not tried higher, and nothing can be told."
    if longest.width_us <= SHORT_US:
        return (
            f"{reason} That fits a denervated muscle, which short pulses do not reach, and as well pads in the wrong place "
            "or too low a current. Pulses longer than 1 ms, on a device declared for them, tell these apart."
        )
    return f"{reason} Look at the pads and their place, and measure again."


def _only_long(silent: CurvePoint, long: CurvePoint, points: Sequence[CurvePoint]) -> Assessment:
    """Long pulses are answered, short ones are not. That counts when an innervated muscle would have answered by then.

    Its rheobase is not above the threshold at the longest pulse, so with a chronaxie of 1 ms it needs no more than this.
    """
    needed_ua = round((long.at_ua or 0) * (1 + INNERVATED_MAX_US / silent.width_us))
    told = (
        f"No contraction up to {format_ma(silent.below_ua)} at {shown_width(silent.width_us)}, but one at "
        f"{format_ma(long.at_ua or 0)} and {shown_width(long.width_us)}"
    )
    if silent.below_ua < needed_ua and silent.too_much_ua is not None:
        reason = f"{told}: an innervated muscle could need {format_ma(needed_ua)} there, and {format_ma(silent.too_much_ua)}"
        return Assessment(Suggestion.UNDECIDED, f"{reason} was too much, so it was not tried higher.", _one(points))
    if silent.below_ua < needed_ua:
        reason = f"{told}: an innervated muscle could need {format_ma(needed_ua)} there. Go higher with the short pulse."
        return Assessment(Suggestion.UNDECIDED, reason, _one(points))
    if not comes_near(points):
        reason = f"{told}. But no curve comes near the points, as one does where a muscle answers. {LOOK}. Measure again."
        return Assessment(Suggestion.UNDECIDED, reason, _one(points))
    reason = f"{told}: an innervated muscle would have answered by {format_ma(needed_ua)}."
    return Assessment(Suggestion.DENERVATED, reason, _one(points))


def _kinked(short: Fit, long: Fit) -> str:
    return (
        f"The curve has a kink: up to {shown_width(short.widths_us[-1])} a chronaxie of {in_ms(short.chronaxie_us)}, from "
        f"{shown_width(long.widths_us[0])} on one of {in_ms(long.chronaxie_us)}: fibres of two kinds answer, with "
        "and without a nerve."
    )


def shown_width(width_us: float) -> str:
    """A pulse width as a person reads it: µs below 1 ms, else ms."""
    return f"{width_us:g} µs" if width_us < US_PER_MS else f"{width_us / US_PER_MS:g} ms"


def in_ms(time_us: Estimate) -> str:
    """A time with its interval in ms."""
    return _shown(time_us, "ms")


def in_ma(current_ua: Estimate) -> str:
    """A current with its interval in mA."""
    return _shown(current_ua, "mA")


def _shown(estimate: Estimate, unit: str) -> str:
    """Best, low and high in thousandths of what they are kept in, rounded as in the record."""
    best, low, high = estimate.told
    return f"{best / 1e3:g} {unit} ({low / 1e3:g} {'or more' if high is None else f'to {high / 1e3:g}'})"
