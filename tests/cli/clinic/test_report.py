"""`report --patient` and `report --plan`: the weeks of the book, to read."""

import sqlite3
import stat

import pypdfium2
import pytest

from tests.cli.clinic.clinic import NOTICE, Clinic
from tests.cli.command import USAGE

REFUSED, JOURNAL, BOOK = 1, 3, 7


def test_a_patient_and_a_plan_are_told_on_standard_output_to_whoever_may_look(busy: Clinic) -> None:
    said = busy.ok("report", "--patient", "P-001", who="rudi")
    assert said.out.splitlines()[6] == "Course of P-001"
    assert "0 of 18 given, 18 to come; next on 2026-03-02" in " ".join(said.out.split())
    assert "nothing was due yet" in said.out
    assert "quadriceps as group" in said.out
    assert "comfort 23.0 mA (2026-03-02)" in " ".join(said.out.split())
    assert said.err == NOTICE
    plan = busy.ok("report", "--plan", 1)
    assert plan.out.replace(", plan 1", "").splitlines()[8:] == said.out.splitlines()[8:]


def test_what_is_over_without_a_word_is_told_as_not_known(busy: Clinic) -> None:
    busy.wait(days=3)
    busy.ok("staff", "login", "anna", "--pin-stdin", stdin="294715")
    told = " ".join(busy.ok("report", "--plan", 1).out.split())
    assert "Nobody knows what became of 2 appointments (2026-03-02 and 2026-03-04)" in told
    assert "0 of 18 given, 2 no record, 16 to come; next on 2026-03-06" in told
    assert "Adherence 0 %" in told


def test_it_goes_into_a_file_of_its_owner_that_is_not_written_over(busy: Clinic) -> None:
    page, printed = busy.home / "weeks.html", busy.home / "weeks.pdf"
    busy.ok("report", "--patient", "P-001", "-o", page)
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert "<title>Course of P-001</title>" in page.read_text("utf-8")
    busy.ok("report", "--plan", 1, "-o", printed)
    document = pypdfium2.PdfDocument(printed)
    first = document[0].get_textpage().get_text_bounded()
    document.close()
    assert "Course of P-001, plan 1" in first
    assert "0 of 18 given" in first
    before = page.read_bytes()
    again = busy("report", "--patient", "P-001", "-o", page)
    assert (again.code, page.read_bytes()) == (USAGE, before)
    busy.ok("report", "--patient", "P-001", "-o", page, "--overwrite")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--patient", "P-002"), USAGE, "There is no patient 'P-002'.\nThe nearest is P-001.\n"),
        (("--plan", 7), USAGE, "There is no plan 7.\n"),
        (("--plan", 1, "--patient", "P-001"), USAGE, "A report of what?\n"),
        ((), USAGE, "A report of what?\n"),
        (("--plan", 1, "--format", "pdf"), USAGE, "A report as pdf goes into a file.\n"),
    ],
)
def test_what_cannot_be_reported_is_refused_in_one_message(
    busy: Clinic, words: tuple[object, ...], code: int, told: str
) -> None:
    said = busy("report", *words)
    assert (said.code, said.out) == (code, "")
    assert told in said.err


def test_nobody_reads_without_a_login_and_nothing_without_a_book(busy: Clinic) -> None:
    said = busy("report", "--plan", 1, who=None)
    assert (said.code, said.out) == (REFUSED, "")
    assert "Nobody is logged in here." in said.err
    (busy.home / "book.sqlite").rename(busy.home / "elsewhere")
    said = busy("report", "--plan", 1, who="anna")
    assert (said.code, said.out) == (BOOK, "")
    assert "There is no book" in said.err


def test_a_session_that_no_record_bears_out_is_an_exit_code_too(busy: Clinic) -> None:
    """Somebody has written into the index of sessions what never was."""
    row = {
        "journal_id": "f" * 64,
        "patient_id": 1,
        "plan_id": 1,
        "opened_at": "2026-03-01 09:00:00.000000",
        "duration_us": 600_000_000,
        "result": "completed",
        "reason": "the program is over",
        "counts": 1,
        "simulated": 0,
        "device": "p24",
        "staff": "anna",
        "protocol_sha256": "",
        "contractions_prescribed": 8,
        "contractions": 8,
        "pulses": 1,
        "charge_pc": 1,
        "finding": "",
    }
    with sqlite3.connect(busy.home / "book.sqlite") as book:
        book.execute(f"INSERT INTO sessions ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
    book.close()
    said = busy("report", "--plan", 1)
    assert said.code == JOURNAL
    told = " ".join(said.out.split())
    assert "ALARM: 1 session (2026-03-01) was counted without a record that bears it out" in told
    assert "no record" in told
