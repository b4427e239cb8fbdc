"""The screening at the command line: asked, answered, overridden, acknowledged, and what stands in the way."""

from pathlib import Path

import pytest

from tests.cli.clinic.clinic import MUSCLE, Clinic
from tests.cli.command import USAGE

REFUSED = 1


def findings(clinic: Clinic) -> dict[str, str]:
    """{rule: how it stands} of the patient's plan."""
    verdict = clinic.ok("screen", "show", "P-001", "--json").facts["verdict"]
    return {row["rule"]: row["standing"] for row in verdict["findings"]}


def test_the_rules_are_shown_without_a_book_or_a_login(tmp_path: Path, clinic: Clinic) -> None:
    (clinic.home / "book.sqlite").unlink()
    facts = clinic.ok("screen", "rules", "--json").facts
    assert len(facts["rules"]) == 50
    one = clinic.ok("screen", "rules", "pacemaker").out
    assert one.startswith("PACEMAKER: Cardiac pacemaker")
    assert "a specialist can override it for 90 days at most, on this condition: cardiology letter" in one
    assert "nobody can override it" in clinic.ok("screen", "rules", "TRANSTHORACIC").out
    near = clinic("screen", "rules", "PACEMAKR")
    assert (near.code, "The nearest is PACEMAKER." in near.err) == (USAGE, True)


def test_every_answer_no_clears_the_plan(busy: Clinic) -> None:
    said = busy.ok("screen", "show", "P-001")
    assert said.out.splitlines()[0] == "P-001, plan 1: clear; every question is answered."
    assert "this holds until Mon 2026-03-02 14:00" in said.out
    facts = busy.ok("screen", "show", "P-001", "--json").facts
    assert (facts["verdict"]["clear"], facts["due"], facts["verdict"]["expires_at"]) == (True, 0, "2026-03-02T14:00:00+01:00")
    assert len(busy.ok("screen", "show", "P-001", "--all").out.splitlines()) > 40


def test_what_was_never_asked_is_listed_and_stands_in_the_way(busy: Clinic) -> None:
    busy.ok("patient", "add", "P-002")
    due = busy.ok("screen", "due", "P-002", "--json").facts["due"]
    assert {"PACEMAKER", "DVT", "SKIN"} <= {row["rule"] for row in due}
    assert busy.ok("screen", "due", "P-001").out == ""
    said = busy.ok("screen", "show", "P-002")
    assert "P-002 has no plan that the answers could be held against" in said.out
    assert f"{len(due)} questions to ask: emscontrol screen ask P-002" in said.out


def test_questions_of_the_session_are_due_again_soon(busy: Clinic) -> None:
    busy.wait(minutes=10)
    busy.ok("staff", "whoami")
    assert busy.ok("screen", "due", "P-001", "--json").facts["due"] == []
    for _ in range(20):
        busy.wait(minutes=13)
        busy.ok("staff", "whoami")
    due = busy.ok("screen", "due", "P-001", "--json").facts["due"]
    assert {"SKIN", "INTOX", "INFECTION"} <= {row["rule"] for row in due}
    assert "PACEMAKER" not in {row["rule"] for row in due}
    assert {row["last"] for row in due} == {"no"}
    assert busy.ok("screen", "show", "P-001", "--json").facts["verdict"]["clear"] is False


def test_all_no_but_for_some_is_one_change_or_none(busy: Clinic) -> None:
    busy.ok("patient", "add", "P-002")
    wrong = ("DVT=maybe", "NOTHING=yes", "SKIN=yes:knee", "SKIN=yes:thigh:up", "DVT=unknown:thigh", "SKIN")
    for text in wrong:
        said = busy("screen", "ask", "P-002", "--all-no", "--except", text)
        assert (said.code, said.out) == (USAGE, ""), text
    twice = busy("screen", "ask", "P-002", "--all-no", "--except", "SKIN=yes", "--except", "skin=unknown")
    assert (twice.code, "twice" in twice.err) == (USAGE, True)
    assert busy.ok("screen", "show", "P-002", "--json").facts["answers"] == []
    words = ("--all-no", "--except", "SKIN=yes:thigh:right", "--except", "ULCER=yes:quad_all:left", "--except", "DVT=unknown")
    said = busy.ok("screen", "ask", "P-002", *words, "--json")
    answers = {row["rule"]: row for row in said.facts["answers"]}
    assert answers["SKIN"]["places"] == [{"region": "thigh", "muscle": "", "side": "right"}]
    assert answers["ULCER"]["where"] == "quad_all:left"
    assert answers["DVT"]["answer"] == "unknown"
    assert {answers[rule]["answer"] for rule in answers if rule not in ("SKIN", "ULCER", "DVT")} == {"no"}


def test_a_no_to_everything_that_the_record_contradicts_is_refused_by_name(busy: Clinic) -> None:
    busy.ok("patient", "add", "P-002")
    busy.ok("patient", "implant", "P-002", "pacemaker")
    busy.ok("patient", "condition", "P-002", "als")
    busy.ok("patient", "muscle", "P-002", *MUSCLE, "--lmn", "intact", "--sensation", "reduced", "--how", "pinprick")
    said = busy("screen", "ask", "P-002", "--all-no")
    assert (said.code, said.out) == (USAGE, "")
    for words in (
        "ALS: Amyotrophic lateral sclerosis (ALS) is on record",
        "PACEMAKER: an implant is on record (pacemaker)",
        "SENSATION: feeling at quad_all left is reduced",
        "--except PACEMAKER=… --except SENSATION=… --except ALS=…",
    ):
        assert words in said.err
    assert busy.ok("screen", "show", "P-002", "--json").facts["answers"] == []
    given = ("--except", "PACEMAKER=yes", "--except", "ALS=no")
    some = busy("screen", "ask", "P-002", "--all-no", *given)
    assert (some.code, "SENSATION" in some.err, "PACEMAKER" in some.err) == (USAGE, True, False)
    rows = busy.ok("screen", "ask", "P-002", "--all-no", *given, "--except", "SENSATION=yes:thigh", "--json").facts["answers"]
    assert {row["rule"] for row in rows if row["answer"] == "yes"} == {"PACEMAKER", "SENSATION"}


def test_without_a_terminal_nothing_is_assumed(busy: Clinic) -> None:
    busy.ok("patient", "add", "P-002")
    said = busy("screen", "ask", "P-002")
    assert (said.code, "--all-no" in said.err) == (USAGE, True)
    assert busy("screen", "ask", "P-001", "--except", "SKIN=yes").code == USAGE
    assert busy.ok("screen", "ask", "P-001").out == "Nothing is to be asked of P-001.\n"


def test_a_yes_blocks_and_another_place_does_not(busy: Clinic) -> None:
    busy.ok("screen", "answer", "P-001", "SKIN", "yes", "--where", "thigh:left", "--note", "blister")
    assert findings(busy) == {"SKIN": "block"}
    said = busy.ok("screen", "show", "P-001").out
    assert "BLOCK SKIN: Wound, rash" in said
    assert "Nobody can override it." in said
    assert busy("screen", "override", "P-001", "SKIN", "--why", "x", who="sven").code == USAGE
    busy.ok("screen", "answer", "P-001", "SKIN", "yes", "--where", "thigh:right", who="anna")
    assert findings(busy) == {}


def test_a_specialist_overrides_with_a_reason_and_an_end(busy: Clinic) -> None:
    busy.ok("screen", "answer", "P-001", "anticoag", "yes")
    assert findings(busy) == {"ANTICOAG": "override_needed"}
    override = ("screen", "override", "P-001", "ANTICOAG", "--why", "INR 2.1, gentle start")
    denied = busy(*override)
    assert (denied.code, "Ask a specialist" in denied.err) == (REFUSED, True)
    assert busy(*override[:-2], who="sven").code == USAGE, "no reason"
    assert busy(*override, "--until", "2026-06-02").code == USAGE, "longer than the rule allows"
    assert busy(*override, "--until", "2026-03-01").code == USAGE, "over already"
    said = busy.ok(*override, "--until", "2026-05-31", "--json")
    assert said.facts["expires_at"] == "2026-05-31T11:00:00+02:00", "on the last day up to the moment that the rule allows"
    assert findings(busy) == {"ANTICOAG": "overridden"}
    table = busy.ok("screen", "show", "P-001").out
    assert "INR 2.1, gentle start" in table
    busy.ok("screen", "withdraw-override", said.facts["override"], "--why", "bruise", who="anna")
    assert findings(busy) == {"ANTICOAG": "override_needed"}


def test_there_is_nothing_to_override_after_a_no(busy: Clinic) -> None:
    said = busy("screen", "override", "P-001", "HEART", "--why", "just in case", who="sven")
    assert (said.code, said.out, said.err.count("nothing to override")) == (USAGE, "", 1)
    assert busy.ok("screen", "show", "P-001", "--json").facts["overrides"] == []


def test_a_caution_is_read_before_it_is_acknowledged(busy: Clinic) -> None:
    busy.ok("screen", "answer", "P-001", "SENSATION", "yes", "--where", "thigh")
    assert findings(busy) == {"SENSATION": "caution"}
    assert "channel 1 gets 60 % of its limit at most" in busy.ok("screen", "show", "P-001").out
    said = busy.ok("screen", "acknowledge", "P-001", "sensation")
    assert "The patient may not feel a burn" in said.out
    assert findings(busy) == {"SENSATION": "acknowledged"}
    busy.ok("screen", "answer", "P-001", "SENSATION", "yes", "--where", "thigh")
    assert findings(busy) == {"SENSATION": "caution"}, "a new answer asks for a new reading"
    assert busy("screen", "acknowledge", "P-001", "PACEMAKER").code == USAGE
    busy.ok("patient", "add", "P-002")
    assert busy("screen", "acknowledge", "P-002", "SENSATION").code == USAGE


def test_what_people_are_shown_is_in_plain_words_and_in_the_clinics_time(busy: Clinic) -> None:
    for rule in ("DVT", "SENSATION", "EPILEPSY"):
        busy.ok("screen", "answer", "P-001", rule, "yes")
    said = busy.ok("screen", "show", "P-001")
    assert "C01" not in said.out
    assert "Seed symptom" not in said.out
    assert "RS1" not in said.out
    assert "the therapist stays in the room" in said.out.replace("\n", " ")
    assert said.err.count("Times are those of Europe/Berlin.") == 1
    busy.ok("screen", "override", "P-001", "EPILEPSY", "--why", "neurologist agrees", who="sven")
    assert "until 2026-08-29 11:00 (Europe/Berlin)" in busy.ok("screen", "show", "P-001").out
    refused = busy("screen", "override", "P-001", "SKIN", "--why", "x").err
    assert "Low resistance" not in refused
    assert "the current gathers there" in refused
    late = busy("screen", "override", "P-001", "EPILEPSY", "--why", "x", "--until", "2027-01-01").err
    assert "to 2026-08-29 11:00 (Europe/Berlin)" in late
    assert "UTC" not in late
    assert "Times are" not in busy.ok("screen", "show", "P-001", "--json").err


def test_a_row_that_was_tampered_with_is_not_believed(busy: Clinic) -> None:
    from tests.cli.clinic.test_book import statement

    busy.ok("screen", "answer", "P-001", "PACEMAKER", "yes")
    statement(busy.home / "book.sqlite", "UPDATE screening_answers SET answer = 'no' WHERE rule = 'PACEMAKER'")
    said = busy("screen", "show", "P-001")
    assert (said.code, "behind the program's back: screening_answers" in said.err) == (7, True)


@pytest.mark.parametrize("plan", ["2", "x"])
def test_a_plan_that_is_not_the_patients_is_refused(busy: Clinic, plan: str) -> None:
    busy.ok("patient", "add", "P-002")
    assert busy("screen", "show", "P-001", "--plan", plan).code == USAGE
    said = busy("screen", "show", "P-002", "--plan", 1)
    assert (said.code, "Plan 1 is not one of P-002" in said.err) == (USAGE, True)
