"""Letters and lines of the PDF. Sizes in points, times the size that lets a report fit on its page."""

from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle

from emscontrol.record.reports.blocks import Weight
from emscontrol.record.reports.drawing import Ink
from emscontrol.record.reports.pdf_letters import BOLD, PLAIN, complete

BORDERS: Final = {Weight.NOTE: 0.6, Weight.CAUTION: 1.4, Weight.ALARM: 2.8}
"""How thick the box of a notice is: its weight is seen without colour."""


class Style:
    """The styles at one size."""

    def __init__(self, size: float) -> None:
        complete("")  # registers the fonts
        self.size = size
        self.body = self._style(7.3)
        self.title = self._style(13.5, BOLD, before=2)
        self.subtitle = self._style(8.2, ink=Ink.FAINT, after=1)
        self.heading = self._style(8.8, BOLD, before=5.5, after=1.5)
        self.headline = self._style(20, BOLD)
        self.faint = self._style(6.7, ink=Ink.FAINT)
        self.cell = self._style(6.7)
        self.figure = self._style(6.7, right=True)
        self.head = self._style(6.3, ink=Ink.FAINT)
        self.head_figure = self._style(6.3, ink=Ink.FAINT, right=True)
        self.digest = self._style(6.3)
        self.foot = self._style(6, ink=Ink.FAINT)
        self.line = HexColor("#b9bec6")
        self.no_padding: list[Any] = [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]

    def _style(
        self, points: float, font: str = PLAIN, ink: Ink = Ink.TEXT, before: float = 0, after: float = 0, right: bool = False
    ) -> ParagraphStyle:
        return ParagraphStyle(
            f"{font}{points}{ink}{right}",
            fontName=font,
            fontSize=points * self.size,
            leading=points * 1.27 * self.size,
            textColor=HexColor(ink.value),
            spaceBefore=before * self.size,
            spaceAfter=after * self.size,
            alignment=TA_RIGHT if right else 0,
            splitLongWords=1,
            keepWithNext=int(font == BOLD and points < 10),
        )
