"""The driver of the reference stimulator while it is armed: the lease, what is measured, electrodes at rest, the link."""

from typing import Any

import pytest

from emscontrol.core.errors import DeviceMisfit
from emscontrol.core.pulse import Output
from emscontrol.core.stimulator import (
    Acked,
    Battery,
    Command,
    DeviceFault,
    ElectrodeFault,
    Impedance,
    LinkSilent,
    ReadBack,
    Reading,
    Refused,
    Telemetry,
    Uncertain,
)
from emscontrol.devices.reference.commands import RESULT_MEANINGS, FaultBit, Flag, Result, Status
from emscontrol.devices.reference.wire import encode
from tests.unit.devices.driver_bench import train
from tests.unit.devices.reference_desk import CAPABLE, EPOCH, MS, Desk, block, only, row, swell

T = train()
SOME = Output(1, T, 20_000)
NO = [result for result in Result if result is not Result.OK]
DISARMING = (Result.NO_EPOCH, Result.WRONG_EPOCH, Result.MISBELIEF, Result.WRONG_STATE)


# -- the lease -------------------------------------------------------------------------------------------------------------


def test_the_lease_is_renewed_each_100_ms_with_what_is_commanded_and_each_200_ms_at_rest() -> None:
    desk = Desk().ready(1, 2, 8)
    began = len(desk.frames)
    desk.run(450 * MS)
    desk.send(SOME, Output(8, T, 10_000, swell()))
    desk.run(9_000 * MS)
    desk.send()
    desk.run(450 * MS)
    renewed = [(f.params["state"], f.params["channels"]) for f in desk.frames[began:] if f.command == "RENEW"]
    assert renewed == [(1, 0)] * 2 + [(2, 0b1000_0001)] * 90 + [(1, 0)] * 2
    assert {f.params["epoch"] for f in desk.frames[began:]} == {EPOCH}


def test_after_a_stop_nothing_carries_the_epoch_any_more() -> None:
    desk = Desk().ready(1)
    desk.send(SOME)
    assert desk.stop() == [Acked(Command.STOP)]
    began = len(desk.frames) - 1
    desk.run(2_000 * MS)
    assert set(desk.names(began)) == {"STOP", "STATUS"}
    assert {frame.params["epoch"] for frame in desk.frames[began:]} == {0}


def test_a_stop_begins_with_an_end_byte_so_that_half_a_frame_before_it_costs_nothing() -> None:
    desk = Desk().ready(1)
    assert desk.driver.stop(0).startswith(b"\0\x03\x0c")


@pytest.mark.parametrize("state", [Status.ARMED, Status.ACTIVE])
def test_a_stop_that_leaves_it_armed_is_no_stop(state: Status) -> None:
    desk = Desk().ready(1)
    desk.replies["STOP"] = {"state": state}
    (refused,) = desk.stop()
    assert isinstance(refused, Refused)
    assert f"it says {state.name}" in refused.text


@pytest.mark.parametrize("result", DISARMING)
def test_a_renewal_that_is_refused_is_a_fault_and_the_device_is_only_looked_at_from_then_on(result: Result) -> None:
    desk = Desk().ready(1)
    desk.send(SOME)
    desk.refuse("RENEW", result)
    (fault,) = only(DeviceFault, desk.run(100 * MS))
    assert fault == DeviceFault(result, f"It is not armed any more: {RESULT_MEANINGS[result]} (result {result.value}).")
    began = len(desk.frames)
    assert only(DeviceFault, desk.run(2_000 * MS)) == []
    assert set(desk.names(began)) == {"STATUS"}
    with pytest.raises(RuntimeError, match="prepare"):
        desk.send(SOME)


FAULT_WORDS = {
    FaultBit.OVERCURRENT: "more current than was set",
    FaultBit.TEMPERATURE: "too warm",
    FaultBit.BATTERY_EMPTY: "battery is empty",
    FaultBit.PATIENT_STOP: "patient's stop button",
    FaultBit.SELF_TEST: "its own test",
    FaultBit.LEASE_OVER: "lease ran out",
    FaultBit.REBOOTED: "restarted",
}


@pytest.mark.parametrize("bit", FAULT_WORDS)
@pytest.mark.parametrize("by", ["event", "lost event"])
def test_why_the_arming_has_ended_is_said_in_plain_words_once(bit: FaultBit, by: str) -> None:
    desk = Desk().ready(1)
    desk.send(SOME)
    state = Status.IDLE if bit in (FaultBit.LEASE_OVER, FaultBit.REBOOTED) else Status.FAULT
    ended = block(state, faults=bit, rows=[row(1, flags=0)])
    desk.replies["STATUS"] = ended
    desk.refuse("RENEW", Result.NO_EPOCH)
    told = desk.say("EVENT", seq=0, epoch=EPOCH, **ended) if by == "event" else []
    told += desk.run(1_000 * MS)
    (fault,) = only(DeviceFault, told)
    assert FAULT_WORDS[bit] in fault.text
    assert fault.code == bit.value.bit_length() - 1
    assert not any(report.output_on for report in only(ReadBack, told))


def test_an_unknown_fault_bit_is_a_fault() -> None:
    desk = Desk().ready(1)
    (fault,) = only(DeviceFault, desk.say("EVENT", seq=0, epoch=EPOCH, **block(3, faults=1 << 12)))
    assert "bit 12" in fault.text


def test_an_event_without_a_fault_that_ends_the_arming_is_a_fault_all_the_same() -> None:
    desk = Desk().ready(1)
    (fault,) = only(DeviceFault, desk.say("EVENT", seq=0, epoch=EPOCH, **block(0)))
    assert "disarmed by itself" in fault.text


def test_an_event_of_another_arming_is_ignored_and_counted() -> None:
    """F13."""
    desk = Desk().ready(1)
    late = desk.driver.late_answers
    assert desk.say("EVENT", seq=0, epoch=EPOCH - 1, **block(3, faults=1)) == []
    assert desk.driver.late_answers == late + 1
    began = len(desk.frames)
    desk.run(200 * MS)
    assert desk.names(began) == ["RENEW"]


@pytest.mark.parametrize("epoch", [0, EPOCH - 1])
def test_an_answer_of_another_arming_confirms_nothing(epoch: int) -> None:
    """F13: a recorded answer may have the very number that is waited for."""
    desk = Desk().ready(1)
    desk.replies["SET"] = None
    desk.send(SOME)
    recorded = {"seq": desk.frames[-1].params["seq"], "result": 0, "each": [{"channel": 1, "amplitude": 200}]}
    assert desk.say("SET_ANSWER", epoch=epoch, **recorded) == []
    assert desk.driver.busy
    assert desk.say("SET_ANSWER", epoch=EPOCH, **recorded) == [Acked(Command.OUTPUTS, 1)]


def test_an_event_that_cannot_be_read_is_a_fault() -> None:
    desk = Desk().ready(1)
    from tests.unit.devices.reference_vectors import line

    (fault,) = desk._hear(line(0xC0, 0, EPOCH, b"\x01\x02"))
    assert isinstance(fault, DeviceFault)


def test_a_restart_while_outputs_are_outstanding_has_one_outcome_and_a_fault() -> None:
    desk = Desk().ready(1)
    desk.refuse("SET", Result.NO_EPOCH)
    desk.replies["STATUS"] = block(faults=FaultBit.REBOOTED)
    events = [*desk.send(SOME, number=5), *desk.run(500 * MS)]
    (refused,) = only(Refused, events)
    assert (refused.number, refused.code) == (5, Result.NO_EPOCH)
    (fault,) = only(DeviceFault, events)
    assert fault.text.startswith("It has restarted")


# -- what it measures ------------------------------------------------------------------------------------------------------


def test_what_is_measured_is_told_with_each_renewal() -> None:
    desk = Desk().ready(1, 2)
    desk.replies["RENEW"] = lambda asked: block(
        asked["state"],
        device_ms=4_000_000_000,
        rows=[row(1), row(2, flags=Flag.CLIPPED | Flag.CONTRACTING, pulses=2**32 - 1, set=1_200, measured=3, ohm=0xFFFF)],
    )
    told = desk.run(200 * MS)
    assert told == [
        Telemetry(
            (Reading(1, 19_900, 20_000, 10, 900, False), Reading(2, 300, 120_000, 2**32 - 1, None, True)), 4_000_000_000_000
        ),
        ReadBack(True, frozenset({1}), "It says ARMED."),
    ]


def test_the_battery_is_told_when_it_changes_and_mains_never() -> None:
    desk = Desk().ready(1)
    for level, told in ((80, []), (79, [Battery(79)]), (79, []), (255, [])):
        desk.replies["RENEW"] = block(1, battery=level)
        assert only(Battery, desk.run(100 * MS)) == told


@pytest.mark.parametrize(
    ("bit", "rows", "channel"),
    [
        (FaultBit.ELECTRODE_OPEN, [row(1), row(2, flags=2, measured=3, ohm=0xFFFF)], 2),
        (FaultBit.ELECTRODE_OPEN, [row(1, flags=2, measured=170), row(2, flags=2, measured=3)], 2),
        (FaultBit.ELECTRODE_OPEN, [row(1, flags=2, measured=3), row(2, flags=2, measured=3)], None),
        (FaultBit.ELECTRODE_OPEN, [], None),
        (FaultBit.ELECTRODE_SHORT, [row(1), row(3, ohm=59)], 3),
        (FaultBit.ELECTRODE_SHORT, [row(1, ohm=60), row(3, ohm=59), row(4, measured=0, ohm=0)], 3),
        (FaultBit.ELECTRODE_SHORT, [row(1, ohm=5), row(3, ohm=59)], None),
    ],
)
def test_an_electrode_fault_names_the_one_channel_that_shows_it(
    bit: FaultBit, rows: list[dict[str, int]], channel: int | None
) -> None:
    desk = Desk().ready(1, 2)
    (fault,) = only(ElectrodeFault, desk.say("EVENT", seq=0, epoch=EPOCH, **block(3, faults=bit, rows=rows)))
    assert fault.channel == channel
    assert ("bridged" if bit is FaultBit.ELECTRODE_SHORT else "poor contact") in fault.text
    assert (f"channel {channel}" if channel else "does not name") in fault.text


def test_current_that_stays_on_after_a_stop_is_read_back_as_on() -> None:
    """F24."""
    desk = Desk().ready(1)
    desk.stop()
    desk.replies["STATUS"] = block(0, rows=[row(1)])
    (on,) = only(ReadBack, desk.write(desk.driver.read_back(desk.now_us)))
    assert (on.output_on, on.active) == (True, frozenset({1}))


def test_a_device_that_another_host_has_activated_counts_as_on() -> None:
    desk = Desk().ready(1)
    desk.stop()
    desk.replies["STATUS"] = block(2, rows=[row(1, flags=0)])
    (on,) = only(ReadBack, desk.write(desk.driver.read_back(desk.now_us)))
    assert on.output_on is True


# -- electrodes at rest ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ohm", "shown"), [(1_200, 1_200), (0, 0), (0xFFFF, None)])
def test_an_electrode_is_measured_at_rest(ohm: int, shown: int | None) -> None:
    desk = Desk()
    desk.connect()
    desk.replies["CHECK"] = {"channel": 3, "ohm": ohm}
    (found,) = desk.write(desk.driver.check_electrode(3, 0))
    assert isinstance(found, Impedance)
    assert (found.channel, found.ohm) == (3, shown)
    assert "Channel 3" in found.text


def test_a_check_that_comes_too_soon_is_asked_again_with_a_new_number_when_it_may() -> None:
    desk = Desk()
    desk.connect()
    answers: list[Any] = [{"result": Result.TOO_SOON, "channel": 3}, {"channel": 3, "ohm": 700}]
    desk.replies["CHECK"] = lambda asked: answers.pop(0)
    assert desk.write(desk.driver.check_electrode(3, 0)) == []
    (found,) = only(Impedance, desk.run(100 * MS))
    assert found.ohm == 700
    first, second = [frame for frame in desk.frames if frame.command == "CHECK"]
    assert second.params["seq"] > first.params["seq"]


def test_an_answer_about_another_channel_is_no_measurement() -> None:
    desk = Desk()
    desk.connect()
    desk.replies["CHECK"] = {"channel": 4, "ohm": 700}
    (doubt,) = desk.write(desk.driver.check_electrode(3, 0))
    assert isinstance(doubt, Uncertain)


@pytest.mark.parametrize("result", NO)
def test_a_check_that_is_refused_says_why(result: Result) -> None:
    desk = Desk()
    desk.connect()
    desk.refuse("CHECK", result)
    events = [*desk.write(desk.driver.check_electrode(3, 0)), *desk.run(300 * MS)]
    (refused,) = only(Refused, events)
    assert (refused.command, refused.code) == (Command.CHECK, result)


def test_an_unanswered_check_is_uncertain() -> None:
    desk = Desk()
    desk.connect()
    desk.replies["CHECK"] = None
    desk.write(desk.driver.check_electrode(3, 0))
    (doubt,) = only(Uncertain, desk.run(200 * MS))
    assert doubt.command is Command.CHECK


def test_electrodes_are_measured_at_rest_only_and_where_the_device_can() -> None:
    desk = Desk()
    with pytest.raises(RuntimeError, match="not connected"):
        desk.driver.check_electrode(1, 0)
    desk.ready(1)
    with pytest.raises(RuntimeError, match="at rest"):
        desk.driver.check_electrode(1, 0)
    with pytest.raises(DeviceMisfit, match="channel 9"):
        desk.driver.check_electrode(9, 0)
    desk.replies["CAPABILITIES"] = {**CAPABLE, "flags": 1}
    desk.connect()
    with pytest.raises(DeviceMisfit, match="does not measure"):
        desk.driver.check_electrode(1, 0)


# -- the link --------------------------------------------------------------------------------------------------------------


def test_one_lost_renewal_is_repeated_with_the_same_bytes_before_the_link_counts_as_lost() -> None:
    desk = Desk().ready(1)
    desk.send(SOME)
    began = len(desk.frames)
    answer = desk.replies["RENEW"]
    desk.replies["RENEW"] = None
    assert desk.run(110 * MS) == []
    desk.replies["RENEW"] = answer
    events = desk.run(1_000 * MS)
    assert only(LinkSilent, events) == only(Uncertain, events) == []
    first, second = desk.frames[began : began + 2]
    assert first.raw == second.raw
    assert only(ReadBack, events)


def test_a_renewal_is_made_when_it_is_written_and_a_repeat_of_it_keeps_its_bytes() -> None:
    desk = Desk().ready(1, 2)
    desk.send(SOME)
    desk.run(80 * MS)
    desk.replies["CONTRACT"] = None
    desk.send(SOME, Output(2, T, 30_000, swell()))
    desk.run(30 * MS)
    assert desk.names()[-1] == "CONTRACT", "the renewal waits for the answer"
    asked, began = desk.frames[-1].params, len(desk.frames)
    desk.replies["RENEW"] = None
    both = [{"channel": 1, "amplitude": 200}, {"channel": 2, "amplitude": 300}]
    desk.say("CONTRACT_ANSWER", seq=asked["seq"], epoch=EPOCH, result=0, each=both)
    desk.run(110 * MS)
    renewals = desk.frames[began:]
    assert (renewals[0].command, renewals[0].params["state"], renewals[0].params["channels"]) == ("RENEW", 2, 0b11)
    assert len(renewals) > 1
    assert len({frame.raw for frame in renewals}) == 1


def test_half_an_answer_is_not_completed_by_bytes_that_come_100_ms_later() -> None:
    """F02."""
    desk = Desk().ready(1)
    desk.replies["SET"] = None
    desk.send(SOME)
    answer = encode(
        "SET_ANSWER",
        {"seq": desk.frames[-1].params["seq"], "epoch": EPOCH, "result": 0, "each": [{"channel": 1, "amplitude": 200}]},
    )
    desk._hear(answer[:9])
    desk.now_us += 100 * MS + 1
    assert only(Acked, desk._hear(answer[9:])) == []
    assert only(Acked, desk._hear(answer)) == [Acked(Command.OUTPUTS, 1)]


@pytest.mark.parametrize("command", ["SET", "ARM"])
def test_after_a_command_without_an_answer_nothing_is_renewed_so_that_the_lease_ends_what_may_flow(command: str) -> None:
    desk = Desk()
    desk.connect()
    desk.replies[command] = None
    desk.prepare(1)
    if command == "SET":
        desk.send(SOME)
    (doubt,) = only(Uncertain, desk.run(200 * MS))
    assert doubt.command is (Command.OUTPUTS if command == "SET" else Command.PREPARE)
    began = len(desk.frames)
    desk.run(1_000 * MS)
    assert set(desk.names(began)) == {"STATUS"}


def test_a_report_from_before_new_outputs_is_not_taken_for_one_about_them() -> None:
    desk = Desk().ready(1)
    desk.replies["RENEW"] = None
    desk.run(200 * MS)
    asked = desk.frames[-1].params
    assert desk.send(SOME) == []
    assert desk.names()[-1] == "RENEW", "the outputs wait for the answer to the renewal"
    told = desk.say("RENEW_ANSWER", seq=asked["seq"], epoch=EPOCH, result=0, **block(1, rows=[row(1, flags=0)]))
    assert only(ReadBack, told) == []
    assert len(only(Telemetry, told)) == 1
    assert desk.run() == [Acked(Command.OUTPUTS, 1)]
