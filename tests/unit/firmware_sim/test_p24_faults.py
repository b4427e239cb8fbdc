"""Each fault on the simulated P24: what the host meets, and what really comes out meanwhile."""

import pytest

from firmware_sim.faults import Fault, FaultKind, parse_fault
from firmware_sim.link import MAX_UNREAD
from firmware_sim.p24 import wire
from tests.unit.firmware_sim.p24_host import Host, train

STATUS = wire.encode("get_stim_status", {})


def running(*faults: str, stop_all: bool = False) -> Host:
    host = Host(*map(parse_fault, faults))
    host.start(train(0, 20), train(1, 10), stop_all=stop_all)
    return host


def poll(host: Host, at_us: int) -> dict[str, object]:
    host.now_us = at_us
    return host.ask("ml_get_current_data", selection=4)


def test_the_next_replies_are_lost_and_the_commands_are_not() -> None:
    host = Host(parse_fault("drop_reply:2"))
    assert host.send("ml_init", stop_all_on_error=False) == []
    assert host.send("ml_update", channels=[train(0, 20)]) == []
    assert host.ask("get_stim_status")["stim_status"] == 3


def test_one_reply_of_two_said_at_once_is_lost() -> None:
    host = Host(parse_fault("drop_reply"))
    (answer,) = host.send_bytes(
        wire.encode("get_device_id", {"packet_number": 1}) + wire.encode("get_device_id", {"packet_number": 2})
    )
    assert answer.params["packet_number"] == 2


def test_late_means_late_and_in_order() -> None:
    host = running("late:150@0.1+0.2")
    host.wait(100_000)
    assert host.send_bytes(STATUS) == []
    assert host.port.due_us() == 250_000
    host.wait(249_999)
    host.now_us = 250_000
    assert len(host.heard()) == 1
    host.wait(299_999)
    assert host.send_bytes(STATUS) == []
    host.now_us = 300_000
    assert host.send_bytes(STATUS) == [], "what is said after the fault does not overtake"
    host.now_us = 449_999
    assert len(host.heard()) == 2


@pytest.mark.parametrize(("fault", "stops"), [("dead_link", False), ("dead_downlink", False), ("dead_uplink", True)])
def test_silence(fault: str, stops: bool) -> None:
    host = running(f"{fault}@0.5+0.3")
    host.wait(500_000)
    assert host.send("ml_stop") == []
    assert host.port.stage.is_zero == stops
    host.now_us = 800_000
    assert host.result("ml_stop") == 0


def test_a_dead_link_is_followed_by_the_pause() -> None:
    host = running("dead_link@0.5")
    for at in range(500_000, 5_000_000, 100_000):
        host.now_us = at
        host.send("ml_get_current_data", selection=4)
    assert host.shown(1)[-1][:2] == (2_000_000, 0)


def test_garbled_bytes_are_the_same_for_the_same_seed_and_never_pass_for_a_set_point() -> None:
    seen = []
    for seed in (1, 1, 2):
        host = Host(parse_fault("garble:0.02"), seed=seed)
        answers = []
        for at in range(150):
            host.now_us = at * 10_000
            answers += host.send("ml_init", stop_all_on_error=False) + host.send("ml_update", channels=[train(0, at % 40)])
        seen.append([answer.command for answer in answers])
        assert {line.amplitude_ua for line in host.lines} <= {ma * 1000 for ma in range(40)}
    assert seen[0] == seen[1] != seen[2]
    assert "general_error" in seen[0]


def test_lost_bytes_damage_frames_and_nothing_else() -> None:
    host = Host(parse_fault("lose_bytes:0.02"))
    for at in range(150):
        host.now_us = at * 10_000
        host.send("ml_init", stop_all_on_error=False)
        host.send("ml_update", channels=[train(0, at % 40)])
    amplitudes = {line.amplitude_ua for line in host.lines}
    assert len(amplitudes) > 3
    assert amplitudes <= {ma * 1000 for ma in range(40)}


def test_a_duplicated_command_is_answered_twice_and_delivers_once() -> None:
    host = Host(parse_fault("duplicate"))
    assert [frame.command for frame in host.send("ml_init", stop_all_on_error=False)] == ["ml_init_ack"] * 2
    assert len(host.send("ml_update", channels=[train(0, 20)])) == 2
    host.now_us = 100_000
    host.send("ml_stop")
    assert host.pulses(1) == 5


def test_a_deaf_port_fills_up_and_hears_it_all_later() -> None:
    host = running("deaf@1+0.5")
    host.wait(1_000_000)
    stop = wire.encode("ml_stop", {})
    assert host.port.write(stop, 1_000_000) == len(stop)
    assert host.port.write(bytes(MAX_UNREAD), 1_000_000) == MAX_UNREAD - len(stop)
    assert host.port.write(stop, 1_000_000) == 0
    host.wait(1_499_999)
    assert not host.port.stage.is_zero
    host.now_us = 1_500_000
    assert [frame.command for frame in host.heard()] == ["ml_stop_ack"]
    assert host.shown(1)[-1][:2] == (1_500_000, 0)


def test_an_unplugged_device_goes_on_until_its_own_pause() -> None:
    host = running("unplug@0.5+3")
    host.wait(499_999)
    assert not host.port.closed
    host.wait(500_000)
    assert host.port.closed
    assert host.port.write(STATUS, 500_000) == 0
    host.wait(3_500_000)
    assert not host.port.closed
    assert host.shown(1)[-1][:2] == (2_000_000, 0)
    assert host.ask("get_stim_status")["stim_status"] == 2


def test_a_reboot_is_zero_at_once_and_stays_so() -> None:
    host = running("reboot@0.5")
    host.wait(5_000_000)
    assert host.shown(1) == [(0, 20_000, 0), (500_000, 0, 25)]
    assert host.ask("get_stim_status")["stim_status"] == 0
    assert host.update(train(0, 20)) == 7


def test_an_electrode_that_comes_off_ends_its_channel_at_the_next_pulse() -> None:
    host = running("electrode_off:2@0.509")
    host.wait(509_000)
    assert host.shown(2)[-1] == (509_000, 0, 26)
    assert poll(host, 519_999)["active"][:2] == [True, True]  # type: ignore[index]
    data = poll(host, 520_000)
    assert (data["active"], data["channel_state"]) == ([True] + [False] * 7, [0, 1] + [0] * 6)
    host.wait(1_000_000)
    assert host.pulses(1) == 50
    assert host.pulses(2) == 26


def test_with_stop_all_one_electrode_ends_every_channel() -> None:
    host = running("electrode_off:2@0.509", stop_all=True)
    assert poll(host, 1_000_000)["active"] == [False] * 8
    assert host.shown(1)[-1][:2] == (520_000, 0)


def test_an_electrode_that_is_put_back_does_not_bring_the_current_back() -> None:
    host = running("electrode_off:2@0.5+0.1")
    host.wait(1_000_000)
    assert host.port.stage.amplitude_ua(2) == 0
    assert poll(host, 1_000_000)["channel_state"][1] == 1  # type: ignore[index]
    assert host.update(train(0, 20), train(1, 10)) == 0
    assert host.port.stage.amplitude_ua(2) == 10_000
    assert poll(host, 1_100_000)["channel_state"][1] == 0  # type: ignore[index]


def test_an_electrode_that_comes_off_between_two_pulses_and_is_back_for_the_next_is_not_noticed() -> None:
    host = running("electrode_off:2@0.505+0.01")
    assert poll(host, 1_000_000)["channel_state"] == [0] * 8
    assert host.pulses(2) == 50


def test_an_electrode_that_was_never_on_is_told_from_the_first_pulse() -> None:
    host = running("electrode_off:2")
    assert poll(host, 1)["channel_state"] == [0, 1] + [0] * 6
    assert host.pulses(2) == 0
    assert host.shown(2) == []


def test_a_stuck_output_goes_on_whatever_is_acknowledged() -> None:
    host = running("stuck_on@0.5+9.5")
    host.wait(600_000)
    assert host.result("ml_stop") == 0
    assert host.result("reset") == 0
    assert host.ask("get_stim_status")["stim_status"] == 3
    host.wait(9_000_000)
    assert poll(host, 9_000_000)["active"][:2] == [True, True]  # type: ignore[index]
    assert host.pulses(1) == 450
    host.now_us = 10_000_000
    assert host.result("ml_stop") == 0
    assert host.port.stage.is_zero


def test_ignored_set_points_are_acknowledged_and_stop_works() -> None:
    host = running("ignore_set@0.5")
    host.wait(500_000)
    assert host.update(train(0, 60)) == 0
    assert host.port.stage.amplitude_ua(1) == 20_000
    host.wait(2_400_000)
    assert not host.port.stage.is_zero, "an ignored set point is a sign of life"
    assert host.result("ml_stop") == 0
    assert host.port.stage.is_zero


def test_refused_set_points_leave_the_old_ones() -> None:
    host = running("nak:2/99@0.5")
    host.wait(500_000)
    assert [host.update(train(0, 60)) for _ in range(3)] == [99, 99, 0]
    assert host.shown(1) == [(0, 20_000, 0), (500_000, 60_000, 25)]


def test_a_frozen_state_is_repeated_whatever_happens() -> None:
    host = running("freeze@0.5")
    before = poll(host, 400_000)
    host.now_us = 500_000
    assert host.result("ml_stop") == 0
    assert host.ask("ml_get_current_data", selection=4, packet_number=9) == {**before, "packet_number": 9}
    assert host.port.stage.is_zero


def test_a_low_battery_is_reported() -> None:
    host = running("low_battery:7@1")
    assert host.ask("get_battery_status")["level_percent"] > 50
    host.now_us = 1_000_000
    assert host.ask("get_battery_status")["level_percent"] == 7


def test_a_fault_can_come_at_any_moment() -> None:
    host = running()
    host.wait(123_456)
    host.port.inject(Fault(FaultKind.ELECTRODE_OFF, 1), 123_456)
    assert host.shown(1)[-1][:2] == (123_456, 0)
    host.port.inject(Fault(FaultKind.REBOOT), 200_000)
    assert host.port.stage.is_zero
