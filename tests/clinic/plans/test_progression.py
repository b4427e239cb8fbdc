"""Facts to proposals: every rule, its edges, and what never happens."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.clinic.patients.measures import parse_value
from emscontrol.clinic.plans.progression import Decided, History, propose, protocol_facts, what_ends
from emscontrol.clinic.plans.rules import (
    COMPARISONS,
    DOES,
    FACTS,
    Condition,
    Rule,
    RuleSet,
    progression,
    read_progression,
    rule_set,
    usual_set,
)
from emscontrol.core.errors import UsageError
from emscontrol.protocol.adjust import adjust
from emscontrol.protocol.changes import Changes
from emscontrol.protocol.library import library_ids, load_named
from emscontrol.protocol.load import LoadedProtocol
from emscontrol.protocol.parts import Reference
from tests.clinic.plans.material import gentle_shoulder, with_fraction

RULES = progression().rules
ACL = load_named("acl-quadriceps")
WEAKER = with_fraction("acl-quadriceps", "1", "0.98")
SLOW = load_named("sci-quadriceps-doublets")
SHOULDER = load_named("shoulder-subluxation-stroke")
GENTLE = gentle_shoulder()
FOOT = load_named("foot-drop-strengthening")
RAISED = History(Changes(contractions=5), (Changes(contractions=5),))
FINE = {
    "sessions": 6,
    "nrs": 1,
    "doms": 2,
    "skin": 0,
    "adherence_percent": 95,
    "days_since_change": 8,
    "sessions_since_change": 3,
}

CASES: list[tuple[str, LoadedProtocol, History, dict[str, int], str, Changes, str]] = [
    ("P2", ACL, History(), {"closest_h": 45}, "advise", Changes(), "45 h apart"),
    ("P3-pain", ACL, RAISED, {"nrs": 4}, "back", Changes(contractions=-5), "Pain was 4/10"),
    ("P3-soreness", ACL, RAISED, {"doms": 4}, "back", Changes(contractions=-5), "Soreness the day after was 4/10"),
    ("P3-fatigue", ACL, RAISED, {"fatigue_percent": 30}, "hold", Changes(), "fell by 30 %"),
    ("P3-contractions", ACL, History(), {}, "raise", Changes(contractions=5), "8 days at the same level, 95 %"),
    ("P3-minutes", SHOULDER, History(), {}, "raise", Changes(work_s=300), "five minutes more"),
    ("P4-three", ACL, History(), {"days": 14}, "raise", Changes(off_ms=-20_000), "it is 500 % of it"),
    ("P4-two", ACL, History(), {"days": 28}, "raise", Changes(off_ms=-30_000), "twice the contraction"),
    ("P4-one", ACL, History(), {"days": 42}, "raise", Changes(off_ms=-40_000), "Day 42 of an endurance plan"),
    ("P5", SLOW, History(), {"days": 14}, "raise", Changes(rate_mhz=5000), "5 Hz more"),
    ("P6", WEAKER, History(), {}, "raise", Changes(fraction_milli=20), "never above it"),
    ("P7", ACL, History(), {"at_limit": 1}, "raise", Changes(width_us=50), "50 µs more"),
    ("P8-more", ACL, History(), {"full_in_row": 2}, "advise", Changes(), "last 2 sessions"),
    ("P8-less", ACL, History(), {"short_last": 1}, "advise", Changes(), "a fifth of the weight"),
    ("P9", GENTLE, History(), {"days_since_change": 2}, "raise", Changes(work_s=1800), "2 days at 25 min"),
    ("P10", FOOT, History(), {"days_since_change": 1}, "raise", Changes(work_s=900), "30 min and the skin is sound"),
    ("P11", FOOT, History(), {"days_since_change": 7}, "raise", Changes(work_s=300), "7 days at 30 min"),
    ("P12-pause", ACL, RAISED, {"new_findings": 1}, "pause", Changes(), "the plan is to be paused"),
    ("P12-restart", ACL, RAISED, {"days_since_last": 28}, "restart", Changes(contractions=-5), "28 days without a session"),
    ("P12-back", ACL, RAISED, {"days_since_last": 14}, "back", Changes(contractions=-5), "14 days without a session"),
    ("P13", ACL, History(), {"unchanged_days": 28}, "advise", Changes(), "have not changed in 28 days"),
    ("P13-denervated", ACL, History(), {"unchanged_days": 91}, "advise", Changes(), "Nothing has changed in 91 days"),
    ("P14", ACL, History(), {"retest_days": 7}, "advise", Changes(), "last measured 7 days ago"),
    ("L1-stage", ACL, History(), {"days": 14, "evoked_mn": 500}, "advise", Changes(), "the muscle answers"),
]


def _alone(name: str) -> RuleSet:
    return RuleSet("one", "one rule", 48, 0, (RULES[name],))


def test_the_table_of_cases_has_every_rule() -> None:
    assert [case[0] for case in CASES] == [name for name in RULES if name != "P1"]  # P1 is in what a first session is given
    assert {rule.rule for rule in RULES.values()} == {f"P{number}" for number in range(1, 15)} | {"L1"}


@pytest.mark.parametrize(
    ("name", "pinned", "history", "facts", "do", "changes", "words"), CASES, ids=[case[0] for case in CASES]
)
def test_every_rule_proposes_what_it_says_with_its_reason_and_its_facts(
    name: str, pinned: LoadedProtocol, history: History, facts: dict[str, int], do: str, changes: Changes, words: str
) -> None:
    found = propose(_alone(name), FINE | facts, history, pinned)
    assert found is not None
    assert (found.rule, found.do, found.changes) == (name, do, changes)
    assert words in found.reason
    assert "{" not in found.reason
    assert "mA" not in found.reason
    assert found.facts.keys() == {condition.fact for condition in RULES[name].when}
    assert all(found.facts[fact] == value for fact, value in facts.items() if fact in found.facts)


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_every_rule_is_silent_one_step_short_of_each_of_its_edges(
    case: tuple[str, LoadedProtocol, History, dict[str, int]],
) -> None:
    name, pinned, history, facts = case[:4]
    known = FINE | facts
    in_the_protocol = protocol_facts(adjust(pinned, history.total).protocol)
    looked_at = [condition for condition in RULES[name].when if condition.fact not in in_the_protocol]
    assert looked_at
    for condition in looked_at:
        short = (
            condition.bound - 1 if condition.comparison == "at_least" else condition.bound + (condition.comparison == "at_most")
        )
        assert propose(_alone(name), known | {condition.fact: short}, history, pinned) is None, condition
        unknown = {fact: value for fact, value in known.items() if fact != condition.fact}
        if condition.comparison != "unless_at_least":
            assert propose(_alone(name), unknown, history, pinned) is None, condition


@pytest.mark.parametrize(
    ("name", "pinned"),
    [
        ("P3-contractions", SHOULDER),  # its phases have durations
        ("P3-minutes", ACL),
        ("P4-three", load_named("immobilised-quadriceps")),  # 5/10 is below 1:3 already
        ("P5", load_named("immobilised-quadriceps")),  # 100 Hz
        ("P6", ACL),  # at all that is tolerated
        ("P6", load_named("calf-pump")),  # of the motor threshold
        ("P7", WEAKER),
        ("P11", ACL),
    ],
)
def test_a_rule_that_the_protocol_has_no_room_for_is_silent(name: str, pinned: LoadedProtocol) -> None:
    facts = FINE | {"days": 60, "at_limit": 1}
    assert propose(_alone(name), facts, History(), pinned) is None


def test_raises_end_at_their_bounds() -> None:
    at_38 = History(Changes(contractions=23), (Changes(contractions=23),))
    found = propose(_alone("P3-contractions"), FINE, at_38, ACL)
    assert found is not None
    assert found.changes == Changes(contractions=2)
    assert propose(_alone("P3-contractions"), FINE, History(Changes(contractions=25)), ACL) is None


def test_where_there_is_nothing_to_go_back_to_the_level_is_held() -> None:
    found = propose(rule_set("strength"), FINE | {"nrs": 6, "days": 30}, History(), ACL)
    assert found is not None
    assert (found.rule, found.do, found.is_step, found.changes) == ("P3-pain", "hold", False, Changes())


def test_what_speaks_against_more_comes_before_more() -> None:
    ready = FINE | {"days": 20}
    raised = propose(rule_set("strength"), ready, RAISED, ACL)
    assert raised is not None
    assert raised.do == "raise"
    for fact, value, do in (
        ("nrs", 5, "back"),
        ("doms", 5, "back"),
        ("fatigue_percent", 35, "hold"),
        ("days_since_last", 15, "back"),
        ("days_since_last", 30, "restart"),
        ("new_findings", 1, "pause"),
    ):
        found = propose(rule_set("strength"), ready | {fact: value}, RAISED, ACL)
        assert found is not None
        assert found.do == do, fact


def test_a_decision_stands_until_another_session_and_for_its_days() -> None:
    facts = FINE | {"retest_days": 9}
    for decided, proposed in ((Decided(0, 0), False), (Decided(9, 0), False), (Decided(6, 2), False), (Decided(7, 1), True)):
        found = propose(_alone("P14"), facts, History(decided={"P14": decided}), ACL)
        assert (found is not None) is proposed


def test_a_plan_that_has_not_begun_does_not_go_on() -> None:
    assert propose(rule_set("strength"), {"sessions": 0}, History(), ACL) is None


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.do in ("back", "hold")], ids=lambda rule: rule.id)
def test_a_hold_says_what_ends_it_and_with_which_command(rule: Rule) -> None:
    """With the rule's own bound, so that entering what is said really ends it."""
    [condition] = rule.when
    alone = RuleSet("x", "x", 48, 0, (rule,))
    found = propose(alone, FINE | {condition.fact: condition.bound}, History(), ACL)
    assert found is not None
    assert ("no step to go back" in found.reason) is (rule.do == "back")
    told = what_ends(found, "P-7")
    assert told.startswith("Nothing more is proposed until ")
    if condition.fact in ("nrs", "doms"):
        most = condition.bound - 1
        assert f"of {most} or less is entered on a later day" in told
        assert told.endswith(f": emscontrol outcome add P-7 {condition.fact} 0-{most}.")
        assert parse_value(condition.fact, str(most)) == most * 1000
    assert propose(alone, FINE | {condition.fact: condition.bound - 1}, History(), ACL) is None


def test_a_step_is_ended_by_being_decided() -> None:
    found = propose(rule_set("strength"), FINE | {"nrs": 5}, RAISED, ACL)
    assert found is not None
    assert (found.is_step, what_ends(found, "P-7")) == (True, "")


def test_where_nobody_names_rules_only_muscle_without_a_nerve_has_its_own() -> None:
    usual = {name: usual_set(load_named(name).protocol) for name in library_ids()}
    assert {name for name, found in usual.items() if found == "denervated"} == {
        "denervated-quadriceps-twitches",
        "denervated-tibialis-triangular",
    }
    assert set(usual.values()) == {"denervated", "hold"}
    assert {rule.do for rule in rule_set("denervated").rules} & {"raise"} == set()


@pytest.mark.parametrize("name", [name for name in progression().sets if name not in ("hold", "daily")])
def test_every_set_looks_for_harm_first(name: str) -> None:
    does = [rule.do for rule in rule_set(name).rules]
    assert [rule.rule for rule in rule_set(name).rules][:3] == ["P12"] * 3
    assert "raise" not in does[: does.index("advise")] if "advise" in does else True
    assert max(i for i, do in enumerate(does) if do in ("pause", "restart", "back", "hold")) < min(
        (i for i, do in enumerate(does) if do == "raise"), default=len(does)
    )


def test_hold_and_daily_never_raise() -> None:
    assert all(rule.do != "raise" for name in ("hold", "daily") for rule in rule_set(name).rules)


def test_the_table_is_sound() -> None:
    for rule in RULES.values():
        assert rule.do in DOES
        assert rule.mark
        assert rule.text.endswith((".", "10 min."))
        assert bool(rule.by) or rule.off_percent is not None if rule.do == "raise" else not rule.by
        assert rule.do == "first_session" or (rule.when and rule.reason)
    for name in progression().sets:
        assert rule_set(name).title
        assert rule_set(name).rules
    assert set(FACTS) >= {c.fact for rule in RULES.values() for c in rule.when}


def test_a_file_with_what_is_not_known_is_refused() -> None:
    good = "revision: 1\nrules:\n  A: {rule: P3, text: t, mark: D, do: hold, when: {nrs: {at_least: 4}}, reason: r}\nsets: {}\n"
    assert read_progression(good).rules["A"].when == (Condition("nrs", "at_least", 4),)
    for old, new in (("nrs", "mood"), ("at_least", "about"), ("hold", "double"), ("reason: r", "reason: '{mood}'")):
        with pytest.raises(UsageError, match="not known"):
            read_progression(good.replace(old, new))
    with pytest.raises(UsageError, match="not there: B"):
        read_progression(good.replace("sets: {}", "sets: {s: {title: t, rest_min_h: 1, room_min: 0, rules: [B]}}"))
    with pytest.raises(UsageError, match="no change called amplitude_ua"):
        read_progression(good.replace("reason: r", "reason: r, by: {amplitude_ua: 1000}"))
    with pytest.raises(UsageError, match="The nearest is strength"):
        rule_set("strenght")


@settings(max_examples=80)
@given(
    st.sampled_from(sorted(progression().sets)),
    st.sampled_from([ACL, WEAKER, SLOW, SHOULDER, FOOT]),
    st.fixed_dictionaries({}, optional={name: st.integers(0, 120) for name in FACTS}),
    st.booleans(),
)
def test_whatever_is_known_what_follows_is_a_protocol_that_never_passes_what_is_tolerated(
    name: str, pinned: LoadedProtocol, facts: dict[str, int], raised: bool
) -> None:
    up = Changes(off_ms=-1000)
    history = History(up, (up,)) if raised else History()
    found = propose(rule_set(name), facts, history, pinned)
    if found is None:
        return
    after = adjust(pinned, history.total.plus(found.changes)).protocol
    for phase in after.phases:
        for group in phase.groups:
            assert group.intensity.fraction <= (1 if group.intensity.of is Reference.COMFORT else 1.5)
    if found.do in ("back", "restart"):
        assert after == pinned.protocol
    if found.do in ("hold", "pause", "advise"):
        assert found.changes == Changes()


def test_comparisons_with_what_is_not_known() -> None:
    assert [name for name, compare in COMPARISONS.items() if compare(None, 5)] == ["unless_at_least"]


def _without_conditions(rule: Rule) -> Rule:
    return replace(rule, when=())


def test_a_raise_that_would_break_a_rule_of_protocol_files_is_passed_over() -> None:
    greedy = replace(_without_conditions(RULES["P6"]), up_to={})
    assert propose(RuleSet("one", "one", 0, 0, (greedy,)), FINE, History(), WEAKER) is None


def test_no_session_grows_beyond_an_hour() -> None:
    facts = FINE | {"days_since_change": 2}
    more = Changes(work_s=1800)  # 25 min as prescribed, 55 by then; half an hour more would be 85
    assert propose(_alone("P9"), facts, History(), GENTLE) is not None
    assert propose(_alone("P9"), facts, History(more, (more,)), GENTLE) is None
