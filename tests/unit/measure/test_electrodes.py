"""What an impedance says of the contact, against the circuit and the faults of the physiology sheet."""

import math

import pytest

from emscontrol.measure.electrodes import ADVICE, GOOD_OHM, HIGH_OHM, Contact, contact


def circuit_ohm(contact_fraction: float, current_ma: float = 0.5, width_us: float = 100) -> float:
    """End voltage over current of simulator-physiology §3.1 and §3.2: Rs 250 Ω, Rp 300 + 9700 / (1 + I / 2 mA) Ω, Cp 200 nF."""
    parallel = 300 + 9700 / (1 + current_ma / 2)
    rising = 1 - math.exp(-width_us / (parallel * 0.2))
    return (250 + parallel * rising) / contact_fraction


@pytest.mark.parametrize(
    ("ohm", "expected"),
    [
        (round(circuit_ohm(1.0)), Contact.GOOD),
        (round(circuit_ohm(0.5)), Contact.GOOD),
        (round(circuit_ohm(0.3)), Contact.HIGH),
        (round(circuit_ohm(0.05)), Contact.HIGH),
        (None, Contact.OPEN),
        (50, Contact.SHORT),
        (20, Contact.SHORT),
        (60, Contact.GOOD),
        (HIGH_OHM, Contact.GOOD),
        (HIGH_OHM + 1, Contact.HIGH),
    ],
)
def test_a_figure_is_the_contact_that_the_sheet_makes_of_it(ohm: int | None, expected: Contact) -> None:
    assert contact(ohm) is expected


def test_the_usual_figure_is_that_of_the_circuit() -> None:
    assert pytest.approx(circuit_ohm(1.0), abs=2) == GOOD_OHM


def test_whatever_is_not_good_says_what_to_do() -> None:
    assert {verdict for verdict in Contact if not ADVICE[verdict]} == {Contact.GOOD}
