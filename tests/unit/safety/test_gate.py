"""The gate in front of a real driver on a simulated P24: what it lets through, and what it never does."""

from dataclasses import replace
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.pulse import NOTHING, Output, Outputs, Shape, Train, Waveform
from emscontrol.core.stimulator import _GATE_KEY, Acked, Cleared, Command
from emscontrol.devices.registry import driver, profile
from emscontrol.devices.sciencemode4.driver import P24Driver
from emscontrol.safety.envelope import envelope_for
from emscontrol.safety.gate import Allowance, SafetyGate
from firmware_sim.world import SimulatedPort, make

TRAIN = Train(Waveform(Shape.SYMMETRIC, 300), 20_000)
PER_S = 40_000  # µA/s: 20 mA in half a second
CAP_UA = 20_000


class Bench:
    """Gate, driver and simulator with bytes carried by hand."""

    def __init__(self, allowance: Allowance | None = None, area_mm2: int = 4_500) -> None:
        self.port: SimulatedPort = make("p24")
        envelopes = {
            c: envelope_for(
                c,
                area_mm2=area_mm2,
                capabilities=profile("p24").capabilities,
                muscle="quad_rf",
                protocol_cap_ua=None,
                patient_cap_ua=CAP_UA,
            ).tightened(rise_max_ua_per_s=PER_S, source="test")
            for c in (1, 2)
        }
        self.gate = SafetyGate(driver("p24"), envelopes, allowance or Allowance(10**9, {1: 10**12, 2: 10**12}))
        self.now_us = 0
        self.say(self.gate.connect(0))
        for _ in range(20):
            self.listen()
        self.say(self.gate.prepare({1: TRAIN, 2: TRAIN}, self.now_us))
        assert Acked(Command.PREPARE) in self.listen()

    def say(self, data: bytes) -> None:
        if data:
            self.port.write(data, self.now_us)

    def listen(self) -> list[object]:
        events = list(self.gate.receive(self.port.read(self.now_us), self.now_us))
        self.say(self.gate.tick(self.now_us))
        return events

    def armed(self) -> "Bench":
        self.gate.arm(self.now_us)
        return self

    def put(self, amplitude_ua: int, channel: int = 1, train: Train = TRAIN) -> None:
        self.say(self.gate.send(Outputs((Output(channel, train, amplitude_ua),)), self.now_us))
        self.listen()

    def put_all(self, outputs: Outputs) -> None:
        self.say(self.gate.send(outputs, self.now_us))
        self.listen()

    def climb(self, to_ua: int) -> None:
        """To an amplitude as fast as the ramp allows."""
        while self.gate.in_force.amplitude_ua(1) < to_ua:
            self.now_us += 50_000
            self.listen()
            self.put(min(to_ua, self.gate.in_force.amplitude_ua(1) + PER_S // 20))

    @property
    def flowing_ua(self) -> int:
        self.port.read(self.now_us)
        return self.port.stage.amplitude_ua(1)


def refused(bench: Bench, rule: str, *args: object, **named: object) -> None:
    before = bench.gate.in_force
    with pytest.raises(SafetyRefusal) as problem:
        bench.put(*args, **named)  # type: ignore[arg-type]
    assert rule in problem.value.rules
    assert bench.gate.in_force == before


def test_no_current_before_arming() -> None:
    refused(Bench(), "NOT_ARMED", 2_000)


def test_the_first_step_is_small_and_arrives_exactly() -> None:
    bench = Bench().armed()
    bench.put(2_000)
    assert bench.flowing_ua == 2_000


def test_full_amplitude_at_once_is_refused() -> None:
    refused(Bench().armed(), "RISE", 20_000)


def test_a_ramp_reaches_its_plateau_and_not_a_step_more() -> None:
    bench = Bench().armed()
    bench.climb(CAP_UA)
    assert bench.flowing_ua == CAP_UA
    bench.now_us += 1_000_000
    refused(bench, "AMPLITUDE", CAP_UA + 500)


def test_waiting_does_not_save_up_a_jump() -> None:
    bench = Bench().armed()
    bench.put(2_000)
    bench.now_us += 60_000_000
    bench.listen()
    refused(bench, "RISE", 12_000)


def test_lowering_is_never_limited() -> None:
    bench = Bench().armed()
    bench.climb(CAP_UA)
    bench.put(500)
    assert bench.flowing_ua == 500


def test_after_a_pause_the_current_rises_over_two_seconds() -> None:
    bench = Bench().armed()
    bench.climb(CAP_UA)
    bench.put_all(NOTHING)
    bench.gate.from_zero()
    began_us = bench.now_us
    while bench.gate.in_force.amplitude_ua(1) < CAP_UA:
        bench.now_us += 50_000
        bench.listen()
        bench.put_all(bench.gate.within_rise(Outputs((Output(1, TRAIN, CAP_UA),)), bench.now_us))
    assert bench.now_us - began_us >= 1_850_000  # the last step may come one interval before the two seconds are over


def test_a_rest_does_not_use_up_the_slow_rise_after_a_pause() -> None:
    """The gate counts seconds with current by itself, whatever the course before it does."""
    bench = Bench().armed()
    bench.gate.from_zero()
    bench.put(500)
    bench.now_us += 200_000
    bench.listen()
    bench.put_all(NOTHING)
    bench.now_us += 5_000_000
    bench.listen()
    bench.put(500)
    bench.now_us += 100_000
    bench.listen()
    refused(bench, "RISE", 500 + PER_S // 10)


def test_a_stop_needs_no_arming_and_disarms() -> None:
    bench = Bench()
    assert bench.gate.stop(bench.now_us)
    bench = Bench().armed()
    bench.climb(10_000)
    bench.say(bench.gate.stop(bench.now_us))
    assert bench.flowing_ua == 0
    refused(bench, "NOT_ARMED", 500)


def test_a_latched_fault_holds_zero_until_it_is_cleared_and_armed_again() -> None:
    bench = Bench().armed()
    bench.gate.latch("electrode off")
    bench.gate.latch("a later one")
    assert bench.gate.latched == "electrode off"
    refused(bench, "FAULT_LATCHED", 500)
    with pytest.raises(SafetyRefusal, match="electrode off"):
        bench.gate.arm(bench.now_us)
    bench.gate.clear()
    refused(bench, "NOT_ARMED", 500)


def test_arming_needs_zero() -> None:
    bench = Bench().armed()
    bench.put(500)
    with pytest.raises(SafetyRefusal, match="zero"):
        bench.gate.arm(bench.now_us)


def test_a_channel_without_limits_gets_nothing() -> None:
    refused(Bench().armed(), "UNKNOWN_CHANNEL", 500, channel=3)


def test_a_pulse_that_no_limit_allows_is_refused_here_too() -> None:
    wide = replace(TRAIN, waveform=Waveform(Shape.SYMMETRIC, 1_200))
    refused(Bench().armed(), "WIDTH_MAX", 500, train=wide)


def test_the_time_with_current_runs_out_whatever_the_plan_says() -> None:
    bench = Bench(Allowance(1_000_000, {1: 10**12})).armed()
    bench.put(2_000)
    bench.now_us += 1_000_001
    assert "time" in bench.gate.exhausted(bench.now_us) or "current" in bench.gate.exhausted(bench.now_us)
    bench.listen()
    refused(bench, "ALLOWANCE", 1_500)


def test_the_charge_runs_out_while_nothing_changes() -> None:
    # 2 mA × 300 µs × 50 Hz = 30 µC a second; the allowance is 60 µC
    bench = Bench(Allowance(10**9, {1: 60_000_000})).armed()
    bench.put(2_000)
    bench.now_us += 1_990_000
    assert bench.gate.exhausted(bench.now_us) == ""
    bench.now_us += 20_000
    assert "charge" in bench.gate.exhausted(bench.now_us)


def used_pc(time_us: int, amplitude_ua: int) -> int:
    """300 µs × current, 50 times a second, rounded up."""
    return ceil(Fraction(time_us * amplitude_ua * 300, 20_000))


@given(
    time_us=st.integers(0, 3_000_000),
    limits_pc=st.tuples(st.integers(0, 40_000_000), st.integers(0, 40_000_000)),
    walk=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(50_000, 900_000)), min_size=1, max_size=6),
    later_us=st.integers(0, 400_000),
)
@settings(max_examples=150, deadline=None)
def test_the_allowance_ends_at_the_microsecond_at_which_more_than_it_would_be_used(
    time_us: int, limits_pc: tuple[int, int], walk: list[tuple[int, int, int]], later_us: int
) -> None:
    bench = Bench(Allowance(time_us, {1: limits_pc[0], 2: limits_pc[1]})).armed()
    flowed_us, spent_pc = 0, [0, 0]
    for one, other, lasting_us in walk:
        amplitudes_ua = [500 * one, 500 * other]
        try:
            bench.put_all(Outputs(tuple(Output(c, TRAIN, ua) for c, ua in enumerate(amplitudes_ua, 1) if ua)))
        except SafetyRefusal:
            return
        edge_us = min(bench.gate.lasts_until_us - bench.now_us, 10**9)
        for after_us in (0, 1, later_us, lasting_us, max(0, edge_us), max(0, edge_us + 1)):
            over = flowed_us + (after_us if any(amplitudes_ua) else 0) > time_us or any(
                ua and pc + used_pc(after_us, ua) > limit
                for pc, ua, limit in zip(spent_pc, amplitudes_ua, limits_pc, strict=True)
            )
            assert bool(bench.gate.exhausted(bench.now_us + after_us)) == over, after_us
        flowed_us += lasting_us if any(amplitudes_ua) else 0
        spent_pc = [pc + used_pc(lasting_us, ua) for pc, ua in zip(spent_pc, amplitudes_ua, strict=True)]
        bench.now_us += lasting_us
        bench.listen()


def test_what_is_sent_is_what_the_device_can_make_and_never_more() -> None:
    bench = Bench().armed()
    bench.put(1_999)
    assert bench.gate.in_force.amplitude_ua(1) == bench.flowing_ua == 1_500


def test_only_the_gate_clears_outputs() -> None:
    with pytest.raises(TypeError):
        Cleared(NOTHING, 1, object())
    assert Cleared(NOTHING, 1, _GATE_KEY).number == 1


@settings(max_examples=60)
@given(steps=st.lists(st.tuples(st.integers(1_000, 400_000), st.integers(0, 40_000)), min_size=1, max_size=40))
def test_no_sequence_of_requests_climbs_faster_than_the_ramp(steps: list[tuple[int, int]]) -> None:
    """RC-13: for any times and amplitudes, rise between two moments ≤ ramp × (time + the slack of one late step) + one step."""
    bench = Bench().armed()
    seen: list[tuple[int, int]] = [(bench.now_us, 0)]
    for wait_us, amplitude_ua in steps:
        bench.now_us += wait_us
        bench.listen()
        try:
            bench.put(amplitude_ua)
        except SafetyRefusal:
            continue
        seen.append((bench.now_us, bench.flowing_ua))
    assert max(ua for _, ua in seen) <= CAP_UA
    for index, (from_us, from_ua) in enumerate(seen):
        for to_us, to_ua in seen[index + 1 :]:
            assert (to_ua - from_ua) * 1_000_000 <= PER_S * (to_us - from_us + 150_000) + 500 * 1_000_000


class Generous(P24Driver):
    """A driver with a fault: it rounds to the next step up."""

    def quantise_amplitude(self, train: Train, amplitude_ua: int) -> int:
        return super().quantise_amplitude(train, amplitude_ua + 499)


def test_a_driver_that_rounds_up_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench().armed()
    monkeypatch.setattr(bench.gate, "_stimulator", Generous())
    refused(bench, "ROUNDING_NEVER_UP", 1_200)
