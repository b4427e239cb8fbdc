"""The pages of a PDF: blocks as reportlab's flowables. Only `pdf` imports this, because reportlab takes its time."""

from collections.abc import Sequence
from io import BytesIO
from itertools import groupby
from typing import Any, Final

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, PageTemplate, Paragraph
from reportlab.platypus import Table as Grid

from emscontrol.record.reports.blocks import Report, Section
from emscontrol.record.reports.pdf_blocks import flowables, notice
from emscontrol.record.reports.pdf_letters import PLAIN, drawable, paragraph
from emscontrol.record.reports.pdf_style import Style

SIDE: Final = 12 * mm
TOP: Final = 10 * mm
FOOT: Final = 12 * mm
BETWEEN: Final = 14.0  # points between two halves
BEGUN: Final = 52.0  # points that a section finds on its page: heading, caption and head of a table, and a row
TALLEST: Final = 0.5  # of a page: taller halves stand under each other, because they could not be divided


def laid_out(report: Report, size: float, footnote: str) -> tuple[bytes, int]:
    """The file with letters of this size, and how many pages it has."""
    out, (width, height) = BytesIO(), A4
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        title=drawable(report.title),
        subject=drawable(report.subtitle),
        author="emscontrol",
        creator="emscontrol",
        lang="en",
        invariant=1,  # no time of the making in it but the one that the report tells
    )
    style = Style(size)
    frame = Frame(SIDE, FOOT, width - 2 * SIDE, height - TOP - FOOT, 0, 0, 0, 0)
    foot = " ".join(filter(None, (report.made, footnote)))
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=lambda canvas, doc: _foot(canvas, doc, foot, style)))
    document.build(_story(report, style, width - 2 * SIDE, height - TOP - FOOT))
    return out.getvalue(), document.page


def _story(report: Report, style: Style, width: float, height: float) -> list[Flowable]:
    story: list[Flowable] = [notice(each, style, width) for each in report.notices]
    story += [Paragraph(paragraph(report.title), style.title), Paragraph(paragraph(report.subtitle), style.subtitle)]
    for half, group in groupby(report.sections, key=lambda section: section.half):
        sections = list(group)
        if not half:
            for section in sections:
                story += [CondPageBreak(BEGUN), *_section(section, style, width)]
            continue
        story += _halves(sections, style, width, height)
    return story


def _section(section: Section, style: Style, width: float) -> list[Flowable]:
    made: list[Flowable] = [Paragraph(paragraph(section.title), style.heading)]
    for block in section.blocks:
        made += flowables(block, style, width)
    return made


def _halves(sections: Sequence[Section], style: Style, width: float, height: float) -> list[Flowable]:
    """In two columns as even as they get, the order kept down the first and then down the second."""
    half = (width - BETWEEN) / 2
    made = [_section(section, style, half) for section in sections]
    tall = [_tall(each, half) for each in made]
    cut = min(range(1, len(made) + 1), key=lambda place: max(sum(tall[:place]), sum(tall[place:])))
    if cut == len(made) or max(sum(tall[:cut]), sum(tall[cut:])) > TALLEST * height:
        return [each for section in sections for each in _section(section, style, width)]
    sides = [[each for one in part for each in one] for part in (made[:cut], made[cut:])]
    grid = Grid([[sides[0], "", sides[1]]], colWidths=[half, BETWEEN, half])
    grid.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *style.no_padding, ("TOPPADDING", (0, 0), (-1, -1), 4)])
    return [grid]


def _tall(side: Sequence[Any], width: float) -> float:
    return float(sum(each.wrap(width, 10**6)[1] for each in side))


def _foot(canvas: Any, document: Any, text: str, style: Style) -> None:
    told = Paragraph(paragraph(text), style.foot)
    _, height = told.wrap(document.pagesize[0] - 2 * SIDE - 40, FOOT)
    told.drawOn(canvas, SIDE, FOOT - 4 - height)
    canvas.setFont(PLAIN, style.foot.fontSize)
    canvas.drawRightString(document.pagesize[0] - SIDE, FOOT - 4 - style.foot.fontSize, f"page {document.page}")
