"""How much room a text takes in a drawing. No font is at hand where a drawing is made, so it is a cautious estimate. Pure."""

from typing import Final
from unicodedata import east_asian_width

_NARROW: Final = frozenset("ijlI.,:;'|!()[] ft·")
_WIDE: Final = frozenset("mwMWOQ@%–—…→")
_OF_NARROW, _OF_USUAL, _OF_CAPITAL, _OF_WIDE, _OF_EAST = 0.37, 0.6, 0.76, 1.0, 1.05  # of the size


def text_width(text: str, size: float) -> float:
    """The width of a line of text (points), rather more than less."""
    return size * sum(map(_share, text))


def fitted(text: str, size: float, width: float) -> str:
    """The text, shortened with an ellipsis where it is wider than this."""
    if text_width(text, size) <= width:
        return text
    kept = text
    while kept and text_width(f"{kept}…", size) > width:
        kept = kept[:-1]
    return f"{kept.rstrip()}…" if kept else ""


def _share(letter: str) -> float:
    if letter in _NARROW:
        return _OF_NARROW
    if letter in _WIDE:
        return _OF_WIDE
    if east_asian_width(letter) in "WF":
        return _OF_EAST
    return _OF_CAPITAL if letter.isupper() else _OF_USUAL
