"""The table of statuses, walked."""

from itertools import product

import pytest

from emscontrol.clinic.appointments.calendar import ICAL_STATUS
from emscontrol.clinic.appointments.status import BOOKED, CANCELLED, DONE, HELD, MISSED, STATUS, TRANSITIONS, transition
from emscontrol.core.errors import IllegalTransition

VERBS = ("book", "move", "cancel", "miss", "do", "reopen", "lose")
ALLOWED = {
    ("book", ""): "booked",
    ("move", "booked"): "booked",
    ("cancel", "booked"): "cancelled",
    ("miss", "booked"): "missed",
    ("do", "booked"): "done",
    ("do", "missed"): "done",
    ("reopen", "done"): "booked",
    ("lose", "done"): "missed",
}


@pytest.mark.parametrize(("verb", "before"), list(product(VERBS, ["", *STATUS])))
def test_each_verb_leads_where_it_should_or_is_refused(verb: str, before: str) -> None:
    if (verb, before) in ALLOWED:
        assert transition(verb, before, "Appointment 1").after == ALLOWED[verb, before]
    else:
        with pytest.raises(IllegalTransition, match="Appointment 1 is"):
            transition(verb, before, "Appointment 1")


def test_every_row_is_of_the_table_and_says_something() -> None:
    assert set(STATUS) == {BOOKED, DONE, MISSED, CANCELLED} == set(ICAL_STATUS)
    assert len({(row.verb, row.before) for row in TRANSITIONS}) == len(TRANSITIONS) == len(ALLOWED)
    assert {row.verb for row in TRANSITIONS} == set(VERBS)
    for row in TRANSITIONS:
        assert row.before in STATUS or row.before == ""
        assert row.after in STATUS
        assert row.sentence.endswith(".")
    assert all(sentence.endswith(".") for sentence in STATUS.values())
    assert set(STATUS) > HELD
