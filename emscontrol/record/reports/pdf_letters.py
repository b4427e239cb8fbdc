"""The letters of the PDF: the free Vera that comes with reportlab, embedded, so that the file looks the same everywhere.

It has the letters of western Europe, some of central Europe's, and those of no other script. One that it has not stands as its
number, `[U+4E2D]`, never as an empty box and never left out; the HTML report shows it with the fonts of whoever reads.
"""

from functools import cache
from typing import Final
from xml.sax.saxutils import escape

from emscontrol.core.events import printable

PLAIN: Final = "Vera"
BOLD: Final = "VeraBd"
MISSING: Final = "[U+…] stands for a letter that this file's typeface does not have; the HTML report shows it."


def drawable(text: str) -> str:
    """The text in letters that can be drawn, none of them lost."""
    known = _known()
    return "".join(c if ord(c) in known else f"[U+{ord(c):04X}]" for c in printable(text))


def paragraph(text: str) -> str:
    """The same for reportlab's paragraphs, which read markup: here there is none."""
    return escape(drawable(text))


def complete(text: str) -> bool:
    """Whether every letter of it can be drawn."""
    return _known().issuperset(map(ord, printable(text)))


@cache
def _known() -> frozenset[int]:
    """The letters of both cuts. Registers them with reportlab at the first use."""
    from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
    from reportlab.pdfbase.ttfonts import TTFont

    fonts = [TTFont(name, f"{name}.ttf") for name in (PLAIN, BOLD)]
    for font in fonts:
        registerFont(font)
    registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    plain, bold = (frozenset(font.face.charToGlyph) for font in fonts)
    return plain & bold
