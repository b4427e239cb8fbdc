"""Each rule at its limit, one unit beyond, at 80 % and just below: figures worked out by hand from the limits sheet."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from emscontrol.core.pulse import Output, Shape
from emscontrol.safety import rules
from emscontrol.safety.envelope import ChannelEnvelope, hard_envelope
from emscontrol.safety.rules import RULES, TIME_RULES, judge, judge_ramp, judge_session, max_amplitude_ua
from emscontrol.safety.verdict import Band, Verdict
from tests.unit.safety.bench import output, train, verdict_of

LONG = Shape.LONG_BIPHASIC
QUARTER = train(500, 4_000)  # 2 · 500 µs in 4000 µs: r.m.s. is half the amplitude, exactly
ONE_SIDED = {"shape": Shape.ASYMMETRIC, "ratio": 10**9}  # a second phase too weak to count: all charge is left behind
S = 1_000_000
PAIR_250_HZ = train(500, S, pulses=2, interval_us=4_000)  # inside the pair the r.m.s. is half the amplitude as well
PAIR_1_KHZ = train(125, S, pulses=2, interval_us=1_000)
PAIR_1562_HZ = train(80, S, pulses=2, interval_us=640)
PAIRS = train(500, 8_000, pulses=2, interval_us=4_000)

# rule, area in mm², then the outputs at the limit, beyond it, at 80 % of it, and the last one without a warning
EDGES = [
    ("AMPLITUDE", 2_500, *(output(ua, train()) for ua in (S, S + 1, 800_001, 800_000))),  # 80 % is the comfort level itself
    ("WIDTH_MAX", 2_500, *(output(1, train(us)) for us in (1_000, 1_001, 800, 500))),
    ("WIDTH_MAX", 2_500, *(output(1, train(us)) for us in (1_000, 1_001, 501, 500))),  # beyond the usual 500 µs: a warning
    ("WIDTH_MIN", 2_500, *(output(1, train(us)) for us in (50, 49, 62, 63))),
    ("LONG_PULSE", 2_500, *(output(1, train(us, 2 * S, shape=LONG)) for us in (600_000, 600_001, 480_000, 479_999))),
    ("RATE", 2_500, *(output(1, train(300, us)) for us in (6_667, 6_666, 8_333, 10_000))),
    ("RATE", 2_500, *(output(1, train(300, us)) for us in (6_667, 6_666, 9_999, 10_000))),  # faster than the usual 100 Hz
    ("RATE", 2_500, *(output(1, train(300, us, pulses=3, interval_us=800)) for us in (20_001, 20_000, 25_001, 30_000))),
    ("PULSE_FITS", 2_500, *(output(1, train(300, us)) for us in (700, 699, 875, 876))),
    ("PULSE_FITS", 2_500, *(output(1, train(300, us, pulses=2, interval_us=1_000)) for us in (1_700, 1_699, 2_125, 2_126))),
    ("BURST_FITS", 2_500, *(output(1, train(300, pulses=2, interval_us=us)) for us in (700, 699, 875, 876))),
    ("CHARGE", 2_500, *(output(ua, train(1_000)) for ua in (75_000, 75_001, 60_000, 59_999))),
    ("CHARGE", 2_500, *(output(ua, train(1_000, shape=Shape.TRIANGULAR)) for ua in (150_000, 150_001, 120_000, 119_999))),
    ("IEC_RMS", 2_500, *(output(ua, QUARTER) for ua in (100_000, 100_001, 80_000, 79_998))),
    ("IEC_RMS", 2_500, *(output(ua, PAIRS) for ua in (100_000, 100_001, 80_000, 79_998))),
    ("IEC_RMS_BURST", 2_500, *(output(ua, PAIR_250_HZ) for ua in (100_000, 100_001, 80_000, 79_998))),
    ("IEC_RMS_BURST", 2_500, *(output(ua, PAIR_1_KHZ) for ua in (160_000, 160_001, 128_000, 127_998))),
    ("IEC_RMS_BURST", 2_500, *(output(ua, PAIR_1562_HZ) for ua in (200_000, 200_001, 160_000, 159_998))),
    ("IEC_E_PULSE", 2_500, *(output(ua, train(30_000, S, shape=LONG, gap_us=0)) for ua in (100_000, 100_001, 89_443, 89_442))),
    ("IEC_LONG_PULSE", 2_500, *(output(ua, train(50_000, S, shape=LONG, gap_us=0)) for ua in (80_000, 80_001, 64_000, 63_999))),
    ("IEC_DC", 2_500, *(output(ua, train(1_000, 1_000, **ONE_SIDED)) for ua in (80_000, 80_001, 64_000, 63_999))),
    ("BALANCE", 2_500, *(output(ua, train(100, **ONE_SIDED)) for ua in (1_000, 1_001, 800, 799))),
    ("J_DC", 100, *(output(ua, train(100, 1_000, **ONE_SIDED)) for ua in (2_000, 2_001, 1_600, 1_599))),
    ("J_RMS", 2_500, *(output(ua, QUARTER) for ua in (100_000, 100_001, 80_000, 79_950))),
    ("POWER", 1_250, *(output(ua, QUARTER) for ua in (100_000, 100_001, 89_443, 89_442))),
]  # fmt: skip


def judged(rule: str, area_mm2: int, given: Output) -> Verdict:
    return verdict_of(judge(given, hard_envelope(1, area_mm2, denervation=True)), rule)


@pytest.mark.parametrize(
    ("rule", "area_mm2", "at", "beyond", "warned", "calm"), EDGES, ids=[f"{e[0]}-{i}" for i, e in enumerate(EDGES)]
)
def test_at_the_limit_is_allowed_and_one_unit_beyond_is_not(
    rule: str, area_mm2: int, at: Output, beyond: Output, warned: Output, calm: Output
) -> None:
    limit = judged(rule, area_mm2, at)
    assert (limit.value, limit.band, limit.margin_percent) == (limit.limit, Band.WARN, 0)
    refused = judged(rule, area_mm2, beyond)
    assert refused.band is Band.REFUSE
    assert refused.margin_percent < 0
    assert judged(rule, area_mm2, warned).band is Band.WARN
    assert judged(rule, area_mm2, calm).band is Band.OK


def test_every_rule_has_its_edges() -> None:
    assert {edge[0] for edge in EDGES} == {rule.id for rule in RULES}


def test_every_rule_has_a_name_of_its_own_and_a_control() -> None:
    ids = [rule.id for rule in (*RULES, *TIME_RULES)]
    assert len(set(ids)) == len(ids)
    assert all(rule.control.startswith("RC-") and rule.sentence.endswith(".") for rule in (*RULES, *TIME_RULES))


@pytest.mark.parametrize(("interval_us", "limit_ua"), [(2_500, 50_000), (2_499, 80_000), (667, 80_000), (666, 100_000)])
def test_the_rate_inside_a_burst_chooses_the_row(interval_us: int, limit_ua: int) -> None:
    burst = output(1, train(100, 100_000, pulses=2, interval_us=interval_us))
    assert judged("IEC_RMS_BURST", 2_500, burst).limit == limit_ua


def test_balance_is_one_percent_where_that_is_more_than_the_floor() -> None:
    # 200 mA for 100 µs against 198 mA: 200 nC of 20 µC is left, which is 1 %
    at = output(200_000, train(100, shape=Shape.ASYMMETRIC, ratio=198_000))
    beyond = output(200_001, train(100, shape=Shape.ASYMMETRIC, ratio=198_000))
    assert (judged("BALANCE", 2_500, at).value, judged("BALANCE", 2_500, at).limit) == (200_000, 200_000)
    assert judged("BALANCE", 2_500, at).band is Band.WARN
    assert judged("BALANCE", 2_500, beyond).band is Band.REFUSE
    assert "1 % of a phase" in judged("BALANCE", 2_500, at).source
    assert "0.1 µC a pulse" in judged("BALANCE", 2_500, output(1_000, train(100))).source


def test_half_a_microampere_of_direct_current_too_much_is_too_much() -> None:
    just_beyond = judged("IEC_DC", 2_500, output(160_001, train(500, 1_000, **ONE_SIDED)))  # 80 000.5 µA
    assert (just_beyond.value, just_beyond.band) == (80_001, Band.REFUSE)


def test_the_duration_with_its_gap_decides_between_energy_and_direct_current() -> None:
    whole = judge(output(1, train(50_000, S, shape=LONG, gap_us=0)), hard_envelope(1, 2_500, denervation=True))
    with_gap = judge(output(1, train(49_950, S, shape=LONG, gap_us=99)), hard_envelope(1, 2_500, denervation=True))
    both = {"IEC_LONG_PULSE", "IEC_E_PULSE"}
    assert both & {verdict.rule for verdict in whole.verdicts} == {"IEC_LONG_PULSE"}  # 0.1 s exactly
    assert both & {verdict.rule for verdict in with_gap.verdicts} == {"IEC_E_PULSE"}  # 99 999 µs


@pytest.mark.parametrize("shape", [LONG, Shape.TRIANGULAR])
def test_long_pulses_need_a_declared_device(shape: Shape) -> None:
    pulse = output(1_000, train(10_000, S, shape=shape))
    assert [verdict.rule for verdict in judge(pulse, hard_envelope(1, 2_500)).refused] == ["LONG_PULSE"]
    assert not judge(pulse, hard_envelope(1, 2_500, denervation=True)).refused


def test_a_long_pulse_as_long_as_the_device_can_make_is_no_reason_to_warn() -> None:
    """Nothing is near a limit there: how long a pulse can be is a figure of the device, not of the person."""
    declared = hard_envelope(1, 2_500, denervation=True).tightened(long_width_max_us=200_000, source="range of a device")
    for width_us, band in ((200_000, Band.OK), (160_000, Band.OK), (200_001, Band.REFUSE)):
        assert verdict_of(judge(output(1, train(width_us, 2 * S, shape=LONG)), declared), "LONG_PULSE").band is band


@pytest.mark.parametrize("shape", [Shape.SYMMETRIC, Shape.ASYMMETRIC])
def test_a_typing_error_does_not_become_a_long_pulse(shape: Shape) -> None:
    slipped = output(1_000, train(3_000, shape=shape))
    assert [v.rule for v in judge(slipped, hard_envelope(1, 2_500, denervation=True)).refused] == ["WIDTH_MAX"]


def test_the_density_warning_is_halved_where_contact_is_not_measured() -> None:
    halved = hard_envelope(1, 2_500).tightened(density_warn_percent=50, source="no measurement")
    assert verdict_of(judge(output(50_000, QUARTER), halved), "J_RMS").band is Band.WARN
    assert verdict_of(judge(output(49_950, QUARTER), halved), "J_RMS").band is Band.OK
    assert verdict_of(judge(output(50_000, QUARTER), hard_envelope(1, 2_500)), "J_RMS").band is Band.OK


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
@pytest.mark.parametrize("part", ["measure", "allowed"])
def test_a_rule_that_breaks_refuses(rule: rules.Rule, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise LookupError("a limit is missing")

    broken_rules = tuple(replace(r, **{"measure": lambda *_: 1, part: broken}) if r is rule else r for r in RULES)  # type: ignore[arg-type]
    monkeypatch.setattr(rules, "RULES", broken_rules)
    rules._judged.cache_clear()
    judgement = judge(output(1_000, train()), hard_envelope(1, 2_500))
    rules._judged.cache_clear()
    assert [verdict.rule for verdict in judgement.refused] == [rule.id]
    assert "a limit is missing" in judgement.binding.sentence()


BAD = [None, float("nan"), float("inf"), 20_000.0, -1, True, "20000"]


@pytest.mark.parametrize("value", BAD, ids=repr)
@pytest.mark.parametrize("field", ["channel", "amplitude_ua"])
def test_an_output_that_is_no_whole_number_is_refused(field: str, value: object) -> None:
    good = output(20_000, train())
    judge(good, hard_envelope(1, 2_500))  # a judgement of the same figures in memory must not answer for them
    judgement = judge(replace(good, **{field: value}), hard_envelope(1, 2_500))
    assert [verdict.rule for verdict in judgement.refused] == ["FIGURES"]


@pytest.mark.parametrize("value", BAD, ids=repr)
@pytest.mark.parametrize("field", ["period_us", "burst_pulses", "burst_interval_us"])
def test_a_train_that_is_no_whole_number_is_refused(field: str, value: object) -> None:
    good = train(period_us=20_000)
    assert judge(output(1, replace(good, **{field: value})), hard_envelope(1, 2_500)).refused


@pytest.mark.parametrize("value", BAD, ids=repr)
@pytest.mark.parametrize("field", ["width_us", "gap_us", "recovery_ratio"])
def test_a_waveform_that_is_no_whole_number_is_refused(field: str, value: object) -> None:
    good = train(period_us=20_000)
    changed = replace(good, waveform=replace(good.waveform, **{field: value}))
    assert judge(output(1, changed), hard_envelope(1, 2_500)).refused


def test_zero_width_period_or_burst_is_refused() -> None:
    for wrong in (train(0), train(300, 0), train(pulses=0), train(pulses=2, interval_us=0), train(ratio=0)):
        assert [v.rule for v in judge(output(1, wrong), hard_envelope(1, 2_500)).refused] == ["FIGURES"]


def test_limits_of_another_channel_do_not_count() -> None:
    assert [v.rule for v in judge(output(1, train(), channel=2), hard_envelope(1, 2_500)).refused] == ["CHANNEL"]


@pytest.mark.parametrize(("given", "envelope"), [(None, hard_envelope(1, 2_500)), (output(1, train()), None), ({}, [])])
def test_nothing_to_judge_is_refused(given: Output, envelope: ChannelEnvelope) -> None:
    assert judge(given, envelope).refused


def test_the_largest_amplitude_of_the_small_pad_is_bound_by_its_density() -> None:
    largest_ua, binding = max_amplitude_ua(train(300, 20_000), hard_envelope(1, 400))
    assert largest_ua == 46_188  # 2 mA/cm² · 4 cm² / sqrt(2 · 50 Hz · 300 µs)
    assert (binding.rule, binding.value, binding.limit) == ("J_RMS", 2_000, 2_000)


def test_a_train_that_is_not_allowed_at_all_has_no_amplitude() -> None:
    largest_ua, why = max_amplitude_ua(train(300, 5_000), hard_envelope(1, 2_500))
    assert (largest_ua, why.rule, why.band) == (0, "RATE", Band.REFUSE)
    nothing_ua, why = max_amplitude_ua(train(300, 5_000), hard_envelope(1, 2_500).tightened(amplitude_max_ua=0, source="cap"))
    assert (nothing_ua, why.rule, why.band) == (0, "RATE", Band.REFUSE)


def test_a_cap_of_zero_allows_nothing() -> None:
    none = hard_envelope(1, 2_500).tightened(amplitude_max_ua=0, source="cap")
    assert max_amplitude_ua(train(), none)[0] == 0
    assert judge(output(1, train()), none).binding.rule == "AMPLITUDE"
    assert not judge(output(0, train()), none).refused


def test_the_binding_verdict_is_the_one_with_the_least_margin() -> None:
    envelope = hard_envelope(1, 400).tightened(amplitude_max_ua=50_000, source="cap")
    assert judge(output(40_000, train()), envelope).binding.rule == "J_RMS"  # 1.733 of 2 against 40 of 50
    assert judge(output(40_000, train()), replace(envelope, area_mm2=2_500)).binding.rule == "AMPLITUDE"


HOUR = 3_600 * S


@pytest.mark.parametrize(
    ("duration_us", "declared", "band"),
    [
        (HOUR, False, Band.WARN),
        (HOUR + 1, False, Band.REFUSE),
        (48 * 60 * S, False, Band.WARN),
        (48 * 60 * S - 1, False, Band.OK),
        (HOUR + 1, True, Band.OK),
        (8 * HOUR, True, Band.WARN),
        (8 * HOUR + 1, True, Band.REFUSE),
    ],
)
def test_the_length_of_a_session(duration_us: int, declared: bool, band: Band) -> None:
    assert judge_session(duration_us, declared_long=declared).binding.band is band


@pytest.mark.parametrize(
    ("ramp_us", "resuming", "band"),
    [
        (500_000, False, Band.WARN),
        (499_999, False, Band.REFUSE),
        (625_001, False, Band.OK),
        (2 * S, True, Band.WARN),
        (2 * S - 1, True, Band.REFUSE),
        (625_001, True, Band.REFUSE),
    ],
)
def test_the_length_of_a_ramp(ramp_us: int, resuming: bool, band: Band) -> None:
    assert judge_ramp(1, ramp_us, resuming=resuming).binding.band is band


@pytest.mark.parametrize("value", [None, float("nan"), 1.0, -1, True])
def test_a_duration_that_is_no_whole_number_is_refused(value: int) -> None:
    assert judge_session(value).refused
    assert judge_ramp(1, value).refused


TOLD_IN = {"µA": ("mA", 3), "µA/cm²": ("mA/cm²", 3), "nA/cm²": ("mA/cm²", 6), "µW/cm²": ("W/cm²", 6)} | {
    "µJ": ("mJ", 3), "pC": ("µC", 6), "µs": ("µs", 0), "µs a pulse": ("µs", 0),
}  # fmt: skip
"""For each integer's unit the one that its sentence uses, and the powers of ten between them."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_integers_of_every_rule_are_in_the_unit_beside_them(rule: rules.Rule) -> None:
    area_mm2, at = next((edge[1], edge[2]) for edge in EDGES if edge[0] == rule.id)
    verdict = judged(rule.id, area_mm2, at)
    assert verdict.unit == rule.unit
    unit, powers = TOLD_IN[verdict.unit]
    told = re.findall(r" (?:is|at most|at least) ([0-9.]+) (\S+?)[, ]", verdict.sentence())
    assert [(Decimal(figure).scaleb(powers), name) for figure, name in told] == [(verdict.value, unit), (verdict.limit, unit)]


@pytest.mark.parametrize("rule", TIME_RULES, ids=lambda rule: rule.id)
def test_the_integers_of_every_time_rule_are_microseconds_and_the_sentence_says_seconds(rule: rules.TimeRule) -> None:
    limit_us = rule.limit.value
    given = {
        "SESSION_LENGTH": judge_session(limit_us),
        "LONG_SESSION_LENGTH": judge_session(limit_us, declared_long=True),
        "RAMP": judge_ramp(1, limit_us),
        "RESUME_RAMP": judge_ramp(1, limit_us, resuming=True),
    }[rule.id]
    [verdict] = given.verdicts
    assert (verdict.value, verdict.limit, verdict.unit, rule.limit.unit) == (limit_us, limit_us, "µs", "µs")
    assert verdict.sentence().count(f"{Decimal(limit_us) / S:f} s" if limit_us % S else f"{limit_us // S}.0 s") == 2
    assert "µs" not in verdict.sentence()


def test_a_short_pulse_keeps_the_charge_rule_whatever_its_shape_is_called() -> None:
    """75 µC are 75 mA for 1000 µs; a triangle carries half as much, so nothing here lets it pass that."""
    able = hard_envelope(1, 20_000, denervation=True)
    for shape in (Shape.SYMMETRIC, Shape.LONG_BIPHASIC):
        pulse = train(1_000, 50_000, shape=shape)
        assert not judge(output(75_000, pulse), able).refused
        assert [verdict.rule for verdict in judge(output(75_001, pulse), able).refused] == ["CHARGE"]
