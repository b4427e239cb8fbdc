"""Every outcome that can be measured, in which unit, range and steps, and how what was typed becomes thousandths of it.

The table is that of the screening sheet, section 4; ranges are general knowledge [R95], marks stand with each measure.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from emscontrol.clinic.book.entered import one_of
from emscontrol.core.errors import UsageError

_NUMBER: Final = re.compile(r"[+-]?\d{1,6}(\.\d{1,6})?")
_MILLI: Final = 1000


class Where(StrEnum):
    """What an outcome belongs to."""

    PERSON = "the whole person"
    SIDE = "a side, with its landmark"
    MUSCLE = "a muscle and its side"
    FREE = "a muscle and its side, or the whole person"


class Better(StrEnum):
    """Which way a measure goes when the patient gains."""

    MORE = "more is better"
    LESS = "less is better"
    OPEN = "neither is better"


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit with its range and steps in thousandths. `words` are values that are written otherwise, as `4-` or `1+`."""

    unit: str
    low_milli: int
    high_milli: int
    step_milli: int
    words: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measure:
    """One outcome. `scales` by name, "" where there is only one; `due_days` None where no rhythm is set, 0 for each session.

    `error_milli` is the change up to which it may be the measuring, `error_percent` the same in percent of the first value;
    both 0 where nobody says. `mark` is how certain the error is. `better` is general knowledge [R95]: girth may be muscle or
    swelling, and exertion is what was asked for.
    """

    name: str
    where: Where
    scales: Mapping[str, Scale]
    when: str
    due_days: int | None
    better: Better
    error_milli: int = 0
    error_percent: int = 0
    mark: str = "R95"


def _scale(unit: str, low: str, high: str, step: str) -> Scale:
    low_milli, high_milli, step_milli = (int(Decimal(text) * _MILLI) for text in (low, high, step))
    return Scale(unit, low_milli, high_milli, step_milli)


def _one(scale: Scale) -> Mapping[str, Scale]:
    return {"": scale}


_NRS: Final = _one(_scale("", "0", "10", "1"))
_ANGLE: Final = _one(_scale("°", "-20", "180", "1"))
_MRC: Final = _one(Scale("", 0, 5000, 1000, {"4-": 3670, "4+": 4330}))
_MAS: Final = _one(Scale("", 0, 4000, 1000, {"1+": 1500}))

MEASURES: Final[Mapping[str, Measure]] = {
    "mrc": Measure("MRC muscle grade", Where.MUSCLE, _MRC, "weekly", 7, Better.MORE),
    "mrc_sum": Measure("MRC sum of 12 muscles", Where.PERSON, _one(_scale("", "0", "60", "1")), "weekly", 7, Better.MORE),
    "girth": Measure(
        "Limb girth",
        Where.SIDE,
        _one(_scale("cm", "5", "120", "0.1")),
        "every 2 weeks, same tape, both sides",
        14,
        Better.OPEN,
        error_milli=1000,
    ),
    "mvc": Measure(
        "Maximum voluntary contraction",
        Where.MUSCLE,
        {"Nm": _scale("Nm", "0", "500", "0.1"), "kg": _scale("kg", "0", "500", "0.1")},
        "every 2 weeks",
        14,
        Better.MORE,
        error_percent=10,
        mark="D",
    ),
    "evoked": Measure(
        "Stimulated torque at a fixed current", Where.MUSCLE, _one(_scale("Nm", "0", "300", "0.1")), "weekly", 7, Better.MORE
    ),
    "arom": Measure("Active range of a joint", Where.SIDE, _ANGLE, "weekly", 7, Better.MORE, error_milli=5000),
    "prom": Measure("Passive range of a joint", Where.SIDE, _ANGLE, "weekly", 7, Better.MORE, error_milli=5000),
    "nrs": Measure("Pain 0 to 10", Where.FREE, _NRS, "before, during and after each session", 0, Better.LESS),
    "rpe": Measure(
        "Borg's perceived exertion",
        Where.PERSON,
        {"cr10": _scale("", "0", "10", "0.5"), "6-20": _scale("", "6", "20", "1")},
        "each session",
        0,
        Better.OPEN,
    ),
    "doms": Measure("Soreness after 24 or 48 h, 0 to 10", Where.FREE, _NRS, "the day after a session", 1, Better.LESS),
    "mas": Measure("Modified Ashworth", Where.MUSCLE, _MAS, "weekly", 7, Better.LESS),
    "skin": Measure(
        "Skin: 0 none, 1 red under 30 min, 2 red longer, 3 blister or burn",
        Where.FREE,
        _one(_scale("", "0", "3", "1")),
        "each session",
        0,
        Better.LESS,
    ),
    "tug": Measure("Timed up and go", Where.PERSON, _one(_scale("s", "1", "300", "0.1")), "every 4 weeks", 28, Better.LESS),
    "gait10": Measure("Walking speed over 10 m", Where.PERSON, _one(_scale("m/s", "0", "3", "0.01")), "", None, Better.MORE),
    "fma": Measure("Fugl-Meyer, arm", Where.PERSON, _one(_scale("", "0", "66", "1")), "", None, Better.MORE),
    "arat": Measure("Action research arm test", Where.PERSON, _one(_scale("", "0", "57", "1")), "", None, Better.MORE),
    "fois": Measure("Swallowing, FOIS", Where.PERSON, _one(_scale("", "1", "7", "1")), "", None, Better.MORE),
    "vol": Measure("Muscle thickness by ultrasound", Where.MUSCLE, _one(_scale("mm", "0", "60", "0.1")), "", None, Better.MORE),
}

ELSEWHERE: Final[Mapping[str, str]] = {
    "threshold": "Thresholds are kept apart: emscontrol patient threshold.",
    "adherence": "Adherence follows from the journals: emscontrol plan adherence.",
}
"""Rows of the same table that are no outcome somebody enters, and where they are."""


def measure_of(name: str) -> Measure:
    """The measure with this id. Raises UsageError."""
    if name in ELSEWHERE:
        raise UsageError(f"{name} is not entered here.", ELSEWHERE[name])
    return MEASURES[one_of(name, tuple(MEASURES), "measure")]


def scale_of(name: str, scale: str) -> Scale:
    """One scale of a measure. Raises UsageError where it has several and none of them is named."""
    known = measure_of(name).scales
    if scale not in known:
        choice = f"Choose one of {', '.join(known)}." if "" not in known else "Leave the scale out: there is only one."
        raise UsageError(f"{name} has no scale {scale!r}." if scale else f"{name} has more than one scale.", choice)
    return known[scale]


def parse_value(name: str, text: str, scale: str = "") -> int:
    """What was typed, in thousandths of the unit: a number with a point, or a word of the scale. Raises UsageError."""
    chosen, typed = scale_of(name, scale), text.strip()
    if typed in chosen.words:
        return chosen.words[typed]
    if not _NUMBER.fullmatch(typed) or not typed.isascii():
        point = " Decimals stand after a point, not a comma." if "," in typed else ""
        raise UsageError(f"{typed[:20]!r} is no value of {name}.{point}", expected(name, scale))
    milli = Decimal(typed) * _MILLI
    if not chosen.low_milli <= milli <= chosen.high_milli:
        raise UsageError(f"{typed} is no value of {name}: out of range.", expected(name, scale))
    if milli % chosen.step_milli:
        raise UsageError(f"{typed} is no value of {name}: finer than its step.", expected(name, scale))
    return int(milli)


def expected(name: str, scale: str = "") -> str:
    """What may be typed, in words."""
    chosen = scale_of(name, scale)
    words = f", or {', '.join(chosen.words)}" if chosen.words else ""
    figures = " to ".join(_plain(milli) for milli in (chosen.low_milli, chosen.high_milli))
    return f"From {figures}{_unit(chosen)} in steps of {_plain(chosen.step_milli)}{words}."


def shown(name: str, value_milli: int, scale: str = "") -> str:
    """A value as it is read and typed, with its unit."""
    chosen = scale_of(name, scale)
    word = next((word for word, milli in chosen.words.items() if milli == value_milli), None)
    return word or f"{_plain(value_milli)}{_unit(chosen)}"


def error_milli(name: str, first_milli: int) -> int:
    """The change up to which it may be the measuring, for a series that began so; 0 where nobody says."""
    measure = measure_of(name)
    return max(measure.error_milli, abs(first_milli) * measure.error_percent // 100)


def _unit(scale: Scale) -> str:
    return f" {scale.unit}" if scale.unit else ""


def _plain(milli: int) -> str:
    return f"{Decimal(milli) / _MILLI:f}"
