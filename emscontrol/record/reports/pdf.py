"""A report as PDF (reportlab): A4, embedded letters, one page where it fits on one in letters that can be read.

The same report gives the same bytes.
"""

from collections.abc import Iterator
from typing import Final

from emscontrol.core.errors import UsageError
from emscontrol.record.reports.blocks import Block, Chart, Facts, Notice, Report, Seal, Table, Text
from emscontrol.record.reports.drawing import Label
from emscontrol.record.reports.pdf_letters import MISSING, complete

SIZES: Final = (1.0, 0.95, 0.9, 0.85)
"""Of the letters: the largest at which all is on one page, and the first where it never is."""


def pdf(report: Report) -> bytes:
    """The whole file. Raises UsageError where reportlab is not installed."""
    try:
        from emscontrol.record.reports.pdf_page import laid_out
    except ImportError as problem:
        raise UsageError(
            f"PDF needs a library that is not installed: {problem.name}.", "Install it with: pip install 'emscontrol[export]'"
        ) from problem
    footnote = "" if all(map(complete, _texts(report))) else MISSING
    whole, pages = laid_out(report, SIZES[0], footnote)
    for size in SIZES[1:] if pages == 2 else ():  # what fills more will not fit on one
        smaller, pages = laid_out(report, size, footnote)
        if pages == 1:
            return smaller
    return whole


def _texts(report: Report) -> Iterator[str]:
    """Every text of it."""
    yield from (report.title, report.subtitle, report.made)
    for notice in report.notices:
        yield from _of_block(notice)
    for section in report.sections:
        yield section.title
        for block in section.blocks:
            yield from _of_block(block)


def _of_block(block: Block) -> Iterator[str]:
    match block:
        case Facts(rows):
            yield from (text for row in rows for text in row)
        case Table():
            yield block.caption
            yield from (text for row in (block.header, *block.rows) for text in row)
        case Chart(drawing, table):
            yield from (mark.text for mark in drawing.marks if isinstance(mark, Label))
            yield from _of_block(table)
        case Notice():
            yield from (block.headline, block.text)
        case Text(text):
            yield text
        case Seal():
            yield from (block.digest, block.text)
