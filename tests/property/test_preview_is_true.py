"""Any protocol at all: what the preview announces is what comes out, channel by channel, pulse by pulse."""

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from emscontrol.core.errors import DeviceMisfit, ProtocolFileError, SafetyRefusal
from emscontrol.program.predict import totals
from tests.session.rig import MODELS, Rig
from tests.session.test_library_runs import seen

MUSCLES = {1: "quad_rf", 2: "quad_vm", 5: "ham"}
RATES_HZ = ["20", "25", "33.3", "50", "7.5"]


def tenths(low: int, high: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low, high).map(lambda n: Decimal(n) / 10)


@st.composite
def groups(draw: Any, channels: list[int], model: str, rate_hz: str, cycle_s: Decimal | None) -> str:
    """One group that this model can make; `cycle_s` is how long its contraction and pause last together, None for any."""
    on_s = draw(tenths(11, 40))
    up_s = draw(st.sampled_from([Decimal("0.5"), Decimal("0.53"), Decimal("0.75")]))
    down_s = draw(st.sampled_from([Decimal("0"), Decimal("0.1"), Decimal("0.33")]))
    burst = draw(st.sampled_from(["", "", "\n        burst: {pulses: 2, interval_ms: 8}"] if model == "reference" else [""]))
    shapes = ["symmetric"] if model == "rehastim2" else ["symmetric", "symmetric", "asymmetric\n        recovery_ratio: 4"]
    return f"""
      - channels: {channels}
        waveform: {draw(st.sampled_from(shapes))}
        pulse_width_us: {draw(st.integers(100, 400))}
        rate_hz: {rate_hz if model == "rehastim2" else draw(st.sampled_from(RATES_HZ))}{burst}
        intensity: {{of: comfort, fraction: {draw(st.sampled_from(["0.3", "0.77", "1"]))}}}
        on_s: {on_s}
        off_s: {draw(tenths(0, 30)) if cycle_s is None else cycle_s - on_s}
        ramp_up_s: {up_s}
        ramp_down_s: {down_s}"""


@st.composite
def protocols(draw: Any, model: str) -> str:
    """A protocol that this model can run, nearly always; on a RehaStim 2, whose channels share a pulse clock, at one rate."""
    channels = draw(st.lists(st.sampled_from(sorted(MUSCLES)), min_size=1, max_size=3, unique=True))
    rate_hz = draw(st.sampled_from(RATES_HZ))
    phases = []
    for index in range(draw(st.integers(1, 2))):
        parts = [channels] if draw(st.booleans()) else [[c] for c in channels]
        staggered = len(parts) > 1 and draw(st.booleans())
        contract = "staggered\n    stagger_s: 0.7" if staggered else "together"
        cycle_s = draw(tenths(40, 70)) if staggered else None
        made = "".join(draw(groups(part, model, rate_hz, cycle_s)) for part in parts)
        phases.append(
            f"  - name: phase {index}\n    contract: {contract}\n    contractions: {draw(st.integers(1, 2))}\n    groups:{made}"
        )
    listed = "\n".join(
        f"  {c}: {{muscle: {MUSCLES[c]}, side: left, label: muscle {c}, electrode: {{width_cm: 5, height_cm: 9}}}}"
        for c in channels
    )
    return (
        "format: 1\nid: random\ntitle: random\nindication: a test\nlmn_status: intact\nuse: standard\nevidence: D\n"
        "author: tests\n"
        f"revision: 1\ncitations:\n  - {{text: none, mark: D}}\nchannels:\n{listed}\nphases:\n" + "\n".join(phases) + "\n"
    )


@settings(max_examples=120, suppress_health_check=list(HealthCheck))
@given(data=st.data(), model=st.sampled_from(MODELS), comfort_ua=st.integers(7_000, 40_000))
def test_the_scope_equals_the_preview_for_any_protocol(data: st.DataObject, model: str, comfort_ua: int) -> None:
    text = data.draw(protocols(model))
    try:
        rig = Rig(model, text=text, comfort_ua={str(c): comfort_ua for c in MUSCLES if f"\n  {c}: {{" in text})
    except (DeviceMisfit, ProtocolFileError, SafetyRefusal):
        assume(False)
        raise
    announced = totals(rig.assembly.program)
    rig.to_armed().start().finish()
    assert rig.engine.result == "completed", rig.engine.reason
    for channel, total in announced.items():
        assert seen(rig, channel) == [(run.amplitude_ua, run.width_us, run.pulses) for run in total.runs]
        assert rig.engine.totals().get(str(channel), {"pulses": 0})["pulses"] == total.pulses
    assert rig.port.stage.is_zero
