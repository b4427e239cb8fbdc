"""Where pads are and where an answer applies, and whether the two meet.

Of a pair of pads only muscle, side and region are known. So whatever a place may touch it counts as touching: a muscle stands
for its whole region, a place without a side for both, a bone or a vessel for everything that moves or drains its limb.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from emscontrol.core.errors import SafetyRefusal
from emscontrol.safety.screening_rules import AREA, BODY, LIMBS
from emscontrol.safety.sites import described_site, known_muscles

SIDES: Final = ("left", "right")
EVERY_SIDE: Final = ""

_SAME: Final[Mapping[str, str]] = {"forearm": "arm"}
"""Regions of the muscle catalogue that the rules have under another name."""

_UPPER, _LOWER, _TRUNK, _HEAD = "upper", "lower", "trunk", "head"
_GROUPS: Final[Mapping[str, frozenset[str]]] = {
    "head": frozenset({_HEAD}),
    "neck_ant": frozenset({_HEAD, _TRUNK}),
    "neck_post": frozenset({_HEAD, _TRUNK, _UPPER}),
    "chest_ant": frozenset({_TRUNK, _UPPER}),
    "chest_post": frozenset({_TRUNK, _UPPER}),
    "back": frozenset({_TRUNK, _UPPER}),
    "arm": frozenset({_UPPER}),
    "hand": frozenset({_UPPER}),
    "abdomen": frozenset({_TRUNK}),
    "buttock": frozenset({_TRUNK, _LOWER}),
    "thigh": frozenset({_LOWER}),
    "calf": frozenset({_LOWER}),
    "foot": frozenset({_LOWER}),
}
"""What moves together. Muscles of the shoulder blade move the arm, those of the buttock pelvis and thigh."""
_SIDELESS: Final = frozenset({_TRUNK, _HEAD})

_QUADRICEPS: Final = frozenset({"quad_all", "quad_rf", "quad_vm", "quad_vl"})


@dataclass(frozen=True, slots=True)
class Pad:
    """The pair of pads of one channel. `region` is the catalogue's; `side` is left or right."""

    channel: int
    muscle: str
    region: str
    side: str
    area_mm2: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer applies: a region or a muscle, and its side ("" for both)."""

    region: str = ""
    muscle: str = ""
    side: str = EVERY_SIDE

    def as_plain(self) -> dict[str, str]:
        """The same for JSON."""
        return {"region": self.region, "muscle": self.muscle, "side": self.side}

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> "Place":
        """Read it back. Raises ValueError when it is not exactly one region or one muscle, with a side or none."""
        if not isinstance(values, Mapping) or not set(values) <= {"region", "muscle", "side"}:
            raise ValueError("a place is a region or a muscle, and a side")
        place = cls(**values)
        if bool(place.region) == bool(place.muscle):
            raise ValueError("a place is either a region or a muscle")
        if place.region and region_of(place.region) not in BODY:
            raise ValueError(f"there is no region {place.region!r}: {', '.join(sorted(BODY))}")
        if place.muscle and place.muscle not in known_muscles():
            raise ValueError(f"there is no muscle {place.muscle!r}")
        if place.side not in (*SIDES, EVERY_SIDE):
            raise ValueError(f"there is no side {place.side!r}: {', '.join(SIDES)}, or none for both")
        return place


def pad_on(channel: int, muscle: str, side: str, area_mm2: int) -> Pad:
    """A pair of pads with its region from the catalogue. Raises SafetyRefusal for a muscle that is not in it."""
    return Pad(channel, muscle, described_site(muscle).region, side, area_mm2)


def region_of(region: str) -> str:
    """A region of the catalogue as the rules name it."""
    return _SAME.get(region, region)


def is_true(pad: Pad) -> bool:
    """Whether a pad is where the catalogue has its muscle."""
    try:
        return described_site(pad.muscle).region == pad.region and region_of(pad.region) in BODY
    except SafetyRefusal:
        return False


def in_regions(regions: Iterable[str], pads: Iterable[Pad]) -> tuple[Pad, ...]:
    """The pads that lie in one of these regions of the body."""
    wanted = frozenset(regions)
    return tuple(pad for pad in pads if region_of(pad.region) in wanted)


def touched(regions: Iterable[str], pads: Iterable[Pad], places: Iterable[Place]) -> tuple[Pad, ...]:
    """The pads that meet one of these places in the sense of a rule's pseudo-regions."""
    wanted, where = frozenset(regions), tuple(places)
    return tuple(
        pad
        for pad in pads
        if (AREA in wanted and any(_near(pad, place) for place in where))
        or (wanted & LIMBS and any(_moved(pad, place) for place in where))
    )


def same_side(one: str, other: str) -> bool:
    """Whether two sides may be the same: a side that is not told may be either."""
    return one == other or one not in SIDES or other not in SIDES


def same_muscle(one: str, other: str) -> bool:
    """Whether two entries of the catalogue have flesh in common: the heads of the quadriceps with the whole of it."""
    return one == other or ("quad_all" in (one, other) and {one, other} <= _QUADRICEPS)


def _region(place: Place) -> str:
    return region_of(place.region or described_site(place.muscle).region)


def _near(pad: Pad, place: Place) -> bool:
    return _region(place) == region_of(pad.region) and same_side(place.side, pad.side)


def _moved(pad: Pad, place: Place) -> bool:
    shared = _GROUPS[_region(place)] & _GROUPS[region_of(pad.region)]
    return bool(shared) and (bool(shared & _SIDELESS) or same_side(place.side, pad.side))
