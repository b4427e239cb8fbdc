"""Every range of the table: both ends are accepted, one step beyond is not, nor is anything finer than the step."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from emscontrol.protocol.bounds import BOUNDS
from tests.unit.protocol.samples import CHANNELS, GOOD, HEAD, group, phase, problems, protocol

Probe = Callable[[str], str]
LONG = HEAD.replace("lmn_status: intact", "lmn_status: damaged")


def _grouped(key: str, **others: object) -> Probe:
    return lambda value: protocol(phase(group(1, **{**others, key: value}), group(2)))


def _channel(value: str) -> str:
    other = 2 if value == "1" else 1
    channels = CHANNELS.replace("  1:", f"  {other}:").replace("  2:\n    muscle: ham", f"  {value}:\n    muscle: ham")
    return protocol(phase(group(other), group(value)), channels=channels)


def _intensity(of: str) -> Probe:
    return lambda value: protocol(phase(group(1, intensity=f"{{of: {of}, fraction: {value}}}"), group(2)))


QUICK = {"on_s": 2, "off_s": 0, "ramp_up_s": "0.5", "ramp_down_s": 0}

PROBES: dict[str, Probe] = {
    "format": lambda v: GOOD.replace("format: 1", f"format: {v}"),
    "revision": lambda v: GOOD.replace("revision: 3", f"revision: {v}"),
    "channel": _channel,
    "electrode_side_cm": lambda v: GOOD.replace("width_cm: 5", f"width_cm: {v}"),
    "electrode_diameter_cm": lambda v: GOOD.replace("diameter_cm: 3.2", f"diameter_cm: {v}"),
    "amplitude_cap_ma": lambda v: GOOD.replace("    side: left", f"    side: left\n    amplitude_cap_ma: {v}"),
    "rate_hz": _grouped("rate_hz"),
    "pulses_per_s": lambda v: protocol(phase(group(1, rate_hz=Decimal(v) / 2, burst="{pulses: 2, interval_ms: 1}"), group(2))),
    "pulse_width_us": lambda v: protocol(
        phase(group(1, waveform="triangular", pulse_width_us=v, rate_hz="0.2"), group(2)), head=LONG
    ),
    "short_pulse_width_us": _grouped("pulse_width_us"),
    "interphase_gap_us": _grouped("interphase_gap_us"),
    "recovery_ratio": lambda v: protocol(
        phase(group(1, waveform="symmetric" if v == "1" else "asymmetric", recovery_ratio=v), group(2))
    ),
    "burst_pulses": lambda v: protocol(phase(group(1, rate_hz=1, burst=f"{{pulses: {v}, interval_ms: 1}}"), group(2))),
    "burst_interval_ms": lambda v: protocol(
        phase(group(1, rate_hz="0.5", pulse_width_us=100, burst=f"{{pulses: 2, interval_ms: {v}}}"), group(2))
    ),
    "fraction": _intensity("motor"),
    "fraction_of_motor": _intensity("motor"),
    "fraction_of_comfort": _intensity("comfort"),
    "on_s": lambda v: protocol(phase(group(1, on_s=v, ramp_up_s="0.5", ramp_down_s=0), group(2), contractions=2)),
    "off_s": lambda v: protocol(phase(group(1, off_s=v), group(2), contractions=1)),
    "ramp_up_s": _grouped("ramp_up_s", on_s=60),
    "ramp_down_s": _grouped("ramp_down_s", on_s=60),
    "stagger_s": lambda v: protocol(
        phase(group(1, off_s=1000), group(2, off_s=1000), contract="staggered", stagger_s=v, contractions=1)
    ),
    "contractions": lambda v: protocol(phase(group(1, **QUICK), group(2, **QUICK), contractions=v)),
    "duration_s": lambda v: protocol(
        phase(group(1, **{**QUICK, "on_s": "0.5"}), group(2, **{**QUICK, "on_s": "0.5"}), contractions=None, duration_s=v)
    ),
    "session_s": lambda v: protocol(
        phase(group(1, **{**QUICK, "on_s": "0.5"}), group(2, **{**QUICK, "on_s": "0.5"}), contractions=None, duration_s=v)
    ),
}


def test_every_range_is_probed() -> None:
    assert set(PROBES) == set(BOUNDS)


@pytest.mark.parametrize("name", BOUNDS)
def test_both_ends_of_a_range_are_accepted(name: str) -> None:
    bound = BOUNDS[name]
    assert problems(PROBES[name](f"{bound.low}")) == ()
    assert problems(PROBES[name](f"{bound.high}")) == ()


@pytest.mark.parametrize("name", BOUNDS)
def test_one_step_beyond_a_range_is_refused(name: str) -> None:
    bound = BOUNDS[name]
    assert problems(PROBES[name](f"{bound.high + bound.step}")) != ()
    if bound.low - bound.step >= 0 and name != "pulses_per_s":  # rate_hz is the tighter one below
        assert problems(PROBES[name](f"{bound.low - bound.step}")) != ()


@pytest.mark.parametrize("name", [n for n in BOUNDS if n not in ("pulses_per_s", "channel", "format")])
def test_a_finer_figure_than_the_step_is_refused(name: str) -> None:
    bound = BOUNDS[name]
    assert problems(PROBES[name](f"{bound.low + bound.step / 10}")) != ()


@pytest.mark.parametrize("name", BOUNDS)
def test_a_range_says_where_it_comes_from(name: str) -> None:
    bound = BOUNDS[name]
    assert len(bound.source) > 10
    assert bound.low <= bound.high
    if name.endswith(("_s", "_ms", "_us", "_hz", "_cm", "_ma")):
        written = {"s": "s", "ms": "ms", "us": "µs", "hz": "Hz", "cm": "cm", "ma": "mA"}
        assert bound.unit in (written[name.rsplit("_", 1)[1]], "pulses/s")


def test_the_soft_start_of_control_rc_13_is_a_hard_rule() -> None:
    assert BOUNDS["ramp_up_s"].low == Decimal("0.5")
    assert problems(PROBES["ramp_up_s"]("0.499")) != ()
    assert problems(PROBES["ramp_up_s"]("0")) != ()
