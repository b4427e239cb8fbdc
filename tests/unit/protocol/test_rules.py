"""Each rule between keys: broken, it says where and what; just kept, it is silent."""

from dataclasses import dataclass

import pytest

from emscontrol.protocol.part_rules import CHANNEL_RULES, ELECTRODE_RULES, GROUP_RULES
from emscontrol.protocol.phase_rules import PHASE_RULES
from emscontrol.protocol.rules import PROTOCOL_RULES
from tests.unit.protocol.samples import CHANNELS, GOOD, HEAD, group, phase, place_of, problems, protocol, the_problem

DAMAGED = HEAD.replace("lmn_status: intact", "lmn_status: damaged")


@dataclass(frozen=True)
class Case:
    rule: str
    broken: str
    at: str  # needle in the text whose place is named
    key: str
    words: str
    kept: str


def _one(**changes: object) -> str:
    return protocol(phase(group(1, **changes), group(2)))


def _two(first: str, second: str, **changes: object) -> str:
    return protocol(phase(first, second, **changes))


CASES = (
    Case(
        "electrode_shape",
        GOOD.replace("{width_cm: 5, height_cm: 9}", "{width_cm: 5}"),
        "{width_cm: 5}",
        "channels.1.electrode",
        "give width_cm and height_cm, or diameter_cm alone",
        GOOD.replace("{width_cm: 5, height_cm: 9}", "{diameter_cm: 5}"),
    ),
    Case(
        "electrode_shape",
        GOOD.replace("{diameter_cm: 3.2}", "{diameter_cm: 3.2, width_cm: 5}"),
        "{diameter_cm: 3.2, width",
        "channels.2.electrode",
        "found width_cm and diameter_cm",
        GOOD,
    ),
    Case(
        "electrode_shape",
        GOOD.replace("{diameter_cm: 3.2}", "{}"),
        "{}",
        "channels.2.electrode",
        "found no size",
        GOOD,
    ),
    Case(
        "muscle_in_catalogue",
        GOOD.replace("muscle: ham", "muscle: hamm"),
        "hamm",
        "channels.2.muscle",
        "the nearest id is ham",
        GOOD.replace("muscle: ham", "muscle: glut_max"),
    ),
    Case(
        "ramps_inside_on",
        _one(on_s="2.499", ramp_up_s="1.5", ramp_down_s=1),
        "2.499",
        "phases.0.groups.0.on_s",
        "found 2.499 s on, with ramps of 2.5 s; ramps lie inside on",
        _one(on_s="2.5", ramp_up_s="1.5", ramp_down_s=1),
    ),
    Case(
        "recovery_of_asymmetric",
        _one(waveform="asymmetric"),
        "asymmetric",
        "phases.0.groups.0.waveform",
        "recovery_ratio from 2 to 10",
        _one(waveform="asymmetric", recovery_ratio=4),
    ),
    Case(
        "recovery_of_asymmetric",
        _one(recovery_ratio=4),
        "recovery_ratio",
        "phases.0.groups.0.recovery_ratio",
        "only asymmetric pulses have it",
        _one(),
    ),
    Case(
        "intensity_of_threshold",
        _one(intensity="{of: comfort, fraction: 1.001}"),
        "1.001",
        "phases.0.groups.0.intensity.fraction",
        "found 1.001 of comfort; of comfort: a number from 0.05 to 1",
        _one(intensity="{of: comfort, fraction: 1}"),
    ),
    Case(
        "short_pulse_width",
        _one(pulse_width_us=1001, rate_hz=10),
        "1001",
        "phases.0.groups.0.pulse_width_us",
        "found 1001 with waveform symmetric",
        _one(pulse_width_us=1000, rate_hz=10),
    ),
    Case(
        "pulses_apart",
        _one(pulse_width_us=1000, waveform="asymmetric", recovery_ratio=8, interphase_gap_us=1000, rate_hz="100.001"),
        "100.001",
        "phases.0.groups.0.rate_hz",
        "pulses that last 10000 µs",
        _one(pulse_width_us=1000, waveform="asymmetric", recovery_ratio=8, interphase_gap_us=1000, rate_hz=100),
    ),
    Case(
        "pulses_apart",
        _one(burst="{pulses: 2, interval_ms: 19.4}", rate_hz="50.001", pulse_width_us=300),
        "50.001",
        "phases.0.groups.0.rate_hz",
        "bursts that last 20000 µs",
        _one(burst="{pulses: 2, interval_ms: 19.4}", rate_hz=50, pulse_width_us=300),
    ),
    Case(
        "burst_pulses_apart",
        _one(burst="{pulses: 2, interval_ms: 1.199}", rate_hz=20, pulse_width_us=600),
        "1.199",
        "phases.0.groups.0.burst.interval_ms",
        "found 1.199 with pulses that last 1200 µs",
        _one(burst="{pulses: 2, interval_ms: 1.2}", rate_hz=20, pulse_width_us=600),
    ),
    Case(
        "pulses_per_second",
        _one(burst="{pulses: 3, interval_ms: 2}", rate_hz="50.001", pulse_width_us=300),
        "3, interval",
        "phases.0.groups.0.burst.pulses",
        "at most 150 pulses/s",
        _one(burst="{pulses: 3, interval_ms: 2}", rate_hz=50, pulse_width_us=300),
    ),
    Case(
        "contractions_or_duration",
        protocol(phase(duration_s=300)),
        "name: work",
        "phases.0",
        "found contractions and duration_s; give exactly one of the two",
        protocol(phase(duration_s=300, contractions=None)),
    ),
    Case(
        "contractions_or_duration",
        protocol(phase(contractions=None)),
        "name: work",
        "phases.0",
        "found neither contractions nor duration_s",
        GOOD,
    ),
    Case(
        "stagger_of_staggered",
        protocol(phase(contract="staggered")),
        "staggered",
        "phases.0.contract",
        "add stagger_s",
        protocol(phase(contract="staggered", stagger_s="0.5")),
    ),
    Case(
        "stagger_of_staggered",
        protocol(phase(stagger_s="0.5")),
        "stagger_s",
        "phases.0.stagger_s",
        "only staggered groups have it",
        GOOD,
    ),
    Case(
        "several_groups",
        protocol(phase(group("1, 2"), contract="alternately")),
        "alternately",
        "phases.0.contract",
        "two groups or more",
        protocol(phase(group("1, 2"))),
    ),
    Case(
        "equal_cycles",
        _two(group(1), group(2, off_s="12.5"), contract="alternately"),
        "12.5",
        "phases.0.groups.1.off_s",
        "found a cycle (on and off) of 18.5 s after one of 18 s",
        _two(group(1), group(2, on_s="5.5", off_s="12.5"), contract="alternately"),
    ),
    Case(
        "equal_cycles",
        _two(group(1), group(2, off_s="12.5"), contract="staggered", stagger_s=1),
        "12.5",
        "phases.0.groups.1.off_s",
        "equal cycles for groups that contract staggered",
        _two(group(1), group(2, off_s="12.5")),
    ),
    Case(
        "turns_fit",
        _two(group(1), group(2, on_s="9.001", off_s="8.999"), contract="alternately"),
        "9.001",
        "phases.0.groups.1.on_s",
        "2 groups take turns: at most 1/2 of the cycle on",
        _two(group(1), group(2, on_s=9, off_s=9), contract="alternately"),
    ),
    Case(
        "stagger_fits",
        protocol(phase(contract="staggered", stagger_s=18)),
        "18",
        "phases.0.stagger_s",
        "the last group starts within the cycle, before 18 s",
        protocol(phase(contract="staggered", stagger_s="17.999")),
    ),
    Case(
        "duration_holds_a_contraction",
        protocol(phase(contract="alternately", contractions=None, duration_s="14.999")),
        "14.999",
        "phases.0.duration_s",
        "at least 15 s",
        protocol(phase(contract="alternately", contractions=None, duration_s=15)),
    ),
    Case(
        "channel_once",
        _two(group("1, 2"), group(2)),
        "2]\n        waveform: symmetric\n        pulse_width_us: 300\n        rate_hz: 50\n        intensity: "
        "{of: comfort, fraction: 0.75}\n        on_s: 6\n        off_s: 12\n        ramp_up_s: 1.5\n        ramp_down_s: 1\n"
        "      - channels: [2]",
        "phases.0.groups.1.channels.0",
        "found channel 2 a second time",
        GOOD,
    ),
    Case(
        "channels_declared",
        protocol(phase(group("1, 7"), group(2))),
        "7]",
        "phases.0.groups.0.channels.1",
        "found channel 7, which is not declared; one of 1, 2",
        GOOD,
    ),
    Case(
        "channels_used",
        protocol(phase(group(2))),
        "1:\n",
        "channels.1",
        "found in no phase",
        protocol(phase(group(2)), phase(group(1))),
    ),
    Case(
        "long_pulses_for_denervated",
        _one(waveform="long_biphasic", pulse_width_us=1001, rate_hz=1),
        "1001",
        "phases.0.groups.0.pulse_width_us",
        "found 1001 with lmn_status intact; above 1000 µs only with lmn_status damaged",
        protocol(phase(group(1, waveform="long_biphasic", pulse_width_us=200_000, rate_hz=1), group(2)), head=DAMAGED),
    ),
    Case(
        "session_length",
        protocol(phase(contractions=1600), phase(contractions=1)),
        "- name",
        "phases",
        "found 28818 s in all; at most 28800 s, 8 h",
        protocol(phase(contractions=1600)),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_broken_rule_says_where_and_what(case: Case) -> None:
    said = the_problem(case.broken)
    place, _, rest = said.removeprefix("f.yaml:").partition(": ")
    key, _, words = rest.partition(": ")
    assert key == case.key
    assert case.words in words
    if case.rule == "channel_once":
        assert place == "37:20"
    else:
        assert place == place_of(case.broken, case.at)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_rule_that_is_just_kept_is_silent(case: Case) -> None:
    assert problems(case.kept) == ()


def test_every_rule_has_a_case() -> None:
    rules = (*ELECTRODE_RULES, *CHANNEL_RULES, *GROUP_RULES, *PHASE_RULES, *PROTOCOL_RULES)
    assert {rule.__name__ for rule in rules} == {case.rule for case in CASES}


def test_groups_that_contract_together_keep_cycles_of_their_own() -> None:
    assert problems(protocol(phase(group(1, on_s=5, off_s=10), group(2, on_s=5, off_s=5)))) == ()


def test_motor_threshold_may_be_passed_by_half() -> None:
    assert problems(protocol(phase(group(1, intensity="{of: motor, fraction: 1.5}"), group(2)))) == ()


@pytest.mark.parametrize("status", ["intact", "any"])
def test_long_pulses_need_a_damaged_nerve_for_certain(status: str) -> None:
    head = HEAD.replace("lmn_status: intact", f"lmn_status: {status}")
    text = protocol(phase(group(1, waveform="triangular", pulse_width_us=1001, rate_hz=1), group(2)), head=head)
    assert f"found 1001 with lmn_status {status}" in the_problem(text)


@pytest.mark.parametrize("off_s", ["11.999", "12.001"])
def test_cycles_are_equal_to_the_last_decimal(off_s: str) -> None:
    assert "groups.1.off_s: found a cycle" in the_problem(
        protocol(phase(group(1), group(2, off_s=off_s), contract="alternately"))
    )


def test_three_groups_take_turns_in_thirds() -> None:
    channels = CHANNELS + "  3: {muscle: ta, side: left, label: shin, electrode: {width_cm: 5, height_cm: 5}}\n"
    groups = (group(1, on_s=6, off_s=12), group(2, on_s=6, off_s=12), group(3, on_s=6, off_s=12))
    assert problems(protocol(phase(*groups, contract="alternately"), channels=channels)) == ()
    longer = (group(1, on_s="6.001", off_s="11.999"), *groups[1:])
    assert "1/3 of the cycle" in the_problem(protocol(phase(*longer, contract="alternately"), channels=channels))
