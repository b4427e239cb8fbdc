"""What every block becomes as a page and as plain text; the reports are at random, the readers not ours."""

from itertools import pairwise
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import wcswidth

from emscontrol.core.events import printable
from emscontrol.record.reports.blocks import Block, Chart, Facts, Notice, Report, Seal, Section, Table, Text, Weight
from emscontrol.record.reports.drawing import Anchor, Box, Drawing, Ink, Label, Stroke
from emscontrol.record.reports.html import html
from emscontrol.record.reports.qr import qr
from emscontrol.record.reports.svg import svg
from emscontrol.record.reports.text import text
from tests.reports.reading import MADE, Elements

WORDS = st.text(max_size=90) | st.sampled_from(["<td>", "&amp;", "中文 " * 30, "x" * 200, "\u202ea", "-- =="])
PLACES = st.floats(0, 500)
MARKS = (
    st.builds(
        Stroke, st.lists(st.tuples(PLACES, PLACES), min_size=1, max_size=4).map(tuple), fill=st.sampled_from([None, Ink.AREA])
    )
    | st.builds(Box, PLACES, PLACES, PLACES, PLACES)
    | st.builds(Label, PLACES, PLACES, WORDS, anchor=st.sampled_from(Anchor), turned=st.booleans())
)
DRAWINGS = st.builds(Drawing, st.just(500.0), st.just(100.0), WORDS, WORDS, st.lists(MARKS, max_size=5).map(tuple))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = draw(st.integers(1, 6))
    row = st.lists(WORDS, min_size=columns, max_size=columns).map(tuple)
    figures = draw(st.frozensets(st.integers(0, columns - 1)))
    return Table(draw(WORDS), draw(row), draw(st.lists(row, max_size=4).map(tuple)), figures)


BLOCKS: st.SearchStrategy[Block] = (
    st.builds(Facts, st.lists(st.tuples(WORDS, WORDS), max_size=4).map(tuple))
    | tables()
    | st.builds(Chart, DRAWINGS, tables())
    | st.builds(Notice, WORDS, st.sampled_from(Weight), WORDS)
    | st.builds(Text, WORDS)
    | st.builds(Seal, st.just("ab" * 32), WORDS)
)
SECTIONS = st.builds(Section, WORDS, st.lists(BLOCKS, max_size=4).map(tuple), st.booleans())
REPORTS = st.builds(Report, WORDS, WORDS, st.just((Notice("n"),)), st.lists(SECTIONS, max_size=4).map(tuple), st.just(MADE))


def tables_of(report: Report) -> list[Table]:
    blocks = [block for section in report.sections for block in section.blocks]
    return [block.table if isinstance(block, Chart) else block for block in blocks if isinstance(block, Chart | Table)]


@given(REPORTS)
@settings(max_examples=20)
def test_a_page_holds_every_cell_and_every_name_once(report: Report) -> None:
    page = Elements(html(report))
    cells = [cell for table in tables_of(report) for row in (table.header, *table.rows) for cell in row]
    assert page.cells == [printable(cell) for cell in cells]
    names = [attributes["id"] for _, attributes in page.found if "id" in attributes]
    assert len(names) == len(set(names))
    pointed = [name for _, attributes in page.found for name in (attributes.get("aria-labelledby") or "").split()]
    assert set(pointed) <= set(names)
    assert page.text.count("The figures of this chart") >= sum(
        isinstance(block, Chart) for section in report.sections for block in section.blocks
    )


@given(DRAWINGS)
@settings(max_examples=20)
def test_a_drawing_is_xml_that_says_what_it_shows(drawing: Drawing) -> None:
    root = ElementTree.fromstring(svg(drawing, "d"))
    title, description, *marks = list(root)
    assert (title.text or "", description.text or "") == (printable(drawing.title), printable(drawing.description))
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert len(marks) == len(drawing.marks)
    for mark, element in zip(drawing.marks, marks, strict=True):
        if isinstance(mark, Label):
            assert (element.text or "") == printable(mark.text)


@given(REPORTS)
@settings(max_examples=20)
def test_text_stays_within_its_columns_and_loses_no_letter(report: Report) -> None:
    lines = text(report).splitlines()
    assert all(0 <= wcswidth(line) <= 80 for line in lines)
    letters = "".join("".join(lines).split())
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Text):
                assert "".join(printable(block.text).split()) in letters
    for table in tables_of(report):
        for cell in (cell for row in table.rows for cell in row):
            assert all(word[:8] in letters for word in printable(cell).split() if len(table.header) == 1)


def test_columns_stand_beside_each_other_where_they_fit_and_below_where_not() -> None:
    narrow = Table("", ("What", "mA"), (("one", "1.0"), ("twelve", "12.0")), frozenset({1}))
    report = Report("T", "", (), (Section("S", (narrow,)),), MADE)
    assert "What      mA\n------  ----\none      1.0\ntwelve  12.0\n" in text(report)
    wide = Table("", tuple(f"head{n} with-one-long-word{n}" for n in range(6)), (tuple("abcdef"),))
    report = Report("T", "", (), (Section("S", (wide,)),), MADE)
    assert "head5 with-one-long-word5  f\n" in text(report)


def test_a_code_is_drawn_with_its_quiet_zone_and_without_gaps() -> None:
    drawing = qr("ab" * 32, 82.0)
    assert (drawing.width, drawing.height) == (82.0, 82.0)
    paper, *dark = drawing.marks
    assert isinstance(paper, Box)
    assert (paper.fill, paper.width) == (Ink.PAPER, 82.0)
    boxes = [mark for mark in dark if isinstance(mark, Box)]
    module, quiet = boxes[0].height, 4  # modules of white on each side, by ISO/IEC 18004
    assert min(box.x for box in boxes) >= quiet * module - 1e-9
    assert max(box.x + box.width for box in boxes) <= 82.0 - quiet * module + 1e-9
    rows = sorted({box.y for box in boxes})
    assert all(abs(after - before - module) < 1e-6 for before, after in pairwise(rows))


def test_the_style_is_the_one_that_the_policy_allows() -> None:
    from base64 import b64encode
    from hashlib import sha256

    page = html(Report("T", "", (), (), MADE))
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert f"style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in page
    assert "default-src 'none'" in page
    assert not any(word in style for word in ("url(", "@import", "http", "expression", "<"))


def test_a_day_in_a_cell_is_not_broken_at_its_hyphens_and_other_words_are() -> None:
    table = Table("", ("day", "what"), (("2026-11-02", "2026-11-02 or later"),))
    page = html(Report("t", "s", (), (Section("h", (table,)),), "m"))
    assert page.count('class="day"') == 1
    assert '<th scope="row" class="day">2026-11-02</th>' in page
