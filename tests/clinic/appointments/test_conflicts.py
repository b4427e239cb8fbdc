"""Every kind of conflict, by itself and in words. The table is walked."""

from datetime import date

import pytest

from emscontrol.clinic.appointments.conflicts import CONFLICTS, Conflict, Span, Taken, Wish, conflicts, refuse
from emscontrol.clinic.appointments.opening import Opening, Stretch
from emscontrol.clinic.appointments.rest import Muscle
from emscontrol.core.errors import BookConflict
from tests.clinic.appointments.material import BERLIN, at, minutes

LEFT = (Muscle("quad_all", "left"),)
WISH = Wish(1, "P-1", "anna", "S-1", LEFT, 24)
OPENING = Opening(BERLIN, tuple(Stretch(day, 480, 1080) for day in range(5)), {date(2026, 4, 6): "Easter Monday"})
NOW = at("2026-03-02 08:00")


def _span(text: str) -> Span:
    return Span(at(text), at(text) + minutes(45))


def _other(text: str, patient: int = 2, therapist: str = "", stimulator: str = "", rest_h: int = 0) -> Taken:
    return Taken(7, Wish(patient, f"P-{patient}", therapist, stimulator, LEFT, rest_h), _span(text))


@pytest.mark.parametrize(
    ("begin", "taken", "kinds", "words"),
    [
        ("2026-03-04 10:00", [], [], ""),
        ("2026-03-02 07:59", [], ["past", "closed"], "2026-03-02 from 07:59 to 08:44 is in the past."),
        ("2026-04-06 10:00", [], ["holiday"], "closed on 2026-04-06 from 10:00 to 10:45: Easter Monday."),
        ("2026-03-07 10:00", [], ["closed"], "outside opening hours (on Saturday: closed)"),
        ("2026-03-04 17:30", [], ["closed"], "(on Wednesday: 08:00-18:00)"),
        ("2026-03-04 10:00", [_other("2026-03-04 10:30", 1)], ["patient"], "The patient P-1 has appointment 7 of P-1"),
        (
            "2026-03-04 10:00",
            [_other("2026-03-04 09:30", 2, "anna")],
            ["therapist"],
            "anna has appointment 7 of P-2 on 2026-03-04",
        ),
        ("2026-03-04 10:00", [_other("2026-03-04 10:00", 2, "", "S-1")], ["stimulator"], "S-1 is needed for appointment 7"),
        ("2026-03-04 10:00", [_other("2026-03-04 10:45", 2, "anna", "S-1")], [], ""),  # one after the other
        ("2026-03-04 10:00", [_other("2026-03-04 09:15", 2, "anna", "S-1")], [], ""),
        ("2026-03-04 10:00", [_other("2026-03-04 10:00", 2, "bert", "S-2")], [], ""),
        ("2026-03-04 10:00", [_other("2026-03-03 11:00", 1)], ["rest"], "quad_all left must rest 24 h"),
        ("2026-03-04 10:00", [_other("2026-03-03 10:00", 1)], [], ""),
        (
            "2026-03-04 10:00",
            [_other("2026-03-05 11:00", 1, rest_h=48)],
            ["rest"],
            "must rest 48 h",
        ),  # the longer one, and before
        ("2026-03-04 10:00", [_other("2026-03-03 11:00", 2)], [], ""),  # another person's muscle
    ],
)
def test_each_conflict_is_found_and_told(begin: str, taken: list[Taken], kinds: list[str], words: str) -> None:
    found = conflicts(WISH, _span(begin), taken, OPENING, NOW)
    assert [conflict.kind for conflict in found] == kinds
    assert words in " ".join(conflict.sentence for conflict in found)


def test_what_is_not_settled_yet_is_in_nobodys_way() -> None:
    nobody = Wish(1, "P-1", "", "")
    assert conflicts(nobody, _span("2026-03-04 10:00"), [_other("2026-03-04 10:00")], OPENING, NOW) == []


def test_now_is_not_past_to_the_minute() -> None:
    late = at("2026-03-04 10:00").replace(second=59)
    assert conflicts(WISH, _span("2026-03-04 10:00"), [], OPENING, late) == []
    assert conflicts(WISH, _span("2026-03-04 10:00"), [], OPENING, late + minutes(1)) != []


@pytest.mark.parametrize("kind", list(CONFLICTS))
def test_opening_hours_can_be_overruled_with_a_reason_and_nothing_else(kind: str) -> None:
    found = [Conflict(kind, "So it is.")]
    with pytest.raises(BookConflict, match="So it is"):
        refuse(found)
    with pytest.raises(BookConflict, match="So it is"):
        refuse(found, "  ")
    if kind == "closed":
        refuse(found, "he works in shifts")
        with pytest.raises(BookConflict):
            refuse([*found, Conflict("rest", "Too near.")], "he works in shifts")
    else:
        with pytest.raises(BookConflict):
            refuse(found, "he works in shifts")


def test_the_table_says_a_sentence_for_each_kind() -> None:
    assert set(CONFLICTS) == {"past", "holiday", "closed", "patient", "therapist", "stimulator", "rest"}
    assert all(reason.sentence.endswith(".") for reason in CONFLICTS.values())
    assert {kind for kind, reason in CONFLICTS.items() if reason.passed_by} == {"holiday", "closed", "rest"}
