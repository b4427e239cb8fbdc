"""The pulse that has begun when its channel goes off: finished with both its phases, or cut off and discharged."""

from typing import Any

import pytest

from tests.unit.firmware_sim_reference.host import LIMITS, Host, contraction

LONG: dict[str, Any] = {"shape": 3, "width_us": 100_000, "period_us": 500_000}
LONG_LIMITS = {**LIMITS, "flags": 1, "shapes": 15, "width_max_us": 100_000, "charge_max_nc": 10_000_000}
PHASE_PC = 10_000 * 100_000
"""10 mA for 100 ms."""
ALL_OFF: dict[str, dict[str, Any]] = {"STOP": {}, "HELLO": {"version_min": 1, "version_max": 1}}
REPLACED = {
    "a SET without current": ("SET", []),
    "a SET of another amplitude": ("SET", [{"channel": 1, "amplitude": 50}]),
    "a CONTRACT": ("CONTRACT", [contraction(1, 100, 1_000_000, 0, 0)]),
    "a CONTRACT of zero": ("CONTRACT", [contraction(1, 0, 0, 1, 0)]),
}


def pulsing(**train: Any) -> Host:
    """Long pulses of 10 mA on channel 1, the first of which begins now, at 1 s."""
    host = Host()
    host.wait(1_000_000)
    host.ready(limits=LONG_LIMITS, **{**LONG, **train})
    host.set(c1=100)
    return host


@pytest.mark.parametrize("since_us", [1, 50_000, 100_000, 150_000, 199_999])
@pytest.mark.parametrize("by", REPLACED)
def test_a_set_lets_the_pulse_that_has_begun_finish(by: str, since_us: int) -> None:
    host = pulsing()
    host.wait(1_000_000 + since_us)
    command, rows = REPLACED[by]
    host.ok(command, each=rows)
    host.wait(1_000_000 + 210_000)
    host.ok("STOP")
    assert (host.pulses(1), host.port.stage.cuts(1)) == (1, 0)
    assert host.port.stage.charge_pc(1) == PHASE_PC
    assert host.port.stage.discharged_pc(1) == 0


@pytest.mark.parametrize("end_us", [510_000, 640_000])
def test_a_contraction_that_runs_out_lets_its_last_pulse_finish(end_us: int) -> None:
    host = Host()
    host.ready(limits=LONG_LIMITS, **LONG)
    host.ok("CONTRACT", each=[contraction(1, 20, 200_000, end_us - 200_000, 0)])
    host.keep(500_000 + 205_000)
    host.ok("STOP")
    assert host.given() == [(500_000, 2_000)]
    assert host.port.stage.cuts(1) == 0
    assert host.port.stage.charge_pc(1) == 2_000 * 100_000


@pytest.mark.parametrize(
    ("since_us", "given_pc", "left_pc"),
    [
        (1, 10_000, 10_000),
        (50_000, PHASE_PC // 2, PHASE_PC // 2),
        (100_000, PHASE_PC, PHASE_PC),
        (150_000, PHASE_PC, PHASE_PC // 2),
        (198_999, PHASE_PC, PHASE_PC // 100_000 * 1_001),
    ],
)
@pytest.mark.parametrize("by", ALL_OFF)
@pytest.mark.parametrize("silent_before_us", [0, 1])
def test_a_pulse_that_a_stop_cuts_off_is_discharged(
    by: str, since_us: int, given_pc: int, left_pc: int, silent_before_us: int
) -> None:
    """Also where a SET has ended the current just before, and the pulse is only being finished."""
    host = pulsing()
    host.wait(1_000_000 + since_us - silent_before_us)
    if silent_before_us and since_us > 1:
        host.set()
    host.wait(1_000_000 + since_us)
    host.ok(by, **ALL_OFF[by])
    stage = host.port.stage
    assert (stage.pulses(1), stage.cuts(1)) == (1, 1)
    assert (stage.charge_pc(1), stage.discharged_pc(1)) == (given_pc, left_pc)
    host.ok(by, **ALL_OFF[by])
    assert stage.cuts(1) == 1


def test_the_end_of_the_lease_cuts_a_long_pulse_off_too() -> None:
    host = pulsing()
    host.wait(2_000_000)
    assert host.pulses(1) == 1
    assert host.port.stage.cuts(1) == 0
    late = pulsing()
    late.wait(1_100_000)
    late.ok("RENEW", state=2, channels=1)  # so that the lease ends 100 ms after the second pulse has begun
    late.wait(2_000_000)
    assert (late.pulses(1), late.port.stage.cuts(1)) == (2, 1)
    assert late.port.stage.discharged_pc(1) == PHASE_PC


@pytest.mark.parametrize("since_us", [199_000, 199_500, 200_000, 300_000])
def test_a_pulse_that_ends_within_a_millisecond_is_finished_even_after_a_stop(since_us: int) -> None:
    host = pulsing()
    host.wait(1_000_000 + since_us)
    host.ok("STOP")
    assert host.port.stage.cuts(1) == 0
    assert host.port.stage.charge_pc(1) == PHASE_PC


def test_of_a_triangle_half_its_width_holds_a_quarter_of_its_charge() -> None:
    host = pulsing(shape=2)
    host.wait(1_050_000)
    host.ok("STOP")
    assert host.port.stage.charge_pc(1) == host.port.stage.discharged_pc(1) == PHASE_PC // 2 // 4


def test_of_an_asymmetric_pulse_the_long_phase_takes_its_time() -> None:
    host = pulsing(shape=1, recovery_ratio=2)
    host.wait(1_200_000)
    host.ok("STOP")
    assert (host.port.stage.charge_pc(1), host.port.stage.discharged_pc(1)) == (PHASE_PC, PHASE_PC // 2)


def test_the_next_clock_of_a_channel_begins_when_the_pulse_before_it_is_over() -> None:
    host = pulsing()
    host.wait(1_050_000)
    host.set()
    host.wait(1_060_000)
    host.ok("TRAIN", channel=1, shape=3, width_us=20_000, gap_us=0, recovery_ratio=1, period_us=100_000, burst_pulses=1,
            burst_interval_us=0)  # fmt: skip
    host.set(c1=80)
    host.wait(1_150_000)
    host.set(c1=90)
    host.wait(1_450_000)
    host.ok("STOP")
    assert host.given() == [(1_000_000, 10_000), (1_200_000, 9_000), (1_300_000, 9_000), (1_400_000, 9_000)]
    assert host.port.stage.cuts(1) == 0


def test_a_pulse_that_did_not_flow_is_not_cut_off() -> None:
    host = Host()
    host.port.stage.set_contact(1, False, 0)
    host.ready(limits=LONG_LIMITS, **LONG)
    host.set(c1=100)
    host.wait(50_000)
    host.ok("STOP")
    assert (host.pulses(1), host.port.stage.cuts(1), host.port.stage.charge_pc(1)) == (0, 0, 0)
