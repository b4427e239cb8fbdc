"""The shipped lists are the reference's, and a file that is not what it should be is refused."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from emscontrol.clinic.screening.checks import Then, read_checks, shipped_checks
from emscontrol.clinic.screening.load import read_rules, shipped_rules, text_of
from emscontrol.core.errors import SafetyRefusal
from emscontrol.safety.screening_grounds import NOT_ASKED
from emscontrol.safety.screening_rules import RELEASED_DIGEST, ScreeningRule

REFERENCE = YAML(typ="safe").load((Path(__file__).parents[2] / "data" / "screening.yaml").read_text("utf-8"))["rules"]
EACH_SESSION = {
    "HF_SURGERY",
    "ECG_MON",
    "DVT",
    "HAEMORRHAGE",
    "INFECTION",
    "SKIN",
    "DRIVE",
    "INTOX",
    "ACUTE_STROKE",
    "GBS_ACUTE",
}


def test_the_list_has_the_references_rules_in_its_order() -> None:
    assert [rule.id for rule in shipped_rules().rules] == [rule["id"] for rule in REFERENCE]
    assert shipped_rules().sha256 == RELEASED_DIGEST


@pytest.mark.parametrize("number", range(len(REFERENCE)), ids=[rule["id"] for rule in REFERENCE])
def test_a_shipped_rule_is_the_references_word_for_word(number: int) -> None:
    reference, shipped = REFERENCE[number], shipped_rules().rules[number]
    assert shipped.question == reference["q"]
    assert shipped.regions == frozenset(reference["regions"])
    assert shipped.types == frozenset(reference["types"])
    assert shipped.severity == reference["severity"].lower()
    assert (shipped.elsewhere or "") == reference.get("elsewhere", "").lower()
    assert (shipped.unknown or "") == reference.get("unknown", "")
    assert shipped.override == reference.get("override", "")
    assert shipped.days == reference.get("days", 90)
    assert shipped.tell == reference["tell"]
    assert shipped.sources == tuple(reference["src"])
    assert shipped.cap_percent == (60 if shipped.id == "SENSATION" else None)


def test_what_the_rules_know_beyond_the_reference_is_written_down_as_a_choice() -> None:
    words = re.sub(r"\n# *", " ", text_of("rules.yaml"))
    for told in ("[D]", "[R80]", "30 cm", "5 cm", "60 %", "override_days", "session_h", "no universal agreement"):
        assert told in words


def test_questions_of_the_day_are_asked_at_every_session_and_a_regular_one_asks_few() -> None:
    each = {rule.id for rule in shipped_rules().rules if rule.asked_h <= 24} - NOT_ASKED
    assert each >= EACH_SESSION
    assert len(each) <= 12
    assert all(rule.asked_h <= rule.days * 24 for rule in shipped_rules().rules if "days" in _of(rule))


def _of(rule: ScreeningRule) -> dict[str, object]:
    return next(dict(one) for one in REFERENCE if one["id"] == rule.id)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("severity: BLOCK", "severity: PERHAPS"),
        ("severity: BLOCK", "hardness: BLOCK"),
        ("regions: [any]", "regions: [everywhere]"),
        ("regions: [any]", "regions: []"),
        ("types: [all]", "types: [none]"),
        ("id: MOUTH", "id: CAROTID"),
        ("ask: 180", "ask: never"),
        ("ask: 180", "ask: 0"),
        ("days: 90", "days: 9000"),
        ("src: [AS, RS1]", "src: [AS, HEARSAY]"),
        ("src: [AS, RS1]", "src: []"),
        ("cap_percent: 60", "cap_percent: 600"),
        ("override_regions: [thigh, calf, foot]", "override_regions: [moon]"),
        ("  severity: BLOCK", "  severity: BLOCK\n  severity: CAUTION"),
        ("  severity: BLOCK", "  severity: BLOCK\n  strange: 1"),
        ("version: 1", "version: one"),
        ("version: 1", "version: 1\nstrange: 1"),
        ("rules:", "rules: {"),
    ],
)
def test_a_list_that_is_not_well_formed_is_refused(before: str, after: str) -> None:
    text = text_of("rules.yaml")
    assert before in text
    with pytest.raises(SafetyRefusal, match="cannot be read"):
        read_rules(text.replace(before, after, 1))


@pytest.mark.parametrize("text", ["", "7", "[]", "rules: []"])
def test_a_list_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SafetyRefusal, match="cannot be read"):
        read_rules(text)


def test_a_well_formed_list_that_is_another_one_is_not_the_released_one(monkeypatch: pytest.MonkeyPatch) -> None:
    milder = text_of("rules.yaml").replace("severity: BLOCK", "severity: CAUTION", 1)
    monkeypatch.setattr("emscontrol.clinic.screening.load.text_of", lambda name: milder)
    shipped_rules.cache_clear()
    with pytest.raises(SafetyRefusal, match="not the ones this version was released with"):
        shipped_rules()
    monkeypatch.undo()
    shipped_rules.cache_clear()
    assert shipped_rules().sha256 == RELEASED_DIGEST


def test_the_checks_of_every_session_are_there_in_order() -> None:
    checks = shipped_checks()
    assert [check.id for check in checks.before] == [f"PC{number}" for number in range(1, 11)]
    assert "output zero before touching pads" in checks.before[4].check
    assert checks.before[4].sources == ("RS1",)
    assert checks.before[7].mark == "D"


def test_the_criteria_for_stopping_are_there_and_most_of_them_end_the_current_at_once() -> None:
    stop = shipped_checks().stop
    assert len(stop) == 12
    assert [one.then for one in stop].count(Then.HARD) == 7
    assert [one.id for one in stop if one.then is Then.STOP] == ["FATIGUE", "SPASM", "NO_CONTRACTION"]
    assert all("then" not in one.trigger for one in stop)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("then: HARD", "then: LATER"),
        ("mark: D", "mark: sure"),
        ("mark: S, src: [RS1]", "mark: S"),
        ("mark: D", "mark: D, src: [RS1]"),
        ("src: [RS2]", "src: [HEARSAY]"),
        ("id: PC2", "id: PC1"),
        ("id: SKIN", "id: HEART"),
        ("check: ", "tick: "),
    ],
)
def test_checks_that_are_not_well_formed_are_refused(before: str, after: str) -> None:
    text = text_of("checks.yaml")
    head, body = text.split("version: 1", 1)
    assert before in body
    with pytest.raises(SafetyRefusal, match="cannot be read"):
        read_checks(f"{head}version: 1{body.replace(before, after, 1)}")
