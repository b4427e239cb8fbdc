"""The dose worked out of set points: against floating point arithmetic, and what is not known told as not known."""

from collections.abc import Sequence
from dataclasses import asdict
from math import ceil, sqrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.events import Event, make
from emscontrol.core.pulse import Output, Shape, Train, Waveform
from emscontrol.protocol.load import load_text
from emscontrol.protocol.travel import to_line
from emscontrol.record.dose import (
    BY_TRAIN,
    CUT_SHORT,
    NO_AREA,
    NO_DOSE,
    NO_LIMITS,
    NO_SENSE,
    NO_SHAPE,
    PER_AREA,
    ChannelDose,
    doses,
)
from emscontrol.record.knowledge import DOSE, Knowledge
from emscontrol.record.reckon import TRAINS_MAX, Reckoner
from emscontrol.record.refusals import KEPT_MAX, KINDS, Refusals
from emscontrol.safety.envelope import hard_envelope
from emscontrol.safety.rules import RULES
from tests.session.rig import SHORT
from tests.unit.record.sample import opened

AREA_MM2 = 4500
COMPILED = to_line(load_text(SHORT, "test").protocol)


def limits(channel: int = 1, **change: Any) -> dict[str, Any]:
    return {str(channel): asdict(hard_envelope(channel, AREA_MM2).tightened(source="test", amplitude_max_ua=60_000)) | change}


def point(amplitude_ua: int, width_us: int = 300, period_us: int = 20_000, channel: int = 1) -> Event:
    row = {"channel": channel, "amplitude_ua": amplitude_ua, "width_us": width_us, "period_us": period_us}
    return make("set_point", number=1, outputs=[row], cause="x")


def told(points: Sequence[Event], **opening: Any) -> tuple[ChannelDose, ...]:
    reckoner = Reckoner()
    first = opened(**({"protocol_compiled": COMPILED, "envelope": limits()} | opening))
    for t_us, event in enumerate([first, make("phase_started", name="work", index=1, of=1), *points]):
        reckoner.take(event.kind, event.args, t_us)
    return doses(reckoner)


AMPLITUDES = st.integers(1, 130_000)
POINTS = st.lists(st.tuples(AMPLITUDES, st.integers(50, 1000), st.integers(6_667, 100_000)), min_size=1, max_size=8)


@settings(max_examples=40)
@given(POINTS)
def test_each_figure_is_the_worst_of_all_set_points(points: list[tuple[int, int, int]]) -> None:
    (dose,) = told([point(*each) for each in points])
    area_cm2 = AREA_MM2 / 100
    rms = [a * sqrt(2 * w / p) for a, w, p in points]
    expected = {
        "AMPLITUDE": max(a for a, _, _ in points),
        "WIDTH_MIN": min(w for _, w, _ in points),
        "RATE": min(p for _, _, p in points),
        "CHARGE": max(a * w for a, w, _ in points),
        "IEC_RMS": ceil(max(rms) - 1e-6),
        "J_RMS": ceil(max(rms) / area_cm2 - 1e-6),
        "CHARGE_DENSITY": ceil(max(a * w for a, w, _ in points) / area_cm2 - 1e-6),
    }
    assert {rule: figure.value for rule in expected if (figure := dose.figure(rule))} == expected
    assert (dose.unknown, dose.area_mm2) == ((), AREA_MM2)
    assert sum(figure.binds for figure in dose.figures) == 1


def test_every_rule_that_speaks_of_a_dose_says_how_its_figure_is_known() -> None:
    assert set(DOSE) == {rule.id for rule in RULES} - NO_DOSE | {"CHARGE_DENSITY"}
    assert {rule for rule, known in DOSE.items() if known is Knowledge.COMMANDED} == {
        "AMPLITUDE", "WIDTH_MAX", "WIDTH_MIN", "LONG_PULSE", "RATE", "IEC_LONG_PULSE",
    }  # fmt: skip


def test_the_figures_over_an_area_are_those_that_change_with_it() -> None:
    train = Train(Waveform(Shape.ASYMMETRIC, 401, recovery_ratio=3), 10_000)
    output, area_mm2 = Output(1, train, 100_000), (100, 200)
    measured = {rule.id: [rule.measure(output, hard_envelope(1, each)) for each in area_mm2] for rule in RULES}
    assert {rule for rule, (one, other) in measured.items() if one != other} == PER_AREA - {"CHARGE_DENSITY"}


def test_the_figures_that_no_amplitude_changes_are_those_of_the_train() -> None:
    train = Train(Waveform(Shape.ASYMMETRIC, 401, recovery_ratio=3), 10_000, 2, 4000)
    measured = {rule.id: [rule.measure(Output(1, train, a), hard_envelope(1, 1)) for a in (100, 90_000)] for rule in RULES}
    assert {rule for rule, (one, other) in measured.items() if one == other is not None} == BY_TRAIN - {"LONG_PULSE"}


def test_without_an_area_densities_are_unknown_and_not_zero() -> None:
    row = limits()["1"]
    del row["area_mm2"]
    (dose,) = told([point(20_000)], envelope={"1": row})
    assert {figure.rule for figure in dose.figures if figure.value is None} == PER_AREA
    assert (dose.unknown, dose.allowed_ua) == ((NO_AREA, NO_LIMITS), None)
    assert "r.m.s. current density unknown (assumed)" in [figure.words() for figure in dose.figures]


@pytest.mark.parametrize(
    "envelope",
    [{}, limits(2), {"1": limits(2)["2"]}, limits(rms_max_ua=10**9), limits(origins=[]), {"1": 5}, limits(area_mm2="x")],
    ids=["none", "another channel's", "of another channel", "wider than any", "without sources", "no object", "no area"],
)
def test_limits_that_the_record_does_not_have_are_not_made_up(envelope: dict[str, Any]) -> None:
    (dose,) = told([point(20_000)], envelope=envelope)
    assert NO_LIMITS in dose.unknown
    assert {figure.limit for figure in dose.figures} == {None}
    rms = dose.figure("IEC_RMS")
    assert rms is not None
    assert rms.value == ceil(20_000 * sqrt(0.03)), "what needs no limit is told all the same"


def test_a_measurement_does_not_say_what_its_pulses_looked_like() -> None:
    (dose,) = told([point(20_000, 1000)], protocol_compiled='{"kind":"threshold"}')
    known = {figure.rule: figure.value for figure in dose.figures if figure.value is not None}
    assert known == {"AMPLITUDE": 20_000, "WIDTH_MIN": 1000, "RATE": 20_000}
    assert (dose.unknown, dose.allowed_ua) == ((NO_SHAPE,), None)


def test_what_makes_no_sense_has_no_dose() -> None:
    for nonsense in (point(20_000, 0), point(20_000, channel=0)):
        (dose,) = told([nonsense])
        assert (dose.figures, dose.allowed_ua, dose.unknown[0]) == ((), None, NO_SENSE)
    assert told([]) == ()
    assert told([point(0)]) == ()


def test_a_record_of_endless_trains_is_given_up() -> None:
    assert len(told([point(5000, period_us=10_000 + n) for n in range(TRAINS_MAX)])) == 1
    reckoner = Reckoner()
    for t_us, event in enumerate([opened(), *(point(5000, period_us=10_000 + n) for n in range(TRAINS_MAX + 1))]):
        reckoner.take(event.kind, event.args, t_us)
    assert reckoner.lost
    assert CUT_SHORT in doses(reckoner)[0].unknown


# ---------------------------------------------------------------- what was refused, held back, warned of, changed

HAPPENED = st.sampled_from(
    [
        make("refused_by_gate", rule="J_RMS", sentence="Channel 1: too much."),
        make("refused_by_gate", rule="ALLOWANCE", sentence="No more."),
        make("refused_by_device", command="outputs", code=5, text="no", number=3),
        make("warned", rule="J_RMS", sentence="Channel 1: near."),
        make("warned", rule="J_RMS", sentence="Channel 2: near."),
        make("clipped", channel=2),
        make("adjusted", channel=1, from_ua=1000, to_ua=2000),
        make("stop_sent"),
    ]
)


@given(st.lists(HAPPENED))
def test_every_refusal_is_in_one_group_and_counted_once(events: list[Event]) -> None:
    refusals = Refusals()
    for n, event in enumerate(events, 1):
        refusals.take(n, event.kind, event.args)
    rows = refusals.rows()
    assert sum(row.count for row in rows) == sum(event.kind in KINDS for event in events)
    assert len(rows) == len({(event.kind, str(event.args)) for event in events if event.kind in KINDS})
    for row in rows:
        assert events[row.first - 1].kind == events[row.last - 1].kind == row.kind
        assert row.reason == events[row.first - 1].sentence()


def test_what_is_no_event_is_left_out_and_endless_kinds_of_refusal_are_counted() -> None:
    refusals = Refusals()
    refusals.take(1, "clipped", {"channel": "all"})
    for n in range(KEPT_MAX + 3):
        refusals.take(n, "warned", {"rule": "x", "sentence": str(n)})
    assert (len(refusals.rows()), refusals.more) == (KEPT_MAX, 3)


def test_a_target_moved_by_hand_is_told_from_the_first_to_the_last() -> None:
    refusals = Refusals()
    for n, (before, after) in enumerate([(16_000, 17_000), (17_000, 18_000), (18_000, 15_000)]):
        refusals.take(n, "adjusted", {"channel": 3, "from_ua": before, "to_ua": after})
    (row,) = refusals.rows()
    assert (row.reason, row.count, row.channel) == ("The operator set channel 3 from 16.0 mA to 15.0 mA.", 3, 3)
