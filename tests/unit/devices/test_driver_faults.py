"""What a device says went wrong, and what it does not say: electrodes, switches, resets, pauses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.pulse import Output, Outputs
from emscontrol.core.stimulator import Acked, Command, DeviceFault, ElectrodeFault, ReadBack, Refused, Uncertain
from emscontrol.devices import registry
from emscontrol.devices.sciencemode2 import wire
from tests.unit.devices.driver_bench import MS, POLL, Bench, cleared, only, outputs, train

MODELS = sorted(registry.MODELS)
every_model = pytest.mark.parametrize("model", MODELS)
TRAIN = train()
SOME = outputs(TRAIN, ch1=10_000, ch2=10_000)


def running(model: str, watchdog_ms: int | None = None) -> Bench:
    bench = Bench(model, watchdog_ms=watchdog_ms).ready(1, 2)
    bench.send(SOME, for_us=100 * MS)
    return bench


@every_model
@given(after_us=st.integers(0, 100 * MS))
@settings(max_examples=15, deadline=None)
def test_an_electrode_that_comes_off_is_told_once_and_soon(model: str, after_us: int) -> None:
    """F29: 200 ms. The P24 is asked for it and says which; the RehaStim 2 says it by itself and does not; the reference
    stimulator needs three pulses, and stops by itself.
    """
    bench = running(model)
    bench.run(after_us)
    bench.inject("electrode_off:2")
    off_us = bench.now_us
    events = bench.run(1_000 * MS)
    (fault,) = only(ElectrodeFault, events)
    assert fault.channel == {"p24": 2, "rehastim2": None, "reference": 2}[model]
    (at_us,) = [at for at, event in bench.events if isinstance(event, ElectrodeFault)]
    assert at_us - off_us <= 150 * MS
    assert only(DeviceFault, events) == []


@every_model
@given(after_us=st.integers(0, 100 * MS))
@settings(max_examples=15, deadline=None)
def test_a_device_that_has_reset_itself_is_a_fault_and_is_not_prepared_any_more(model: str, after_us: int) -> None:
    """F23. The P24 has forgotten its level; the RehaStim 2 seeks a host again; the reference stimulator says it."""
    bench = running(model)
    bench.run(after_us)
    bench.inject("reboot")
    events = bench.run(600 * MS)
    (fault,) = only(DeviceFault, events)
    assert fault.text.startswith("It has ")
    with pytest.raises(RuntimeError, match=r"prepare|connected"):
        bench.driver.send(cleared(SOME), bench.now_us)
    assert bench.port.stage.is_zero


@every_model
def test_after_a_reset_a_stop_is_confirmed_and_zero_read_back(model: str) -> None:
    bench = running(model)
    bench.inject("reboot")
    bench.run(100 * MS)
    events = [*bench.stop(for_us=700 * MS), *bench.read_back(for_us=700 * MS)]
    assert only(Acked, events) == [Acked(Command.STOP)]
    assert {report.output_on for report in only(ReadBack, events)} == {False}
    assert only(Uncertain, events) == []


@every_model
def test_a_command_outstanding_when_the_device_resets_has_an_outcome(model: str) -> None:
    bench = running(model)
    bench.inject("late:20")
    bench.send(outputs(TRAIN, ch1=12_000), number=8, for_us=5 * MS)
    bench.port.power_cycle(bench.now_us)
    events = bench.run(400 * MS)
    outcomes = [event for event in events if isinstance(event, Uncertain | Refused) and event.number == 8]
    assert len(outcomes) == 1
    assert only(DeviceFault, events)


@every_model
def test_an_error_is_told_again_after_it_was_prepared_anew(model: str) -> None:
    """F32: contact flaps; the first opening counts, and so does the next one after a new start."""
    bench = running(model)
    bench.inject("electrode_off:2")
    assert len(only(ElectrodeFault, bench.run(300 * MS))) == 1
    bench.stop()
    bench.prepare(1, 2)
    events = [*bench.send(SOME, number=2), *bench.run(300 * MS)]
    assert len(only(ElectrodeFault, events)) == 1


# -- P24 ---------------------------------------------------------------------------------------------------------------

OK8 = [0] * 8


def p24_polled(active: list[int], states: list[int]) -> list[object]:
    """What a running P24's driver makes of three equal answers to its polls."""
    bench = running("p24")
    bench.inject("dead_link")
    events: list[object] = []
    for _ in range(3):
        bench.run(MS)
        while bench.requests()[-1][0] != bench.now_us:
            bench.run(MS)
        flags = [channel in active for channel in range(1, 9)]
        events += bench.say(f"{POLL['p24']}_ack", result=0, selection=4, active=flags, channel_state=states)
    return events


def test_a_p24_that_does_what_it_should_reports_its_channels() -> None:
    assert p24_polled([1, 2], OK8) == [ReadBack(True, frozenset({1, 2}))] * 3


def test_a_p24_is_read_back_by_its_channels_while_it_is_ready() -> None:
    """The level runs on at zero, so its status alone would say "on"."""
    bench = running("p24")
    assert only(ReadBack, bench.read_back(for_us=0)) == [ReadBack(True, frozenset({1, 2}))]
    bench.send()
    assert only(ReadBack, bench.read_back(for_us=0)) == [ReadBack(False, frozenset())]


def test_a_p24_that_drives_another_channel_says_so() -> None:
    """F37: crossed channels."""
    assert p24_polled([1, 2, 5], OK8) == [ReadBack(True, frozenset({1, 2, 5}))] * 3


@pytest.mark.parametrize(("active", "named"), [([], "1, 2"), ([1], "2")])
def test_a_p24_channel_that_is_off_although_it_should_run_is_a_fault_at_the_second_look(active: list[int], named: str) -> None:
    first, second, _ = p24_polled(active, OK8)
    assert first == ReadBack(bool(active), frozenset(active))
    assert isinstance(second, DeviceFault)
    assert f"channel {named} is off although" in second.text


@pytest.mark.parametrize(("state", "code", "word"), [(2, 16, "time frame"), (3, 28, "less current"), (9, 0, "unknown state 9")])
def test_a_p24_channel_error_is_told_once(state: int, code: int, word: str) -> None:
    events = p24_polled([1], [0, 0, 0, 0, 0, 0, 0, state])
    (fault,) = only(DeviceFault, events)
    assert fault.code == code
    assert fault.text.startswith("Channel 8: ")
    assert word in fault.text


def test_a_p24_that_pauses_for_want_of_a_host_is_noticed() -> None:
    """With a watchdog shorter than the polls the device pauses by itself, as after lost keep-alives."""
    bench = running("p24", watchdog_ms=60)
    (fault,) = only(DeviceFault, bench.run(500 * MS))
    assert "paused or stopped by itself" in fault.text


def test_a_p24s_general_error_is_a_fault_but_a_damaged_frame_is_only_repeated() -> None:
    bench = running("p24")
    (fault,) = bench.say("general_error", packet_number=0, result=8)
    assert isinstance(fault, DeviceFault)
    assert fault.code == 8
    bench.inject("dead_link")
    bench.send(outputs(TRAIN, ch1=12_000), number=9)
    began_us = bench.now_us
    assert only(DeviceFault, bench.say("general_error", packet_number=0, result=1)) == []
    assert bench.names(began_us) == ["ml_update"]


def test_a_p24_that_does_not_know_a_command_refuses_it() -> None:
    bench = running("p24")
    bench.inject("dead_link")
    bench.send(outputs(TRAIN, ch1=12_000), number=9, for_us=0)
    (refused,) = bench.say("unknown_cmd", result=11)
    assert isinstance(refused, Refused)
    assert (refused.command, refused.code, refused.number) == (Command.OUTPUTS, 11, 9)


def test_a_report_from_before_a_new_set_point_is_not_taken_for_one_about_it() -> None:
    bench = Bench("p24").ready(1, 2)
    while bench.names()[-1] != POLL["p24"] or bench.requests()[-1][0] != bench.now_us:
        bench.uplink = lambda data: b"" if bench.names()[-1] == POLL["p24"] else data
        bench.run(MS)
    number = bench.requests()[-1][1].params["packet_number"]
    bench.uplink = lambda data: data
    bench.send(SOME, number=3)
    nothing = {"result": 0, "selection": 4, "active": [False] * 8, "channel_state": OK8}
    assert only(ReadBack, bench.say(f"{POLL['p24']}_ack", packet_number=number, **nothing)) == []


# -- RehaStim 2 --------------------------------------------------------------------------------------------------------


def test_the_emergency_switch_is_told_as_such() -> None:
    """F38."""
    bench = running("rehastim2")
    bench.port.device.emergency_switch(True, bench.now_us)  # type: ignore[attr-defined]
    (fault,) = only(DeviceFault, bench.run(500 * MS))
    assert fault.code == -1
    assert "emergency switch" in fault.text
    with pytest.raises(RuntimeError, match="prepare"):
        bench.driver.send(cleared(SOME), bench.now_us)


def test_a_module_error_is_told_as_such() -> None:
    bench = running("rehastim2")
    bench.port.device.fail_module(bench.now_us)  # type: ignore[attr-defined]
    (fault,) = only(DeviceFault, bench.run(500 * MS))
    assert fault.code == -3


def test_a_stop_of_the_device_whose_message_was_lost_is_noticed_by_the_next_poll() -> None:
    bench = running("rehastim2")
    bench.inject("drop_reply:1")
    bench.port.device.emergency_switch(True, bench.now_us)  # type: ignore[attr-defined]
    events = bench.run(200 * MS)
    (fault,) = only(DeviceFault, events)
    assert "is in start mode although it was told otherwise" in fault.text
    assert len([event for event in events if isinstance(event, DeviceFault)]) == 1
    with pytest.raises(RuntimeError, match="prepare"):
        bench.driver.send(cleared(SOME), bench.now_us)


def test_an_unknown_stimulation_error_is_a_fault_all_the_same() -> None:
    bench = running("rehastim2")
    frame = wire._FRAMING.frame(bytes((200, 38, 0x100 - 9)))
    (fault,) = only(DeviceFault, bench.driver.receive(frame, bench.now_us))
    assert fault.code == -9


def test_a_running_list_without_current_does_not_tell_whether_it_is_on() -> None:
    bench = running("rehastim2")
    assert only(ReadBack, bench.run(90 * MS))[-1].output_on is True
    bench.send(for_us=300 * MS)
    assert only(ReadBack, [event for _, event in bench.events])[-1].output_on is None


def test_a_rate_or_channel_that_is_not_prepared_is_not_sent() -> None:
    bench = Bench("rehastim2").ready(1, 2)
    for wanted in (outputs(TRAIN, ch3=4_000), outputs(train(period_us=60_000), ch1=4_000)):
        with pytest.raises(ValueError, match="not prepared"):
            bench.driver.send(cleared(wanted), bench.now_us)
    wider = train(width_us=400)
    assert bench.send(outputs(wider, ch1=4_000))[0] == Acked(Command.OUTPUTS, 1)
    bench.run(50 * MS)
    assert bench.port.stage.width_us(1) == 400


def test_the_trains_of_an_earlier_preparation_do_not_count() -> None:
    bench = Bench("rehastim2").ready(1)
    bench.send(outputs(TRAIN, ch1=4_000))
    bench.stop()
    bench.prepare(1, of=train(period_us=60_000))
    with pytest.raises(ValueError, match="not prepared"):
        bench.driver.send(cleared(outputs(TRAIN, ch1=4_000)), bench.now_us)


def test_different_rates_and_bursts_come_out_as_prepared() -> None:
    bench = Bench("rehastim2")
    bench.connect()
    fast, slow = train(period_us=40_000, pulses=2, interval_us=10_000), train(period_us=120_000)
    bench.write(bench.driver.prepare({1: fast, 2: slow}, {}, bench.now_us))
    bench.run(MS)
    bench.send(Outputs((Output(1, fast, 10_000), Output(2, slow, 20_000))), for_us=1_200 * MS - MS)
    bench.send()
    assert bench.port.stage.pulses(1) == 60
    assert bench.port.stage.pulses(2) == 10


def test_busy_is_answered_by_asking_again_a_little_later() -> None:
    bench = running("rehastim2")
    bench.inject(f"nak:1/{256 - 8}")
    began_us = bench.now_us
    events = bench.send(outputs(TRAIN, ch1=12_000), number=9, for_us=60 * MS)
    assert only(Acked, events) == [Acked(Command.OUTPUTS, 9)]
    starts_us = [at for at, frame in bench.requests(began_us) if frame.command == "StartChannelListMode"]
    assert [at - began_us for at in starts_us] == [0, 20 * MS]
