"""Each block as reportlab's flowables, which wrap and break over pages. Only `pdf_page` imports this."""

from collections.abc import Sequence
from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, Paragraph
from reportlab.platypus import Table as Grid

from emscontrol.record.reports.blocks import Block, Chart, Facts, Notice, Seal, Table, Text
from emscontrol.record.reports.drawing import Drawing, Ink
from emscontrol.record.reports.pdf_drawing import draw
from emscontrol.record.reports.pdf_letters import drawable, paragraph
from emscontrol.record.reports.pdf_style import BORDERS, Style
from emscontrol.record.reports.qr import qr

QR_SIDE: Final = 72.0
TERM: Final = 50.0  # points for the name of a fact
GAP: Final = 6.0  # between columns
NARROW: Final = 160.0  # facts stand in as many columns of this as there is room for
LOUD_MAX: Final = 0.7  # of the width, for a headline beside its text


class Picture(Flowable):  # type: ignore[misc]
    """A drawing at the width that it is given, never larger than drawn."""

    def __init__(self, drawing: Drawing, width: float) -> None:
        super().__init__()
        self._drawing = drawing
        self._scale = min(1.0, width / drawing.width)

    def wrap(self, *_: float) -> tuple[float, float]:
        """How large it is."""
        return self._drawing.width * self._scale, self._drawing.height * self._scale

    def draw(self) -> None:
        """Put it where reportlab has put the origin."""
        draw(self.canv, self._drawing, 0, 0, self._scale)


def flowables(block: Block, style: Style, width: float) -> list[Flowable]:
    """What a block becomes."""
    match block:
        case Facts():
            return _facts(block, style, width)
        case Table():
            return _table(block, style, width)
        case Chart():
            return [Picture(block.drawing, width), *_table(block.table, style, width)]
        case Notice():
            return [notice(block, style, width)]
        case Text(text):
            return [Paragraph(paragraph(text), style.body)]
        case Seal():
            return _seal(block, style, width)


def notice(block: Notice, style: Style, width: float) -> Flowable:
    """A box as thick as the notice weighs."""
    told = Paragraph(f"<b>{block.weight.value.capitalize()}:</b> {paragraph(block.text)}", style.body)
    headline = Paragraph(paragraph(block.headline), style.headline)
    loud = min(_wide(drawable(block.headline), style.headline) + 2 * GAP, width * LOUD_MAX) if block.headline else 0
    row, widths = ([headline, told], [loud, width - loud]) if block.headline else ([told], [width])
    grid = Grid([row], colWidths=widths, spaceAfter=4, splitInRow=1)
    grid.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("BOX", (0, 0), (-1, -1), BORDERS[block.weight], HexColor(Ink.TEXT.value)),
            *((f"{side}PADDING", (0, 0), (-1, -1), points) for side, points in SIDES),
        ]
    )
    return grid


SIDES: Final = (("LEFT", 6), ("RIGHT", 6), ("TOP", 2), ("BOTTOM", 3))


def _facts(facts: Facts, style: Style, width: float) -> list[Flowable]:
    columns = max(1, int(width / NARROW))
    cells = [[Paragraph(paragraph(term), style.faint), Paragraph(paragraph(told), style.cell)] for term, told in facts.rows]
    if not cells:
        return []
    cells += [["", ""]] * (-len(cells) % columns)
    rows = [[part for cell in cells[place : place + columns] for part in cell] for place in range(0, len(cells), columns)]
    grid = Grid(rows, colWidths=[TERM, width / columns - TERM] * columns, splitInRow=1)
    grid.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *style.no_padding, ("RIGHTPADDING", (0, 0), (-1, -1), GAP)])
    return [grid]


def _table(table: Table, style: Style, width: float) -> list[Flowable]:
    rows = [[drawable(cell) for cell in row] for row in (table.header, *table.rows)]
    head = [_cell(text, style.head_figure if place in table.figures else style.head) for place, text in enumerate(table.header)]
    body = [
        [_cell(text, style.figure if place in table.figures else style.cell) for place, text in enumerate(row)]
        for row in table.rows
    ]
    grid = Grid([head, *body], colWidths=_widths(rows, style, width), repeatRows=1, splitInRow=1, spaceAfter=2)
    grid.setStyle(
        [
            ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
            ("VALIGN", (0, 1), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, 0), 0.6, HexColor(Ink.FAINT.value)),
            ("LINEBELOW", (0, 1), (-1, -1), 0.3, style.line),
            *style.no_padding,
            ("RIGHTPADDING", (0, 0), (-2, -1), GAP),
            ("TOPPADDING", (0, 0), (-1, -1), 1),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
        ]
    )
    caption = [Paragraph(paragraph(table.caption), style.faint)] if table.caption else []
    return [*caption, grid]


def _cell(text: str, style: Any) -> Flowable:
    return Paragraph(paragraph(text), style)


def _widths(rows: Sequence[Sequence[str]], style: Style, width: float) -> list[float]:
    """Every column as wide as its words, what is left over shared by what its lines would like to have."""
    font = style.cell
    columns = list(zip(*rows, strict=True))
    words = [max(_wide(word, font) for cell in column for word in (cell.split() or [""])) + GAP for column in columns]
    lines = [max(_wide(cell, font) for cell in column) + GAP for column in columns]
    least, most = sum(words), sum(lines)
    if least >= width:
        return _shared(words, width)
    if most <= width:
        return [line * width / most for line in lines]
    share = (width - least) / (most - least)
    return [word + (line - word) * share for word, line in zip(words, lines, strict=True)]


def _shared(wanted: Sequence[float], width: float) -> list[float]:
    """Each what it wants as long as that is no more than an even share of what the narrower ones leave."""
    left, given = width, [0.0] * len(wanted)
    for number, place in enumerate(sorted(range(len(wanted)), key=lambda place: wanted[place])):
        given[place] = min(wanted[place], left / (len(wanted) - number))
        left -= given[place]
    return given


def _wide(text: str, font: Any) -> float:
    return float(stringWidth(text, font.fontName, font.fontSize)) + 1


def _seal(seal: Seal, style: Style, width: float) -> list[Flowable]:
    told = [Paragraph(paragraph(seal.text), style.body), Paragraph(paragraph(seal.digest), style.digest)]
    grid = Grid([[Picture(qr(seal.digest, QR_SIDE), QR_SIDE), told]], colWidths=[QR_SIDE + GAP, width - QR_SIDE - GAP])
    grid.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *style.no_padding])
    return [grid]
