"""One pulse as the P24 executes it, and the limits that a pulse and a set of trains must keep."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import Any, Final

SHORTEST_POINT_US: Final = 10
"""A point below this is executed as this (comment in the vendor library)."""
CURRENT_MAX_UA: Final = 130_000
PERIOD_MAX_US: Final = 16_383_000
OVERHEAD_US: Final = 60
"""Added to each pulse in the duty rule (vendor library 4.0.0)."""
DUTY_LIMIT_US: Final = 1000
"""Pulse time per ms of all channels together must stay below this (vendor library)."""

Points = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a list of points puts out.

    `amplitude_ua` is the largest current without its sign, `width_us` the length of the first phase (the first run of points
    of one sign), `burst` the number of phases of that sign, `charge_pc` what flows in that direction in all of them together,
    `duration_us` from the first point to the last. `offsets_us`: when each phase of that sign begins; `gap_us`: from the first
    phase to the one of the other sign, None when there is none.
    """

    amplitude_ua: int
    width_us: int
    burst: int
    charge_pc: int
    duration_us: int
    offsets_us: tuple[int, ...] = (0,)
    gap_us: int | None = None

    def weakened(self, numerator: int, denominator: int) -> "Pulse":
        """The same pulse at a fraction of its current, rounded down."""
        amplitude, charge = (value * numerator // denominator for value in (self.amplitude_ua, self.charge_pc))
        return replace(self, amplitude_ua=amplitude, charge_pc=charge)


def pulse(points: Points) -> Pulse:
    """The pulse that these points ([µs, mA]) describe. Points without current at either end count only for the duration."""
    return _pulse(tuple((int(point[0]), float(point[1])) for point in points))


@lru_cache(maxsize=4096)
def _pulse(points: tuple[tuple[int, float], ...]) -> Pulse:
    steps = [(max(SHORTEST_POINT_US, point[0]), round(point[1] * 1000)) for point in points]
    phases = [(sign, list(run)) for sign, run in groupby(steps, key=lambda step: (step[1] > 0) - (step[1] < 0))]
    first = next((sign for sign, _ in phases if sign), 0)
    same = [run for sign, run in phases if sign == first and first]
    return Pulse(
        amplitude_ua=max((abs(current) for _, current in steps), default=0),
        width_us=sum(duration for duration, _ in same[0]) if same else 0,
        burst=max(1, len(same)),
        charge_pc=sum(duration * abs(current) for run in same for duration, current in run),
        duration_us=sum(duration for duration, _ in steps),
        offsets_us=_starts(phases, first) or (0,),
        gap_us=_gap_us(phases, first),
    )


Phases = list[tuple[int, list[tuple[int, int]]]]


def _starts(phases: Phases, sign: int) -> tuple[int, ...]:
    """When each phase of this sign begins, counted from the first of them."""
    starts, at_us = [], 0
    for each, run in phases:
        if sign and each == sign:
            starts.append(at_us)
        at_us += sum(duration for duration, _ in run)
    return tuple(start - starts[0] for start in starts)


def _gap_us(phases: Phases, sign: int) -> int | None:
    """The pause between the first phase of this sign and the next one of the other sign; None when none follows at once."""
    rest = [(each, run) for each, run in phases[[each for each, _ in phases].index(sign) + 1 :]] if sign else []
    pause_us = sum(duration for duration, _ in rest[0][1]) if rest and rest[0][0] == 0 else 0
    following = [each for each, _ in rest if each]
    return pause_us if following and following[0] == -sign else None


def pulse_allowed(points: Points) -> bool:
    """Whether every point is one the device takes: current in range, no reserved bits."""
    return all(len(point) == 2 and abs(point[1]) * 1000 <= CURRENT_MAX_UA for point in points)


def stretched(train: dict[str, Any], factor: float) -> dict[str, Any]:
    """The train as a device makes it whose time base is wrong: everything lasts so many times as long."""
    points = [[max(1, round(point[0] * factor)), point[1]] for point in train["points"]]
    return {**train, "period_ms": train["period_ms"] * factor, "points": points}


def trains_allowed(trains: Iterable[dict[str, Any]]) -> bool:
    """The limits of the vendor library for a whole Ml_update: periods, points, and the duty of all channels together."""
    used, of = 0, 1  # the duty as a fraction
    for train in trains:
        period_us = round(train["period_ms"] * 1000)
        if not 0 < period_us <= PERIOD_MAX_US or not pulse_allowed(train["points"]):
            return False
        pulse_us = sum(int(point[0]) for point in train["points"]) + OVERHEAD_US
        used, of = used * period_us + pulse_us * 1000 * of, of * period_us
    return -(-used // of) < DUTY_LIMIT_US
