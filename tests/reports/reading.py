"""Reports read again: their blocks by what they say, and their pages with readers that are not ours."""

from html.parser import HTMLParser
from typing import Any

from emscontrol.record.reports.blocks import Block, Chart, Facts, Notice, Report, Seal, Table, Text

MADE = "Made 2026-11-22 11:00 by a test."


def section(report: Report, title: str) -> tuple[Block, ...]:
    """The blocks under this heading."""
    (found,) = [each for each in report.sections if each.title == title]
    return found.blocks


def rows(table: Table) -> list[dict[str, str]]:
    """The rows of a table by their heads."""
    return [dict(zip(table.header, row, strict=True)) for row in table.rows]


def delivered(report: Report) -> list[dict[str, str]]:
    """What each channel got: its column of the table, of many channels its row."""
    table = section(report, "Delivered")[0]
    assert isinstance(table, Table)
    if "Pulses, assumed" in table.header:
        return rows(table)
    heads, *channels = zip(table.header, *table.rows, strict=True)
    return [dict(zip(heads, channel, strict=True)) for channel in channels]


def words(report: Report) -> str:
    """Everything that it says, charts by their figures."""
    told = [report.title, report.subtitle, *(f"{each.headline} {each.text}" for each in report.notices)]
    for each in report.sections:
        told += [each.title, *map(_words, each.blocks)]
    return "\n".join(told)


def _words(block: Block) -> str:
    match block:
        case Facts():
            return "\n".join(map(": ".join, block.rows))
        case Table():
            return "\n".join([block.caption, *(" | ".join(row) for row in (block.header, *block.rows))])
        case Chart():
            return f"{block.drawing.title} {block.drawing.description}\n{_words(block.table)}"
        case Notice() | Text():
            return block.text
        case Seal():
            return f"{block.text} {block.digest}"


class Elements(HTMLParser):
    """A page as Python's own parser understands it: elements with attributes, the text of each cell, all text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "wbr"):
            self._open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.text += data
        if {"td", "th"} & set(self._open):
            self.cells[-1] += data
