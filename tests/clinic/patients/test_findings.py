"""Conditions, muscles and implants: the tables walked, findings replaced with a trace."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.patients.conditions import CONDITIONS, GROUPS, add_condition
from emscontrol.clinic.patients.implants import KINDS, REGIONS, add_implant
from emscontrol.clinic.patients.muscles import LMN, SENSATION, examine, state_of
from emscontrol.clinic.patients.withdrawing import take_back
from emscontrol.clinic.tables.facts import Audit
from emscontrol.core.errors import EmsError, SafetyRefusal, UsageError
from tests.clinic.conftest import NOW, THERAPIST

# Every cause and risk of the document the project grew from, by a word of it and its group there.
CAUSES = {
    "Immobility": "physiological",
    "Sedentary": "physiological",
    "malnutrition": "physiological",
    "bed rest": "physiological",
    "Amyotrophic lateral sclerosis": "neurogenic",
    "Polio": "neurogenic",
    "Carpal tunnel": "neurogenic",
    "Spinal cord injury": "neurogenic",
    "Multiple sclerosis": "neurogenic",
    "Guillain-Barré": "neurogenic",
    "Stroke": "neurogenic",
    "disorder of a nerve": "neurogenic",
    "burns": "other",
    "Alcohol": "other",
    "corticosteroid": "other",
    "Fracture": "other",
    "Genetic": "other",
    "Ageing": "other",
}


def test_every_cause_is_a_condition_of_its_group() -> None:
    for word, group in CAUSES.items():
        found = [cause for cause in CONDITIONS.values() if word.lower() in cause.words.lower()]
        assert found, word
        assert {cause.group for cause in found} == {group}, word


@pytest.mark.parametrize("name", CONDITIONS)
def test_every_condition_is_whole(name: str) -> None:
    cause = CONDITIONS[name]
    assert cause.group in GROUPS
    assert cause.lmn in LMN
    assert cause.rows
    assert all(row[0] in "DGNLC" and row[1:].isdigit() and len(row) == 3 for row in cause.rows)
    assert cause.mark in ("S", "R95", "R80", "R60", "X", "D")
    assert cause.group == "neurogenic" or not any(row.startswith("L") for row in cause.rows)


def test_where_the_nerve_is_gone_no_row_of_short_pulses_is_named() -> None:
    for cause in CONDITIONS.values():
        if cause.lmn == "absent":
            assert all(row.startswith("L") for row in cause.rows)


def test_every_condition_can_be_entered(book: Book, patient: int) -> None:
    with book.writing(THERAPIST, NOW) as session:
        for name in CONDITIONS:
            add_condition(session, THERAPIST, NOW, patient, name, since="2025")
    for name, since, told in (
        ("flu", "", "no condition 'flu'"),
        ("stroke", "soon", "no day"),
        ("stroke", "2026-04", "to come"),
    ):
        with pytest.raises(UsageError, match=told), book.writing(THERAPIST, NOW) as session:
            add_condition(session, THERAPIST, NOW, patient, name, since)
    with book.reading() as session:
        assert list(check(session)) == []


def _examined(book: Book, patient: int, **other: Any) -> None:
    given: dict[str, Any] = {"muscle": "ta", "side": "left", "lmn": "unknown", "sensation": "reduced", "how": "seen"}
    given |= {"examined_at": NOW}
    with book.writing(THERAPIST, NOW) as session:
        examine(session, THERAPIST, NOW, patient_id=patient, **(given | other))


def test_a_new_finding_takes_the_place_of_the_old_one_which_stays_in_the_trace(book: Book, patient: int) -> None:
    _examined(book, patient, examined_at=NOW - timedelta(days=30))
    _examined(book, patient, lmn="intact", how="1 ms test")
    with book.reading() as session:
        row = state_of(session, patient, "ta", "left")
        assert row is not None
        assert (row.lmn, row.sensation, row.how, row.version) == ("intact", "reduced", "1 ms test", 2)
        trail = session.scalars(select(Audit).where(Audit.entity == "muscle_states").order_by(Audit.version)).all()
        assert [entry.after["lmn"] for entry in trail] == ["unknown", "intact"]
        assert trail[1].before["lmn"] == "unknown"
        assert state_of(session, patient, "ta", "right") is None
        assert list(check(session)) == []


def test_every_state_can_be_found_and_no_other(book: Book, patient: int) -> None:
    for lmn in LMN:
        for sensation in SENSATION:
            _examined(book, patient, lmn=lmn, sensation=sensation)
    wrong: list[tuple[dict[str, Any], type[EmsError]]] = [
        ({"lmn": "damaged"}, UsageError),
        ({"sensation": "numb"}, UsageError),
        ({"side": ""}, UsageError),
        ({"muscle": "tibialis"}, SafetyRefusal),
        ({"how": " "}, UsageError),
        ({"examined_at": NOW + timedelta(days=1)}, UsageError),
        ({"examined_at": NOW - timedelta(days=1)}, UsageError),
    ]
    for other, error in wrong:
        with pytest.raises(error):
            _examined(book, patient, **other)


def test_a_finding_that_was_taken_back_counts_no_more_until_it_is_examined_again(book: Book, patient: int) -> None:
    _examined(book, patient)
    with book.writing(THERAPIST, NOW) as session:
        row = state_of(session, patient, "ta", "left")
        assert row is not None
        take_back(session, THERAPIST, NOW, "muscle", patient, row.id, 1, "wrong side")
    with book.reading() as session:
        assert state_of(session, patient, "ta", "left") is None
    _examined(book, patient, lmn="partial", examined_at=NOW - timedelta(days=1))
    with book.reading() as session:
        again = state_of(session, patient, "ta", "left")
        assert again is not None
        assert (again.lmn, again.withdrawn_why) == ("partial", None)


def test_every_kind_of_implant_and_region_can_be_entered(book: Book, patient: int) -> None:
    with book.writing(THERAPIST, NOW) as session:
        for kind in KINDS:
            for region in REGIONS:
                add_implant(session, THERAPIST, NOW, patient, kind=kind, region=region)
    wrong = ({"kind": "hip"}, {"region": "knee"}, {"side": "both"}, {"placed_on": "2026-05"}, {"placed_on": "26-01-01"})
    for other in wrong:
        given: dict[str, Any] = {"kind": "metal", "region": "thigh", "side": "left", "placed_on": "2020"} | other
        with pytest.raises(UsageError), book.writing(THERAPIST, NOW) as session:
            add_implant(session, THERAPIST, NOW, patient, **given)
