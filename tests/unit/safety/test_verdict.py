"""Verdicts in words and in bands."""

import pytest

from emscontrol.safety.envelope import hard_envelope
from emscontrol.safety.rules import judge
from emscontrol.safety.verdict import Band, Judgement, Verdict, band_of, margin_percent, no_verdict, shown
from tests.unit.safety.bench import output, train, verdict_of


@pytest.mark.parametrize(
    ("value", "limit", "at_least", "band", "margin"),
    [
        (0, 100, False, Band.OK, 100),
        (79, 100, False, Band.OK, 21),
        (80, 100, False, Band.WARN, 20),
        (100, 100, False, Band.WARN, 0),
        (101, 100, False, Band.REFUSE, -1),
        (0, 0, False, Band.OK, 100),
        (1, 0, False, Band.REFUSE, -100),
        (100, 100, True, Band.WARN, 0),
        (99, 100, True, Band.REFUSE, -2),
        (125, 100, True, Band.WARN, 20),
        (126, 100, True, Band.OK, 20),
        (0, 100, True, Band.REFUSE, -100),
        (999_999, 1_000_000, False, Band.WARN, 0),
        (1_000_001, 1_000_000, False, Band.REFUSE, -1),
    ],
)
def test_bands_and_margins(value: int, limit: int, at_least: bool, band: Band, margin: int) -> None:
    assert band_of(value, limit, at_least) is band
    assert margin_percent(value, limit, at_least) == margin


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12_500, "µA", "12.5 mA"),
        (12_000, "µA", "12.0 mA"),
        (100, "µs", "100 µs"),
        (1, "µA", "0.001 mA"),
        (0, "µA", "0.0 mA"),
        (10**12 + 1, "µA", "1000000000.001 mA"),
        (28_400_000, "pC", "28.4 µC"),
        (2_000, "µA/cm²", "2.0 mA/cm²"),
        (200_000, "nA/cm²", "0.2 mA/cm²"),
        (100_000, "µW/cm²", "0.1 W/cm²"),
        (3_600_000_000, "µs", "3600000000 µs"),
        (20_000, "µs a pulse", "20000 µs a pulse (50.00 Hz)"),
        (7, "sessions", "7 sessions"),
    ],
)
def test_figures_are_shown_exactly_with_a_point_and_a_unit(value: int, unit: str, text: str) -> None:
    assert shown(value, unit) == text


@pytest.mark.parametrize(
    ("value_us", "text"), [(3_600_000_000, "3600.0 s"), (500_000, "0.5 s"), (1, "0.000001 s"), (0, "0.0 s")]
)
def test_durations_of_a_session_are_shown_in_seconds(value_us: int, text: str) -> None:
    assert shown(value_us, "µs", duration=True) == text


def test_a_refusal_says_value_limit_unit_source_and_what_to_do() -> None:
    verdict = verdict_of(judge(output(100_002, train(500, 4_000)), hard_envelope(1, 4_500)), "IEC_RMS")
    assert verdict.sentence() == (
        "R.m.s. current is 50.001 mA, above the limit: at most 50.0 mA is allowed "
        "(IEC 60601-2-10 cl. 201.12.4.101; agrees with Enraf-Nonius Endomed 484 IFU p. 47; certainty R95). "
        "Lower the amplitude, the pulse width or the rate."
    )


def test_a_rate_that_is_too_fast_is_told_in_hertz_as_well() -> None:
    sentence = verdict_of(judge(output(1_000, train(300, 5_000)), hard_envelope(1, 4_500)), "RATE").sentence()
    assert sentence.startswith(
        "Time from pulse to pulse is 5000 µs a pulse (200.00 Hz), below the limit: "
        "at least 6667 µs a pulse (149.99 Hz) is allowed"
    )


def test_a_value_within_its_limit_is_told_without_advice() -> None:
    sentence = verdict_of(judge(output(1_000, train()), hard_envelope(1, 4_500)), "CHARGE").sentence()
    assert sentence.startswith("Charge per phase is 0.3 µC, within the limit: at most 75.0 µC is allowed (ANSI/AAMI NS4")
    assert "Lower" not in sentence


def test_a_rule_that_could_not_be_applied_says_so() -> None:
    verdict = no_verdict("J_RMS", "The rule J_RMS could not be applied (KeyError: 'J').", "Nothing is sent.")
    assert verdict.band is Band.REFUSE
    assert verdict.sentence() == "The rule J_RMS could not be applied (KeyError: 'J'). Nothing is sent."


def made(rule: str, value: int, limit: int, band: Band) -> Verdict:
    return Verdict(rule, "thing", value, limit, "µA", "somewhere", "D", margin_percent(value, limit), band)


def test_a_refusal_binds_before_anything_else_and_then_the_least_margin() -> None:
    near = made("NEAR", 999_999, 1_000_000, Band.WARN)
    nearer = made("NEARER", 9_999_999, 10_000_000, Band.WARN)
    refused = made("REFUSED", 1, 0, Band.REFUSE)
    assert Judgement(1, (near, nearer)).binding is nearer  # the same whole percent, yet less is left
    assert Judgement(1, (near, refused, nearer)).binding is refused
    assert Judgement(1, (near, refused)).refused == (refused,)
    assert Judgement(1, (near, refused)).warned == (near,)
