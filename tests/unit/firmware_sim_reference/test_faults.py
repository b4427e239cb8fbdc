"""Faults that the device finds by itself: when, how it says so, and how it gets out again."""

from typing import Any

import pytest

from firmware_sim.faults import parse_fault
from firmware_sim.reference.device import Reference
from firmware_sim.reference.tables import Bit, Result, State
from tests.unit.firmware_sim_reference.host import Host, contraction


def device(host: Host) -> Reference:
    """The simulated device itself."""
    found = host.port.device
    assert isinstance(found, Reference)
    return found


def running(*faults: str, amplitude: int = 100, **options: Any) -> Host:
    """Channel 1 at 50 Hz from 0 on, 10 mA unless told otherwise; `REBOOTED` is over."""
    host = Host(*(parse_fault(text) for text in faults), **options)
    host.ok("HELLO", version_min=1, version_max=1)
    host.ready((1, 2))
    host.set(c1=amplitude)
    return host


@pytest.mark.parametrize(
    ("fault", "bit"), [("electrode_off:1@0.05", Bit.ELECTRODE_OPEN), ("short:1@0.05", Bit.ELECTRODE_SHORT)]
)
def test_three_bad_pulses_in_a_row_are_a_fault(fault: str, bit: Bit) -> None:
    """Bad from 50 ms on: the pulses of 60, 80 and 100 ms; the first phase of the last is over at 100.25 ms."""
    host = running(fault)
    assert host.wait(100_249) == []
    assert device(host).state is State.ACTIVE
    assert host.port.due_us() == 100_250
    (event,) = host.wait(100_250)
    assert (event.command, event.params["state"], event.params["faults"]) == ("EVENT", State.FAULT, bit)
    assert event.params["epoch"] == host.epoch
    assert host.port.stage.is_zero
    assert host.wait(2_000_000) == []
    assert host.result("RENEW", state=2, channels=1) == (Result.NO_EPOCH, 0)


def test_two_bad_pulses_are_none() -> None:
    host = running("electrode_off:1@0.05+0.05")  # the pulses of 60 and 80 ms
    assert host.keep(1_000_000) == []
    assert host.pulses(1) == 50 - 2


def test_an_overcurrent_is_a_fault_with_its_first_pulse() -> None:
    host = running("gain:1/1.3@0.05")
    (event,) = host.wait(200_000)
    assert (event.params["faults"], event.params["device_ms"]) == (Bit.OVERCURRENT, 60)
    (row,) = event.params["each"]
    assert (row["set"], row["measured"], row["pulses"]) == (100, 130, 4)
    assert host.shown()[-1][:2] == (60_250, 0)


@pytest.mark.parametrize(("gain", "amplitude"), [("1.2", 100), ("1.3", 33), ("0.5", 100)])
def test_what_is_within_20_percent_or_1_ma_is_no_overcurrent(gain: str, amplitude: int) -> None:
    host = running(f"gain:1/{gain}@0.05", amplitude=amplitude)
    assert host.keep(1_000_000) == []


@pytest.mark.parametrize(("ohm", "bit"), [(59, Bit.ELECTRODE_SHORT), (60, None), (15_000, None), (31_000, Bit.ELECTRODE_OPEN)])
def test_a_resistance_is_judged_by_voltage_and_charge(ohm: int, bit: Bit | None) -> None:
    """At 10 mA and 150 V: 15 kΩ just suffice; with 31 kΩ less than half of the charge flows."""
    host = running(loads_ohm={1: ohm})
    host.keep(1_000_000)
    assert host.status()["faults"] == (bit or 0)
    assert host.pulses(1) == (50 if bit is None else 3)


def test_a_short_below_1_ma_is_not_seen() -> None:
    host = running(loads_ohm={1: 20}, amplitude=9)
    host.keep(500_000)
    assert host.status()["faults"] == 0
    host.set(c1=10)
    host.keep(600_000)
    assert host.status()["faults"] == Bit.ELECTRODE_SHORT


def test_a_fault_within_a_ramp_comes_at_its_pulse() -> None:
    """150 V through 10 kΩ are 15 mA: above 30 mA less than half of the charge flows."""
    host = Host(loads_ohm={1: 10_000})
    host.ready()
    host.ok("CONTRACT", each=[contraction(1, 600, 600_000, 1_000_000, 0)])  # 0.1 mA in 1 ms
    said = host.keep(1_000_000)
    bad = [t for t in range(0, 600_000, 20_000) if t // 1_000 > 300]
    assert [frame.params["faults"] & ~Bit.REBOOTED for frame in said] == [Bit.ELECTRODE_OPEN]
    assert said[0].params["device_ms"] == (bad[2] + 250) // 1000
    assert host.shown()[-1][:2] == (bad[2] + 250, 0)


def test_a_current_that_the_voltage_cannot_drive_is_told_as_clipped() -> None:
    host = running(loads_ohm={1: 20_000})  # 7.5 of 10 mA
    host.keep(500_000)
    (row,) = host.status()["each"]
    assert (row["flags"], row["set"], row["measured"], row["ohm"]) == (0b011, 100, 75, 20_000)


def test_a_fault_on_one_channel_ends_all() -> None:
    host = running("electrode_off:1@0.05")
    host.set(c1=100, c2=50)
    host.wait(300_000)
    assert host.port.stage.is_zero
    assert host.shown(2)[-1][:2] == (100_250, 0)
    assert host.pulses(2) == 6


def test_a_channel_without_current_is_not_watched() -> None:
    host = running("electrode_off:2@0.05")
    assert host.keep(1_000_000) == []


def test_heat_battery_and_self_test() -> None:
    host = running()
    device(host).heat(60, 10_000)
    assert host.wait(10_000) == []
    device(host).heat(61, 20_000)
    (event,) = host.wait(20_000)
    assert (event.params["faults"], event.params["temperature"]) == (Bit.TEMPERATURE, 61)
    assert host.result("CLEAR") == (Result.FAULT_STANDS, 0)
    assert host.result("ARM", lease_ms=500) == (Result.WRONG_STATE, 0)
    device(host).heat(-5, 30_000)
    assert host.ok("CLEAR")["faults"] == 0
    assert host.status()["temperature"] == -5
    for text, bit in (("low_battery:4", Bit.BATTERY_EMPTY), ("module_fault", Bit.SELF_TEST)):
        host = running(text + "@0.05")
        (event,) = host.wait(60_000)
        assert (event.params["faults"], event.params["device_ms"]) == (bit, 50)
        assert host.result("CLEAR") == (Result.FAULT_STANDS, 0)


def test_a_battery_of_5_percent_is_not_empty() -> None:
    host = running("low_battery:5@0.05")
    assert host.keep(200_000) == []
    assert host.status()["battery"] == 5


def test_a_battery_runs_empty_at_its_time() -> None:
    host = running("battery_drain:6/60")  # one percent in a second: 4 % after two
    assert host.keep(1_900_000) == []
    (event,) = host.wait(2_000_000)
    assert (event.params["faults"], event.params["battery"]) == (Bit.BATTERY_EMPTY, 4)


def test_a_failed_self_test_ends_with_the_power() -> None:
    host = running("module_fault@0.05")
    host.wait(60_000)
    host.port.power_cycle(60_000)
    assert host.status()["state"] == State.IDLE
    assert host.status()["faults"] == Bit.REBOOTED


def test_the_patients_button() -> None:
    host = running("stop_button@0.05+0.1")
    (event,) = host.wait(60_000)
    assert (event.params["state"], event.params["faults"], event.params["device_ms"]) == (3, Bit.PATIENT_STOP, 50)
    assert host.shown()[-1] == (50_000, 0, 3)
    assert host.result("CLEAR") == (Result.FAULT_STANDS, 0)
    (event,) = host.wait(160_000)
    assert (event.params["state"], event.params["faults"], event.params["device_ms"]) == (3, 0, 150)
    assert host.ok("CLEAR")["faults"] == 0
    assert device(host).state is State.IDLE


def test_a_button_pressed_in_idle_keeps_the_device_from_arming() -> None:
    host = Host()
    device(host).press_stop(True, 1_000)
    (event,) = host.wait(1_000)
    assert event.params["state"] == State.FAULT
    assert host.result("ARM", lease_ms=500) == (Result.WRONG_STATE, 0)
    device(host).press_stop(False, 2_000)
    assert len(host.wait(2_000)) == 1
    host.ok("CLEAR")
    host.arm()


def test_while_the_button_is_pressed_clear_ends_nothing() -> None:
    host = running()
    device(host).heat(70, 0)
    device(host).heat(20, 0)
    device(host).press_stop(True, 0)
    host.heard()
    assert host.result("CLEAR") == (Result.FAULT_STANDS, 0)
    device(host).press_stop(False, 0)
    assert len(host.heard()) == 1
    assert host.status()["faults"] == Bit.TEMPERATURE


def test_clear_ends_what_is_gone_and_leaves_what_stands() -> None:
    host = running("electrode_off:1@0.05+1")
    host.wait(200_000)
    device(host).heat(70, 200_000)
    (event,) = host.heard()
    assert event.params["faults"] == Bit.TEMPERATURE | Bit.ELECTRODE_OPEN
    assert host.result("CLEAR") == (Result.FAULT_STANDS, 0)
    assert host.status()["faults"] == Bit.TEMPERATURE
    device(host).heat(20, 200_000)
    host.ok("CLEAR")


@pytest.mark.parametrize("command", ["STOP", "HELLO"])
def test_in_a_fault_stop_and_hello_are_obeyed_and_the_state_remains(command: str) -> None:
    host = running()
    device(host).heat(70, 0)
    host.heard()
    params = {"version_min": 1, "version_max": 1} if command == "HELLO" else {}
    assert host.ok(command, **params)["state"] == State.FAULT
    assert host.status()["faults"] == Bit.TEMPERATURE


def test_events_count_themselves_and_commands_cause_none() -> None:
    host = running()
    numbers = []
    for celsius in (70, 20, 70):
        device(host).heat(celsius, host.now_us)
        numbers += [frame.params["seq"] for frame in host.heard()]
        if celsius == 20:
            host.ok("CLEAR")
    assert numbers == [0, 1]
    assert host.heard() == []
    host.port.power_cycle(0)
    assert host.heard() == []
    device(host).heat(70, 0)
    (event,) = host.heard()
    assert (event.params["seq"], event.params["epoch"]) == (0, 0)
