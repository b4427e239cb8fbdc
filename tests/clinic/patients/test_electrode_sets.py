"""Pads are counted with the sessions that used them, and renewed after so many or so old."""

from datetime import date, timedelta
from typing import Any

import pytest

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.patients.electrode_sets import SetState, open_set, set_in_use, sets_of, why_renewed
from emscontrol.clinic.patients.withdrawing import take_back
from emscontrol.core.errors import UsageError
from emscontrol.safety.screening_rules import BODY
from emscontrol.safety.sites import known_muscles
from tests.clinic.conftest import NOW, THERAPIST
from tests.clinic.patients.rows import session_channel, session_entry

TODAY = NOW.date()


def _open(book: Book, patient: int, label: str = "left thigh", **other: Any) -> int:
    given: dict[str, Any] = {"area_mm2": 4500, "opened_on": "2026-03-01"} | other
    with book.writing(THERAPIST, NOW) as session:
        return open_set(session, THERAPIST, NOW, patient, label=label, **given).id


def _use(book: Book, patient: int, journal: str, pads: dict[int, tuple[str, str, int]], **other: object) -> None:
    with book.writing(THERAPIST, NOW) as session:
        entry = session_entry(patient, journal, NOW, **other)
        session.add(entry)
        session.flush()
        for channel, (muscle, side, number) in pads.items():
            session.add(session_channel(entry.id, channel, muscle, side, number))


def _sets(book: Book, patient: int, today: date = TODAY) -> list[SetState]:
    with book.reading() as session:
        return sets_of(session, [patient], today).get(patient, [])


def test_uses_are_those_before_and_the_sessions_that_count(book: Book, patient: int) -> None:
    number = _open(book, patient, uses_before=4)
    other = _open(book, patient, "right thigh", opened_on="2026-03-02")
    _use(book, patient, "j1", {1: ("quad_rf", "left", number), 2: ("quad_vm", "left", number)})  # two channels, one session
    _use(book, patient, "j2", {1: ("quad_rf", "left", number), 2: ("quad_rf", "right", other)})
    _use(book, patient, "j3", {1: ("quad_rf", "left", number)}, counts=False)
    assert [(each.id, each.uses, each.due) for each in _sets(book, patient)] == [(other, 1, ""), (number, 6, "")]


@pytest.mark.parametrize("label", ["quad_al left", "tibialis left", "quad_all lft", "left", "quad_all left new", "2"])
def test_a_label_that_says_no_place_is_refused_with_those_that_there_are(book: Book, patient: int, label: str) -> None:
    with pytest.raises(UsageError, match=r"Muscles: .*Regions: abdomen.*Sides: left, right|muscle and its side"):
        _open(book, patient, label)
    assert _sets(book, patient) == []


def test_every_muscle_region_and_side_is_a_label(book: Book, patient: int) -> None:
    for label in (*known_muscles(), *BODY):
        _open(book, patient, f"{label} left 2")
    assert len(_sets(book, patient)) == len(known_muscles()) + len(BODY)


def test_a_set_is_renewed_after_thirty_uses(book: Book, patient: int) -> None:
    number = _open(book, patient, uses_before=29)
    assert _sets(book, patient)[0].due == ""
    _use(book, patient, "j1", {1: ("quad_all", "left", number)})
    assert _sets(book, patient)[0].due == "Used 30 times; a set is renewed after 30."


@pytest.mark.parametrize(
    ("opened_on", "last_good", "due"),
    [
        ("2026-03-02", date(2026, 6, 1), date(2026, 6, 2)),
        ("2025-11-30", date(2026, 2, 27), date(2026, 2, 28)),
        ("2025-12-01", date(2026, 2, 28), date(2026, 3, 1)),
    ],
)
def test_a_set_is_renewed_after_three_months(opened_on: str, last_good: date, due: date) -> None:
    assert why_renewed(0, 30, opened_on, last_good) == ""
    assert "3 months" in why_renewed(0, 30, opened_on, due)


def test_a_set_that_was_taken_back_is_gone(book: Book, patient: int) -> None:
    number = _open(book, patient)
    with book.writing(THERAPIST, NOW) as session:
        take_back(session, THERAPIST, NOW, "electrodes", patient, number, 1, "lost")
    assert _sets(book, patient) == []
    with book.reading() as session:
        assert set_in_use(session, patient, 4500, "quad_all", "left") is None


def test_what_cannot_be_is_refused(book: Book, patient: int) -> None:
    wrong = (
        {"label": " "},
        {"area_mm2": 0},
        {"uses_before": -1},
        {"uses_max": 31},
        {"uses_max": 0},
        {"opened_on": "2026-03"},
        {"opened_on": (TODAY + timedelta(days=1)).isoformat()},
    )
    for other in wrong:
        with pytest.raises(UsageError):
            _open(book, patient, **other)


def test_the_set_in_use_is_the_newest_for_this_place(book: Book, patient: int) -> None:
    def used(muscle: str, side: str, area_mm2: int = 4500) -> int | None:
        with book.reading() as session:
            return set_in_use(session, patient, area_mm2, muscle, side)

    assert used("quad_all", "left") is None
    left = _open(book, patient, "left thigh")
    right = _open(book, patient, "right thigh")
    assert (used("quad_all", "left"), used("quad_all", "right")) == (left, right)
    assert used("quad_all", "left", 2500) is None
    renewed = _open(book, patient, "left thigh", opened_on="2026-03-02")
    assert used("quad_all", "left") == renewed
    _use(book, patient, "j1", {1: ("ham", "left", renewed)})
    assert used("quad_all", "left") == left
    assert used("ham", "left") == renewed
    named = _open(book, patient, "quad_all left", opened_on="2026-02-01")
    assert used("quad_all", "left") == named
    assert used("ham", "left") == renewed
