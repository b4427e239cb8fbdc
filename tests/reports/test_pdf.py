"""The PDF, read and drawn by a program that is not ours."""

import json
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from hypothesis import example, given, settings

from emscontrol.core.errors import UsageError
from emscontrol.core.events import printable
from emscontrol.record.keys import KeyRing
from emscontrol.record.reports.blocks import Notice, Report, Section, Table, Text, Weight
from emscontrol.record.reports.pdf import pdf
from emscontrol.record.reports.session_report import session_report
from tests.exports.sessions import ran
from tests.reports.pages import ink_outside, scanned
from tests.reports.reading import MADE, delivered
from tests.reports.test_strange_records import HOSTILE, hostile

PER_MM = 2 * 72 / 25.4


def opened(content: bytes) -> Any:
    return pypdfium2.PdfDocument(BytesIO(content))


def told(document: Any) -> str:
    """The words of all pages, without blanks: lines are broken where there is room."""
    return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in document)


def report_with(*blocks: Any, half: bool = False, made: str = MADE) -> Report:
    return Report("Title", "subtitle", (), (Section("Section", blocks, half),), made)


SEEN = pytest.mark.parametrize("name", ["p24 booked", "p24 electrode off", "reference stopped"])


@SEEN
def test_a_session_is_one_page_that_says_what_the_report_says(name: str, report: Report) -> None:
    content = pdf(report)
    document = opened(content)
    assert len(document) == 1
    words = told(document)
    for text in (report.title, report.subtitle, MADE, *(n.headline or n.text for n in report.notices)):
        assert "".join(text.split()) in words
    for row in delivered(report):
        for cell in list(row.values())[1:]:
            assert "".join(cell.split()) in words
    assert content == pdf(report)
    assert content.count(b"/FontFile2") == 2  # both cuts travel with it


@SEEN
def test_its_ink_stays_within_the_margins_and_its_code_can_be_scanned(name: str, report: Report) -> None:
    picture = opened(pdf(report))[0].render(scale=2, grayscale=True).to_pil()
    assert ink_outside(picture, 7, PER_MM) == 0
    assert scanned(picture) == [json.loads(ran(name).lines[-1])["hash"]]


@given(HOSTILE)
@example("<b>x</b>")
@example("&lt;a> <img src='file:///etc/hostname'>")
@settings(max_examples=8)
def test_what_somebody_wrote_is_drawn_as_text(wrote: str) -> None:
    shown = printable(wrote)
    notice = Notice(wrote, Weight.ALARM, wrote)
    words = told(opened(pdf(report_with(Text(wrote), Table(wrote, ("a", wrote), ((wrote, "b"),)), notice))))
    if all(ord(c) < 0xFF for c in printable(wrote)):  # all of these Vera has
        assert words.count("".join(shown.split())) >= 5 or not shown.split()


def test_a_letter_that_the_typeface_does_not_have_is_named_and_not_lost() -> None:
    words = told(opened(pdf(report_with(Text("Łódź Žofín Ж中א")))))
    assert "Łód[U+017A]Žofín[U+0416][U+4E2D][U+05D0]" in words
    assert "[U+…]standsforaletter" in words
    assert "[U+…]" not in told(opened(pdf(report_with(Text("Łód Žofín")))))


def test_a_hostile_record_makes_a_file_too(tmp_path: Path) -> None:
    for number, wrote in enumerate(("<b>&lt;", "\u202e\x00\ud800", "中" * 400)):
        (tmp_path / f"{number}.jsonl").write_bytes(hostile(wrote))
        document = opened(pdf(session_report(tmp_path / f"{number}.jsonl", KeyRing(), MADE)))
        assert "SIMULATION" in told(document)
        for page in document:
            assert ink_outside(page.render(scale=2, grayscale=True).to_pil(), 7, PER_MM) == 0


def test_a_long_table_goes_over_pages_with_its_head_on_each() -> None:
    table = Table("caption", ("Number", "What"), tuple((str(n), f"row {n}") for n in range(90)), frozenset({0}))
    document = opened(pdf(report_with(table)))
    assert len(document) > 1
    assert all("What" in page.get_textpage().get_text_bounded() for page in document)
    assert all(f"row{n}" in told(document) for n in range(90))


def test_a_cell_that_is_longer_than_a_page_is_divided() -> None:
    document = opened(pdf(report_with(Table("", ("a", "b"), (("x", "word " * 6000),)))))
    assert told(document).count("word") == 6000


def test_what_shares_columns_but_has_no_room_stands_below_each_other() -> None:
    long = Section("Long", tuple(Text(f"line {n}") for n in range(120)), half=True)
    report = Report("Title", "", (), (long, Section("Short", (Text("end"),), half=True)), MADE)
    document = opened(pdf(report))
    assert len(document) > 1
    assert all(f"line{n}" in told(document) for n in range(120))
    assert "end" in told(document)


def test_without_reportlab_the_words_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("emscontrol.record.reports.pdf_")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "reportlab", None)
    monkeypatch.setitem(sys.modules, "reportlab.lib.pagesizes", None)
    with pytest.raises(UsageError, match=r"emscontrol\[export\]"):
        pdf(report_with(Text("x")))
