"""Thresholds at another pulse width: estimates that never err upwards, within narrow bounds."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emscontrol.clinic.patients.carry import carried_ua, why_not
from emscontrol.core.errors import SafetyRefusal

AMPLITUDES = st.integers(0, 130_000)
WIDTHS = st.integers(50, 1000)
CHRONAXIES = st.integers(50, 1000)


@st.composite
def near_widths(draw: st.DrawFn) -> tuple[int, int]:
    """Two widths of which one is at most twice the other."""
    width = draw(WIDTHS)
    return width, draw(st.integers(max(50, -(-width // 2)), min(1000, 2 * width)))


@given(AMPLITUDES, WIDTHS, CHRONAXIES)
def test_at_the_same_width_nothing_changes(amplitude_ua: int, width_us: int, chronaxie_us: int) -> None:
    assert carried_ua(amplitude_ua, width_us, width_us, chronaxie_us) == amplitude_ua


@given(AMPLITUDES, near_widths(), CHRONAXIES)
def test_it_is_the_weiss_curve_rounded_down(amplitude_ua: int, widths: tuple[int, int], chronaxie_us: int) -> None:
    before, after = widths
    exact = amplitude_ua * (1 + Fraction(chronaxie_us, after)) / (1 + Fraction(chronaxie_us, before))
    carried = carried_ua(amplitude_ua, before, after, chronaxie_us)
    assert carried <= exact < carried + 1


@given(AMPLITUDES, near_widths(), CHRONAXIES, st.data())
def test_a_longer_pulse_never_needs_more(
    amplitude_ua: int, widths: tuple[int, int], chronaxie_us: int, data: st.DataObject
) -> None:
    before, after = widths
    longer = data.draw(st.integers(after, min(1000, 2 * before)))
    assert carried_ua(amplitude_ua, before, longer, chronaxie_us) <= carried_ua(amplitude_ua, before, after, chronaxie_us)


@given(AMPLITUDES, near_widths(), CHRONAXIES)
def test_there_and_back_gives_no_more_than_there_was(amplitude_ua: int, widths: tuple[int, int], chronaxie_us: int) -> None:
    before, after = widths
    assert carried_ua(carried_ua(amplitude_ua, before, after, chronaxie_us), after, before, chronaxie_us) <= amplitude_ua


def test_the_figures_of_the_muscle_sheet() -> None:
    """I(t) = I_300 · (1 + 250/t) / (1 + 250/300), by hand: 1.8333 at 300 µs, 2.25 at 200 µs, 1.5 at 500 µs."""
    assert carried_ua(22_000, 300, 200) == 27_000
    assert carried_ua(22_000, 300, 500) == 18_000


@pytest.mark.parametrize(
    ("before", "after", "chronaxie_us"),
    [(49, 60, 250), (60, 49, 250), (1000, 1001, 250), (300, 149, 250), (300, 601, 250), (300, 400, 49), (300, 400, 1001)],
)
def test_beyond_its_bounds_nothing_is_carried(before: int, after: int, chronaxie_us: int) -> None:
    with pytest.raises(SafetyRefusal):
        carried_ua(20_000, before, after, chronaxie_us)


def test_at_its_bounds_it_is() -> None:
    for before, after in ((50, 100), (100, 50), (500, 1000), (1000, 500), (300, 150), (300, 600)):
        assert why_not(before, after, 4500, 4500, "intact") == ""


@pytest.mark.parametrize("lmn", ["absent", "partial", "unknown", "not examined"])
def test_on_a_muscle_without_its_nerve_nothing_is_carried(lmn: str) -> None:
    assert lmn in why_not(300, 400, 4500, 4500, lmn)


def test_to_electrodes_of_another_size_nothing_is_carried() -> None:
    assert "another size" in why_not(300, 300, 4500, 4499, "intact")
