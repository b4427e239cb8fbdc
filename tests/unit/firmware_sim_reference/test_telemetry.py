"""What the device says it measured is what the output stage gave, and the check of an electrode at rest."""

import pytest

from firmware_sim.faults import parse_fault
from firmware_sim.reference.profile import Profile
from firmware_sim.reference.tables import Result, State
from tests.unit.firmware_sim_reference.host import Host, contraction


def test_the_status_block_of_a_set() -> None:
    host = Host(loads_ohm={1: 1_000, 2: 500})
    host.ready((1, 2, 3))
    host.set(c1=100, c2=33)
    host.wait(45_000)
    status = host.status()
    assert (status["state"], status["lease_left_ms"], status["battery"], status["device_ms"]) == (2, 455, 90, 45)
    one, two = status["each"]
    assert one == {"channel": 1, "flags": 1, "pulses": 3, "set": 100, "measured": 100, "ohm": 1_000}
    assert two == {"channel": 2, "flags": 1, "pulses": 3, "set": 33, "measured": 33, "ohm": 500}


def test_before_the_first_pulse_nothing_is_known() -> None:
    host = Host()
    host.ready()
    host.ok("CONTRACT", each=[contraction(1, 100, 1_000_000, 100_000, 0)])
    (row,) = host.status()["each"]
    assert row == {"channel": 1, "flags": 0b100, "pulses": 0, "set": 0, "measured": 0, "ohm": 65_535}
    host.wait(10_000)
    assert host.status()["each"][0]["flags"] == 0b101  # 1 mA is in force, the pulse of 20 ms is to come
    host.wait(45_000)
    (row,) = host.status()["each"]
    assert (row["pulses"], row["set"], row["measured"], row["flags"]) == (2, 4, 4, 0b101)
    host.keep(1_200_000)
    (row,) = host.status()["each"]
    assert (row["pulses"], row["set"], row["flags"]) == (54, 100, 0)


def test_a_set_to_zero_forgets_the_last_pulse_but_not_the_count() -> None:
    host = Host()
    host.ready((1, 2))
    host.set(c1=100, c2=50)
    host.wait(30_000)
    host.set(c2=50)
    one, two = host.status()["each"]
    assert one == {"channel": 1, "flags": 0, "pulses": 2, "set": 0, "measured": 0, "ohm": 65_535}
    assert two["set"] == 50


def test_counts_and_last_pulses_stay_until_the_next_arming() -> None:
    host = Host()
    host.ready()
    host.set(c1=100)
    host.wait(30_000)
    host.ok("STOP")
    status = host.status()
    assert (status["state"], status["lease_left_ms"]) == (0, 0)
    assert status["each"] == [{"channel": 1, "flags": 0, "pulses": 2, "set": 100, "measured": 100, "ohm": 1_000}]
    host.ready()
    assert host.status()["each"] == []
    host.set(c1=100)
    assert host.status()["each"][0]["pulses"] == 0


def test_an_open_electrode_delivers_nothing_and_is_told() -> None:
    host = Host(parse_fault("electrode_off:1@0.03+0.04"))
    host.ready()
    host.set(c1=100)
    host.wait(45_000)
    (row,) = host.status()["each"]
    assert row == {"channel": 1, "flags": 0b011, "pulses": 2, "set": 100, "measured": 0, "ohm": 65_535}
    host.wait(85_000)
    (row,) = host.status()["each"]
    assert row == {"channel": 1, "flags": 0b001, "pulses": 3, "set": 100, "measured": 100, "ohm": 1_000}


def test_the_last_pulse_is_told_as_it_was_and_not_as_it_would_be_now() -> None:
    host = Host(parse_fault("electrode_off:1@0.03"))
    host.ready()
    host.set(c1=100)
    host.wait(35_000)
    assert host.status()["each"][0]["measured"] == 100


@pytest.mark.parametrize(("body", "told"), [({3: 750}, 750), ({3: 70_000}, 65_535), ({}, 1_000)])
def test_the_check_of_an_electrode(body: dict[int, int], told: int) -> None:
    host = Host(loads_ohm=body)
    answer = host.ok("CHECK", channel=3)
    assert (answer["channel"], answer["ohm"]) == (3, told)
    assert host.port.stage.pulses(3) == 1
    assert host.port.stage.charge_pc(3) == 500 * 100  # 50 nC
    assert host.port.stage.is_zero


def test_an_open_electrode_at_rest() -> None:
    host = Host(parse_fault("electrode_off:3"))
    assert host.ok("CHECK", channel=3)["ohm"] == 65_535
    assert host.port.stage.pulses(3) == 0


def test_a_check_has_its_time_and_is_not_counted() -> None:
    host = Host()
    host.ok("CHECK", channel=1)
    host.wait(99_999)
    assert host.result("CHECK", channel=2) == (Result.TOO_SOON, 2)
    host.wait(100_000)
    host.ok("CHECK", channel=2)
    host.ready()
    host.set(c1=10)
    host.wait(110_000)
    assert host.status()["each"][0]["pulses"] == 1
    assert host.result("CHECK", channel=2) == (Result.WRONG_STATE, 0)
    host.ok("STOP")
    host.wait(150_000)
    assert host.result("CHECK", channel=2) == (Result.TOO_SOON, 2)


def test_the_clock_of_the_device_counts_from_its_start_whatever_the_time_is() -> None:
    """In real time a simulator is looked at for the first time when the machine's clock has run for days."""
    host = Host()
    host.wait(10**12)
    host.wait(10**12 + 7_000)
    assert host.status()["device_ms"] == 7
    host.port.power_cycle(10**12 + 9_000)
    host.wait(10**12 + 12_000)
    assert host.status()["device_ms"] == 3


def test_a_device_that_does_not_say_that_it_measures_refuses_a_check(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host()
    able = Profile.capabilities
    monkeypatch.setattr(Profile, "capabilities", lambda profile, now_us: {**able(profile, now_us), "flags": 1})
    assert host.result("CHECK", channel=2) == (Result.NOT_CAPABLE, 2)
    monkeypatch.undo()
    host.ok("CHECK", channel=2)


def test_what_is_told_is_what_the_output_stage_gave() -> None:
    host = Host(loads_ohm={1: 900})
    host.ready(period_us=13_333)
    host.ok("CONTRACT", each=[contraction(1, 300, 700_000, 900_000, 400_000)])
    for _ in range(25):
        host.keep(host.now_us + 90_000)
        (row,) = host.status()["each"]
        given = host.port.stage
        assert row["pulses"] == given.pulses(1)
        assert row["measured"] == row["set"] or row["measured"] == 0
    assert host.status()["state"] == State.ACTIVE
