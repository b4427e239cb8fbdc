"""A report as one page of HTML that needs nothing else: its style inside, its charts as SVG, no script, nothing fetched.

The page says so to the browser too: its policy allows this very style and nothing more, so that no text of a record could
bring anything in.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from itertools import count, groupby
from typing import Final

from emscontrol.record.reports.blocks import Block, Chart, Facts, Notice, Report, Seal, Section, Table, Text
from emscontrol.record.reports.marked import breakable, marked
from emscontrol.record.reports.qr import qr
from emscontrol.record.reports.svg import svg

QR_SIDE: Final = 84.0  # points: 3 cm, which a telephone reads from a hand's breadth
FIGURE_MAX: Final = 18  # letters of a figure that stays on one line
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)  # which a browser would break at its hyphens


def html(report: Report) -> str:
    """The whole page."""
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light">',
            f"<title>{marked(report.title)}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            "<header>",
            *map(_notice, report.notices),
            f"<h1>{marked(report.title)}</h1>",
            f'<p class="subtitle">{marked(report.subtitle)}</p>',
            "</header>",
            "<main>",
            *_sections(report),
            "</main>",
            f"<footer><p>{marked(report.made)}</p></footer>",
            "</body>",
            "</html>",
            "",
        )
    )


def _sections(report: Report) -> Iterator[str]:
    numbers = count(1)
    for half, group in groupby(report.sections, key=lambda section: section.half):
        if half:
            yield '<div class="halves">'
        for section in group:
            yield from _section(section, numbers)
        if half:
            yield "</div>"


def _section(section: Section, numbers: Iterator[int]) -> Iterator[str]:
    name = f"s{next(numbers)}"
    yield f'<section aria-labelledby="{name}">'
    yield f'<h2 id="{name}">{marked(section.title)}</h2>'
    for block in section.blocks:
        yield _block(block, f"b{next(numbers)}")
    yield "</section>"


def _block(block: Block, name: str) -> str:
    """One block. `name` is one that no other element of the page has."""
    match block:
        case Facts():
            return _facts(block)
        case Table():
            return _table(block)
        case Chart():
            return _chart(block, name)
        case Notice():
            return _notice(block)
        case Text(text):
            return f"<p>{marked(text)}</p>"
        case Seal():
            return _seal(block, name)


def _notice(notice: Notice) -> str:
    headline = f'<strong class="headline">{marked(notice.headline)}</strong>' if notice.headline else ""
    word = f"<strong>{notice.weight.value.capitalize()}:</strong>"
    return f'<div class="notice {notice.weight}" role="note">{headline}{word}{marked(notice.text)}</div>'


def _facts(facts: Facts) -> str:
    rows = "".join(f"<div><dt>{marked(term)}</dt><dd>{marked(told)}</dd></div>" for term, told in facts.rows)
    return f'<dl class="facts">{rows}</dl>'


def _table(table: Table) -> str:
    head = "".join(_cell("th", place, text, table, ' scope="col"') for place, text in enumerate(table.header))
    body = "".join(f"<tr>{''.join(_cells(row, table))}</tr>\n" for row in table.rows)
    caption = f"<caption>{marked(table.caption)}</caption>" if table.caption else ""
    named = ' class="named"' if any(len(row[0]) > FIGURE_MAX for row in table.rows) else ""
    return f'<div class="scroll"><table{named}>{caption}\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>'


def _cells(row: tuple[str, ...], table: Table) -> Iterator[str]:
    """The first cell of a row is its heading."""
    for place, text in enumerate(row):
        yield _cell("td" if place else "th", place, text, table, "" if place else ' scope="row"')


def _cell(element: str, place: int, text: str, table: Table, more: str) -> str:
    short = " short" if element == "td" and len(text) <= FIGURE_MAX else ""
    named = f' class="figure{short}"' if place in table.figures else ' class="day"' if DAY.fullmatch(text) else ""
    return f"<{element}{more}{named}>{breakable(text)}</{element}>"


def _chart(chart: Chart, name: str) -> str:
    """The figures stand open under their chart: no browser prints what is folded away."""
    figures = f"<summary>The figures of this chart</summary>{_table(chart.table)}"
    return f"<figure>{svg(chart.drawing, name)}</figure>\n<details open>{figures}</details>"


def _seal(seal: Seal, name: str) -> str:
    code = svg(qr(seal.digest, QR_SIDE), name)
    return f'<div class="seal">{code}<div><p>{marked(seal.text)}</p><p class="digest">{marked(seal.digest)}</p></div></div>'
