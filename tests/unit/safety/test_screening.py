"""The judgement as a whole: it never guesses in favour of current, on whatever facts it is given."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from emscontrol.core.errors import SafetyRefusal, UsageError
from emscontrol.safety.screening import (
    Answer,
    GivenAnswer,
    ImplantFinding,
    MuscleFinding,
    Place,
    ScreeningFacts,
    Severity,
    judge_screening,
    pad_on,
    types_of_protocol,
)
from tests.unit.safety.screening_bench import (
    MUSCLES,
    NOW,
    REFERENCE,
    SEEN,
    acknowledgement,
    answered,
    facts,
    finding,
    override,
    standing,
    with_answer,
    without_answer,
)

RULES = sorted(REFERENCE)
FOR_GOOD_ANYWHERE = sorted(
    rule
    for rule, each in REFERENCE.items()
    if each["severity"] == "BLOCK" and "override" not in each and each["regions"] == ["any"] and rule not in SEEN
)
PLACES: list[tuple[Place, ...]] = [
    (),
    (Place(region="thigh"),),
    (Place(muscle="ta", side="right"),),
    (Place(region="arm", side="left"),),
]
RANK = {"": 0, "acknowledged": 1, "overridden": 1, "caution": 2, "override_needed": 3, "block": 4}


@st.composite
def cases(draw: st.DrawFn, rules: list[str] = RULES) -> tuple[ScreeningFacts, str]:
    """Facts in which much of everything is about a few rules, and one of these."""
    few = draw(st.lists(st.sampled_from(rules), min_size=1, max_size=3, unique=True))
    some = st.sampled_from(few)

    def an_answer() -> GivenAnswer:
        answer = draw(st.sampled_from(list(Answer)))
        places = draw(st.sampled_from(PLACES)) if answer is Answer.YES else ()
        age_h, number = draw(st.sampled_from([0, 3, 500, 9000])), draw(st.integers(1, 3))
        return answered(draw(some), answer, *places, at=NOW - timedelta(hours=age_h), number=number)

    base = facts(draw(st.sampled_from(sorted(MUSCLES.values()))), draw(st.sampled_from([("nmes", "fes"), ("denerv",)])))
    for rule in draw(st.lists(some, max_size=2)):
        base = without_answer(base, rule)
    answers = [an_answer() for _ in range(draw(st.integers(0, 4)))]
    overrides = st.builds(
        lambda rule, role, days: override(rule, role, NOW - timedelta(days=1), days),
        some,
        st.sampled_from(["specialist", "specialist", "therapist"]),
        st.sampled_from([1, 2, 900]),
    )
    return (
        replace(
            base,
            answers=(*base.answers, *answers),
            overrides=tuple(draw(st.lists(overrides, max_size=4))),
            acknowledgements=tuple(draw(st.lists(st.builds(acknowledgement, some, st.integers(0, 3)), max_size=4))),
            device_denervation=draw(st.sampled_from([True, True, False, None])),
        ),
        draw(some),
    )


def _clears(given: ScreeningFacts) -> bool:
    return not judge_screening(given, NOW).standing


def test_a_patient_of_whom_everything_is_known_and_nothing_is_wrong_is_cleared_until_the_first_question_is_due() -> None:
    verdict = judge_screening(facts(), NOW)
    verdict.raise_if_standing()
    assert verdict.findings == ()
    assert verdict.cap_percent == {}
    assert verdict.sentence() == "screening clear"
    assert verdict.expires_at == NOW + timedelta(hours=4)
    with pytest.raises(SafetyRefusal):
        judge_screening(facts(), NOW + timedelta(hours=4)).raise_if_standing()


def test_a_patient_of_whom_nothing_is_known_is_refused_with_every_question() -> None:
    bare = replace(facts(), answers=(), muscles=())
    with pytest.raises(SafetyRefusal, match="PACEMAKER") as refusal:
        judge_screening(bare, NOW).raise_if_standing()
    about = {rule for rule in RULES if set(REFERENCE[rule]["types"]) & {"all", "nmes", "fes"}}
    regional = {rule for rule in about if not set(REFERENCE[rule]["regions"]) & set(MUSCLES)}
    assert regional | {"LMN", "PREGNANCY", "EPILEPSY", "OSTEOPOROSIS"} == set(refusal.value.rules)
    assert "Ask what was not asked" in refusal.value.remedy


@settings(max_examples=80)
@over(cases(FOR_GOOD_ANYWHERE), st.sampled_from([Answer.YES, Answer.UNKNOWN]))
def test_nothing_clears_a_block_that_nobody_can_override(case: tuple[ScreeningFacts, str], answer: Answer) -> None:
    base, rule = case
    types = base.types if set(REFERENCE[rule]["types"]) & {"all", *base.types} else frozenset({"nmes", "fes"})
    blocked = replace(base, types=types, answers=(*base.answers, answered(rule, answer, number=99)))
    assert standing(blocked, rule) == "block"
    assert not _clears(blocked)


@settings(max_examples=120)
@over(cases(), st.sampled_from([Answer.YES, Answer.UNKNOWN]))
def test_a_yes_or_unknown_in_the_place_of_the_last_no_never_turns_a_refusal_into_a_clearance(
    case: tuple[ScreeningFacts, str], answer: Answer
) -> None:
    base, rule = case
    last = answered(rule, Answer.NO, number=99)
    no, other = (replace(base, answers=(*base.answers, each)) for each in (last, replace(last, answer=answer)))
    assert RANK[standing(no, rule)] <= RANK[standing(other, rule)]
    assert _clears(no) or not _clears(other)
    before, after = judge_screening(no, NOW), judge_screening(other, NOW)
    assert before.cap_percent.items() <= after.cap_percent.items()


@settings(max_examples=120)
@over(cases())
def test_one_more_yes_never_makes_milder_what_need_not_be_asked_again(case: tuple[ScreeningFacts, str]) -> None:
    base, rule = case
    more = replace(base, answers=(*base.answers, answered(rule, Answer.YES, number=99)))
    found = finding(base, rule)
    waits = found is not None and found.remedy.startswith("Ask it first.")
    if not waits:  # an override counts again as soon as the question has been asked again
        assert RANK[standing(base, rule)] <= RANK[standing(more, rule)]
        assert _clears(base) or not _clears(more)
    before, after = judge_screening(base, NOW), judge_screening(more, NOW)
    assert before.cap_percent.items() <= after.cap_percent.items()


@settings(max_examples=120)
@over(cases())
def test_a_question_that_nobody_asked_is_no_milder_than_any_answer(case: tuple[ScreeningFacts, str]) -> None:
    base, rule = case
    if rule not in SEEN:
        assert RANK[standing(base, rule)] <= RANK[standing(without_answer(base, rule), rule)]


@settings(max_examples=100)
@over(cases())
def test_the_engine_reads_the_same_facts_and_comes_to_the_same_verdict(case: tuple[ScreeningFacts, str]) -> None:
    base, _ = case
    text = base.to_json()
    assert "\n" not in text
    read = ScreeningFacts.from_json(text)
    assert read == base
    assert judge_screening(read, NOW) == judge_screening(base, NOW)


def _cut(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda values: values.pop(key)


@pytest.mark.parametrize(
    "spoil",
    [
        *(_cut(key) for key in json.loads(facts().to_json())),
        lambda values: values.update(strange=1),
        lambda values: values["rules"][0].update(severity="perhaps"),
        lambda values: values["rules"][0].update(days=0),
        lambda values: values["rules"][0].update(regions=["moon"]),
        lambda values: values["rules"][0].update(types=[]),
        lambda values: values["rules"][0].update(question=" "),
        lambda values: values["rules"][0].update(cap_percent=101),
        lambda values: values["rules"][0].pop("tell"),
        lambda values: values["answers"][0].update(answer="maybe"),
        lambda values: values["answers"][0].update(asked_at="2026-03-02T09:00:00"),
        lambda values: values["answers"][0].update(id="1"),
        lambda values: values["answers"][0].update(places=[{"region": "moon"}]),
        lambda values: values["answers"][0].update(places=[{"region": "arm", "muscle": "biceps"}]),
        lambda values: values["answers"][0].update(places=[{"muscle": "biceps", "side": "up"}]),
        lambda values: values["answers"][0].pop("rule"),
        lambda values: values["pads"][0].update(channel=True),
        lambda values: values.update(device_denervation="yes"),
        lambda values: values.update(answers=None),
    ],
)
def test_what_is_no_screening_is_refused(spoil: Callable[[dict[str, Any]], object]) -> None:
    values = json.loads(facts().to_json())
    spoil(values)
    with pytest.raises(UsageError, match="no screening that can be judged"):
        ScreeningFacts.from_json(json.dumps(values))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '"x"'])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        ScreeningFacts.from_json(text)


def _milder(given: ScreeningFacts) -> ScreeningFacts:
    return replace(given, rules=tuple(replace(rule, severity=Severity.CAUTION) for rule in given.rules))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda given: replace(given, rules=given.rules[1:]), "list of questions"),
        (lambda given: replace(given, rules=()), "list of questions"),
        (lambda given: replace(given, rules=(*given.rules, given.rules[0])), "list of questions"),
        (_milder, "list of questions"),
        (lambda given: replace(given, rules_sha256="0" * 64), "list of questions"),
        (lambda given: replace(given, types=frozenset()), "what type"),
        (lambda given: replace(given, types=frozenset({"nmes", "other"})), "what type"),
        (lambda given: replace(given, pads=()), "planned pads"),
        (lambda given: replace(given, pads=given.pads * 2), "planned pads"),
        (lambda given: replace(given, pads=(replace(given.pads[0], region="arm"),)), "no site"),
        (lambda given: replace(given, pads=(replace(given.pads[0], muscle="heart"),)), "no site"),
        (lambda given: with_answer(given, replace(given.answers[0], due_at=datetime(2027, 1, 1))), "time zone"),  # noqa: DTZ001
    ],
)
def test_facts_that_are_not_right_clear_nothing(spoil: Callable[[ScreeningFacts], ScreeningFacts], words: str) -> None:
    with pytest.raises(SafetyRefusal, match=words) as refusal:
        judge_screening(spoil(facts()), NOW).raise_if_standing()
    assert refusal.value.rules == ("SCREENING",)
    assert refusal.value.remedy


def test_a_time_without_a_zone_clears_nothing() -> None:
    with pytest.raises(SafetyRefusal, match="time zone"):
        judge_screening(facts(), NOW.replace(tzinfo=None)).raise_if_standing()


def test_an_answer_from_the_future_is_no_answer_and_hides_none() -> None:
    late = NOW + timedelta(hours=1)
    earlier_no = answered("HEART", Answer.NO, number=1)
    for answer in Answer:
        later = answered("HEART", answer, at=late, number=2)
        assert standing(replace(facts(), answers=(*facts().answers, earlier_no, later)), "HEART") == "override_needed"
    soon = answered("HEART", Answer.NO, at=NOW + timedelta(minutes=4))
    assert standing(with_answer(facts(), soon), "HEART") == ""


def test_the_answer_that_was_written_last_counts_whatever_the_clock_of_its_station_said() -> None:
    def both(*answers: GivenAnswer) -> str:
        return standing(with_answer(facts(), *answers), "HEART")

    before = NOW - timedelta(days=1)
    assert both(answered("HEART", Answer.YES, at=before, number=9), answered("HEART", Answer.NO, number=1)) == "override_needed"
    assert both(answered("HEART", Answer.NO, at=before, number=9), answered("HEART", Answer.YES, number=1)) == ""
    assert both(answered("HEART", Answer.YES, number=2), answered("HEART", Answer.NO, number=1)) == "override_needed"


def test_the_verdict_ends_with_the_first_override_or_answer_that_does() -> None:
    session = {rule.id for rule in facts().rules if rule.asked_h <= 24}
    long = tuple(replace(one, due_at=NOW + timedelta(hours=3)) if one.rule in session else one for one in facts().answers)
    given = with_answer(replace(facts(), answers=long), answered("HEART", Answer.YES))
    short = replace(override("HEART"), expires_at=NOW + timedelta(hours=2))
    verdict = judge_screening(replace(given, overrides=(short,)), NOW)
    verdict.raise_if_standing()
    assert verdict.expires_at == NOW + timedelta(hours=2)
    assert verdict.sentence() == "screening clear: HEART (overridden)"
    longer = judge_screening(replace(given, overrides=(short, override("HEART"))), NOW)
    assert longer.expires_at == NOW + timedelta(hours=3)


def test_a_pacemaker_is_overridden_for_the_leg_only() -> None:
    for muscle, expected in (
        ("quad_all", "overridden"),
        ("ta", "overridden"),
        ("foot_int", "overridden"),
        ("biceps", "override_needed"),
    ):
        given = with_answer(facts(muscle), answered("PACEMAKER", Answer.YES))
        assert standing(replace(given, overrides=(override("PACEMAKER"),)), "PACEMAKER") == expected, muscle
    both = with_answer(facts(), answered("PACEMAKER", Answer.YES))
    both = replace(both, pads=(*both.pads, pad_on(2, "biceps", "left", 2500)), overrides=(override("PACEMAKER"),))
    assert standing(both, "PACEMAKER") == "override_needed"


@pytest.mark.parametrize(
    ("implant", "rule"),
    [
        (ImplantFinding("pacemaker", "", "", ""), "PACEMAKER"),
        (ImplantFinding("pacemaker", "chest_ant", "left", "2001-01-01"), "PACEMAKER"),
        (ImplantFinding("active", "abdomen", "", "2001"), "ACTIVE_IMPLANT"),
        (ImplantFinding("something", "arm", "right", "2001"), "ACTIVE_IMPLANT"),
        (ImplantFinding("metal", "thigh", "left", "2026-02-01"), "METAL_RECENT"),
        (ImplantFinding("metal", "calf", "left", "2026-02-01"), "METAL_RECENT"),
        (ImplantFinding("metal", "thigh", "", "2026-02"), "METAL_RECENT"),
        (ImplantFinding("metal", "thigh", "left", ""), "METAL_RECENT"),
        (ImplantFinding("metal", "", "", "2025-12-03"), "METAL_RECENT"),
        (ImplantFinding("metal", "knee", "left", "last year"), "METAL_RECENT"),
        (ImplantFinding("metal", "thigh", "left", "2025-12-03"), "METAL_RECENT"),
        (ImplantFinding("metal", "thigh", "left", "2025-12"), "METAL_RECENT"),
        (ImplantFinding("metal", "thigh", "left", "2026"), "METAL_RECENT"),
        (ImplantFinding("metal", "thigh", "left", "2027-01-01"), "METAL_RECENT"),
    ],
)
def test_an_implant_on_record_counts_as_yes_whatever_was_answered(implant: ImplantFinding, rule: str) -> None:
    given = replace(facts(), implants=(implant,))
    assert standing(given, rule) == "override_needed"
    found = finding(given, rule)
    assert found is not None
    assert not found.unasked


@pytest.mark.parametrize(
    "implant",
    [
        ImplantFinding("metal", "thigh", "left", "2025-12-02"),
        ImplantFinding("metal", "thigh", "left", "2025-11"),
        ImplantFinding("metal", "thigh", "left", "2024"),
        ImplantFinding("metal", "thigh", "right", "2026-02-01"),
        ImplantFinding("metal", "arm", "left", "2026-02-01"),
    ],
)
def test_metal_that_has_settled_or_lies_elsewhere_does_not_count(implant: ImplantFinding) -> None:
    assert _clears(replace(facts(), implants=(implant,)))


def test_shoulder_and_hip_move_with_their_limb_and_the_spine_has_no_side() -> None:
    broken = answered("FRACTURE", Answer.YES, Place(region="arm", side="left"))
    assert standing(with_answer(facts("infraspin"), broken), "FRACTURE") == "block"
    assert standing(with_answer(facts("infraspin", side="right"), broken), "FRACTURE") == ""
    assert standing(with_answer(facts("ecr"), broken), "FRACTURE") == "block"
    spine = answered("FRACTURE", Answer.YES, Place(region="back", side="left"))
    assert standing(with_answer(facts("erector", side="right"), spine), "FRACTURE") == "block"
    assert standing(with_answer(facts("glut_max", side="right"), spine), "FRACTURE") == "block"
    assert standing(with_answer(facts("quad_all"), spine), "FRACTURE") == ""


def test_the_catalogues_forearm_is_the_arm_of_the_rules() -> None:
    for place in (Place(region="arm", side="left"), Place(region="forearm", side="left"), Place(muscle="ecr", side="left")):
        assert standing(with_answer(facts("ecr"), answered("SKIN", Answer.YES, place)), "SKIN") == "block"


def test_a_pad_without_a_side_may_be_on_either() -> None:
    wound = answered("SKIN", Answer.YES, Place(region="thigh", side="right"))
    assert standing(with_answer(facts(side="either"), wound), "SKIN") == "block"
    assert standing(facts(side="either"), "LMN") == ""
    left = (MuscleFinding("quad_all", "left", "intact", "normal", NOW),)
    assert standing(replace(facts(side="either"), muscles=left), "LMN") == "block"


def _two_channels() -> ScreeningFacts:
    given = facts()
    right = MuscleFinding("ta", "right", "intact", "normal", NOW)
    return replace(given, pads=(*given.pads, pad_on(4, "ta", "right", 2500)), muscles=(*given.muscles, right))


@pytest.mark.parametrize(
    ("answer", "places", "caps"),
    [
        (Answer.NO, (), {}),
        (Answer.YES, (), {1: 60, 4: 60}),
        (Answer.YES, (Place(region="thigh"),), {1: 60}),
        (Answer.YES, (Place(muscle="ta", side="right"),), {4: 60}),
        (Answer.YES, (Place(region="arm"),), {}),
        (Answer.UNKNOWN, (), {1: 60, 4: 60}),
    ],
)
def test_where_a_patient_cannot_warn_of_a_burn_sixty_percent_are_left(
    answer: Answer, places: tuple[Place, ...], caps: dict[int, int]
) -> None:
    given = with_answer(_two_channels(), answered("SENSATION", answer, *places, number=5))
    assert judge_screening(given, NOW).cap_percent == caps
    read = replace(given, acknowledgements=(acknowledgement("SENSATION", 5),))
    verdict = judge_screening(read, NOW)
    verdict.raise_if_standing()
    assert verdict.cap_percent == caps
    assert all(f"channel {channel} at 60 %" in verdict.sentence() for channel in caps)


def test_the_cap_holds_while_nobody_has_asked() -> None:
    assert judge_screening(without_answer(_two_channels(), "SENSATION"), NOW).cap_percent == {1: 60, 4: 60}


@pytest.mark.parametrize("sensation", ["reduced", "absent", "unknown", "", None])
def test_a_muscle_that_was_found_numb_counts_as_a_yes_there(sensation: str | None) -> None:
    given = _two_channels()
    left = (
        given.muscles[:1] if sensation is None else (given.muscles[0], MuscleFinding("ta", "right", "intact", sensation, NOW))
    )
    numb = with_answer(replace(given, muscles=left), answered("SENSATION", Answer.NO, number=5))
    assert standing(numb, "SENSATION") == "caution"
    assert judge_screening(numb, NOW).cap_percent == {4: 60}
    read = replace(numb, acknowledgements=(acknowledgement("SENSATION", 5),))
    assert standing(read, "SENSATION") == "acknowledged"
    assert judge_screening(read, NOW).cap_percent == {4: 60}


def test_a_muscle_that_is_found_numb_later_asks_for_a_new_reading() -> None:
    later = NOW + timedelta(minutes=30)
    given = with_answer(facts(), answered("SENSATION", Answer.NO, number=5))
    numb = replace(given, muscles=(MuscleFinding("quad_all", "left", "intact", "absent", later),))
    assert standing(replace(numb, acknowledgements=(acknowledgement("SENSATION", 5),)), "SENSATION", later) == "caution"
    read = replace(numb, acknowledgements=(acknowledgement("SENSATION", 5, later),))
    assert standing(read, "SENSATION", later) == "acknowledged"


DAYS_90 = timedelta(days=90)


@pytest.mark.parametrize(
    ("examined", "holds"),
    [
        (timedelta(), True),
        (timedelta(minutes=4), True),
        (timedelta(minutes=6), False),
        (timedelta(days=300), False),
        (timedelta(microseconds=1) - DAYS_90, True),
        (-DAYS_90, False),
    ],
)
def test_an_examination_holds_for_ninety_days_and_not_before_it_was_made(examined: timedelta, holds: bool) -> None:
    when = NOW + examined
    given = replace(facts(), muscles=(MuscleFinding("quad_all", "left", "intact", "normal", when),))
    assert (standing(given, "LMN"), standing(given, "SENSATION")) == (("", "") if holds else ("block", "caution"))
    assert judge_screening(given, NOW).cap_percent == ({} if holds else {1: 60})
    if not holds:
        found = finding(given, "LMN")
        assert found is not None
        assert f"not examined lately, but on {when:%Y-%m-%d}" in found.reason


def test_what_an_examination_found_wrong_counts_however_old_it_is() -> None:
    head = MuscleFinding("quad_vm", "left", "absent", "absent", NOW - timedelta(days=900))
    given = replace(facts(), muscles=(*facts().muscles, head))
    assert (standing(given, "LMN"), standing(given, "SENSATION")) == ("block", "caution")


def test_a_caution_that_was_read_is_read_again_when_the_examination_has_grown_old() -> None:
    given = replace(facts(), muscles=(MuscleFinding("quad_all", "left", "intact", "reduced", NOW - DAYS_90),))
    given = with_answer(given, answered("SENSATION", Answer.NO, at=NOW - timedelta(hours=1), number=5))
    before, after = (acknowledgement("SENSATION", 5, NOW - timedelta(minutes=ago)) for ago in (1, 0))
    assert standing(replace(given, acknowledgements=(before,)), "SENSATION", NOW - timedelta(seconds=1)) == "acknowledged"
    assert standing(replace(given, acknowledgements=(before,)), "SENSATION") == "caution"
    assert standing(replace(given, acknowledgements=(after,)), "SENSATION") == "acknowledged"


def test_the_verdict_ends_with_the_examination_that_does() -> None:
    ends = NOW + timedelta(minutes=20)
    given = replace(facts(), muscles=(MuscleFinding("quad_all", "left", "intact", "normal", ends - DAYS_90),))
    verdict = judge_screening(given, NOW)
    verdict.raise_if_standing()
    assert verdict.expires_at == ends


@pytest.mark.parametrize(
    ("lmn_status", "widths_us", "muscles", "types"),
    [
        ("intact", (400,), ("quad_all",), {"nmes", "fes"}),
        ("any", (250, 400), ("quad_all", "ta"), {"nmes", "fes"}),
        ("intact", (1000,), ("quad_all",), {"nmes", "fes"}),
        ("intact", (250,), ("quad_all", "gastroc"), {"nmes", "fes", "circ"}),
        ("intact", (250,), ("soleus",), {"nmes", "fes", "circ"}),
        ("damaged", (75_000,), ("quad_all",), {"denerv"}),
        ("damaged", (400,), ("soleus",), {"nmes", "fes", "circ", "denerv"}),
        ("damaged", (1000, 75_000), ("quad_all",), {"nmes", "fes", "denerv"}),
        ("intact", (400, 1001), ("quad_all",), {"nmes", "fes", "denerv"}),
        ("intact", (1001,), ("soleus",), {"denerv"}),
        ("intact", (), ("quad_all",), {"nmes", "fes"}),
    ],
)
def test_the_type_of_a_protocol_follows_from_nerve_pulse_and_muscle(
    lmn_status: str, widths_us: tuple[int, ...], muscles: tuple[str, ...], types: set[str]
) -> None:
    assert types_of_protocol(lmn_status, widths_us, muscles) == types


@pytest.mark.parametrize("rule", ["ALS", "MALNUT", "DISLOCATION", "MYOPATHY", "RHABDO"])
def test_a_protocol_that_calls_itself_one_for_damaged_nerves_escapes_no_rule_about_short_pulses(rule: str) -> None:
    types = types_of_protocol("damaged", (400,), ("quad_all",))
    given = with_answer(facts(types=types), answered(rule, Answer.YES))
    assert standing(given, rule) in ("block", "override_needed")


def test_the_journals_sentence_names_rules_and_nothing_of_a_person() -> None:
    given = with_answer(facts(), answered("HEART", Answer.YES), answered("INTOX", Answer.YES))
    given = replace(given, overrides=(replace(override("HEART"), reason="Frau Musterfrau is stable"),))
    assert judge_screening(given, NOW).sentence() == "screening refuses: INTOX (block)"
    assert "Musterfrau" not in str(judge_screening(given, NOW))


def test_times_of_any_zone_are_the_same_moments() -> None:
    there = NOW.astimezone(UTC).astimezone(tz=None)
    assert judge_screening(facts(), there) == judge_screening(facts(), NOW)
