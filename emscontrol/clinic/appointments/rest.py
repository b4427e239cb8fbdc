"""How far apart two sessions of one muscle must be; pure.

A rest of less than a day is from the end of one to the beginning of the next, in hours that really pass. One of a day or more
is from beginning to beginning, on the clinic's clock or in hours that pass, whichever is more: every other day at ten is
what people mean by 48 h, also in the night in which the clocks change.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Final, NamedTuple

from emscontrol.clinic.appointments.wall_time import on_clock

DAY_H: Final = 24
SIDES: Final = ("left", "right")

PARTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType({"quad_all": frozenset({"quad_rf", "quad_vm", "quad_vl"})})
"""Groups of the muscle catalogue that hold other entries of it: they tire together."""


class Muscle(NamedTuple):
    """One muscle of one side, by the ids of the catalogue."""

    muscle: str
    side: str


def shared(mine: Iterable[Muscle], others: Iterable[Muscle]) -> list[Muscle]:
    """Those of `mine` that `others` work too: the same, the group it is part of, or a part of the group. No side is both."""
    against = list(others)
    return [one for one in mine if any(_same(one, other) for other in against)]


def is_rested(first: tuple[datetime, datetime], second: tuple[datetime, datetime], rest_h: int, zone: tzinfo) -> bool:
    """Whether the later of two sessions, each from begin to end, begins when the rest of `rest_h` hours is over."""
    (start, end), (next_start, _) = sorted((first, second))
    if rest_h < DAY_H:
        return next_start - end >= timedelta(hours=rest_h)
    shown = on_clock(next_start, zone) - on_clock(start, zone)
    return max(shown, next_start - start) >= timedelta(hours=rest_h)


def _same(one: Muscle, other: Muscle) -> bool:
    if one.side != other.side and one.side in SIDES and other.side in SIDES:
        return False
    return bool(_members(one.muscle) & _members(other.muscle))


def _members(muscle: str) -> frozenset[str]:
    return PARTS.get(muscle, frozenset()) | {muscle}
