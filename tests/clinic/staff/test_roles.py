"""The table of permissions, row by row."""

import pytest

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.staff.roles import PERMISSIONS, ROLES, may, require
from emscontrol.core.errors import NotAllowed

# Written from the rules of the house and not from the table.
TREATS = {"therapist", "specialist", "supervisor"}
EXPECTED = {
    "look": {"reader"} | TREATS,
    "patients": TREATS,
    "screening": TREATS,
    "override": {"specialist"},
    "thresholds": TREATS,
    "outcomes": TREATS,
    "plans": TREATS,
    "plans_specialist": {"specialist"},
    "progression": TREATS,
    "appointments": TREATS,
    "run": TREATS,
    "hand_in": TREATS,
    "staff": {"supervisor"},
    "book": {"supervisor"},
}


def test_every_action_is_expected() -> None:
    assert set(PERMISSIONS) == set(EXPECTED)
    assert set(ROLES) == {"reader", "therapist", "specialist", "supervisor"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", EXPECTED)
def test_a_role_may_what_the_table_says_and_nothing_else(role: str, action: str) -> None:
    actor = Actor("somebody", role, "room 1")
    assert may(actor, action) == (role in EXPECTED[action])
    if role in EXPECTED[action]:
        require(actor, action)
        return
    with pytest.raises(NotAllowed) as refused:
        require(actor, action)
    assert PERMISSIONS[action].words in refused.value.what
    assert all(f"a {able}" in refused.value.remedy for able in EXPECTED[action])


def test_what_nobody_knows_nobody_may() -> None:
    with pytest.raises(NotAllowed, match="no such action"):
        require(Actor("sofia", "supervisor", ""), "everything")
    with pytest.raises(NotAllowed, match="without a role"):
        require(Actor("x", "owner", ""), "look")
