"""The fault switches that falsify what the device does or says."""

from typing import Any

import pytest

from firmware_sim.faults import parse_fault
from firmware_sim.reference.tables import Bit, Result, State
from tests.unit.firmware_sim_reference.host import Host, contraction


def running(*faults: str, **options: Any) -> Host:
    """Channel 1 at 50 Hz and 10 mA from 0 on."""
    host = Host(*(parse_fault(text) for text in faults), **options)
    host.ready((1, 2))
    host.set(c1=100)
    return host


def test_stuck_on_keeps_the_output_through_stop_and_the_end_of_the_lease() -> None:
    host = running("stuck_on@0.1+2")
    host.wait(150_000)
    host.set(c1=50, c2=50)
    assert host.ok("STOP")["state"] == State.IDLE
    host.wait(1_000_000)
    status = host.status()
    assert (status["state"], status["each"][0]["pulses"], status["each"][0]["flags"]) == (0, 50, 1)
    host.wait(3_000_000)
    assert host.shown() == [(0, 10_000, 0), (2_100_000, 0, 105)]
    assert host.pulses(2) == 0


def test_what_was_told_while_stuck_takes_effect_afterwards() -> None:
    host = running("stuck_on@0.1+0.2")
    host.wait(150_000)
    host.set(c1=50, c2=50)
    host.wait(310_000)
    host.ok("RENEW", state=2, channels=3)
    assert (host.port.stage.set_ua(1), host.port.stage.set_ua(2)) == (5_000, 5_000)


def test_a_contraction_that_gets_stuck_stays_at_its_amplitude() -> None:
    host = Host(parse_fault("stuck_on@0.2"))
    host.ready()
    host.ok("CONTRACT", each=[contraction(1, 100, 1_000_000, 0, 0)])
    host.wait(10_000_000)
    assert host.port.stage.set_ua(1) == 2_200  # first output at 20 ms, stuck from 220 ms on


def test_a_restart_ends_what_is_stuck() -> None:
    host = running("stuck_on@0.1")
    host.wait(200_000)
    host.port.power_cycle(200_000)
    assert host.port.stage.is_zero
    host.wait(1_000_000)
    assert host.pulses(1) == 10


def test_ignored_set_points_are_acknowledged_and_stop_works() -> None:
    host = running("ignore_set@0.1")
    host.wait(150_000)
    answer = host.ok("SET", each=[{"channel": 1, "amplitude": 50}, {"channel": 2, "amplitude": 50}])
    assert [(row["channel"], row["amplitude"]) for row in answer["each"]] == [(1, 50), (2, 50)]
    host.ok("CONTRACT", each=[contraction(2, 100, 1_000_000, 0, 0)])
    host.ok("RENEW", state=2, channels=3)
    assert (host.port.stage.set_ua(1), host.port.stage.set_ua(2)) == (10_000, 0)
    host.ok("STOP")
    assert host.port.stage.is_zero


def test_an_ignored_stop_is_acknowledged() -> None:
    host = running("ignore_stop:2@0.1")
    host.wait(150_000)
    for _ in range(2):
        assert host.ok("STOP")["state"] == State.IDLE
        assert not host.port.stage.is_zero
    host.ok("STOP")
    assert host.port.stage.is_zero


@pytest.mark.parametrize(("fault", "code"), [("nak:2", Result.BAD_VALUE), ("nak:2/21", Result.NO_BALANCE)])
def test_refused_set_points(fault: str, code: Result) -> None:
    host = Host(parse_fault(fault))
    host.ready()
    assert host.result("SET", each=[]) == (code, 0)
    assert host.result("CONTRACT", each=[contraction(1, 10, 1_000_000, 0, 0)]) == (code, 0)
    host.set(c1=10)


def test_a_frozen_status_and_a_false_one() -> None:
    host = running("freeze@0.1+0.1")
    host.wait(50_000)
    before = host.status()
    host.wait(150_000)
    host.ok("RENEW", state=2, channels=1)
    frozen = host.status()
    assert {**frozen, "seq": 0} == {**before, "seq": 0}
    host.wait(210_000)
    assert host.status()["each"][0]["pulses"] == 11
    host = running("false_off@0.1")
    host.wait(150_000)
    status = host.status()
    assert (status["state"], status["each"][0]["flags"], status["each"][0]["measured"]) == (State.ARMED, 0, 0)
    assert not host.port.stage.is_zero


def test_other_names_and_limits() -> None:
    host = Host(*(parse_fault(text) for text in ("other_serial", "other_firmware", "lower_limits:10")))
    identity = host.ok("IDENTIFY")
    assert (identity["serial"], identity["firmware"]) == ("REF-SIM002", "99.9.9")
    assert host.ok("HELLO", version_min=1, version_max=1)["version"] == 99
    assert host.ok("CAPABILITIES")["amplitude_max"] == 100
    limits = {"channel": 1, "flags": 0, "shapes": 1, "burst_max": 1, "amplitude_max": 101, "width_max_us": 300}
    limits |= {"period_min_us": 10_000, "charge_max_nc": 9_000, "rise_max": 100}
    assert host.result("LIMITS", **limits) == (Result.NOT_CAPABLE, 1)
    host.ok("LIMITS", **{**limits, "amplitude_max": 100})


def test_counters_begin_five_below_their_largest_value() -> None:
    host = Host(parse_fault("counters_near_max"))
    assert host.status()["device_ms"] == 2**32 - 6
    host.wait(7_000)
    assert host.status()["device_ms"] == 1
    epochs = []
    for _ in range(8):
        epochs.append(host.arm())
        host.ok("STOP")
    assert epochs == [2**32 - 6 + k for k in range(6)] + [1, 2]
    host.ready()
    host.set(c1=10)
    host.wait(8_000)
    assert host.status()["each"][0]["pulses"] == 2**32 - 5
    numbers = []
    for _ in range(8):
        host.port.device.heat(70, host.now_us)  # type: ignore[attr-defined]
        host.port.device.heat(20, host.now_us)  # type: ignore[attr-defined]
        numbers += [frame.params["seq"] for frame in host.heard()]
        host.ok("CLEAR")
    assert numbers == [65_530, 65_531, 65_532, 65_533, 65_534, 65_535, 0, 1]


def test_a_wrong_time_base() -> None:
    host = Host(parse_fault("drift:1.25"))
    host.ready()
    host.ok("CONTRACT", each=[contraction(1, 100, 100_000, 100_000, 0)])
    host.wait(624_999)
    assert host.given()[:3] == [(25_000, 2_000), (50_000, 4_000), (75_000, 6_000)]
    assert host.shown()[-1][:2] == (250_000, 0)
    status = host.status()
    assert (status["state"], status["device_ms"]) == (2, 499)
    assert host.wait(625_000)[0].params["faults"] & Bit.LEASE_OVER


def test_a_reboot_and_a_loss_of_power() -> None:
    for fault in ("reboot@0.1", "boot_text@0.1", "power_off@0.1+1"):
        host = running(fault)
        host.port.read(100_000)
        host.wait(1_200_000)
        assert host.shown()[-1] == (100_000, 0, 5)
        assert host.status()["faults"] == Bit.REBOOTED


def test_swapped_channels_give_their_current_elsewhere() -> None:
    host = running("swap_channels:1/2@0.1", loads_ohm={1: 500, 2: 700})
    host.wait(205_000)
    assert host.status()["each"][0]["ohm"] == 700
    assert host.pulses(1) == 11
    assert sum(pulses for _, _, pulses in host.shown(1)) == 5


def test_half_an_electrode_is_measured() -> None:
    host = running("electrode_half:1@0.1", loads_ohm={1: 1_000})
    host.keep(3_000_000)
    assert host.status()["each"][0]["ohm"] == 2_000


def test_another_program_on_the_port_cannot_set_anything() -> None:
    host = running("foreign_writer:50@0.1+0.2")
    assert not host.port.stage.is_zero
    host.port.read(400_000)
    host.now_us = 400_000
    assert host.port.stage.is_zero  # its HELLO disarms; it knows no epoch
