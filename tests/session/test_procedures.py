"""Measuring procedures in the engine: what is found is what is there, and nothing flows that nobody asked for."""

from collections.abc import Callable

import pytest

from emscontrol.core.errors import DeviceMisfit, IllegalTransition, SafetyRefusal, UsageError
from emscontrol.core.units import US_PER_S
from emscontrol.measure.rebuild import FINDINGS, rebuild
from emscontrol.record.replay import read_records
from emscontrol.session import probe
from emscontrol.session.inputs import Adjust, Pause, Resume, Stop
from emscontrol.session.probe import ANSWER_US, REST_US
from emscontrol.session.states import State
from emscontrol.session.step import RAMP_US
from emscontrol.wiring.procedures import assemble_procedure, session_of
from tests.session.patient import Bedside, Patient, curve_spec, threshold_spec

HEALTHY = Patient()


def words(*given: str) -> Callable[[int, int], str]:
    """These words, whatever the step."""
    left = iter(given)
    return lambda level_ua, width_us: next(left)


def at_step(level_ua: int, **changed: object) -> Bedside:
    """Running, and this step has just been asked about."""
    bedside = Bedside(threshold_spec(**changed)).to_running()
    bedside.say("up")
    while (question := bedside.until_asked()) is not None and question["amplitude_ua"] < level_ua:
        bedside.say("nothing")
    return bedside


def off_after(bedside: Bedside, within_us: int) -> bool:
    """Whether the oscilloscope shows zero so soon, and ever after."""
    bedside.run.advance(bedside.now_us + within_us)
    bedside.port.read(bedside.now_us)
    if not bedside.port.stage.is_zero:
        return False
    pulses = bedside.pulses(2)
    bedside.finish()
    return bedside.pulses(2) == pulses


# -- what is found -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "step_ua"), [("p24", 500), ("rehastim2", 2000)])
def test_the_search_finds_the_thresholds_of_the_sheet_within_a_step(model: str, step_ua: int) -> None:
    """simulator-physiology §2.2: at 300 µs sensory 7.33 mA, motor 17.95 mA; comfort here is 0.6 of the pain threshold, 21.0."""
    bedside = Bedside(threshold_spec(), model).to_running().play(HEALTHY.word)
    assert (bedside.engine.result, bedside.engine.reason) == ("completed", "the procedure is done")
    found = bedside.thresholds()
    for name, true_ua in (("sensory", 7_333), ("motor", 17_950)):
        below_ua, at_ua = found[name]
        assert below_ua < true_ua <= at_ua
        assert at_ua - below_ua == step_ua
    assert found["comfort"][1] <= 21_000 < found["comfort"][1] + max(1000, step_ua)


def test_a_curve_on_a_p24_finds_rheobase_and_chronaxie() -> None:
    bedside = Bedside(curve_spec()).to_running().play(lambda level, width: HEALTHY.word(level, width, goes_on=True))
    points = {int(str(e.args["width_us"])): e.args for e in bedside.of("curve_point")}
    assert sorted(points) == [100, 200, 300, 500, 700, 1000]
    for width_us, args in points.items():
        assert int(str(args["below_ua"])) < HEALTHY.motor_ma(width_us) * 1000 <= int(str(args["amplitude_ua"]))
    fitted = bedside.of("curve_fitted")[0].args
    assert fitted["suggestion"] == "innervated"
    curve = fitted["curves"]["1"]
    assert curve["chronaxie_us"][1] <= 200 <= curve["chronaxie_us"][2]


def test_no_response_up_to_the_cap_is_a_result() -> None:
    conus = Patient(denervated=1.0, sensation=False)
    bedside = Bedside(threshold_spec(up_to_ua=12_000)).to_running().play(conus.word)
    assert bedside.engine.result == "completed"
    absent = {event.args["threshold"]: event.args["up_to_ua"] for event in bedside.of("threshold_absent")}
    assert absent == {"sensory": 12_000, "motor": 12_000, "comfort": 12_000}
    assert max(bedside.peaks(2)) == 12_000


# -- the record and the oscilloscope -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", [threshold_spec(), curve_spec(widths_us=(200, 500))], ids=["threshold", "curve"])
def test_the_record_says_what_the_oscilloscope_saw(spec: object) -> None:
    bedside = Bedside(spec).to_running().play(lambda level, width: HEALTHY.word(level, width, goes_on=True))  # type: ignore[arg-type]
    asked = [int(str(event.args["amplitude_ua"])) for event in bedside.of("asked")]
    assert bedside.peaks(2) == asked
    assert [level for level, _, _ in bedside.said if level] == asked
    totals = bedside.of("totals")[0].args["channels"]["2"]
    assert totals["pulses"] == bedside.pulses(2)
    assert totals["peak_ua"] == max(asked)
    assert totals["contractions"] == len(asked)


@pytest.mark.parametrize("spec", [threshold_spec(), curve_spec(widths_us=(200, 500))], ids=["threshold", "curve"])
def test_the_findings_can_be_worked_out_from_the_journal_alone(spec: object) -> None:
    bedside = Bedside(spec).to_running().play(lambda level, width: HEALTHY.word(level, width, goes_on=True))  # type: ignore[arg-type]
    events = [record.event for record in read_records(bedside.journal.lines)]
    rebuilt = rebuild(event for event in events if event.kind not in FINDINGS)
    assert rebuilt.over
    assert rebuilt.findings == tuple(event for event in events if event.kind in FINDINGS)


def test_a_long_or_single_pulse_is_given_whole_and_the_first_one_weak() -> None:
    """At 0.5 Hz the channel is turned on at a tenth of the step; the two pulses at the full step follow after 2 and 4 s."""
    bedside = Bedside(curve_spec(widths_us=(1000,))).to_running()
    bedside.say("up")
    for _ in range(9):
        bedside.until_asked()
        bedside.say("nothing")
    bedside.until_asked()
    before = bedside.pulses(2)
    bedside.say("again")
    bedside.run.advance(bedside.now_us + 10 * US_PER_S)
    assert bedside.pulses(2) - before == 3
    assert bedside.port.stage.is_zero


# -- the operator's word -------------------------------------------------------------------------------------------------------


def test_nothing_flows_before_the_first_word() -> None:
    bedside = Bedside(threshold_spec()).to_running()
    bedside.run.advance(bedside.now_us + 30 * US_PER_S)
    assert bedside.engine.state is State.RUNNING
    assert bedside.pulses(2) == 0


def test_a_step_is_given_once_and_then_waits() -> None:
    bedside = at_step(3000)
    bedside.run.advance(bedside.now_us + 3 * US_PER_S)
    pulses = bedside.pulses(2)
    bedside.run.advance(bedside.now_us + 20 * US_PER_S)
    assert bedside.engine.state is State.RUNNING
    assert bedside.pulses(2) == pulses
    assert bedside.port.stage.is_zero


def test_when_nobody_answers_it_ends() -> None:
    bedside = at_step(3000)
    silent_from_us = bedside.now_us
    bedside.finish()
    assert bedside.engine.result == "stopped"
    assert bedside.engine.reason == "nobody answered for 60 s"
    assert silent_from_us + ANSWER_US <= bedside.now_us <= silent_from_us + ANSWER_US + 3 * US_PER_S


def test_a_word_ends_the_current_of_its_step_and_the_next_comes_after_a_rest() -> None:
    bedside = at_step(5000)
    assert bedside.port.stage.amplitude_ua(2) == 5000
    said_us = bedside.now_us
    bedside.say("nothing")
    bedside.run.advance(said_us + 28_500 + 5_000)
    bedside.port.read(bedside.now_us)
    assert bedside.port.stage.is_zero, "no pulse begins any more: it is off before the next period is over"
    bedside.run.advance(said_us + REST_US - 1)
    assert bedside.port.stage.is_zero
    bedside.until_asked()
    assert bedside.port.stage.amplitude_ua(2) == 6000


def test_a_word_about_a_step_that_was_not_given_yet_is_refused() -> None:
    bedside = at_step(3000)
    bedside.say("nothing")
    for _ in range(2):
        with pytest.raises(SafetyRefusal, match="not been given yet"):
            bedside.say("nothing")
        bedside.run.advance(bedside.now_us + REST_US)  # first in the rest, then in the ramp
    question = bedside.until_asked()
    assert question is not None
    assert question["amplitude_ua"] == 4000


def test_too_much_is_obeyed_while_the_current_still_rises() -> None:
    bedside = at_step(10_000)
    bedside.say("again")
    bedside.run.advance(bedside.now_us + REST_US + RAMP_US // 2)
    assert 0 < bedside.port.stage.amplitude_ua(2) < 10_000
    bedside.say("too-much")
    bedside.port.read(bedside.now_us)
    assert bedside.port.stage.is_zero
    question = bedside.until_asked()
    assert question is not None
    assert question["amplitude_ua"] == 9_000


@pytest.mark.parametrize("word", ["", "NOTHING", "more", "felt "])
def test_other_words_change_nothing(word: str) -> None:
    bedside = at_step(2000)
    before = bedside.engine.view(bedside.now_us)["question"]
    with pytest.raises(UsageError, match="no word"):
        bedside.say(word)
    assert bedside.engine.view(bedside.now_us)["question"] == before


def test_a_word_about_another_channel_changes_nothing() -> None:
    bedside = at_step(2000)
    with pytest.raises(SafetyRefusal, match="channel 3"):
        bedside.say("nothing", channel=3)
    question = bedside.question
    assert question is not None
    assert question["amplitude_ua"] == 2000


def test_the_hand_does_not_move_a_procedure() -> None:
    bedside = at_step(2000)
    with pytest.raises(SafetyRefusal, match="follows the answers"):
        bedside.run.give(Adjust(2, 1000))


def test_a_program_asks_nothing() -> None:
    from emscontrol.session.inputs import Answer
    from tests.session.rig import Rig

    rig = Rig().to_running()
    with pytest.raises(SafetyRefusal, match="asks nothing"):
        rig.run.give(Answer(1, "up"))


# -- stop, pause, fault --------------------------------------------------------------------------------------------------------

MOMENTS = {
    "before the first word": lambda: Bedside(threshold_spec()).to_running(),
    "in the rest": lambda: advanced(answered(), REST_US // 2),
    "in the ramp": lambda: advanced(answered(), REST_US + RAMP_US // 2),
    "at the full step": lambda: at_step(8000),
    "waiting for a word": lambda: advanced(at_step(8000), 5 * US_PER_S),
    "in a single long pulse": lambda: advanced(long_pulses(), 1_500_000),
}


def answered() -> Bedside:
    bedside = at_step(8000)
    bedside.say("nothing")
    return bedside


def long_pulses() -> Bedside:
    bedside = Bedside(curve_spec(widths_us=(1000,))).to_running()
    bedside.say("up")
    return bedside


def advanced(bedside: Bedside, by_us: int) -> Bedside:
    bedside.run.advance(bedside.now_us + by_us)
    return bedside


@pytest.mark.parametrize("moment", MOMENTS)
def test_stop_ends_it_at_once_and_a_late_word_does_nothing(moment: str) -> None:
    bedside = MOMENTS[moment]()
    assert bedside.engine.state is State.RUNNING
    bedside.run.give(Stop("operator", "key pressed"))
    with pytest.raises(IllegalTransition, match="Nothing is asked"):
        bedside.say("up")
    assert off_after(bedside, 20_000)
    assert bedside.engine.result == "stopped"
    with pytest.raises(IllegalTransition):
        bedside.say("up")


def test_a_pause_is_zero_and_the_step_is_given_anew_with_a_slow_ramp() -> None:
    bedside = at_step(20_000)
    bedside.run.give(Pause())
    bedside.port.read(bedside.now_us)
    assert bedside.port.stage.is_zero
    with pytest.raises(IllegalTransition):
        bedside.say("felt")
    bedside.run.advance(bedside.now_us + 90 * US_PER_S)
    assert bedside.engine.state is State.PAUSED
    bedside.run.give(Resume())
    resumed_us = bedside.now_us
    bedside.run.advance(resumed_us + US_PER_S)
    assert 0 < bedside.port.stage.amplitude_ua(2) <= 11_000
    question = bedside.until_asked()
    assert question is not None
    assert question["amplitude_ua"] == 20_000
    assert bedside.now_us >= resumed_us + 2 * US_PER_S
    bedside.say("contracts")
    assert bedside.until_asked() is not None


def test_an_electrode_that_comes_off_ends_it_as_a_fault() -> None:
    bedside = Bedside(threshold_spec(), faults=["electrode_off:2@5"]).to_running().play(HEALTHY.word)
    assert bedside.engine.result == "fault"
    assert bedside.of("electrode_fault")
    assert not bedside.of("threshold_found")


@pytest.mark.parametrize(
    ("fault", "results"),
    [
        ("dead_link@3", {"fault"}),
        ("dead_uplink@3", {"fault"}),
        ("unplug@3", {"fault"}),
        ("hang@3", {"fault"}),
        ("reboot@3", {"fault"}),
        ("garble:0.05@3", {"fault", "completed"}),
        ("duplicate_reply@3", {"completed"}),
    ],
)
@pytest.mark.parametrize("model", ["p24", "reference"])
def test_faults_of_link_and_stimulator_end_it_as_they_end_a_session(model: str, fault: str, results: set[str]) -> None:
    """Zero on the oscilloscope, by the stop or by the stimulator's own watchdog (2 s at most), and no finding made up.

    A stimulator that hangs in the middle of a step stays on; then it is said that its output is not known.
    """
    bedside = Bedside(threshold_spec(up_to_ua=12_000), model, faults=[fault]).to_running().play(HEALTHY.word)
    assert bedside.engine.closed
    assert bedside.engine.result in results
    bedside.port.read(bedside.now_us + 2 * US_PER_S)
    assert bedside.port.stage.is_zero or (fault == "hang@3" and bedside.engine.output_unknown)
    assert bool(bedside.of("threshold_absent")) is (bedside.engine.result == "completed")
    assert max(bedside.peaks(2)) <= 12_000


def test_nothing_is_answered_before_the_start() -> None:
    bedside = Bedside(threshold_spec())
    with pytest.raises(IllegalTransition, match="idle"):
        bedside.say("up")


# -- what is refused -----------------------------------------------------------------------------------------------------------


def test_the_gate_judges_a_step_before_it_is_taken() -> None:
    """A procedure that would lead above the envelope is refused at the word; nothing has changed, and nothing flowed."""
    spec = session_of(threshold_spec(), "p24@sim", "")
    bedside = Bedside(threshold_spec())
    tight = {2: assemble_procedure(spec).envelopes[2].tightened(amplitude_max_ua=10_000, source="the test")}
    bedside.engine._gate._envelopes = tight
    bedside.to_running()
    bedside.say("up")
    while (question := bedside.until_asked()) is not None and question["amplitude_ua"] < 10_000:
        bedside.say("nothing")
    with pytest.raises(SafetyRefusal, match=r"11\.0 mA") as refused:
        bedside.say("nothing")
    assert "AMPLITUDE" in refused.value.rules
    question = bedside.question
    assert question is not None
    assert question["amplitude_ua"] == 10_000
    bedside.run.advance(bedside.now_us + 10 * US_PER_S)
    assert max(bedside.peaks(2)) == 10_000
    assert bedside.engine.state is State.RUNNING


@pytest.mark.parametrize(
    ("changed", "kind", "says"),
    [
        ({"up_to_ua": 140_000}, SafetyRefusal, "At most 130.0 mA is allowed"),
        ({"step_ua": 1500}, SafetyRefusal, "at most 1.0 mA"),
        ({"muscle": "masseter"}, SafetyRefusal, ""),
        ({"muscle": "nonsense"}, SafetyRefusal, "catalogue"),
        ({"channel": 9}, DeviceMisfit, "Channel 9"),
        ({"widths_us": (2000,)}, DeviceMisfit, "not declared"),
        ({"widths_us": (30,)}, SafetyRefusal, "50 µs"),
        ({"area_mm2": 100, "up_to_ua": 60_000}, SafetyRefusal, "density"),
        ({"widths_us": ()}, UsageError, "no procedure"),
        ({"kind": "dance"}, UsageError, "dance"),
        ({"up_to_ua": 400}, UsageError, "not even one step"),
    ],
)
def test_what_is_not_allowed_is_refused_and_never_lowered(changed: dict[str, object], kind: type[Exception], says: str) -> None:
    with pytest.raises(kind) as refused:
        assemble_procedure(session_of(threshold_spec(**changed), "p24@sim", ""))
    assert says in str(refused.value)


def test_a_procedure_lasts_an_hour_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    assert probe.LONGEST_US == 3600 * US_PER_S
    monkeypatch.setattr(probe, "LONGEST_US", 180 * US_PER_S)
    bedside = at_step(1000)
    for _ in range(3):
        bedside.run.advance(bedside.now_us + 55 * US_PER_S)
        bedside.say("again")
    bedside.finish()
    assert bedside.engine.reason == "the procedure took 3 minutes"
    assert bedside.engine.result == "stopped"


def test_the_limits_in_force_are_what_the_operator_allows() -> None:
    """The gate itself holds the procedure to --up-to, in the device's steps and rounded down."""
    envelope = assemble_procedure(session_of(threshold_spec(up_to_ua=33_333), "p24@sim", "")).envelopes[2]
    assert envelope.amplitude_max_ua == 33_000


def test_a_short_pulse_among_long_ones_is_held_to_the_rules_for_nerve() -> None:
    """80 mA and 1 ms are 80 µC, more than the 75 µC of a phase up to 1 ms, whatever the device calls the shape."""
    spec = curve_spec(widths_us=(1000, 20_000), up_to_ua=80_000)
    with pytest.raises(SafetyRefusal) as refused:
        assemble_procedure(session_of(spec, "reference@sim", ""))
    assert refused.value.rules == ("CHARGE",)
    assert "At most 75.0 mA" in refused.value.remedy


def test_what_is_near_a_limit_is_warned_of_before_anything_flows() -> None:
    """72 µC of the 75 µC of a phase; a 5 cm² pad at 40 mA, 300 µs and 35 Hz has 1.16 of the 2 mA/cm², more than the half."""
    near = assemble_procedure(session_of(threshold_spec(widths_us=(1000,), up_to_ua=72_000), "p24@sim", "")).opening
    assert "CHARGE" in {event.args["rule"] for event in near if event.kind == "warned"}
    small = assemble_procedure(session_of(threshold_spec(area_mm2=500, up_to_ua=40_000), "p24@sim", "")).opening
    assert "J_RMS" in {event.args["rule"] for event in small if event.kind == "warned"}
    far = assemble_procedure(session_of(threshold_spec(up_to_ua=40_000), "p24@sim", "")).opening
    assert [event.kind for event in far] == ["session_opened"]
