"""A report as plain text in 80 columns, for a terminal, a mail or a screen reader. Charts are told by their figures."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from unicodedata import combining, east_asian_width

from emscontrol.core.events import printable
from emscontrol.record.reports.blocks import Block, Chart, Facts, Notice, Report, Seal, Section, Table, Text

COLUMNS: Final = 80
GAP: Final = 2  # between the columns of a table
RULE: Final = "="
WIDEST: Final = 2  # columns of one letter; no column of a table is narrower


def text(report: Report) -> str:
    """The whole text, each line ended."""
    lines: list[str] = []
    for notice in report.notices:
        lines += [*_notice(notice), ""]
    lines += [*_paragraph(report.title), RULE * COLUMNS, *_paragraph(report.subtitle)]
    for section in report.sections:
        lines += ["", *_section(section)]
    lines += ["", *_paragraph(report.made)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _section(section: Section) -> Iterator[str]:
    title = _paragraph(section.title)
    yield from title
    yield "-" * max(map(width, title))
    for place, block in enumerate(section.blocks):
        if place:
            yield ""
        yield from _block(block)


def _block(block: Block) -> Iterable[str]:
    match block:
        case Facts():
            return _facts(block)
        case Table():
            return _table(block)
        case Chart():
            return _chart(block)
        case Notice():
            return _notice(block)
        case Text(told):
            return _paragraph(told)
        case Seal():
            return [*_paragraph(block.text), *_cut(printable(block.digest), COLUMNS)]


def _notice(notice: Notice) -> list[str]:
    spread = " ".join(printable(notice.headline))
    large = _paragraph(notice.headline) if width(spread) > COLUMNS else [spread]
    headline = [RULE * COLUMNS, *large, RULE * COLUMNS] if notice.headline else []
    return [*headline, *_paragraph(f"{notice.weight.value.upper()}: {notice.text}")]


def _facts(facts: Facts) -> Iterator[str]:
    terms = [printable(term) for term, _ in facts.rows]
    room = max(WIDEST, min(max(map(width, terms), default=0), COLUMNS // 3))
    for term, (_, told) in zip(terms, facts.rows, strict=True):
        yield from _beside([(_cut(term, room), room), (_cut(printable(told), COLUMNS - room - GAP), COLUMNS)], frozenset())


def _table(table: Table) -> Iterator[str]:
    rows = [table.header, *table.rows]
    widths = _widths([[printable(cell) for cell in row] for row in rows])
    if table.caption:
        yield from _paragraph(table.caption)
    if not widths:
        yield from _records(table)
        return
    for number, row in enumerate(rows):
        cells = [(_cut(printable(cell), room), room) for cell, room in zip(row, widths, strict=True)]
        yield from _beside(cells, table.figures)
        if not number:
            yield (" " * GAP).join("-" * room for room in widths)


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """How wide each column is; empty where they do not fit beside each other with their words whole."""
    columns = list(zip(*rows, strict=True))
    wanted = [max(WIDEST, *map(width, column)) for column in columns]
    least = [max(width(word) for cell in column for word in (cell.split() or [""])) for column in columns]
    least = [min(each, COLUMNS // 4) for each in least]
    while sum(wanted) + GAP * (len(wanted) - 1) > COLUMNS:
        place = max(range(len(wanted)), key=lambda place: wanted[place] - least[place])
        if wanted[place] <= least[place]:
            return []
        wanted[place] -= 1
    return wanted


def _records(table: Table) -> Iterator[str]:
    """A table that is wider than the page: each row a few lines of its own."""
    for row in table.rows:
        yield from _facts(Facts(tuple(zip(table.header, row, strict=True))))
        yield ""


def _beside(cells: Sequence[tuple[Sequence[str], int]], figures: frozenset[int]) -> Iterator[str]:
    """Cells of lines, each with its room, next to each other; the columns of `figures` to the right."""
    for number in range(max((len(lines) for lines, _ in cells), default=0)):
        parts = []
        for place, (lines, room) in enumerate(cells):
            line = lines[number] if number < len(lines) else ""
            blank = " " * max(0, room - width(line))
            parts.append(blank + line if place in figures else line + blank)
        yield (" " * GAP).join(parts)


def _chart(chart: Chart) -> Iterator[str]:
    yield from _paragraph(f"{chart.drawing.title}. {chart.drawing.description}")
    yield ""
    yield from _table(chart.table)


def _paragraph(told: str) -> list[str]:
    return _cut(printable(told), COLUMNS)


def _cut(told: str, room: int) -> list[str]:
    """Printable text in lines of so many columns, broken at blanks where there are any."""
    lines, line = [], ""
    for word in told.split():
        for piece in _pieces(word, room):
            longer = f"{line} {piece}" if line else piece
            if width(longer) > room:
                lines.append(line)
                longer = piece
            line = longer
    return [*lines, line]


def _pieces(word: str, room: int) -> Iterator[str]:
    """A word, or parts of it that fit."""
    if width(word) <= room:
        yield word
        return
    piece = ""
    for c in word:
        if piece and width(piece + c) > room:
            yield piece
            piece = ""
        piece += c
    yield piece


def width(told: str) -> int:
    """How many columns of a terminal it takes: two for wide letters, none for what stands over another."""
    if told.isascii():
        return len(told)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in told)
