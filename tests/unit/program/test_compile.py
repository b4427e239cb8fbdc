"""What a patient's figures become, and what is refused instead of clamped."""

import pytest

from emscontrol.core.errors import DeviceMisfit, SafetyRefusal
from emscontrol.devices.registry import profile
from emscontrol.program.compile import compile_program
from emscontrol.program.program import PatientChannel, Program
from emscontrol.protocol.load import load_text
from tests.session.rig import SHORT

P24, REHASTIM2 = profile("p24"), profile("rehastim2")


def compiled(text: str = SHORT, device: object = P24, **comfort_ma: float) -> Program:
    loaded = load_text(text, "test")
    patient = {int(c[1:]): PatientChannel(round(ma * 1000), None) for c, ma in (comfort_ma or {"c1": 20, "c2": 20}).items()}
    return compile_program(loaded.protocol, loaded.sha256, patient, device)  # type: ignore[arg-type]


def test_the_plateau_is_the_fraction_rounded_down_to_the_device_step() -> None:
    assert compiled(c1=21.4, c2=10).plan_of(1).peak_ua == 17_000  # 0.8 × 21.4 = 17.12 mA, steps of 0.5
    assert compiled(device=REHASTIM2, c1=21.4, c2=10).plan_of(1).peak_ua == 16_000  # steps of 2


def test_a_ramp_rises_evenly_and_ends_at_zero() -> None:
    program = compiled()
    amplitudes = [step.outputs.amplitude_ua(1) for step in program.steps]
    top = amplitudes.index(16_000)
    assert amplitudes[: top + 1] == sorted(amplitudes[: top + 1])
    assert program.outputs_at(2_999_999).amplitude_ua(1) > 0
    assert program.outputs_at(3_000_000).is_zero
    assert program.steps[-1].outputs.is_zero
    assert program.outputs_at(500_000).amplitude_ua(1) <= 8_500  # half-way up a ramp of 1 s to 16 mA, one step of 50 ms ahead


@pytest.mark.parametrize(
    ("text", "patient", "words"),
    [
        (SHORT, {"c1": 20}, "No comfort level is known for channel 2"),
        (SHORT, {"c1": 20, "c2": 20, "c7": 20}, "no channel 7"),
        (SHORT.replace("of: comfort", "of: motor"), {"c1": 20, "c2": 20}, "motor threshold, which is not known"),
        (SHORT.replace("height_cm: 9}}", "height_cm: 9}, amplitude_cap_ma: 15}"), {"c1": 20, "c2": 20}, "amplitude_cap_ma"),
        (SHORT, {"c1": 0.5, "c2": 20}, "smallest step"),
    ],
)
def test_what_does_not_fit_the_patient_is_refused_in_words(text: str, patient: dict[str, float], words: str) -> None:
    with pytest.raises(SafetyRefusal, match=words):
        compiled(text, **patient)


def test_a_second_rate_on_one_pulse_clock_is_refused_with_the_reason() -> None:
    phase = SHORT[SHORT.index("  - name: work") :].replace("work", "slow").replace("rate_hz: 50", "rate_hz: 20")
    assert compiled(SHORT + phase).end_us > 0
    with pytest.raises(DeviceMisfit, match="one pulse clock"):
        compiled(SHORT + phase, REHASTIM2)


def test_the_operator_may_raise_to_a_quarter_above_comfort() -> None:
    assert compiled(c1=20, c2=10).plan_of(1).cap_ua == 25_000
