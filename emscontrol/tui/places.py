"""Muscles and pads by the names that people give them: the catalogue's in place of its ids."""

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from emscontrol.safety.screening_places import SIDES
from emscontrol.safety.sites import described_site, known_muscles
from emscontrol.tui.language import _

if TYPE_CHECKING:
    from emscontrol.protocol.parts import Electrode

CM2_IN_MM2: Final = 100


def muscle_name(muscle: str) -> str:
    """The catalogue's name; what is not in it stays as it is."""
    return described_site(muscle).name if muscle in known_muscles() else muscle


def muscle_id(typed: str) -> str:
    """The id of a muscle that was typed by its name or its id; what is neither stays as it was typed."""
    meant = typed.strip().casefold()
    return next((muscle for muscle in known_muscles() if meant in (muscle, muscle_name(muscle).casefold())), typed.strip())


def place_name(muscle: str, side: str) -> str:
    """A muscle with its side."""
    return f"{muscle_name(muscle)} {side}".strip()


def named(text: str) -> str:
    """A sentence of the book or the engine with its muscles by name; only where a side follows, so no other word is met."""
    return _ids().sub(lambda found: place_name(found[1], found[2]), text)


def pads_size(electrode: "Electrode") -> str:
    """The size of one pad in cm, as it is printed on its bag."""
    if electrode.diameter_cm is not None:
        return _("{size} cm across").format(size=_plain(electrode.diameter_cm))
    return f"{_plain(electrode.width_cm)} × {_plain(electrode.height_cm)} cm"


def area_words(area_mm2: int) -> str:
    """The area of one pad."""
    return f"{area_mm2 / CM2_IN_MM2:g} cm²"


def _plain(value: object) -> str:
    return f"{value}".removesuffix(".0")


@cache
def _ids() -> re.Pattern[str]:
    muscles = "|".join(sorted(map(re.escape, known_muscles()), key=len, reverse=True))
    return re.compile(rf"\b({muscles}) ({'|'.join(sorted(SIDES, key=len, reverse=True))})\b")
