"""Plans at the command line: prescribed, changed, paused, and what is refused."""

import shlex
from pathlib import Path

import pytest

from tests.cli.clinic.clinic import PLAN, Clinic
from tests.cli.command import USAGE
from tests.cli.files import ROOT

REFUSED = 1


def test_a_plan_pins_its_protocol_and_says_what_is_next(busy: Clinic) -> None:
    said = busy.ok("plan", "add", "P-001", "acl-high-rate", *PLAN)
    assert said.out == "Plan 2: Quadriceps at a high rate after ACL reconstruction, 18 sessions for P-001, 45 min each.\n"
    assert "emscontrol appointment plan 2" in said.err
    facts = busy.ok("plan", "show", 2, "--json").facts
    assert facts["channels"] == [{"channel": 1, "muscle": "quad_all", "side": "left", "area_cm2": 88.9}]
    assert (facts["therapist"], facts["stimulator"], facts["starts_on"]) == ("anna", "one", "2026-03-02")
    assert (facts["status"], facts["changed_by"], facts["adherence"]["adherence"]) == ("active", "nothing", None)
    shown = busy.ok("plan", "show", 2).out
    assert shown.startswith("Plan 2 of P-001: Quadriceps at a high rate")
    assert "3 a week for 6 weeks from 2026-03-02, 18 sessions of 45 min, 48 h of rest" in shown


def test_a_protocol_may_be_a_file(busy: Clinic, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        (ROOT / "protocols" / "acl-high-rate.yaml").read_text("utf-8").replace("revision: 1", "revision: 2"), "utf-8"
    )
    facts = busy.ok("plan", "add", "P-001", file, *PLAN, "--json").facts
    assert (facts["protocol"], facts["revision"]) == ("acl-high-rate", 2)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("acl-high-rat",), "The nearest is acl-high-rate"),
        (("nowhere.yaml",), "nowhere.yaml"),
        (("acl-high-rate", "--per-week", 5), "48 h"),
        (("acl-high-rate", "--progression", "strenght"), "The nearest is strength"),
        (("acl-high-rate", "--therapist", "annna"), "The nearest is anna"),
        (("acl-high-rate", "--stimulator", "two"), "stimulator"),
        (("acl-high-rate", "--slot-min", 10), "slot"),
        (("acl-high-rate", "--side", "2=left"), "2=left"),
        (("acl-high-rate", "--side", "both"), "both"),
        (("acl-high-rate", "--goal", " "), "goal"),
    ],
)
def test_a_plan_that_makes_no_sense_is_not_made(busy: Clinic, words: tuple[object, ...], told: str) -> None:
    said = busy("plan", "add", "P-001", *PLAN, *words)
    assert (said.code, said.out) == (USAGE, "")
    assert told in said.err
    assert len(busy.ok("plan", "list", "--json").facts["plans"]) == 1


def test_a_side_that_is_left_open_is_asked_for(busy: Clinic) -> None:
    said = busy("plan", "add", "P-001", "acl-high-rate", "--goal", "x", "--per-week", 3, "--weeks", 6)
    assert said.code == USAGE
    assert "acl-high-rate leaves the side of channel 1 (quad_all) open" in said.err
    assert "--side left or --side right" in said.err


def test_on_a_terminal_the_side_that_is_left_open_is_asked_for(busy: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def prompt(words: str, **_: object) -> str:
        asked.append(words)
        return "right"

    monkeypatch.setattr("emscontrol.cli.clinic.plan.prescribe.on_a_terminal", lambda: True)
    monkeypatch.setattr("click.prompt", prompt)
    words = ("plan", "add", "P-001", "acl-high-rate", "--goal", "x", "--per-week", 3, "--weeks", 6)
    said = busy.ok(*words, "--json")
    assert asked == ["Side of channel 1 (quad_all)"]
    assert [channel["side"] for channel in said.facts["channels"]] == ["right"]
    busy.ok(*words, "--side", "left")
    assert len(asked) == 1


def test_a_protocol_for_muscle_without_a_nerve_goes_on_by_its_own_rules_and_says_so(busy: Clinic) -> None:
    words = ("plan", "add", "P-001", "denervated-quadriceps-twitches", "--goal", "x", "--per-week", 5, "--weeks", 12)
    words += ("--side", "left")
    said = busy.ok(*words, "--json", who="sven")
    assert (said.facts["progression"], said.facts["rest_min_h"]) == ("denervated", 12)
    assert "It goes on by the rules denervated, as its protocol is for muscle without a nerve: 12 h of rest." in said.err
    assert "emscontrol plan change 2 --progression NAME" in said.err
    named = busy(*words, "--progression", "hold", "--rest-h", 12, "--json")
    assert (named.facts["progression"], "It goes on by" in named.err) == ("hold", False)
    plain = busy.ok("plan", "add", "P-001", "acl-high-rate", *PLAN[:-2], "--json")
    assert (plain.facts["progression"], "It goes on by" in plain.err) == ("hold", False)


def test_a_change_of_the_rhythm_tells_what_stands_by_the_old_one_and_how_it_is_renewed(busy: Clinic) -> None:
    said = busy.ok("plan", "change", 1, "--per-week", 2)
    assert "18 appointments still to come stand as booked before." in said.err
    command = said.err.partition("anew: emscontrol ")[2].splitlines()[0]
    assert command == 'appointment plan 1 --at 11:00 --anew "why"'
    told = busy.ok(*shlex.split(command), "--days", "tue,thu").out.splitlines()
    assert told[0] == "18 appointments of plan 1 called off: why."
    assert told[1].startswith("12 appointments of plan 1: from Tue 2026-03-03 11:00 to ")
    assert "still to come" not in busy.ok("plan", "change", 1, "--goal", "run").err
    assert busy.ok("plan", "change", 1, "--weeks", 5, "--json").facts["still_booked_as_before"] == 12


def test_a_figure_out_of_its_range_is_refused_in_words(busy: Clinic) -> None:
    for words, told in (
        (("--per-week", 0), "0 cannot be: write 1 or more."),
        (("--per-week", "three"), "'three' is no whole number: write 1 or more."),
        (("--per-week", 15), "Choose a whole number from 1 to 14."),
    ):
        said = busy("plan", "add", "P-001", "acl-high-rate", *PLAN, *words)
        assert (said.code, told in said.err, "x>=" in said.err) == (USAGE, True, False), said.err


def test_a_protocol_for_specialists_is_prescribed_by_one(busy: Clinic) -> None:
    words = ("plan", "add", "P-001", "denervated-quadriceps-twitches", "--goal", "cushion", "--per-week", 5, "--weeks", 12)
    words += ("--side", "left", "--progression", "denervated")
    said = busy(*words)
    assert (said.code, "Ask a specialist" in said.err) == (REFUSED, True)
    busy.ok(*words, who="sven")


def test_figures_of_a_plan_are_changed_as_somebody_saw_them(busy: Clinic) -> None:
    assert busy.ok("plan", "change", 1, "--weeks", 8, "--goal", "run", "--seen", 1, "--json").facts["weeks"] == 8
    stale = busy("plan", "change", 1, "--weeks", 9, "--seen", 1)
    assert (stale.code, "anna changed it" in stale.err) == (REFUSED, True)
    assert busy("plan", "change", 1).code == USAGE
    assert busy("plan", "change", 99, "--weeks", 8).code == USAGE
    assert busy.ok("plan", "change", 1, "--start", "2026-03-09", "--json").facts["starts_on"] == "2026-03-09"


def test_a_plan_is_paused_resumed_finished_and_taken_back(busy: Clinic) -> None:
    said = busy.ok("plan", "pause", 1)
    assert said.out == "Plan 1 is paused.\n"
    assert "18 appointments of it still stand in the calendar" in said.err
    assert busy("plan", "pause", 1).code == REFUSED
    assert busy.ok("plan", "resume", 1, "--json").facts["status"] == "active"
    assert [row["plan"] for row in busy.ok("plan", "list", "--status", "active", "--json").facts["plans"]] == [1]
    busy.ok("plan", "finish", 1)
    assert busy.ok("plan", "list", "--patient", "P-001", "--status", "active").out == ""
    busy.ok("plan", "withdraw", 1, "--why", "wrong patient")
    assert "withdrawn: wrong patient" in busy.ok("plan", "show", 1).out
    assert busy.ok("plan", "list", "--json").facts["plans"] == []


def test_without_a_session_nothing_is_proposed(busy: Clinic) -> None:
    said = busy.ok("plan", "propose", 1, "--json")
    assert said.facts == {"plan": 1, "reason": None, "ends": "", "proposal": None}
    for verb in (("accept", 1), ("refuse", 1, "--why", "x")):
        none = busy("plan", *verb)
        assert (none.code, "No proposal waits on plan 1" in none.err) == (USAGE, True)
    assert busy.ok("plan", "adherence", 1, "--json").facts["given"] == []


def test_the_rules_of_progression_are_shown_without_a_book(clinic: Clinic) -> None:
    (clinic.home / "book.sqlite").unlink()
    assert {"strength", "denervated", "hold"} <= {row["name"] for row in clinic.ok("plan", "rules", "--json").facts["sets"]}
    assert "P12-back" in clinic.ok("plan", "rules", "strength").out
    assert clinic("plan", "rules", "strenght").code == USAGE


def test_without_a_stimulator_the_clinic_is_told_how_to_enter_one(clinic: Clinic) -> None:
    clinic.ok("patient", "add", "P-001")
    said = clinic("plan", "add", "P-001", "acl-high-rate", *PLAN)
    assert (said.code, "emscontrol appointment stimulator" in said.err) == (USAGE, True)
