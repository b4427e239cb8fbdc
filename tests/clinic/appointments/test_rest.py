"""How far apart two sessions of one muscle must be."""

import pytest

from emscontrol.clinic.appointments.rest import PARTS, Muscle, is_rested, shared
from emscontrol.safety.sites import known_muscles
from tests.clinic.appointments.material import BERLIN, at, minutes


@pytest.mark.parametrize(
    ("first", "second", "rest_h", "rested"),
    [
        ("2026-03-02 10:00", "2026-03-04 10:00", 48, True),
        ("2026-03-02 10:00", "2026-03-04 09:59", 48, False),
        ("2026-03-04 10:00", "2026-03-02 10:00", 48, True),  # in whatever order
        ("2026-03-28 10:00", "2026-03-29 10:00", 24, True),  # 23 h pass, and the clock shows a day
        ("2026-10-24 10:00", "2026-10-25 09:00", 24, True),  # 24 h pass
        ("2026-10-24 10:00", "2026-10-25 08:59", 24, False),
        ("2026-03-02 10:00", "2026-03-02 14:45", 4, True),  # from the end
        ("2026-03-02 10:00", "2026-03-02 14:44", 4, False),
        ("2026-03-28 23:00", "2026-03-29 04:45", 4, True),  # 4 h pass from 23:45, the clock shows 5
        ("2026-03-28 23:00", "2026-03-29 04:44", 4, False),
    ],
)
def test_a_muscle_is_rested_or_not(first: str, second: str, rest_h: int, rested: bool) -> None:
    one, other = ((at(text), at(text) + minutes(45)) for text in (first, second))
    assert is_rested(one, other, rest_h, BERLIN) is rested


def test_a_group_and_its_parts_rest_together_and_sides_apart() -> None:
    left, right = Muscle("quad_all", "left"), Muscle("quad_all", "right")
    assert shared([left, right], [Muscle("quad_vm", "left")]) == [left]
    assert shared([Muscle("quad_vm", "left")], [Muscle("quad_vl", "left")]) == []
    assert shared([left], [Muscle("quad_all", "either")]) == [left]
    assert shared([left], [Muscle("ham", "left")]) == []


def test_groups_and_parts_are_of_the_catalogue() -> None:
    for group, parts in PARTS.items():
        assert {group, *parts} <= set(known_muscles())
