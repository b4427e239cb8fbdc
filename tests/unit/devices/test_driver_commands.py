"""A command has three outcomes, whatever the model: confirmed, refused, uncertain; and one event tells which."""

from dataclasses import replace

import pytest

from emscontrol.core.errors import DeviceMisfit
from emscontrol.core.pulse import NOTHING, Output, Outputs
from emscontrol.core.stimulator import Acked, Command, LinkSilent, ReadBack, Refused, Uncertain
from emscontrol.devices import registry
from emscontrol.devices.sciencemode2 import wire as wire2
from emscontrol.devices.sciencemode4 import wire as wire4
from firmware_sim.faults import FaultKind
from tests.unit.devices import reference_vectors
from tests.unit.devices.driver_bench import (
    ACK_WAIT_US,
    ANSWER,
    ARMING,
    MS,
    NUMBER,
    POLL,
    SET_POINT,
    STOP,
    WIDEST,
    Bench,
    cleared,
    only,
    outputs,
    train,
)

MODELS = sorted(registry.MODELS)
pytestmark = pytest.mark.parametrize("model", MODELS)
TRAIN = train()
SOME = outputs(TRAIN, ch1=4_000, ch3=6_000)


def ready(model: str) -> Bench:
    return Bench(model).ready(1, 3)


def test_outputs_are_confirmed_with_their_clearance_number_and_are_what_comes_out(model: str) -> None:
    bench = ready(model)
    assert bench.send(SOME, number=7)[0] == Acked(Command.OUTPUTS, 7)
    bench.run(100 * MS)
    assert (bench.amplitude_ua(1), bench.amplitude_ua(2), bench.amplitude_ua(3)) == (4_000, 0, 6_000)
    assert bench.port.stage.width_us(1) == 300
    assert bench.port.stage.period_us(3) == 30_000


def test_a_channel_that_is_left_out_goes_silent_and_nothing_at_all_silences_every_one(model: str) -> None:
    bench = ready(model)
    bench.send(SOME, for_us=100 * MS)
    bench.send(outputs(TRAIN, ch3=6_000), for_us=100 * MS)
    assert (bench.amplitude_ua(1), bench.amplitude_ua(3)) == (0, 6_000)
    assert bench.send(NOTHING, number=3)[0] == Acked(Command.OUTPUTS, 3)
    bench.run(100 * MS)
    assert bench.port.stage.is_zero


def test_preparing_lets_no_current_flow_and_is_confirmed(model: str) -> None:
    bench = Bench(model)
    bench.connect()
    assert bench.prepare(1, 3)[0] == Acked(Command.PREPARE)
    bench.run(300 * MS)
    assert bench.port.stage.first_output_us is None


def test_preparing_again_while_current_flows_stops_it_first(model: str) -> None:
    bench = ready(model)
    bench.send(SOME, for_us=100 * MS)
    began_us = bench.now_us
    assert bench.prepare(1, 3)[0] == Acked(Command.PREPARE)
    assert next(name for name in bench.names(began_us) if name != POLL[model]) == STOP[model]
    assert bench.port.stage.is_zero


def test_one_lost_answer_is_one_repeat_of_the_same_set_point(model: str) -> None:
    """With a new number; the reference stimulator tells a repeat by the same one."""
    bench = ready(model)
    bench.inject("drop_reply:1")
    began_us = bench.now_us
    events = bench.send(SOME, number=5, for_us=ACK_WAIT_US[model] + 10 * MS)
    assert only(Acked, events) == [Acked(Command.OUTPUTS, 5)]
    (first_us, first), (second_us, second) = [
        (at, frame) for at, frame in bench.requests(began_us) if frame.command == SET_POINT[model]
    ]
    assert second_us - first_us == ACK_WAIT_US[model]
    if model == "reference":
        assert first.raw == second.raw
    else:
        assert first.params["packet_number"] != second.params["packet_number"]
        assert first.params["channels"] == second.params["channels"]


def test_without_any_answer_it_becomes_uncertain_after_two_repeats(model: str) -> None:
    """And the link is lost: whichever comes first, both are told once."""
    bench = ready(model)
    bench.run(10 * MS)
    bench.inject("dead_uplink")
    began_us = bench.now_us
    events = bench.send(SOME, number=5, for_us=1_000 * MS)
    assert [(event.command, event.number) for event in only(Uncertain, events)] == [(Command.OUTPUTS, 5)]
    assert only(Acked, events) == only(Refused, events) == []
    assert len(only(LinkSilent, events)) == 1
    assert bench.names(began_us).count(SET_POINT[model]) == 3
    (at_us,) = [at for at, event in bench.events if isinstance(event, Uncertain)]
    assert at_us - began_us == 3 * ACK_WAIT_US[model]
    assert not bench.driver.busy


def test_after_uncertain_outputs_nothing_more_is_sent_until_it_was_stopped_and_prepared(model: str) -> None:
    bench = ready(model)
    bench.inject("dead_uplink")
    bench.send(SOME, for_us=1_000 * MS)
    bench.port.faults.clear(FaultKind.DEAD_UPLINK)
    bench.run(100 * MS)
    with pytest.raises(RuntimeError, match="prepare"):
        bench.driver.send(cleared(NOTHING), bench.now_us)


def test_an_answer_that_comes_after_the_outcome_changes_nothing_and_is_counted(model: str) -> None:
    bench = ready(model)
    bench.inject("late:600")
    events = bench.send(SOME, number=5, for_us=590 * MS)
    assert len(only(Uncertain, events)) == 1
    before = bench.driver.late_answers  # type: ignore[attr-defined]
    assert only(Acked, bench.run(1_000 * MS)) == []
    assert bench.driver.late_answers > before  # type: ignore[attr-defined]


def test_an_answer_to_the_first_transmission_still_counts_while_the_repeat_is_under_way(model: str) -> None:
    bench = ready(model)
    bench.inject(f"late:{ACK_WAIT_US[model] // MS + 20}")
    events = bench.send(SOME, number=5, for_us=500 * MS)
    assert only(Acked, events) == [Acked(Command.OUTPUTS, 5)]
    assert only(Uncertain, events) == []
    (at_us,) = [at for at, event in bench.events if event == Acked(Command.OUTPUTS, 5)]
    assert at_us - bench.requests()[0][0] > 0


def test_frames_that_arrive_twice_are_one_outcome(model: str) -> None:
    bench = ready(model)
    bench.inject("duplicate")
    assert only(Acked, bench.send(SOME, number=5)) == [Acked(Command.OUTPUTS, 5)]
    assert only(Acked, bench.stop()) == [Acked(Command.STOP)]
    assert bench.driver.late_answers >= 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", [2, 16])
def test_a_no_is_one_event_with_code_and_words_and_the_old_set_point_stays(model: str, code: int) -> None:
    bench = ready(model)
    bench.send(SOME, for_us=100 * MS)
    wire_code = 256 - min(code, 3) if model == "rehastim2" else code  # the RehaStim 2 knows -2 and -3
    bench.inject(f"nak:1/{wire_code}")
    events = bench.send(outputs(TRAIN, ch1=8_000, ch3=6_000), number=6, for_us=100 * MS)
    (refused,) = only(Refused, events)
    assert (refused.command, refused.number) == (Command.OUTPUTS, 6)
    assert refused.code == (-min(code, 3) if model == "rehastim2" else code)
    assert len(refused.text) > 20
    assert only(Acked, events) == only(Uncertain, events) == []
    assert bench.amplitude_ua(1) == 4_000


def test_a_request_the_device_could_not_take_is_repeated_and_only_then_refused(model: str) -> None:
    bench = ready(model)
    if model == "reference":  # it has no such answer: its damaged frames have none at all
        bench.inject("nak:1/24")
        assert [refused.code for refused in only(Refused, bench.send(SOME, number=6, for_us=50 * MS))] == [24]
        return
    transfer = {"p24": 1, "rehastim2": 255}[model]
    bench.inject(f"nak:2/{transfer}")
    assert only(Acked, bench.send(SOME, number=6, for_us=50 * MS)) == [Acked(Command.OUTPUTS, 6)]
    bench.inject(f"nak:9/{transfer}")
    (refused,) = only(Refused, bench.send(NOTHING, number=7, for_us=50 * MS))
    assert refused.code == {"p24": 1, "rehastim2": -1}[model]


def test_an_answer_with_a_result_nobody_knows_is_a_refusal_with_that_code(model: str) -> None:
    bench = ready(model)
    bench.inject("dead_uplink")
    bench.send(SOME, number=6, for_us=0)
    ack = SET_POINT[model] + ANSWER[model]
    good = bench.driver  # the frame is made by hand, for no encoder lets the code through
    number = bench.requests()[-1][1].params[NUMBER[model]]
    events = good.receive(_frame_with_result(model, ack, number, 0x77), bench.now_us)
    (refused,) = only(Refused, events)
    assert (refused.command, refused.code, refused.number) == (Command.OUTPUTS, 0x77, 6)


def _frame_with_result(model: str, ack: str, number: int, result: int) -> bytes:
    if model == "reference":
        return reference_vectors.line(0x89, number, reference_vectors.EPOCH, bytes((result, 0)))
    wire = {"p24": wire4, "rehastim2": wire2}[model]
    command = wire.TABLE.by_name[ack].number
    prefix = bytes((number << 2 | command >> 8, command & 0xFF)) if model == "p24" else bytes((number, command))
    return wire._FRAMING.frame(prefix + bytes((result,)))


def test_stop_goes_out_alone_at_once_even_with_a_command_outstanding(model: str) -> None:
    bench = ready(model)
    bench.send(SOME, for_us=100 * MS)
    bench.inject("late:30")
    bench.send(outputs(TRAIN, ch1=6_000), number=8, for_us=5 * MS)
    assert bench.driver.busy
    began_us = bench.now_us
    events = bench.stop(for_us=100 * MS)
    assert bench.requests(began_us)[0][0] == began_us
    assert bench.names(began_us)[0] == STOP[model]
    assert bench.port.stage.is_zero
    assert only(Acked, events) == [Acked(Command.STOP)]


def test_stop_may_be_called_at_any_time_and_again(model: str) -> None:
    bench = Bench(model)
    assert bench.driver.stop(0)
    bench.connect()
    for _ in range(3):
        assert only(Acked, bench.stop()) == [Acked(Command.STOP)]


def test_an_unanswered_stop_is_repeated_twice_then_uncertain_and_nothing_feeds_the_watchdog(model: str) -> None:
    """A keep-alive that got through while the stop did not would hold the current up."""
    bench = ready(model)
    bench.send(SOME, for_us=99 * MS)
    bench.inject("dead_uplink")
    began_us = bench.now_us
    events = bench.stop(for_us=3_000 * MS)
    assert [event.command for event in only(Uncertain, events)] == [Command.STOP]
    assert bench.names(began_us) == [STOP[model]] * 3
    assert bench.port.stage.is_zero


def test_after_a_stop_the_device_itself_says_that_it_is_off(model: str) -> None:
    bench = ready(model)
    bench.send(SOME, for_us=100 * MS)
    (on,) = only(ReadBack, bench.read_back())
    assert on.output_on is True
    bench.stop()
    (off,) = only(ReadBack, bench.read_back())
    assert off.output_on is False
    assert off.active == frozenset()


def test_an_output_that_stays_on_is_read_back_as_on_although_the_stop_was_confirmed(model: str) -> None:
    bench = ready(model)
    bench.send(SOME, for_us=100 * MS)
    bench.inject({"p24": "stuck_on", "rehastim2": "freeze", "reference": "stuck_on"}[model])
    assert only(Acked, bench.stop()) == [Acked(Command.STOP)]
    (on,) = only(ReadBack, bench.read_back())
    assert on.output_on is True


def test_after_a_stop_it_must_be_prepared_before_current_flows_again(model: str) -> None:
    bench = ready(model)
    bench.stop()
    with pytest.raises(RuntimeError, match="prepare"):
        bench.driver.send(cleared(SOME), bench.now_us)
    bench.prepare(1, 3)
    assert bench.send(SOME, number=2)[0] == Acked(Command.OUTPUTS, 2)


def test_a_driver_takes_nothing_that_the_gate_has_not_cleared(model: str) -> None:
    bench = ready(model)
    with pytest.raises(TypeError):
        bench.driver.send(SOME, bench.now_us)  # type: ignore[arg-type]


def test_before_the_handshake_nothing_is_prepared_or_sent(model: str) -> None:
    bench = Bench(model)
    with pytest.raises(RuntimeError, match="not connected"):
        bench.driver.prepare({1: TRAIN}, {1: WIDEST}, 0)
    with pytest.raises(RuntimeError, match="not connected"):
        bench.driver.send(cleared(SOME), 0)


def test_while_a_command_is_outstanding_no_other_is_taken(model: str) -> None:
    bench = ready(model)
    bench.inject("late:40")
    bench.send(SOME)
    assert bench.driver.busy
    with pytest.raises(RuntimeError, match="busy"):
        bench.driver.send(cleared(SOME), bench.now_us)
    with pytest.raises(RuntimeError, match="busy"):
        bench.driver.prepare({1: TRAIN}, {1: WIDEST}, bench.now_us)
    bench.run(50 * MS)
    assert not bench.driver.busy


def test_what_is_not_in_the_devices_steps_or_ranges_is_never_rounded_but_raised(model: str) -> None:
    bench = ready(model)
    device = bench.driver.capabilities
    step_ua = device.amplitude_step_ua
    between = [
        Outputs((Output(1, TRAIN, 4_000 + step_ua // 2),)),
        Outputs((Output(1, TRAIN, device.amplitude_max_ua + step_ua),)),
        Outputs((Output(1, TRAIN, -step_ua),)),
        Outputs((Output(1, replace(TRAIN, period_us=30_001 if device.period_step_us > 1 else 2_499), 4_000),)),
        Outputs((Output(1, replace(TRAIN, waveform=replace(TRAIN.waveform, width_us=device.width_min_us - 1)), 4_000),)),
        Outputs((Output(1, replace(TRAIN, waveform=replace(TRAIN.waveform, recovery_ratio=2)), 4_000),)),
        *([] if device.denervation else [Outputs((Output(1, train(width_us=1_200), 4_000),))]),
        Outputs((Output(9, TRAIN, 4_000),)),
        Outputs((Output(3, TRAIN, 4_000), Output(1, TRAIN, 4_000))),
        Outputs((Output(1, TRAIN, 4_000), Output(1, TRAIN, 6_000))),
    ]
    written = len(bench.written)
    for wanted in between:
        with pytest.raises(ValueError, match="hannel"):
            bench.driver.send(cleared(wanted), bench.now_us)
    assert len(bench.written) == written
    assert not bench.driver.busy
    assert bench.send(SOME)[0] == Acked(Command.OUTPUTS, 1)


def test_trains_that_do_not_fit_together_are_not_prepared(model: str) -> None:
    bench = Bench(model)
    bench.connect()
    for trains in ({}, {1: train(ratio=2)}, {1: train(period_us=100)}, {1: train(width_us=201_000)}):
        with pytest.raises(DeviceMisfit) as misfit:
            bench.driver.prepare(trains, dict.fromkeys(trains, WIDEST), bench.now_us)
        assert misfit.value.reasons
    assert not bench.driver.busy
    assert not ARMING[model] & set(bench.names())


def test_trains_are_rounded_when_they_are_prepared(model: str) -> None:
    bench = Bench(model)
    bench.connect()
    asked = train(period_us=28_571)
    bench.prepare(1, of=asked)
    made = bench.driver.quantise_train(asked)
    assert bench.send(outputs(made, ch1=4_000))[0] == Acked(Command.OUTPUTS, 1)
    bench.run(50 * MS)
    assert bench.port.stage.period_us(1) == made.period_us >= 28_571
