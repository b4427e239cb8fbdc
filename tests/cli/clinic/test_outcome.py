"""Outcomes at the command line: in their ranges, at their places, and how they go."""

import pytest

from tests.cli.clinic.clinic import MUSCLE, Clinic
from tests.cli.command import USAGE


def test_what_can_be_measured_is_listed_without_a_login(clinic: Clinic) -> None:
    rows = clinic.ok("outcome", "measures", "--json", who=None).facts["measures"]
    assert {"mrc", "girth", "mvc", "nrs", "rpe", "mas", "skin"} <= {row["measure"] for row in rows}
    assert [row["scale"] for row in rows if row["measure"] == "rpe"] == ["cr10", "6-20"]
    assert "From 0 to 5 in steps of 1, or 4-, 4+." in clinic.ok("outcome", "measures").out


def test_a_result_is_kept_as_it_was_read(busy: Clinic) -> None:
    said = busy.ok("outcome", "add", "P-001", "mrc", "4-", *MUSCLE, "--appointment", 1, "--json")
    assert (said.facts["value"], said.facts["shown"], said.facts["appointment"]) == (3.67, "4-", 1)
    said = busy.ok("outcome", "add", "P-001", "arom", "--side", "left", "--landmark", "knee extension", "--", "-5")
    assert said.out == "P-001: arom left knee extension -5 °.\n"
    rows = busy.ok("outcome", "list", "P-001", "mrc", "--json").facts["outcomes"]
    assert [(row["measure"], row["taken_by"]) for row in rows] == [("mrc", "anna")]
    assert len(busy.ok("outcome", "list", "P-001").out.splitlines()) == 3


def test_a_mark_of_the_skin_is_told_wherever_a_session_is_prepared(busy: Clinic) -> None:
    look = "emscontrol outcome add P-001 skin 0"
    assert busy.ok("outcome", "add", "P-001", "skin", 1).out == "P-001: skin 1.\n"
    said = busy.ok("outcome", "add", "P-001", "skin", 2).out
    assert "This blocks the next session until a specialist has looked." in said
    assert look in said
    for words in (("agenda",), ("screen", "show", "P-001"), ("patient", "show", "P-001")):
        told = busy.ok(*words).out
        assert "The skin was marked for more than 30 minutes, or worse" in told, words
        assert look in told, words
    assert busy.ok("screen", "show", "P-001", "--json").facts["verdict"]["clear"] is False
    assert "something stands in the way" in busy.ok("screen", "show", "P-001").out
    assert busy.ok("outcome", "add", "P-001", "skin", 0, "--json").facts["blocks_next_session"] is True, "a therapist's"
    assert busy.ok("outcome", "add", "P-001", "skin", 0, "--json", who="sven").facts["blocks_next_session"] is False
    for words in (("agenda",), ("screen", "show", "P-001"), ("patient", "show", "P-001")):
        assert "The skin was marked" not in busy.ok(*words).out


@pytest.mark.parametrize(
    "words",
    [
        ("mrc", "6", *MUSCLE),
        ("mrc", "3.5", *MUSCLE),
        ("mrc", "3"),
        ("nrs", "11"),
        ("girth", "40,5", "--side", "left", "--landmark", "10 cm above the patella"),
        ("girth", "40.5", "--side", "left"),
        ("rpe", "12"),
        ("rpe", "12", "--scale", "cr10"),
        ("threshold", "12"),
        ("strength", "12"),
        ("nrs", "3", "--appointment", "99"),
        ("mrc", "3", "--muscle", "quad", "--side", "left"),
    ],
)
def test_a_result_that_cannot_be_is_refused(busy: Clinic, words: tuple[str, ...]) -> None:
    said = busy("outcome", "add", "P-001", *words)
    assert said.out == ""
    assert said.code in (1, USAGE)
    assert busy.ok("outcome", "list", "P-001", "--json").facts["outcomes"] == []


def test_a_trend_says_whether_it_is_more_than_the_measuring(busy: Clinic) -> None:
    girth = ("girth", "--side", "left", "--landmark", "10 cm above the patella", "--at", "9:00", "--on")
    for day, value in (("2026-02-02", "41.0"), ("2026-02-16", "41.4"), ("2026-03-02", "42.5")):
        busy.ok("outcome", "add", "P-001", *girth, day, value)
    said = busy.ok("outcome", "trend", "P-001", "girth")
    assert "from 41 cm to 42.5 cm since Mon 2026-02-02 09:00 (3 values, +0.375 a week)" in said.out
    [row] = busy.ok("outcome", "trend", "P-001", "girth", "--json").facts["trends"]
    assert (row["change"], row["beyond_error"], len(row["points"])) == (1.5, True, 3)
    assert busy.ok("outcome", "trend", "P-001", "nrs", "--json").facts["trends"] == []
    wrong = busy("outcome", "trend", "P-001", "girt")
    assert (wrong.code, "girth" in wrong.err) == (USAGE, True)


def test_a_wrong_result_is_taken_back_and_counts_no_more(busy: Clinic) -> None:
    number = busy.ok("outcome", "add", "P-001", "nrs", 8, "--json").facts["outcome"]
    busy.ok("outcome", "withdraw", "P-001", number, "--why", "wrong patient")
    assert busy.ok("outcome", "list", "P-001").out == ""
    assert busy("outcome", "withdraw", "P-001", number, "--why", "again").code == USAGE
