"""Envelopes only tighten, and what they allow at most is exactly the edge of what the rules allow."""

from dataclasses import replace
from fractions import Fraction
from functools import reduce

from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.pulse import Output, Shape, Train, Waveform
from emscontrol.safety import formulas
from emscontrol.safety.envelope import BOUNDS, ChannelEnvelope, envelope_for, hard_envelope, intersect
from emscontrol.safety.rules import judge, max_amplitude_ua
from emscontrol.safety.sites import described_site, known_muscles, site
from tests.unit.safety.bench import device

QUICK = settings(max_examples=100, deadline=None)
NAMES = [bound.name for bound in BOUNDS]
OFFERED = [muscle for muscle in known_muscles() if not described_site(muscle).refused]
AREAS = st.integers(300, 20_000)


@st.composite
def tightenings(draw: st.DrawFn) -> dict[str, int]:
    """Bounds around the hard ceilings, tighter and looser."""
    chosen = draw(st.lists(st.sampled_from(BOUNDS), max_size=6, unique=True))
    return {bound.name: draw(st.integers(bound.hard // 4 + 1, bound.hard * 2)) for bound in chosen}


@st.composite
def envelopes(draw: st.DrawFn) -> ChannelEnvelope:
    envelope = hard_envelope(1, draw(AREAS), denervation=draw(st.booleans()))
    for _ in range(draw(st.integers(0, 3))):
        envelope = envelope.tightened(source=draw(st.sampled_from(["device", "protocol", "patient"])), **draw(tightenings()))
    return envelope


@st.composite
def trains(draw: st.DrawFn) -> Train:
    shape = draw(st.sampled_from([Shape.SYMMETRIC, Shape.ASYMMETRIC, Shape.TRIANGULAR]))
    waveform = Waveform(shape, draw(st.integers(50, 1_000)), 100, draw(st.integers(1, 4)) if shape is Shape.ASYMMETRIC else 1)
    pulses = draw(st.integers(1, 3))
    interval_us = draw(st.integers(waveform.duration_us, 10_000)) if pulses > 1 else 0
    shortest_us = max(6_667 * pulses, (pulses - 1) * interval_us + waveform.duration_us)
    return Train(waveform, draw(st.integers(shortest_us, 1_000_000)), pulses, interval_us)


def never_wider(inner: ChannelEnvelope, outer: ChannelEnvelope) -> bool:
    return inner.area_mm2 <= outer.area_mm2 and all(
        inner.bound(b.name) >= outer.bound(b.name) if b.at_least else inner.bound(b.name) <= outer.bound(b.name) for b in BOUNDS
    )


@QUICK
@given(envelopes(), envelopes())
def test_an_intersection_is_never_wider_than_either(one: ChannelEnvelope, other: ChannelEnvelope) -> None:
    both = intersect(one, other)
    assert never_wider(both, one)
    assert never_wider(both, other)
    for name in NAMES:
        assert both.bound(name) in {one.bound(name), other.bound(name)} or name == "rise_max_ua_per_s"


@QUICK
@given(envelopes(), envelopes(), envelopes())
def test_order_and_grouping_of_an_intersection_do_not_matter(
    a: ChannelEnvelope, b: ChannelEnvelope, c: ChannelEnvelope
) -> None:
    assert intersect(a, b) == intersect(b, a)
    assert intersect(intersect(a, b), c) == intersect(a, intersect(b, c))
    assert intersect(a, a) == a


@QUICK
@given(envelopes(), st.lists(tightenings(), max_size=4), st.randoms(use_true_random=False))
def test_tightening_only_tightens_in_any_order(envelope: ChannelEnvelope, steps: list[dict[str, int]], random: object) -> None:
    def apply(given_envelope: ChannelEnvelope, step: dict[str, int]) -> ChannelEnvelope:
        return given_envelope.tightened(source="somebody", **step)

    once = reduce(apply, steps, envelope)
    shuffled = list(steps)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert never_wider(once, envelope)
    assert reduce(apply, shuffled, envelope) == once
    assert reduce(apply, steps, once) == once  # again changes nothing
    for step in steps:
        for bound in (bound for bound in BOUNDS if bound.name in step):
            kept, asked = once.bound(bound.name), step[bound.name]
            assert kept >= asked if bound.at_least else kept <= asked


@QUICK
@given(
    st.integers(1, 8),
    AREAS,
    st.sampled_from(OFFERED),
    st.none() | st.integers(0, 300_000),
    st.none() | st.integers(0, 300_000),
    st.integers(1_000, 300_000),
)
def test_an_envelope_is_within_device_site_protocol_and_patient(
    channel: int, area_mm2: int, muscle: str, protocol_ua: int | None, patient_ua: int | None, device_ua: int
) -> None:
    made = envelope_for(
        channel,
        area_mm2=area_mm2,
        capabilities=device(amplitude_max_ua=device_ua),
        muscle=muscle,
        protocol_cap_ua=protocol_ua,
        patient_cap_ua=patient_ua,
    )
    caps = [device_ua, site(muscle).cap_ua, 150_000, *(cap for cap in (protocol_ua, patient_ua) if cap is not None)]
    assert made.amplitude_max_ua == min(caps)
    assert never_wider(made, hard_envelope(channel, area_mm2))


@QUICK
@given(trains(), envelopes())
def test_the_largest_amplitude_keeps_every_limit_and_one_percent_more_breaks_one(
    train: Train, envelope: ChannelEnvelope
) -> None:
    largest_ua, binding = max_amplitude_ua(train, envelope)
    at_largest = judge(Output(1, train, largest_ua), envelope)
    if largest_ua == 0 and at_largest.refused:
        assert binding in at_largest.refused
        return
    assert not at_largest.refused
    assert judge(Output(1, train, largest_ua + 1), envelope).refused
    assert judge(Output(1, train, max(largest_ua + 1, -(-largest_ua * 101 // 100))), envelope).refused
    assert binding in at_largest.verdicts


def largest(train: Train, area_mm2: int) -> int:
    return max_amplitude_ua(train, hard_envelope(1, area_mm2))[0]


@QUICK
@given(
    st.integers(50, 900), st.integers(6_667, 200_000), AREAS, st.integers(0, 100), st.integers(0, 50_000), st.integers(0, 9_000)
)
def test_faster_wider_or_on_a_smaller_pad_never_allows_more(
    width_us: int, period_us: int, area_mm2: int, wider_us: int, slower_us: int, more_mm2: int
) -> None:
    def train(width: int, period: int) -> Train:
        return Train(Waveform(Shape.SYMMETRIC, width), period)

    here = largest(train(width_us, period_us), area_mm2)
    assert largest(train(width_us + wider_us, period_us), area_mm2) <= here
    assert largest(train(width_us, period_us + slower_us), area_mm2) >= here
    assert largest(train(width_us, period_us), area_mm2 + more_mm2) >= here


@QUICK
@given(st.integers(50, 1_000), st.integers(6_667, 1_000_000), AREAS)
def test_the_search_and_the_closed_formulas_find_the_same_amplitude(width_us: int, period_us: int, area_mm2: int) -> None:
    both = Fraction(2 * width_us)
    caps = {
        "AMPLITUDE": 1_000_000,
        "CHARGE": 75_000_000 // width_us,
        "IEC_RMS": formulas.amplitude_for_rms_ua(50_000, both, period_us),
        "J_RMS": formulas.amplitude_for_density_ua(2_000, both, period_us, area_mm2),
        "POWER": formulas.amplitude_for_power_ua(100_000, both, period_us, area_mm2),
        "IEC_E_PULSE": formulas.amplitude_for_energy_ua(300_000, both),
    }
    largest_ua, binding = max_amplitude_ua(Train(Waveform(Shape.SYMMETRIC, width_us), period_us), hard_envelope(1, area_mm2))
    assert largest_ua == min(caps.values())
    assert caps[binding.rule] == largest_ua


@QUICK
@given(trains(), st.integers(0, 200_000), envelopes(), st.sampled_from([b for b in BOUNDS if b.name not in {"area_mm2"}]))
def test_a_tighter_envelope_never_allows_what_a_wider_one_refuses(
    train: Train, amplitude_ua: int, envelope: ChannelEnvelope, bound: object
) -> None:
    name, hard, _origin, at_least = bound  # type: ignore[misc]
    tighter = envelope.tightened(source="tighter", **{name: hard * 2 if at_least else envelope.bound(name) // 2})
    output = Output(1, train, amplitude_ua)
    assert {v.rule for v in judge(output, envelope).refused} <= {v.rule for v in judge(output, tighter).refused}
    assert {v.rule for v in judge(output, envelope).refused} <= {
        v.rule for v in judge(output, replace(envelope, area_mm2=1)).refused
    }


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.floats(), st.text(max_size=5), st.binary(max_size=3)
)


@settings(max_examples=200, deadline=None)
@given(st.lists(ANYTHING, min_size=8, max_size=8), st.sampled_from(list(Shape)), envelopes())
def test_no_figures_at_all_make_a_judgement_fail_or_pass_by_accident(
    figures: list[object], shape: Shape, envelope: ChannelEnvelope
) -> None:
    channel, amplitude, width, gap, ratio, period, pulses, interval = figures
    output = Output(channel, Train(Waveform(shape, width, gap, ratio), period, pulses, interval), amplitude)  # type: ignore[arg-type]
    judgement = judge(output, envelope)
    sound = all(type(figure) is int and figure >= 0 for figure in figures)
    assert judgement.refused or sound
    assert all(verdict.sentence() for verdict in judgement.verdicts)
