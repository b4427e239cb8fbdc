"""When a word counts, which step it is about, and when the current of a step ends: late cries, held keys, long pulses."""

from contextlib import nullcontext, suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.errors import EmsError, IllegalTransition, JournalBroken, SafetyRefusal
from emscontrol.core.pulse import Output, Outputs, Shape, Train, Waveform
from emscontrol.core.units import US_PER_MS, US_PER_S
from emscontrol.measure.rebuild import rebuild
from emscontrol.record.replay import read_records
from emscontrol.session.inputs import Answer, Pause, Resume, Stop
from emscontrol.session.states import State
from emscontrol.session.step import Step, step_us
from tests.session.patient import Bedside, curve_spec, threshold_spec

KEY_REPEAT_US = 33 * US_PER_MS


def at_step(level_ua: int, model: str = "p24") -> Bedside:
    """Running, and this step has just been given and asked about."""
    bedside = Bedside(threshold_spec(up_to_ua=30_000), model).to_running()
    bedside.say("up")
    while level_of(bedside) < level_ua:
        bedside.say("up")
    return bedside


def level_of(bedside: Bedside) -> int:
    question = bedside.until_asked()
    assert question is not None
    return int(str(question["amplitude_ua"]))


def advance(bedside: Bedside, by_us: int) -> None:
    bedside.run.advance(bedside.now_us + by_us)


def highest_since(bedside: Bedside, from_us: int, channel: int = 2) -> int:
    """The highest amplitude that the oscilloscope has seen begin since then."""
    bedside.port.read(bedside.now_us)
    return max((line.amplitude_ua for line in bedside.lines if line.channel == channel and line.t_us > from_us), default=0)


def last_word(bedside: Bedside) -> tuple[str, int]:
    args = bedside.of("answered")[-1].args
    return str(args["word"]), int(str(args["amplitude_ua"]))


def question_of(bedside: Bedside) -> tuple[int, bool]:
    question = bedside.question
    assert question is not None
    return int(str(question["amplitude_ua"])), bool(question["held"])


# -- too much, said late ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("later_us", [0, 500 * US_PER_MS, 999 * US_PER_MS, 1_200 * US_PER_MS])
def test_too_much_said_late_is_about_the_step_that_was_given(later_us: int) -> None:
    """20 mA, `up`, and then the cry: in the rest, or in the first part of the next ramp, which has not come so far."""
    bedside = at_step(20_000)
    bedside.say("up")
    advance(bedside, later_us)
    said_us = bedside.now_us
    bedside.say("too-much")
    assert last_word(bedside) == ("too-much", 20_000)
    assert question_of(bedside) == (19_000, True)
    advance(bedside, 30 * US_PER_S)
    assert highest_since(bedside, said_us) == 0
    bedside.say("again")
    bedside.until_asked()
    assert highest_since(bedside, said_us) == 19_000
    with pytest.raises(SafetyRefusal, match=r"20\.0 mA was too much"):
        bedside.say("up")
    bedside.say("done")
    bedside.finish()
    rebuilt = rebuild(record.event for record in read_records(bedside.journal.lines))
    assert rebuilt.over
    assert {e.args["threshold"]: e.kind for e in rebuilt.findings} == {
        e.args["threshold"]: e.kind for e in bedside.of("threshold_found") + bedside.of("threshold_absent")
    }


def test_too_much_of_a_step_that_has_been_felt_is_about_that_step() -> None:
    bedside = at_step(20_000)
    bedside.say("up")
    advance(bedside, 1_450 * US_PER_MS)
    bedside.say("too-much")
    assert last_word(bedside) == ("too-much", 21_000)
    assert question_of(bedside) == (20_000, True)


def test_too_much_said_after_down_is_about_the_higher_step_and_spares_the_lower() -> None:
    bedside = at_step(20_000)
    bedside.say("down")
    advance(bedside, 300 * US_PER_MS)
    bedside.say("too-much")
    assert last_word(bedside) == ("too-much", 20_000)
    assert question_of(bedside) == (18_000, True)


def test_too_much_about_a_step_that_the_record_does_not_have_is_noticed() -> None:
    bedside = at_step(3_000)
    bedside.say("too-much")
    records = [record.event for record in read_records(bedside.journal.lines)]
    changed = [replace(e, args={**e.args, "amplitude_ua": 9_000}) if e.args.get("word") == "too-much" else e for e in records]
    assert rebuild(records).findings
    with pytest.raises(JournalBroken, match="9000"):
        rebuild(changed)


def test_too_much_said_of_the_width_before_holds_and_eases_the_next() -> None:
    bedside = Bedside(curve_spec(widths_us=(300, 1000), up_to_ua=20_000)).to_running()
    bedside.say("up")
    for word in ("nothing", "nothing", "contracts", "nothing"):  # 1, 2, 3 and 2.5 mA
        bedside.until_asked()
        bedside.say(word)
    advance(bedside, 200 * US_PER_MS)
    said_us = bedside.now_us
    assert question_of(bedside) == (2_500, False)
    bedside.say("too-much")
    assert bedside.of("answered")[-1].args["width_us"] == 1000
    assert question_of(bedside) == (1_500, True)
    advance(bedside, 30 * US_PER_S)
    assert highest_since(bedside, said_us) == 0
    bedside.say("done")
    bedside.finish()
    assert rebuild(record.event for record in read_records(bedside.journal.lines)).over


# -- after too much ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("curve", "word"), [(False, "too-much"), (True, "too-much"), (True, "limit")])
def test_after_too_much_nothing_flows_before_another_word(curve: bool, word: str) -> None:
    spec = curve_spec(widths_us=(300, 1000)) if curve else threshold_spec()
    bedside = Bedside(spec).to_running()
    bedside.say("up")
    while level_of(bedside) < 6_000:
        bedside.say("nothing")
    bedside.say(word)
    said_us = bedside.now_us
    offered_ua, held = question_of(bedside)
    assert held
    assert 0 < offered_ua < 6_000
    advance(bedside, 20 * US_PER_S)
    for judging in ("nothing", "felt", "contracts", "unfelt", "limit"):
        with pytest.raises(SafetyRefusal, match="not been given yet"):
            bedside.say(judging)
        advance(bedside, 2 * US_PER_S)
    assert highest_since(bedside, said_us + 30 * US_PER_MS) == 0
    bedside.say("down")
    assert question_of(bedside) == (offered_ua - 1_000, True)
    bedside.until_asked()
    bedside.say("up")
    assert question_of(bedside) == (offered_ua, True)
    advance(bedside, 5 * US_PER_S)
    bedside.run.give(Pause())
    advance(bedside, US_PER_S)
    bedside.run.give(Resume())
    advance(bedside, 5 * US_PER_S)
    assert highest_since(bedside, said_us + 30 * US_PER_MS) == 0
    bedside.say("again")
    bedside.until_asked()
    assert highest_since(bedside, said_us + 30 * US_PER_MS) == offered_ua


def test_too_much_said_twice_takes_one_step_off() -> None:
    bedside = at_step(6_000)
    for _ in range(5):
        bedside.say("too-much")
        advance(bedside, KEY_REPEAT_US)
    assert question_of(bedside) == (5_000, True)


# -- a key that is held down -----------------------------------------------------------------------------------------------


def hold_down(bedside: Bedside, word: str, for_us: int, repeat_us: int = KEY_REPEAT_US, first_us: int = 0) -> None:
    """A key is pressed and held; `first_us` passes before it begins to repeat."""
    until_us = bedside.now_us + for_us
    wait_us = first_us or repeat_us
    while bedside.now_us < until_us and bedside.engine.state is State.RUNNING:
        with suppress(EmsError):
            bedside.say(word)
        advance(bedside, wait_us)
        wait_us = repeat_us


@pytest.mark.parametrize("word", ["up", "nothing", "felt", "contracts", "again"])
@pytest.mark.parametrize("repeat_us", [15 * US_PER_MS, KEY_REPEAT_US, 500 * US_PER_MS])
@pytest.mark.parametrize("first_us", [0, 250 * US_PER_MS, 660 * US_PER_MS])
def test_a_key_that_is_held_down_gives_one_step(word: str, repeat_us: int, first_us: int) -> None:
    bedside = at_step(3_000)
    given = len(bedside.of("answered"))
    hold_down(bedside, word, 30 * US_PER_S, repeat_us, first_us)
    assert len(bedside.of("answered")) == given + 1
    assert max(bedside.peaks(2)) <= 4_000
    advance(bedside, US_PER_S)
    if bedside.engine.state is State.RUNNING:
        bedside.say(word)
        assert len(bedside.of("answered")) == given + 2, "let go of for a second, it counts again"


@pytest.mark.parametrize("before_us", range(0, 1_400 * US_PER_MS, 100 * US_PER_MS))
def test_a_key_pressed_before_its_question_does_not_answer_it(before_us: int) -> None:
    """Whenever in the rest or the ramp it was pressed, and held for the usual delay and a second of repeats."""
    bedside = at_step(3_000)
    bedside.say("up")
    advance(bedside, before_us)
    given = len(bedside.of("answered"))
    hold_down(bedside, "up", 3 * US_PER_S, first_us=500 * US_PER_MS)
    assert len(bedside.of("answered")) == given


def test_a_word_counts_half_a_second_after_its_question() -> None:
    bedside = at_step(3_000)
    bedside.say("up")
    while len(bedside.of("asked")) < 4:
        advance(bedside, 10 * US_PER_MS)
    asked_us = next(t_us for t_us, event in reversed(bedside.events) if event.kind == "asked")
    advance(bedside, asked_us + 480 * US_PER_MS - bedside.now_us)
    with pytest.raises(SafetyRefusal) as refused:
        bedside.say("nothing")
    assert refused.value.rules == ("CALM_WORD",)
    advance(bedside, 990 * US_PER_MS)
    with pytest.raises(SafetyRefusal, match="let go of"):
        bedside.say("nothing")
    advance(bedside, 1_010 * US_PER_MS)
    bedside.say("nothing")


def test_too_much_and_stop_count_while_a_key_is_held_down() -> None:
    bedside = at_step(8_000)
    bedside.say("up")
    hold_down(bedside, "up", 1_400 * US_PER_MS)
    assert bedside.port.stage.amplitude_ua(2) > 0
    bedside.say("too-much")
    bedside.port.read(bedside.now_us)
    assert bedside.port.stage.is_zero
    hold_down(bedside, "again", 5 * US_PER_S)
    assert bedside.port.stage.is_zero, "the key that was held down does not ask for the step either"
    hold_down(bedside, "up", 200 * US_PER_MS)
    bedside.run.give(Stop("operator", "key pressed"))
    with pytest.raises(IllegalTransition):
        bedside.say("up")


# -- the end of a step -------------------------------------------------------------------------------------------------------


def train_of(period_us: int, duration_us: int, pulses: int) -> Train:
    """Pulses of this duration, several to a burst where they fit."""
    width_us = max(1, (duration_us - 100) // 2)
    waveform = Waveform(Shape.LONG_BIPHASIC, width_us, 100)
    return Train(waveform, period_us, pulses, waveform.duration_us + 500 if pulses > 1 else 0)


@st.composite
def trains(draw: st.DrawFn) -> tuple[Train, int]:
    """(train, how long its pulse or burst lasts)."""
    period_us = draw(st.integers(10 * US_PER_MS, 3 * US_PER_S))
    pulses = draw(st.sampled_from([1, 1, 1, 3]))
    duration_us = draw(st.integers(300, int(period_us * 0.9 / pulses) - 500))
    train = train_of(period_us, duration_us, pulses)
    return train, (pulses - 1) * train.burst_interval_us + 2 * train.waveform.width_us + 100


def runs(step: Step, until_us: int, grid_ua: int, lag_us: int) -> tuple[int | None, int | None]:
    """(first pulse, off) of a stimulator that acts so late, with amplitudes in steps of its own, rounded down."""
    begun_us = off_us = None
    now_us = 0
    while now_us < until_us:
        made = tuple(
            Output(o.channel, o.train, o.amplitude_ua // grid_ua * grid_ua)
            for o in step.outputs(now_us).channels
            if o.amplitude_ua >= grid_ua
        )
        if made and begun_us is None:
            begun_us = now_us + lag_us
        if not made and begun_us is not None:
            return begun_us, now_us + lag_us
        step.given(Outputs(made), now_us)
        now_us = min([*step.due_us(now_us), until_us])
    return begun_us, off_us


@settings(max_examples=300, deadline=None)
@given(
    trains(), st.sampled_from([100, 500, 1000]), st.integers(1, 20).map(lambda n: n * 1000), st.floats(0, 0.9), st.booleans()
)
def test_a_step_ends_between_two_pulses(made: tuple[Train, int], grid_ua: int, level_ua: int, lag: float, slow: bool) -> None:
    train, pulse_us = made
    ramp_us = 2 * US_PER_S if slow else 500 * US_PER_MS
    step = Step(Output(1, train, level_ua), 0, ramp_us)
    lag_us = int(lag * min(20 * US_PER_MS, (train.period_us - pulse_us) // 2))
    begun_us, off_us = runs(step, 60 * US_PER_S, grid_ua, lag_us)
    assert begun_us is not None
    assert off_us is not None
    for shift_us in (-lag_us, 0):  # the end may come at once where the beginning came late
        at_us = (off_us + shift_us - begun_us) % train.period_us
        assert pulse_us <= at_us
    full_us = next(us for us in range(0, ramp_us + 1, 1000) if Step(Output(1, train, level_ua), 0, ramp_us).outputs(us)
                   .amplitude_ua(1) >= level_ua)  # fmt: skip
    whole = sum(begun_us + k * train.period_us >= full_us for k in range((off_us - begun_us) // train.period_us + 1))
    assert whole >= 2, "at the least two pulses with the full current"
    if not slow:
        assert off_us - lag_us <= step_us(train), "what the session is allowed covers it"


@settings(max_examples=300, deadline=None)
@given(trains(), st.floats(0, 1), st.integers(1, 20).map(lambda n: n * 1000))
def test_a_mild_word_lets_the_pulse_that_runs_come_to_its_end(made: tuple[Train, int], when: float, level_ua: int) -> None:
    train, pulse_us = made
    step = Step(Output(1, train, level_ua), 0)
    said_us = int(when * step_us(train))
    begun_us, off_us = runs(step, said_us, 500, 0)
    if begun_us is None or off_us is not None:
        return
    before_ua = step.outputs(said_us).amplitude_ua(1)
    end_us = step.end(said_us)
    assert said_us <= end_us <= said_us + train.period_us
    assert (end_us - begun_us) % train.period_us >= pulse_us
    assert {step.outputs(us).amplitude_ua(1) for us in range(said_us, end_us, 10 * US_PER_MS)} <= {before_ua}
    assert step.outputs(end_us).amplitude_ua(1) == 0


@pytest.mark.parametrize("period_us", [510_000, 590_000, 650_000, 900_000, 2_000_000])
def test_a_curve_with_long_pulses_cuts_none_of_them(period_us: int) -> None:
    """100 ms pulses: the two phases and their gap last 200.1 ms, and the scope shows when the channel went on and off."""
    spec = curve_spec(widths_us=(100_000,), period_us=period_us, up_to_ua=10_000)
    bedside = Bedside(spec, "reference").to_running()
    bedside.say("up")
    for word in ("nothing", "again", "nothing", "down", "nothing", "done"):
        bedside.until_asked()
        bedside.say(word)
    bedside.finish()
    bedside.port.read(bedside.now_us)
    begun_us = None
    ends = []
    for line in (line for line in bedside.lines if line.channel == 2):
        if line.amplitude_ua and begun_us is None:
            begun_us = line.t_us
        if not line.amplitude_ua and begun_us is not None:
            ends.append((line.t_us - begun_us) % period_us)
            begun_us = None
    assert len(ends) >= 5
    assert min(ends) >= 200_100


def test_too_much_cuts_a_long_pulse_at_once_even_one_that_fades() -> None:
    for mild in ("", "again", "done"):
        bedside = Bedside(curve_spec(widths_us=(200_000,), up_to_ua=10_000), "reference").to_running()
        bedside.say("up")
        bedside.until_asked()
        begun_us = next(line.t_us for line in bedside.lines if line.channel == 2 and line.amplitude_ua)
        advance(bedside, begun_us + 4 * US_PER_S + 100 * US_PER_MS - bedside.now_us)
        if mild:
            bedside.say(mild)
            advance(bedside, 50 * US_PER_MS)
        assert bedside.port.stage.amplitude_ua(2) > 0, "the last pulse runs"
        with suppress(SafetyRefusal) if mild == "done" else nullcontext():
            bedside.say("too-much")
        advance(bedside, 5 * US_PER_MS)
        bedside.port.read(bedside.now_us)
        assert bedside.port.stage.is_zero


def test_a_word_that_is_no_key_of_this_kind_is_no_repeat() -> None:
    """A mistyped word of a script does not make the next one wait."""
    bedside = at_step(2_000)
    with pytest.raises(EmsError):
        bedside.run.give(Answer(2, "rubbish"))
    bedside.say("nothing")
