"""How much room a text takes in a drawing. No font is at hand where a drawing is made, so it is a cautious estimate. Pure.

Shares are those of Vera and DejaVu Sans, the widest of the usual letters without serifs, rounded up.
"""

from typing import Final

_SHARES: Final = {
    letter: share
    for share, letters in (
        (0.36, " ijlIJf,.:;/\\|-'"),
        (0.43, "rt()[]!"),
        (0.58, 'cszL?*_`°²"\u2013'),
        (0.61, "FkvxyP"),
        (0.66, "abdeghnopquET$0123456789{}µ"),
        (0.74, "ABCKRSUVXYZ"),
        (0.80, "DGHNOQ&"),
        (0.87, "wM#+<=>^~×"),
        (1.07, "mWÆæŒœ"),
    )
    for letter in letters
}
_LATIN: Final = 0x24F  # the last letter of the scripts that the shares are of
_SMALL, _CAPITAL, _OTHER = 0.66, 0.80, 1.05


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
    if letter in _SHARES:
        return _SHARES[letter]
    if ord(letter) > _LATIN or not letter.isalpha():
        return _OTHER
    return _CAPITAL if letter.isupper() else _SMALL
