"""Every rule of the reference list, one after the other: when it stands, when it is gone, and what lifts it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from emscontrol.core.errors import SafetyRefusal
from emscontrol.safety.screening import Answer, MuscleFinding, Place, ScreeningFacts, judge_screening
from tests.unit.safety.screening_bench import (
    MUSCLES,
    NOW,
    REFERENCE,
    SEEN,
    SHIPPED,
    acknowledgement,
    answered,
    asked_again,
    facts,
    finding,
    override,
    standing,
    stands_as,
    types_for,
    with_answer,
    within,
    without_answer,
)

ALL = sorted(REFERENCE)
ASKED = sorted(set(REFERENCE) - SEEN)
LATER = NOW + timedelta(minutes=1)


def _severities(rule: str) -> set[str]:
    return {REFERENCE[rule]["severity"], REFERENCE[rule].get("elsewhere", "")}


OVERRIDABLE = [rule for rule in ALL if "override" in REFERENCE[rule] or "OVERRIDE" in _severities(rule)]
CAUTIONS = [rule for rule in ALL if "CAUTION" in _severities(rule)]
FOR_GOOD = [rule for rule in ALL if REFERENCE[rule]["severity"] == "BLOCK" and "override" not in REFERENCE[rule]]
BY_REGION = [rule for rule in ALL if set(REFERENCE[rule]["regions"]) & set(MUSCLES)]
BY_PLACE = [
    rule for rule in ASKED if REFERENCE[rule]["regions"][0] in ("area", "limb", "joint", "limb_with_metal", "limb_with_clot")
]
ANYWHERE = [rule for rule in ALL if REFERENCE[rule]["regions"] == ["any"]]


def _asked(rule: str, answer: Answer = Answer.YES, number: int = 7) -> ScreeningFacts:
    """Pads in the rule's regions, a protocol that it is about, everything else in order, and this one answer."""
    return with_answer(facts(within(rule), types_for(rule)), answered(rule, answer, number=number))


def _standing(rule: str) -> tuple[ScreeningFacts, str]:
    """The facts in which a rule stands in the way in its mildest way that can be lifted, and how it then stands."""
    severity, elsewhere = REFERENCE[rule]["severity"], REFERENCE[rule].get("elsewhere")
    if stands_as(severity, rule) == "block" and elsewhere:
        away = with_answer(facts("gastroc", types_for(rule)), answered(rule, Answer.YES, Place(region="arm"), number=7))
        return away, stands_as(elsewhere, rule)
    return _asked(rule), stands_as(severity, rule)


def test_the_list_has_fifty_rules_and_these_groups_hold_them_all() -> None:
    assert len(REFERENCE) == 50
    assert set(OVERRIDABLE) | set(CAUTIONS) | set(FOR_GOOD) == set(ALL)
    assert set(BY_REGION) | set(BY_PLACE) | set(ANYWHERE) | SEEN == set(ALL)


@pytest.mark.parametrize("rule", ALL)
def test_a_yes_stands_in_the_way_as_hard_as_the_reference_says(rule: str) -> None:
    given = _asked(rule)
    assert standing(given, rule) == stands_as(REFERENCE[rule]["severity"], rule)
    with pytest.raises(SafetyRefusal) as refusal:
        judge_screening(given, NOW).raise_if_standing()
    assert rule in refusal.value.rules
    assert rule in judge_screening(given, NOW).sentence()
    found = finding(given, rule)
    assert found is not None
    assert REFERENCE[rule]["q"] in found.reason
    assert REFERENCE[rule]["tell"] in found.reason
    assert all(source in found.reason for source in REFERENCE[rule]["src"])
    assert found.reason in refusal.value.what
    assert found.remedy in refusal.value.remedy


@pytest.mark.parametrize("rule", ALL)
def test_unknown_counts_as_yes_unless_the_reference_says_otherwise(rule: str) -> None:
    severity = REFERENCE[rule].get("unknown", REFERENCE[rule]["severity"]).upper()
    assert standing(_asked(rule, Answer.UNKNOWN), rule) == stands_as(severity, rule)


@pytest.mark.parametrize("rule", ASKED)
def test_a_question_that_was_never_asked_counts_as_yes(rule: str) -> None:
    severity = REFERENCE[rule].get("unknown", REFERENCE[rule]["severity"]).upper()
    given = without_answer(_asked(rule), rule)
    assert standing(given, rule) == stands_as(severity, rule)
    with pytest.raises(SafetyRefusal, match=rule):
        judge_screening(given, NOW).raise_if_standing()


@pytest.mark.parametrize("rule", ASKED)
def test_a_no_is_good_until_the_question_is_due_again_and_not_a_moment_longer(rule: str) -> None:
    given = _asked(rule, Answer.NO)
    due = next(answer.due_at for answer in given.answers if answer.rule == rule)
    assert standing(given, rule, due - timedelta(microseconds=1)) == ""
    severity = REFERENCE[rule].get("unknown", REFERENCE[rule]["severity"]).upper()
    assert standing(given, rule, due) == stands_as(severity, rule)


@pytest.mark.parametrize("rule", ASKED)
def test_a_due_date_that_was_written_too_late_does_not_count(rule: str) -> None:
    shipped = SHIPPED.rule(rule)
    assert shipped is not None
    forever = replace(answered(rule, Answer.NO), due_at=NOW + timedelta(days=36_500))
    given = with_answer(facts(within(rule), types_for(rule)), forever)
    assert standing(given, rule, NOW + timedelta(hours=shipped.asked_h)) != ""


@pytest.mark.parametrize("rule", ASKED)
def test_a_no_takes_it_out_of_the_way(rule: str) -> None:
    assert standing(_asked(rule, Answer.NO), rule) == ""


@pytest.mark.parametrize("rule", sorted(SEEN - {"LMN", "DENERV_DEV"}))
def test_what_the_pads_tell_no_answer_takes_away(rule: str) -> None:
    for region in set(REFERENCE[rule]["regions"]) & set(MUSCLES):
        given = facts(MUSCLES[region])
        expected = stands_as(REFERENCE[rule]["severity"], rule)
        assert standing(with_answer(given, answered(rule, Answer.NO)), rule) == expected
        assert standing(without_answer(given, rule), rule) == expected


@pytest.mark.parametrize("rule", sorted(SEEN - {"LMN", "DENERV_DEV"}))
def test_of_pads_elsewhere_only_a_person_who_says_otherwise_is_believed(rule: str) -> None:
    given = facts("quad_all")
    assert standing(without_answer(given, rule), rule) == ""
    assert standing(given, rule) == ""
    for answer in (Answer.YES, Answer.UNKNOWN):
        told = with_answer(given, answered(rule, answer))
        assert standing(told, rule) == stands_as("BLOCK", rule)
        assert standing(told, rule, NOW + timedelta(days=400)) == stands_as("BLOCK", rule)


@pytest.mark.parametrize("rule", sorted(set(BY_REGION) - SEEN))
def test_a_rule_of_some_regions_is_milder_or_gone_elsewhere(rule: str) -> None:
    regions = set(REFERENCE[rule]["regions"])
    for region, muscle in MUSCLES.items():
        given = with_answer(facts(muscle, types_for(rule)), answered(rule, Answer.YES))
        severity = REFERENCE[rule]["severity"] if region in regions else REFERENCE[rule].get("elsewhere")
        expected = {"BLOCK": "block", "OVERRIDE": "override_needed", "CAUTION": "caution", None: ""}[severity]
        assert standing(given, rule) == expected, region


@pytest.mark.parametrize("rule", BY_PLACE)
def test_a_yes_with_a_place_is_milder_or_gone_where_no_pad_is_near(rule: str) -> None:
    given = facts("quad_all", types_for(rule))
    inside, outside = stands_as(REFERENCE[rule]["severity"], rule), stands_as(REFERENCE[rule].get("elsewhere"), rule)
    for place, expected in (
        (Place(region="thigh", side="left"), inside),
        (Place(region="thigh"), inside),
        (Place(muscle="ham", side="left"), inside),
        (Place(region="thigh", side="right"), outside),
        (Place(muscle="quad_all", side="right"), outside),
        (Place(region="arm", side="left"), outside),
        (Place(region="calf", side="left"), outside if REFERENCE[rule]["regions"] == ["area"] else inside),
    ):
        assert standing(with_answer(given, answered(rule, Answer.YES, place)), rule) == expected, place
    two = with_answer(given, answered(rule, Answer.YES, Place(region="arm"), Place(region="thigh", side="left")))
    assert standing(two, rule) == inside


@pytest.mark.parametrize("rule", [rule for rule in ALL if "all" not in REFERENCE[rule]["types"] and rule != "LMN"])
def test_a_rule_is_silent_about_protocols_of_other_types(rule: str) -> None:
    for kind in ("nmes", "fes", "denerv", "circ", "head_neck", "facial"):
        given = replace(with_answer(facts(within(rule), (kind,)), answered(rule, Answer.YES)))
        assert (standing(given, rule) != "") == (kind in REFERENCE[rule]["types"]), kind


@pytest.mark.parametrize("rule", OVERRIDABLE)
def test_a_specialists_override_lifts_it_until_it_ends(rule: str) -> None:
    given, stood = _standing(rule)
    assert stood == "override_needed"
    given = replace(given, overrides=(override(rule, days=3),))
    assert standing(given, rule) == "overridden"
    later = NOW + timedelta(days=3)
    given = asked_again(given, later)
    assert standing(given, rule, later - timedelta(microseconds=1)) == "overridden"
    assert standing(given, rule, later) == "override_needed"


@pytest.mark.parametrize("rule", OVERRIDABLE)
def test_an_override_that_does_not_count_lifts_nothing(rule: str) -> None:
    given, _ = _standing(rule)
    good = override(rule)
    for bad in (
        override(rule, role="therapist"),
        override(rule, role="supervisor"),
        override(rule, at=NOW + timedelta(hours=1)),
        replace(good, rule="INTOX"),
        replace(good, reason="  "),
        replace(good, staff=""),
        replace(good, expires_at=NOW),
    ):
        assert standing(replace(given, overrides=(bad,)), rule) == "override_needed"


@pytest.mark.parametrize("rule", OVERRIDABLE)
def test_an_override_lasts_no_longer_than_the_reference_allows(rule: str) -> None:
    given, _ = _standing(rule)
    days = REFERENCE[rule].get("days", 90)
    given = replace(given, overrides=(override(rule, days=3650),))
    end = NOW + timedelta(days=days)
    given = asked_again(given, end)
    assert standing(given, rule, end - timedelta(microseconds=1)) == "overridden"
    assert standing(given, rule, end) == "override_needed"


@pytest.mark.parametrize("rule", sorted(set(OVERRIDABLE) - SEEN))
def test_an_override_lifts_no_question_that_nobody_asked_or_that_is_due_again(rule: str) -> None:
    given, stood = _standing(rule)
    given = replace(given, overrides=(override(rule),))
    assert standing(without_answer(given, rule), rule) in (stood, "block")
    due = next(answer.due_at for answer in given.answers if answer.rule == rule)
    forever = replace(override(rule), given_at=due - timedelta(minutes=1), expires_at=due + timedelta(days=1))
    given = replace(given, overrides=(forever,))
    assert standing(given, rule, due - timedelta(microseconds=1)) == "overridden"
    assert standing(given, rule, due) in (stood, "block")
    assert standing(asked_again(given, due), rule, due) == "overridden"


@pytest.mark.parametrize("rule", OVERRIDABLE)
def test_an_override_lifts_nothing_that_was_said_after_it(rule: str) -> None:
    given, stood = _standing(rule)
    before = override(rule, at=NOW - timedelta(minutes=1))
    assert standing(replace(given, overrides=(before,)), rule) == stood
    earlier = replace(
        given, answers=tuple(replace(one, asked_at=before.given_at) for one in given.answers), overrides=(before,)
    )
    assert standing(earlier, rule) == "overridden"
    again = asked_again(earlier, LATER)
    assert standing(again, rule, LATER) == "overridden"
    told = [one for one in again.answers if one.rule == rule]
    no = replace(told[0], id=told[0].id + 1, answer=Answer.NO, places=())
    assert standing(replace(again, answers=(*again.answers, no)), rule, LATER) == stood, "it was gone, and has come again"
    unknown = replace(no, answer=Answer.UNKNOWN)
    assert standing(replace(again, answers=(*again.answers, unknown)), rule, LATER) == stood, "that was no yes"
    other = replace(told[0], id=told[0].id + 1, places=(*told[0].places, Place(region="hand")))
    assert standing(replace(again, answers=(*again.answers, other)), rule, LATER) == stood, "it was in more places"


@pytest.mark.parametrize("rule", FOR_GOOD)
def test_a_block_without_a_condition_cannot_be_overridden(rule: str) -> None:
    given = _asked(rule)
    everything = tuple(override(each) for each in ALL)
    read = tuple(acknowledgement(each, 7) for each in ALL)
    assert standing(replace(given, overrides=everything, acknowledgements=read), rule) == "block"


@pytest.mark.parametrize("rule", CAUTIONS)
def test_a_caution_is_lifted_by_reading_it_and_asked_again_after_a_new_answer(rule: str) -> None:
    given, stood = _standing(rule)
    assert stood == "caution"
    given = replace(given, acknowledgements=(acknowledgement(rule, 7),))
    assert standing(given, rule) == "acknowledged"
    again = replace(
        given, answers=(*given.answers, *(replace(one, id=8, asked_at=LATER) for one in given.answers if one.rule == rule))
    )
    assert standing(again, rule, LATER) == "caution"
    read = replace(again, acknowledgements=(*again.acknowledgements, acknowledgement(rule, 8, LATER)))
    assert standing(read, rule, LATER) == "acknowledged"
    due = min(answer.due_at for answer in given.answers if answer.rule == rule)
    assert standing(given, rule, due) != "acknowledged"


@pytest.mark.parametrize("rule", CAUTIONS)
def test_a_caution_needs_no_override_and_an_override_does_not_lift_it(rule: str) -> None:
    given, _ = _standing(rule)
    assert standing(replace(given, overrides=(override(rule),)), rule) == "caution"


@pytest.mark.parametrize(
    ("lmn", "types", "expected"),
    [
        ("intact", ("nmes", "fes"), ""),
        ("partial", ("nmes", "fes"), ""),
        ("absent", ("nmes", "fes"), "block"),
        ("unknown", ("nmes", "fes"), "block"),
        ("", ("nmes", "fes"), "block"),
        ("intact", ("denerv",), "block"),
        ("partial", ("denerv",), ""),
        ("absent", ("denerv",), ""),
        ("unknown", ("denerv",), "block"),
        ("intact", ("denerv", "nmes"), "block"),
        ("absent", ("denerv", "nmes"), "block"),
    ],
)
def test_nerve_and_pulse_belong_together(lmn: str, types: tuple[str, ...], expected: str) -> None:
    given = replace(facts(types=types), muscles=(MuscleFinding("quad_all", "left", lmn, "normal", NOW),))
    assert standing(given, "LMN") == expected
    assert standing(without_answer(given, "LMN"), "LMN") == expected


def test_a_muscle_of_the_other_side_says_nothing_of_this_one() -> None:
    other = (MuscleFinding("quad_all", "right", "intact", "normal", NOW),)
    for types in (("nmes", "fes"), ("denerv",)):
        assert standing(replace(facts(types=types), muscles=other), "LMN") == "block"
    found = finding(replace(facts(), muscles=other), "LMN")
    assert found is not None
    assert "not examined" in found.reason
    assert "1 ms" in found.remedy


def test_one_head_of_the_quadriceps_without_its_nerve_speaks_for_the_whole() -> None:
    heads = (MuscleFinding("quad_vm", "left", "absent", "normal", NOW),)
    given = facts()
    assert standing(replace(given, muscles=(*given.muscles, *heads)), "LMN") == "block"
    assert standing(replace(given, muscles=heads), "LMN") == "block"


@pytest.mark.parametrize(("declared", "expected"), [(True, ""), (False, "block"), (None, "block")])
def test_long_pulses_need_a_stimulator_that_is_declared_for_them(declared: bool | None, expected: str) -> None:
    given = replace(facts(types=("denerv",)), device_denervation=declared)
    assert standing(given, "DENERV_DEV") == expected
    assert standing(without_answer(given, "DENERV_DEV"), "DENERV_DEV") == expected
    assert standing(replace(facts(), device_denervation=declared), "DENERV_DEV") == ""
