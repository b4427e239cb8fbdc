"""`emscontrol report JOURNAL`: into which file, in which format, and with which exit code."""

import sys
from pathlib import Path

import pytest

from emscontrol.cli.report import KINDS
from emscontrol.core.errors import ExitCode
from emscontrol.record.reports.write import FORMATS
from tests.cli.command import USAGE, Command
from tests.cli.files import QUICK
from tests.exports.sessions import ran


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return ran("p24 booked").write(tmp_path / "one.jsonl")


def test_text_goes_to_standard_output_and_nothing_else_does(emscontrol: Command, journal: Path) -> None:
    said = emscontrol("report", journal)
    assert (said.code, said.err) == (0, "")
    assert "Session of P-17: completed, 4 of 4 contractions\n" in said.out
    assert f"emscontrol verify {journal.name}" in " ".join(said.out.split())
    assert list(journal.parent.iterdir()) == [journal]


def test_the_formats_are_those_that_can_be_written() -> None:
    assert set(KINDS) == set(FORMATS)


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        (("-o", "a.html"), b"<!doctype html>"),
        (("-o", "a.PDF"), b"%PDF-"),
        (("-o", "a.txt"), b"====="),
        (("-o", "a.report", "--format", "pdf"), b"%PDF-"),
    ],
)
def test_the_ending_or_the_option_says_what_is_written(
    emscontrol: Command, journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], begins: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    said = emscontrol("report", journal, *words)
    assert (said.code, said.out, said.err) == (0, "", f"Wrote {words[1]}.\n")
    made = tmp_path / words[1]
    assert made.read_bytes().startswith(begins)
    assert made.stat().st_mode & 0o777 == 0o600
    assert sorted(tmp_path.iterdir()) == sorted([journal, made])


def test_nothing_is_replaced_without_being_told_and_a_record_never(emscontrol: Command, journal: Path, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("mine")
    before = journal.read_bytes()
    said = emscontrol("report", journal, "-o", tmp_path / "a.html")
    assert (said.code, "exists already" in said.err) == (USAGE, True)
    assert "Choose another name with -o, or replace it with --overwrite." in said.err
    assert (tmp_path / "a.html").read_text() == "mine"
    assert emscontrol("report", journal, "-o", tmp_path / "a.html", "--overwrite").code == 0
    assert (tmp_path / "a.html").read_text().startswith("<!doctype")
    said = emscontrol("report", journal, "-o", journal, "--format", "html", "--overwrite")
    assert (said.code, "is a journal" in said.err) == (USAGE, True)
    assert journal.read_bytes() == before
    (tmp_path / "station.json").write_text('{\n "seed": "mine"}')
    said = emscontrol("report", journal, "-o", tmp_path / "station.json", "--format", "html", "--overwrite")
    assert (said.code, "is a key" in said.err) == (USAGE, True)
    assert (tmp_path / "station.json").read_text() == '{\n "seed": "mine"}'


def test_what_makes_no_sense_is_told_and_nothing_is_written(emscontrol: Command, journal: Path, tmp_path: Path) -> None:
    for words, told in (
        ((journal, "--format", "pdf"), "-o FILE"),
        ((journal, "-o", tmp_path / "a.doc"), "--format html, pdf or text"),
        ((tmp_path / "none.jsonl",), "cannot be read"),
        ((journal, "-o", tmp_path / "no" / "a.html"), "is no folder"),
        ((journal, "-o", tmp_path, "--format", "html"), "is a folder"),
        ((), "A report of what?"),
    ):
        said = emscontrol("report", *words)
        assert (said.code, told in said.err, said.out) == (USAGE, True, ""), said.err
    assert list(tmp_path.iterdir()) == [journal]


def test_a_record_that_is_not_intact_is_reported_as_far_as_it_stands_with_its_exit_code(
    emscontrol: Command, journal: Path, tmp_path: Path
) -> None:
    journal.write_bytes(journal.read_bytes().replace(b'"amplitude_ua":16000', b'"amplitude_ua":15000'))
    said = emscontrol("report", journal)
    assert (said.code, "R E C O R D   N O T   I N T A C T" in said.out) == (ExitCode.JOURNAL, True)
    assert emscontrol("report", journal, "-o", tmp_path / "a.html").code == ExitCode.JOURNAL
    assert "RECORD NOT INTACT" in (tmp_path / "a.html").read_text("utf-8")
    journal.write_bytes(b"nonsense\n")
    said = emscontrol("report", journal)
    assert (said.code, said.out, "not even its first record" in said.err) == (ExitCode.JOURNAL, "", True)


def test_the_station_that_signed_it_is_named(emscontrol: Command, tmp_path: Path) -> None:
    record = tmp_path / "signed.jsonl"
    assert emscontrol("run", QUICK, "--comfort", "1=20", "--comfort", "2=20", "--speed", "max", "--journal", record).code == 0
    assert "not known here" not in emscontrol("report", record).out
    key = emscontrol("key", "show").out.split()[0]
    assert key in emscontrol("report", record).out


def test_a_library_that_is_missing_is_named_and_only_pdf_needs_it(
    emscontrol: Command, journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith(("emscontrol.record.reports.pdf_", "reportlab"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "reportlab", None)
    said = emscontrol("report", journal, "-o", tmp_path / "a.pdf")
    assert (said.code, "pip install 'emscontrol[export]'" in said.err) == (USAGE, True)
    assert not (tmp_path / "a.pdf").exists()
    assert emscontrol("report", journal, "-o", tmp_path / "a.html").code == 0
