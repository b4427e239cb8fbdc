"""`export --format ics`: the appointments of the book for another calendar, read back by somebody else's reader."""

from datetime import datetime
from pathlib import Path

import pytest
from icalendar import Calendar

from tests.cli.clinic.clinic import NOTICE, PIN, Clinic
from tests.cli.command import USAGE

NO_BOOK = 7


def told(file: Path) -> list[tuple[str, datetime]]:
    """What each appointment is called, and when it begins."""
    events = Calendar.from_ical(file.read_bytes()).walk("VEVENT")
    return [(str(event["summary"]), event.decoded("dtstart")) for event in events]


def test_the_appointments_of_a_patient_are_a_file_without_names(busy: Clinic, tmp_path: Path) -> None:
    busy.ok("patient", "name", "P-001", "--given", "Erika", "--family", "Musterfrau")
    busy.ok("patient", "add", "P-002")
    busy.ok("appointment", "book", "P-002", "--day", "2026-03-03", "--at", "10:00", "--minutes", 30)
    said = busy.ok("export", "--format", "ics", "--patient", "P-001", "--to", tmp_path / "out")
    [file] = (tmp_path / "out").iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("appointments-P-001.ics", 0o600)
    assert said.out == ""
    assert said.err.endswith(f"Wrote {file}.\n")
    booked = busy.ok("appointment", "list", "--plan", 1, "--json").facts["appointments"]
    assert told(file) == [
        (f"PRACTICE P-001, session {row['number']} of 18", datetime.fromisoformat(row["starts_at"])) for row in booked
    ]
    assert not {"Erika", "Musterfrau"} & set(file.read_text("utf-8").replace(",", " ").split())
    busy.ok("export", "--format", "ics", "-o", tmp_path / "all.ics")
    assert len(told(tmp_path / "all.ics")) == 19


def test_the_day_begins_on_the_clinics_clock(busy: Clinic, tmp_path: Path) -> None:
    file = tmp_path / "a.ics"
    first = datetime.fromisoformat("2026-03-09T11:00:00+01:00")
    for since, kept in (
        ("2026-03-09", True),
        ("2026-03-09T11:30", True),
        ("2026-03-09T12:00", False),
        ("2026-03-09T10:30+00:00", True),
    ):
        busy.ok("export", "--format", "ics", "--since", since, "-o", file, "--overwrite")
        assert (told(file)[0][1] == first) == kept


def test_without_a_place_it_goes_to_standard_output(busy: Clinic) -> None:
    said = busy.ok("export", "--format", "ics")
    assert said.out.startswith("BEGIN:VCALENDAR")
    assert said.err == NOTICE


def test_what_is_over_is_in_it_when_that_is_asked_for_as_in_the_calendar_to_subscribe(busy: Clinic, tmp_path: Path) -> None:
    busy.wait(days=18)
    busy.ok("staff", "login", "sofia", "--pin-stdin", stdin=PIN)
    for words in ((), ("--all",)):
        busy.ok("export", "--format", "ics", *words, "-o", tmp_path / "exported.ics", "--overwrite")
        busy.ok("appointment", "calendar", *words, "-o", tmp_path / "subscribed.ics")
        assert told(tmp_path / "exported.ics") == told(tmp_path / "subscribed.ics")
        assert (len(told(tmp_path / "exported.ics")) == 18) == bool(words)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("some.jsonl",), "in no journal"),
        (("--skip-damaged",), "in no journal"),
        (("--anonymous",), "no calendar without names"),
        (("--to", "a", "-o", "b"), "One place is enough"),
        (("--since", "2027-01-01"), "No appointment is among those"),
        (("--since", "soon"), "is no day"),
        (("--since", "2026-03-09", "--all"), "no --since"),
        (("--patient", "P-01"), "P-01"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_message(busy: Clinic, tmp_path: Path, words: tuple[str, ...], what: str) -> None:
    said = busy("export", "--format", "ics", *(("-o", tmp_path / "x.ics") if "--to" not in words else ()), *words)
    assert (said.code, what in said.err) == (USAGE, True), said.err
    assert not (tmp_path / "x.ics").exists()


def test_a_file_is_replaced_only_when_that_is_asked_for_and_a_login_is_needed(busy: Clinic, tmp_path: Path) -> None:
    words = ("export", "--format", "ics", "-o", tmp_path / "a.ics")
    busy.ok(*words)
    assert (said := busy(*words)).code == USAGE
    assert "--overwrite" in said.err
    busy.ok(*words, "--overwrite")
    assert busy("export", "--format", "ics", who=None).code == 1
    (busy.home / "book.sqlite").unlink()
    assert busy("export", "--format", "ics").code == NO_BOOK
