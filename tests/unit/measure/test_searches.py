"""The searches by words: whatever the true threshold and the steps, it is found between two steps, and nothing is too high."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.errors import SafetyRefusal
from emscontrol.measure.climb import Steps
from emscontrol.measure.curve import CurveSearch, curve_search
from emscontrol.measure.procedure import Procedure, Stimulus
from emscontrol.measure.staircase import Staircase
from emscontrol.measure.threshold import ThresholdSearch, threshold_search
from emscontrol.measure.words import Word

WORDS_MAX = 3000
MOVES_ONLY = (Word.UP, Word.DOWN, Word.AGAIN)


@st.composite
def steps(draw: st.DrawFn) -> Steps:
    """Steps as a device makes them: everything a multiple of its own step."""
    grid_ua = draw(st.sampled_from([100, 500, 1000]))
    step_ua = grid_ua * draw(st.integers(1, 1000 // grid_ua))
    fine_ua = grid_ua * draw(st.integers(1, step_ua // grid_ua))
    return Steps(step_ua, fine_ua, grid_ua, grid_ua * draw(st.integers(step_ua // grid_ua, 60_000 // grid_ua)))


def played(search: Procedure, word_for: Callable[[int, int], Word], seen: list[int]) -> Procedure:
    """Answer until it is over; `seen` collects every level given."""
    for _ in range(WORDS_MAX):
        stimulus = search.stimulus
        if stimulus is None:
            return search
        seen.append(stimulus.amplitude_ua)
        if stimulus.held:
            seen.pop()
            search = search.hear(Word.AGAIN).then
            continue
        word = Word.UP if stimulus.amplitude_ua == 0 else word_for(stimulus.amplitude_ua, stimulus.width_us)
        search = search.hear(word).then
    raise AssertionError("the search does not end")


def climbs_gently(seen: list[int], step_ua: int) -> bool:
    """No level is more than one step above the highest that was given before it."""
    return all(level <= max(seen[:place], default=0) + step_ua for place, level in enumerate(seen))


@settings(max_examples=150, deadline=None)
@given(steps(), st.integers(1, 70_000), st.integers(1, 70_000), st.integers(1, 70_000))
def test_the_three_thresholds_lie_between_the_steps_found(given_steps: Steps, one: int, two: int, three: int) -> None:
    sensory_ua, motor_ua, too_much_ua = sorted((one, two, three))

    def word(level_ua: int, _width_us: int) -> Word:
        if level_ua >= too_much_ua:
            return Word.TOO_MUCH
        return Word.CONTRACTS if level_ua >= motor_ua else Word.FELT if level_ua >= sensory_ua else Word.NOTHING

    seen: list[int] = []
    search = played(threshold_search(1, 300, given_steps), word, seen)
    assert isinstance(search, ThresholdSearch)
    assert max(seen) <= given_steps.cap_ua
    assert climbs_gently(seen, given_steps.step_ua)
    assert sum(level >= too_much_ua for level in seen) <= 1 + (search.comfort_ua is None)
    for true_ua, stairs in ((sensory_ua, search.sensory), (motor_ua, search.motor)):
        if stairs.at_ua is None:
            assert true_ua > search.climb.tolerated_ua
        else:
            assert stairs.below_ua < true_ua <= stairs.at_ua
            if true_ua < too_much_ua - given_steps.step_ua and true_ua <= given_steps.cap_ua - given_steps.step_ua:
                assert stairs.at_ua - stairs.below_ua <= max(given_steps.fine_ua, given_steps.grid_ua)
    if search.comfort_ua is not None:
        assert search.comfort_ua < too_much_ua <= search.comfort_ua + given_steps.step_ua


@settings(max_examples=100, deadline=None)
@given(steps(), st.floats(500, 60_000), st.floats(50, 30_000))
def test_every_point_of_a_curve_lies_between_its_steps(given_steps: Steps, rheobase_ua: float, chronaxie_us: float) -> None:
    widths = (100, 300, 1000, 10_000, 100_000)

    def true_ua(width_us: int) -> float:
        return rheobase_ua * (1 + chronaxie_us / width_us)

    seen: list[int] = []
    search = curve_search(1, widths, given_steps)
    search = played(search, lambda level, width: Word.CONTRACTS if level >= true_ua(width) else Word.NOTHING, seen)
    assert isinstance(search, CurveSearch)
    assert max(seen) <= given_steps.cap_ua
    assert [point.width_us for point in search.points] == sorted(widths, reverse=True)[: len(search.points)]
    for point in search.points:
        assert point.below_ua < true_ua(point.width_us)
        if point.at_ua is None:
            assert point.below_ua == given_steps.cap_ua
        else:
            assert true_ua(point.width_us) <= point.at_ua <= point.below_ua + max(given_steps.fine_ua, given_steps.grid_ua)
    assert len(search.points) == len(widths) or search.points[-1].at_ua is None


@settings(max_examples=200, deadline=None)
@given(steps(), st.lists(st.sampled_from(list(Word)), max_size=60), st.booleans())
def test_no_words_whatever_lead_above_the_cap_or_up_by_more_than_a_step(
    given_steps: Steps, words: list[Word], curve: bool
) -> None:
    search: Procedure = curve_search(1, (100, 300), given_steps) if curve else threshold_search(1, 300, given_steps)
    highest = 0
    too_much = given_steps.cap_ua + 1
    for word in words:
        before = search.stimulus
        if before is None:
            return
        if word is Word.TOO_MUCH and before.amplitude_ua:
            too_much = min(too_much, before.amplitude_ua)
        try:
            search = search.hear(word).then
        except SafetyRefusal:
            continue
        after = search.stimulus
        if after is None:
            return
        if after.width_us != before.width_us:
            too_much = given_steps.cap_ua + 1
        assert 0 <= after.amplitude_ua <= given_steps.cap_ua
        assert after.amplitude_ua <= highest + given_steps.step_ua
        assert after.amplitude_ua < too_much
        highest = max(highest, after.amplitude_ua)


@settings(max_examples=200, deadline=None)
@given(steps(), st.lists(st.tuples(st.sampled_from(list(Word)), st.booleans()), max_size=60), st.booleans())
def test_what_was_too_much_is_never_given_again_also_when_it_is_said_late(
    given_steps: Steps, words: list[tuple[Word, bool]], curve: bool
) -> None:
    """The flag: the word came before the step in hand had begun. Then too much is about the last one that was given."""
    search: Procedure = curve_search(1, (100, 300), given_steps) if curve else threshold_search(1, 300, given_steps)
    last: Stimulus | None = None
    hurt: dict[int, int] = {}
    for word, late in words:
        in_hand = search.stimulus
        if in_hand is None:
            return
        if in_hand.flows and not late:
            last = in_hand
            assert in_hand.amplitude_ua < hurt.get(in_hand.width_us, given_steps.cap_ua + 1)
        about = last if word is Word.TOO_MUCH and last is not None else in_hand
        try:
            search = search.hear(word, about).then
        except SafetyRefusal:
            continue
        after = search.stimulus
        if word is Word.TOO_MUCH and about.amplitude_ua:
            hurt[about.width_us] = min(about.amplitude_ua, hurt.get(about.width_us, about.amplitude_ua))
            assert after is None or not after.flows, "nothing flows before another word"
        if in_hand.held and word is not Word.AGAIN:
            assert after is None or not after.flows, "only again asks for a step that is offered"
        if after is not None and after.flows:
            assert after.amplitude_ua < hurt.get(after.width_us, given_steps.cap_ua + 1)


def test_nothing_begins_without_a_word() -> None:
    for search in (threshold_search(1, 300, STEPS), curve_search(1, (300,), STEPS)):
        assert search.stimulus is not None
        assert search.stimulus.amplitude_ua == 0
        up = search.hear(Word.UP).then.stimulus
        assert up is not None
        assert up.amplitude_ua == STEPS.step_ua


STEPS = Steps(step_ua=1000, fine_ua=500, grid_ua=500, cap_ua=5000)


def said(*words: Word) -> ThresholdSearch:
    search: Procedure = threshold_search(1, 300, STEPS)
    for word in words:
        search = search.hear(word).then
    assert isinstance(search, ThresholdSearch)
    return search


@pytest.mark.parametrize("word", MOVES_ONLY)
def test_moving_says_nothing_of_the_muscle(word: Word) -> None:
    search = said(Word.UP, word)
    assert (search.sensory, search.motor) == (Staircase(500, 500), Staircase(500, 500))


def test_at_the_cap_up_is_refused_and_a_statement_ends_the_search() -> None:
    at_cap = said(*[Word.UP] * 5)
    assert at_cap.climb.level_ua == 5000
    with pytest.raises(SafetyRefusal, match=r"above 5\.0 mA"):
        at_cap.hear(Word.UP)
    heard = at_cap.hear(Word.NOTHING)
    assert heard.then.stimulus is None
    assert [event.kind for event in heard.events] == ["threshold_absent"] * 3
    assert {event.args["up_to_ua"] for event in heard.events} == {5000}


def test_a_step_above_the_cap_is_named_as_it_was_asked_for() -> None:
    search: Procedure = threshold_search(1, 300, Steps(step_ua=1000, fine_ua=500, grid_ua=500, cap_ua=2500))
    for _ in range(3):
        search = search.hear(Word.UP).then
    assert search.stimulus is not None
    assert search.stimulus.amplitude_ua == 2500
    with pytest.raises(SafetyRefusal, match=r"3\.5 mA is above 2\.5 mA"):
        search.hear(Word.UP)


@pytest.mark.parametrize("word", [Word.FELT, Word.CONTRACTS, Word.UNFELT, Word.LIMIT, Word.AGAIN])
def test_a_word_about_a_current_at_zero_is_answered_in_words(word: Word) -> None:
    for search in (threshold_search(1, 300, STEPS), curve_search(1, (300,), STEPS)):
        with pytest.raises(SafetyRefusal, match=r"At 0 mA nothing is given") as refusal:
            search.hear(word)
        assert "up (+)" in refusal.value.remedy


def test_what_was_left_before_its_first_step_is_not_measured() -> None:
    events = said().hear(Word.DONE).events
    assert [event.sentence().partition("µs: ")[2] for event in events] == ["not measured."] * 3


def test_what_stays_open_names_what_was_too_much() -> None:
    heard = said(Word.UP, Word.NOTHING, Word.FELT, Word.FELT, Word.TOO_MUCH).hear(Word.DONE)  # 2 mA felt, then 1.5, then 2.5
    told = {event.args["threshold"]: event.sentence().partition("µs: ")[2] for event in heard.events}
    assert told["motor"] == "not reached up to 2.0 mA, too much at 2.5 mA."


def test_a_comfort_level_has_no_step_that_it_is_not_at() -> None:
    events = said(Word.UP).hear(Word.LIMIT).events
    comfort = next(event for event in events if event.args["threshold"] == "comfort")
    assert comfort.args["below_ua"] is None
    assert "not" not in comfort.sentence()


def test_a_width_that_hurt_is_a_gap_that_names_it() -> None:
    search: Procedure = curve_search(1, (100, 1000), STEPS)
    for word in (Word.UP, Word.NOTHING):
        search = search.hear(word).then
    (gap,) = search.hear(Word.TOO_MUCH).events
    assert gap.sentence().endswith("none up to 1.0 mA, not tried higher: too much at 2.0 mA.")


def test_what_was_too_much_is_not_given_again() -> None:
    search = said(Word.UP, Word.CONTRACTS, Word.CONTRACTS, Word.CONTRACTS, Word.TOO_MUCH)
    assert search.climb.level_ua == 1500
    with pytest.raises(SafetyRefusal, match="too much"):
        search.hear(Word.UP)
    with pytest.raises(SafetyRefusal, match="not been given yet"):
        search.hear(Word.CONTRACTS)
    ended = search.hear(Word.AGAIN).then.hear(Word.CONTRACTS)
    assert isinstance(ended.then, ThresholdSearch)
    assert ended.then.comfort_ua == 1500


def test_of_two_contradicting_answers_the_newer_counts() -> None:
    stairs = Staircase(500, 500).told(3000, False).told(2000, True)
    assert (stairs.below_ua, stairs.at_ua) == (0, 2000)
    assert (stairs.told(2500, False).below_ua, stairs.told(2500, False).at_ua) == (2500, None)


def test_an_unfelt_contraction_is_no_sensory_threshold() -> None:
    search = said(Word.UP, Word.UNFELT)
    assert search.sensory.at_ua is None
    assert search.motor.at_ua == 1000


def test_a_curve_goes_on_at_the_next_width_when_one_hurts() -> None:
    search: Procedure = curve_search(1, (100, 1000), STEPS)
    for word in (Word.UP, Word.NOTHING, Word.TOO_MUCH):
        search = search.hear(word).then
    assert search.stimulus is not None
    assert (search.stimulus.width_us, search.stimulus.amplitude_ua) == (100, 1000)


def test_a_shorter_pulse_begins_at_the_step_that_the_longer_one_did_not_answer_to() -> None:
    search: Procedure = curve_search(1, (100, 1000), STEPS)
    for word in (Word.UP, Word.NOTHING, Word.NOTHING, Word.CONTRACTS, Word.CONTRACTS):  # 1, 2 and 3 mA, then 2.5 mA
        search = search.hear(word).then
    assert isinstance(search, CurveSearch)
    assert [(point.below_ua, point.at_ua) for point in search.points] == [(2000, 2500)]
    assert search.stimulus is not None
    assert (search.stimulus.width_us, search.stimulus.amplitude_ua) == (100, 2000)
