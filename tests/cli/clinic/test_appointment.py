"""Appointments at the command line: booked, moved, cancelled, waited for, and given to a calendar."""

from pathlib import Path

import pytest

from tests.cli.clinic.clinic import Clinic
from tests.cli.command import USAGE

REFUSED = 1
AT = ("--day", "2026-03-03", "--at")


def starts(clinic: Clinic, *words: object) -> list[str]:
    """When the appointments are that such a list has."""
    return [row["starts_at"][:16] for row in clinic.ok("appointment", "list", *words, "--json").facts["appointments"]]


def test_a_whole_plan_is_booked_through_the_change_of_the_clocks(busy: Clinic) -> None:
    rows = busy.ok("appointment", "list", "--plan", 1, "--json").facts["appointments"]
    assert len(rows) == 18
    assert (rows[0]["starts_at"], rows[-1]["starts_at"]) == ("2026-03-02T11:00:00+01:00", "2026-04-10T11:00:00+02:00")
    assert [row["number"] for row in rows] == list(range(1, 19))
    again = busy("appointment", "plan", 1, "--at", "11:00")
    assert (again.code, "booked or done already" in again.err) == (REFUSED, True)


def test_what_is_passed_by_is_told(busy: Clinic) -> None:
    busy.ok("appointment", "holiday", "2026-03-04", "Founders' day", who="sofia")
    busy.ok("patient", "add", "P-002", who="anna")
    words = ("acl-high-rate", "--goal", "x", "--per-week", 2, "--weeks", 1, "--side", "left")
    busy.ok("plan", "add", "P-002", *words)
    said = busy.ok("appointment", "plan", 2, "--days", "mon,wed", "--at", "15:00")
    first, moved = said.out.splitlines()
    assert first == "2 appointments of plan 2: from Mon 2026-03-02 15:00 to Thu 2026-03-05 15:00."
    assert moved.startswith("  Thu 2026-03-05 15:00: Wanted on 2026-03-04 at 15:00. The clinic is closed on 2026-03-04")
    assert moved.endswith("Founders' day.")


def test_two_cannot_have_one_therapist_or_one_stimulator_at_once(busy: Clinic) -> None:
    busy.ok("patient", "add", "P-002")
    for needs in (("--therapist", "anna"), ("--stimulator", "one")):
        said = busy("appointment", "book", "P-002", "--day", "2026-03-02", "--at", "11:15", "--minutes", 30, *needs)
        assert (said.code, said.out) == (REFUSED, "")
        assert "P-001" in said.err
    busy.ok("appointment", "book", "P-002", *AT, "11:15", "--minutes", 30, "--therapist", "anna", "--stimulator", "one")


def test_outside_opening_hours_it_takes_a_reason(busy: Clinic) -> None:
    busy.ok("patient", "add", "P-002")
    words = ("appointment", "book", "P-002", *AT, "19:00", "--minutes", 30)
    said = busy(*words)
    assert (said.code, "outside opening hours" in said.err) == (REFUSED, True)
    assert busy.ok(*words, "--overrule", "works late", "--json").facts["time_why"] == "works late"


@pytest.mark.parametrize(
    "words",
    [
        (*AT, "25:00", "--minutes", 30),
        (*AT, "10", "--minutes", 30),
        ("--day", "03.03.2026", "--at", "10:00", "--minutes", 30),
        ("--day", "2026-03-29", "--at", "02:30", "--minutes", 30),
        (*AT, "10:00"),
        (*AT, "10:00", "--minutes", 0),
        (*AT, "10:00", "--plan", 99),
        (*AT, "10:00", "--minutes", 30, "--therapist", "nobody"),
    ],
)
def test_a_time_that_is_none_is_refused(busy: Clinic, words: tuple[object, ...]) -> None:
    said = busy("appointment", "book", "P-001", *words)
    assert (said.code, said.out) == (USAGE, "")


def test_an_appointment_is_moved_and_its_old_time_is_known(busy: Clinic) -> None:
    move = ("appointment", "move", 1, "--day", "2026-03-02", "--at", "10:15")
    assert busy(*move).code == USAGE, "no reason"
    stale = busy(*move, "--why", "train", "--seen", 9)
    assert stale.code == REFUSED
    assert busy.ok(*move, "--why", "train", "--seen", 1, "--json").facts["moved"] == 1
    said = busy.ok("appointment", "show", 1)
    assert "was on Mon 2026-03-02 11:00 until anna moved it" in said.out
    too_near = busy("appointment", "move", 1, "--day", "2026-03-03", "--at", "16:00", "--why", "x")
    assert (too_near.code, "rest 48 h" in too_near.err) == (REFUSED, True)


def test_who_waits_takes_the_slot_of_one_that_was_cancelled(busy: Clinic) -> None:
    busy.ok("patient", "add", "P-002")
    busy.ok("plan", "add", "P-002", "acl-high-rate", "--goal", "x", "--per-week", 1, "--weeks", 2, "--side", "left")
    busy.ok("appointment", "wait", 2, "--from", "2026-03-02", "--to", "2026-03-02", "--note", "mornings")
    assert [row["patient"] for row in busy.ok("appointment", "waiting", "--json").facts["waiting"]] == ["P-002"]
    taken = busy("appointment", "take", 1, 1)
    assert taken.code == REFUSED, "it is not free"
    said = busy.ok("appointment", "cancel", 1, "--why", "ill")
    assert "emscontrol appointment waiting --slot 1" in said.err
    assert "P-002" in busy.ok("appointment", "waiting", "--slot", 1).out
    busy.ok("plan", "pause", 2)
    nobody = busy.ok("appointment", "waiting", "--slot", 1)
    assert (nobody.out, "Not P-002 (entry 1): Plan 2 is paused." in nobody.err) == ("", True)
    busy.ok("plan", "resume", 2)
    given = busy.ok("appointment", "take", 1, 1, "--json").facts
    assert (given["patient"], given["starts_at"]) == ("P-002", "2026-03-02T11:00:00+01:00")
    assert busy.ok("appointment", "waiting").out == ""
    busy.ok("appointment", "wait", 2, "--from", "2026-03-03", "--to", "2026-03-30")
    assert busy("appointment", "stop-waiting", 2).code == USAGE
    busy.ok("appointment", "stop-waiting", 2, "--why", "moved away")
    assert busy.ok("appointment", "waiting", "--json").facts["waiting"] == []


def test_what_is_missed_is_so_once_it_has_begun(busy: Clinic) -> None:
    early = busy("appointment", "missed", 1, "--why", "did not come")
    assert (early.code, "has not begun yet" in early.err) == (REFUSED, True)
    assert busy("appointment", "missed").code == USAGE
    busy.wait(days=2)
    busy.ok("staff", "login", "anna", "--pin-stdin", stdin="294715")
    assert busy.ok("appointment", "missed", "--overdue", "--json").facts["missed"] == [1]
    assert busy("appointment", "missed", 1, "--why", "x").code == REFUSED
    assert busy.ok("appointment", "show", 1, "--json").facts["status"] == "missed"
    busy.wait(hours=2)
    busy.ok("staff", "login", "anna", "--pin-stdin", stdin="294715")
    assert "was missed" in busy.ok("appointment", "missed", 2, "--why", "did not come").out


def test_lists_are_of_days_patients_plans_and_therapists(busy: Clinic) -> None:
    assert len(starts(busy)) == 18
    assert starts(busy, "--to", "2026-03-04") == ["2026-03-02T11:00", "2026-03-04T11:00"]
    assert starts(busy, "--patient", "P-001", "--from", "2026-04-10") == ["2026-04-10T11:00"]
    assert starts(busy, "--therapist", "sven") == []
    assert busy("appointment", "list", "--patient", "P-01").code == USAGE
    assert busy("appointment", "show", 99).code == USAGE


def test_a_list_that_is_cut_off_says_so(busy: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emscontrol.cli.clinic.appointment.show._SHOWN_MAX", 17)
    said = busy.ok("appointment", "list", "--plan", 1, "--json")
    assert len(said.facts["appointments"]) == 17
    assert "There are more than these 17, after Wed 2026-04-08 11:00: list them with --from" in said.err
    monkeypatch.setattr("emscontrol.cli.clinic.appointment.show._SHOWN_MAX", 18)
    assert "There are more" not in busy.ok("appointment", "list", "--plan", 1).err


def test_one_appointment_is_told_in_words(busy: Clinic) -> None:
    assert busy.ok("appointment", "show", 1).out.splitlines() == [
        "Appointment 1 of P-001: booked",
        "  Mon 2026-03-02 11:00, 45 min; session 1 of plan 1",
        "  therapist anna, stimulator one; version 1",
    ]
    busy.ok("patient", "add", "P-002")
    busy.ok("appointment", "book", "P-002", *AT, "19:00", "--minutes", 30, "--overrule", "works late")
    assert busy.ok("appointment", "show", 19).out.splitlines() == [
        "Appointment 19 of P-002: booked",
        "  Tue 2026-03-03 19:00, 30 min; of no plan",
        "  therapist not settled, stimulator not settled; version 1",
        "  booked so because: works late",
    ]


def test_a_calendar_has_codes_and_times_and_is_replaced_only_when_it_changed(busy: Clinic, tmp_path: Path) -> None:
    busy.ok("patient", "name", "P-001", "--family", "Musterfrau")
    told = busy.ok("appointment", "calendar", "--therapist", "anna").out
    assert told.startswith("BEGIN:VCALENDAR")
    assert told.count("BEGIN:VEVENT") == 18
    assert "Musterfrau" not in told
    file = tmp_path / "clinic.ics"
    assert busy.ok("appointment", "calendar", "--all", "-o", file, "--json").facts["changed"] is True
    assert busy.ok("appointment", "calendar", "--all", "-o", file, "--json").facts["changed"] is False
    assert busy("appointment", "calendar", "--json").code == USAGE
    assert busy("appointment", "calendar", "--patient", "P-01").code == USAGE


def test_opening_hours_are_set_by_a_supervisor_and_read_by_all(busy: Clinic) -> None:
    rows = busy.ok("appointment", "hours", "--json", who="rudi").facts["hours"]
    assert rows[0] == {"weekday": "Monday", "opens": "08:00", "closes": "12:30"}
    assert busy("appointment", "hours", "sat", "09:00-12:00", who="anna").code == REFUSED
    assert "Saturday 09:00-24:00" in busy.ok("appointment", "hours", "sat", "09:00-24:00", who="sofia").out
    assert busy.ok("appointment", "hours", "sat", "--closed").out == "Closed on these days.\n"
    for words in (("sat",), ("sat", "12:00-09:00"), ("xyz", "09:00-12:00"), ("mon,mon", "09:00-12:00"), ("sat", "9-12")):
        assert busy("appointment", "hours", *words).code == USAGE, words


def test_a_holiday_is_set_and_taken_back(busy: Clinic) -> None:
    assert busy.ok("appointment", "holiday").out == ""
    busy.ok("appointment", "holiday", "2026-05-01", "Labour day", who="sofia")
    assert busy.ok("appointment", "holiday", "--json").facts == {"holidays": [{"day": "2026-05-01", "name": "Labour day"}]}
    assert busy("appointment", "holiday", "2026-05-02").code == USAGE
    busy.ok("appointment", "holiday", "2026-05-01", "we work", "--open")
    assert busy.ok("appointment", "holiday").out == ""


def test_stimulators_are_listed_entered_changed_and_given_away(busy: Clinic) -> None:
    add = ("appointment", "stimulator", "two", "p24@/dev/ttyACM0", "--serial", "0815")
    assert busy(*add).code == REFUSED
    busy.ok(*add, who="sofia")
    assert busy("appointment", "stimulator", "Two", "p24@sim").code == USAGE
    assert busy("appointment", "stimulator", "three", "p25@sim").code == USAGE
    assert busy("appointment", "stimulator", "three").code == USAGE
    busy.ok("appointment", "stimulator", "two", "p24@/dev/ttyACM1", "--change")
    rows = busy.ok("appointment", "stimulator", "--json").facts["stimulators"]
    assert [(row["name"], row["device"], row["serial"]) for row in rows] == [
        ("one", "reference@sim", ""),
        ("two", "p24@/dev/ttyACM1", "0815"),
    ]
    busy.ok("appointment", "stimulator", "two", "--gone", "sold")
    assert busy("appointment", "stimulator", "two", "--change", "--serial", "1").code == USAGE
    assert len(busy.ok("appointment", "stimulator", "--json").facts["stimulators"]) == 1
