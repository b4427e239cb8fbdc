"""The day's agenda: who comes, what is due before, what to do about it, and the same without the book."""

import pytest

from emscontrol.cli.clinic.agenda import STEPS
from emscontrol.clinic.agenda.entry import DUE
from tests.cli.clinic.clinic import NOTICE, Clinic
from tests.cli.command import USAGE

BOOK = 7


def test_everything_that_can_be_due_has_a_step() -> None:
    assert set(STEPS) == set(DUE)
    for step in STEPS.values():
        assert step.format(patient="P-001", plan=1).startswith("emscontrol ")


def test_an_appointment_that_is_ready_is_to_be_run(busy: Clinic) -> None:
    said = busy.ok("agenda")
    assert said.err == NOTICE
    assert said.out.splitlines() == [
        "11:00-11:45  1  P-001, plan 1, session 1 of 18, Quadriceps at a high rate after ACL reconstruction; anna, one",
        "    ready → emscontrol run --appointment 1",
    ]
    [row] = busy.ok("agenda", "2026-03-02", "--json").facts["appointments"]
    assert (row["due"], row["next"], row["starts_at"]) == ([], "emscontrol run --appointment 1", "2026-03-02T11:00:00+01:00")


def test_what_is_due_comes_first_and_says_what_to_do(busy: Clinic) -> None:
    [row] = busy.ok("agenda", "2026-03-11", "--json").facts["appointments"]
    kinds = [each["kind"] for each in row["due"]]
    assert kinds == ["screening", "threshold"]
    assert row["next"] == "emscontrol screen ask P-001"
    said = busy.ok("agenda", "2026-03-11").out
    assert "of the screening to be asked again. → emscontrol screen ask P-001" in said
    assert "Comfort threshold of quad_all left: 8 days old. → emscontrol threshold" in said


def test_days_therapists_and_appointments_that_do_not_take_place(busy: Clinic) -> None:
    empty = busy.ok("agenda", "2026-03-03")
    assert (empty.out, "Nobody comes on 2026-03-03." in empty.err) == ("", True)
    assert busy.ok("agenda", "--therapist", "sven", "--json").facts["appointments"] == []
    busy.ok("appointment", "cancel", 1, "--why", "ill")
    assert "P-001 CANCELLED: ill, plan 1" in busy.ok("agenda").out
    assert busy("agenda", "3.3.2026").code == USAGE
    assert busy.ok("agenda", who="rudi").out


def test_the_day_that_was_kept_is_there_without_the_book(busy: Clinic) -> None:
    none = busy("agenda", "--offline")
    assert (none.code, "No agenda was kept" in none.err) == (BOOK, True)
    online = busy.ok("agenda", "--keep", "--json")
    file = busy.home / "day.json"
    assert file.stat().st_mode & 0o077 == 0
    (busy.home / "book.sqlite").rename(busy.home / "away.sqlite")
    said = busy.ok("agenda", "--offline", "--json")
    assert said.err == f"{NOTICE}As it was kept on Mon 2026-03-02 10:00.\n"
    kept = said.facts["appointments"]
    assert [row.pop("why") for row in kept] == [""]
    assert kept == online.facts["appointments"]
    assert "ready → emscontrol run --appointment 1" in busy.ok("agenda", "--offline").out
    assert busy.ok("agenda", "--offline", "--therapist", "sven").out == ""
    assert busy("agenda", "2026-03-03", "--offline").code == USAGE
    nobody = busy("agenda", "--offline", who=None)
    assert (nobody.code, "Nobody is logged in here" in nobody.err) == (1, True)
    busy.be("anna")
    busy.wait(hours=25)
    old = busy("agenda", "--offline")
    assert (old.code, "older than 24 h" in old.err) == (BOOK, True)


@pytest.mark.parametrize("words", [("--keep",), ()])
def test_who_may_not_run_a_session_keeps_nothing(busy: Clinic, words: tuple[str, ...]) -> None:
    busy.ok("agenda", *words, who="rudi")
    assert not (busy.home / "day.json").exists()
