"""Patients by code, names apart from them, searching, and what is taken back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.patients.conditions import add_condition
from emscontrol.clinic.patients.electrode_sets import open_set
from emscontrol.clinic.patients.implants import add_implant
from emscontrol.clinic.patients.muscles import examine
from emscontrol.clinic.patients.outcomes import Entered, record_outcome
from emscontrol.clinic.patients.patients import (
    add_patient,
    change_patient,
    find_patient,
    forget_name,
    list_patients,
    name_of,
    patient_of,
    search_patients,
    set_name,
    withdraw_patient,
)
from emscontrol.clinic.patients.thresholds import Measured, record_threshold
from emscontrol.clinic.patients.withdrawing import THINGS, take_back
from emscontrol.clinic.tables.facts import Audit
from emscontrol.clinic.tables.people import Patient
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.clinic.tables.sessions import SessionEntry
from emscontrol.core.errors import BookConflict, NotAllowed, UsageError
from tests.clinic.conftest import NOW, READER, SUPERVISOR, THERAPIST


def _appointment(patient: int, status: str = "booked") -> Appointment:
    return Appointment(
        patient_id=patient,
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=1),
        therapist="anna",
        stimulator="",
        status=status,
        reason="",
        moved=0,
    )


def test_a_patient_is_found_by_code_and_the_nearest_code_is_named(book: Book, patient: int) -> None:
    with book.reading() as session:
        found = find_patient(session, "P-1")
        assert (found.id, found.birth_year, found.notes) == (patient, 1958, "left knee")
        with pytest.raises(UsageError, match="nearest is P-1"):
            find_patient(session, "P-11")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"code": ""}, "no code"),
    ({"code": "P 1"}, "no code"),
    ({"code": "P.1"}, "no code"),
    ({"code": "ä1"}, "no code"),
    ({"code": "--help"}, "no code"),
    ({"code": "p" * 41}, "no code"),
    ({"code": "p-1"}, "P-1 is taken"),
    ({"birth_year": 1899}, "Nobody is born in 1899"),
    ({"birth_year": 2027}, "Nobody is born in 2027"),
    ({"notes": "x" * 10_001}, "too long"),
]


def test_what_cannot_be_is_refused(book: Book, patient: int) -> None:
    for wrong, told in WRONG:
        given = {"code": "P-2", "birth_year": None, "notes": ""} | wrong
        with pytest.raises(UsageError, match=told), book.writing(THERAPIST, NOW) as session:
            add_patient(session, THERAPIST, NOW, **given)


def test_two_who_change_one_patient_get_a_conflict(book: Book, patient: int) -> None:
    with book.writing(SUPERVISOR, NOW) as session:
        change_patient(session, SUPERVISOR, NOW, patient, 1, code="P-1", birth_year=1959, notes="right knee")
    with pytest.raises(BookConflict, match="sofia changed it"), book.writing(THERAPIST, NOW) as session:
        change_patient(session, THERAPIST, NOW, patient, 1, code="P-1", birth_year=1958, notes="")
    with book.reading() as session:
        assert patient_of(session, patient).notes == "right knee"
        assert list(check(session)) == []


def test_a_code_that_journals_may_name_stays_as_it_is(book: Book, patient: int) -> None:
    with book.writing(THERAPIST, NOW) as session:
        change_patient(session, THERAPIST, NOW, patient, 1, code="p-1", birth_year=None, notes="")
        session.add(_appointment(patient, "cancelled"))
    with pytest.raises(UsageError, match="cannot be changed any more"), book.writing(THERAPIST, NOW) as session:
        change_patient(session, THERAPIST, NOW, patient, 2, code="P-7", birth_year=None, notes="")


def test_a_patient_with_appointments_is_not_withdrawn(book: Book, patient: int) -> None:
    with book.writing(THERAPIST, NOW) as session:
        row = _appointment(patient)
        session.add(row)
    with pytest.raises(UsageError, match="cancel the appointments first"), book.writing(THERAPIST, NOW) as session:
        withdraw_patient(session, THERAPIST, NOW, patient, 1, "entered twice")
    with book.writing(THERAPIST, NOW) as session:
        session.get_one(Appointment, row.id).status = "cancelled"
    with book.writing(THERAPIST, NOW) as session:
        withdraw_patient(session, THERAPIST, NOW, patient, 1, "entered twice")
    with book.reading() as session:
        assert list_patients(session) == search_patients(session, "P-1") == []
        with pytest.raises(UsageError, match="withdrawn by anna: entered twice"):
            find_patient(session, "P-1")


def _many(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        for code, given, family in (
            ("A-1", "Änne", "Öztürk"),
            ("A-2", "Budi", "Santoso"),
            ("B-1", "", ""),
            ("B-2", "Anna", "Budi_100%"),
        ):
            number = add_patient(session, THERAPIST, NOW, code=code).id
            if given:
                set_name(session, THERAPIST, number, given=given, family=family)


SEARCHES = [
    ("", ["B-1", "B-2", "A-2", "A-1"]),
    ("a-", ["A-2", "A-1"]),
    ("ÖZ", ["A-1"]),
    ("änne ö", ["A-1"]),
    ("budi", ["B-2", "A-2"]),
    ("b", ["B-1", "B-2", "A-2"]),
    ("%", ["B-2"]),
    ("_", ["B-2"]),
    ("nobody", []),
]


def test_patients_are_found_by_parts_of_code_and_name(book: Book) -> None:
    _many(book)
    with book.reading() as session:
        for words, codes in SEARCHES:
            assert [line.code for line in search_patients(session, words)] == codes, words


def test_the_list_goes_on_where_the_last_one_ended(book: Book) -> None:
    _many(book)
    with book.reading() as session:
        first = list_patients(session, limit=3)
        assert [(line.code, line.called) for line in first] == [("A-1", "Änne Öztürk"), ("A-2", "Budi Santoso"), ("B-1", "B-1")]
        assert [line.code for line in list_patients(session, after=first[-1].code, limit=3)] == ["B-2"]


def test_a_name_is_kept_apart_and_can_be_erased(book: Book, patient: int) -> None:
    with book.writing(THERAPIST, NOW) as session:
        set_name(session, THERAPIST, patient, given="Hildegard", family="Musterfrau", contact="Kantstr. 17")
    with book.writing(THERAPIST, NOW) as session:
        set_name(session, THERAPIST, patient, given="Hildegard", family="Muster")
    with book.writing(THERAPIST, NOW) as session:
        forget_name(session, THERAPIST, patient)
    with book.reading() as session:
        row = name_of(session, patient)
        assert row is not None
        assert (row.given, row.family, row.contact, row.version) == ("", "", "", 3)
        assert search_patients(session, "muster") == []
        everything = " ".join(
            str(session.execute(text(f"SELECT * FROM {table}")).all()) for table in ("audit", "patient_names", "patients")
        )
        assert not any(word in everything for word in ("Hildegard", "Muster", "Kantstr"))
        assert list(check(session)) == []


def test_an_error_about_a_name_does_not_repeat_it(book: Book, patient: int) -> None:
    with pytest.raises(UsageError) as refused, book.writing(THERAPIST, NOW) as session:
        set_name(session, THERAPIST, patient, given="Hilde\ngard", family="")
    assert "Hilde" not in str(refused.value)


def _things(session: Session, patient: int) -> dict[str, int]:
    examined = examine(
        session,
        THERAPIST,
        NOW,
        patient_id=patient,
        muscle="quad_all",
        side="left",
        lmn="intact",
        sensation="normal",
        how="1 ms test",
        examined_at=NOW,
    )
    pads = open_set(session, THERAPIST, NOW, patient, label="left thigh", area_mm2=4500, opened_on="2026-03-01")
    motor = Measured("quad_all", "left", "motor", 4500, 300, 18_000, "by hand", NOW)
    return {
        "condition": add_condition(session, THERAPIST, NOW, patient, "stroke", "2025-11").id,
        "muscle": examined.id,
        "implant": add_implant(session, THERAPIST, NOW, patient, kind="metal", region="thigh", side="left").id,
        "electrodes": pads.id,
        "threshold": record_threshold(session, THERAPIST, NOW, patient, motor).id,
        "outcome": record_outcome(session, THERAPIST, NOW, patient, Entered("tug", "14.5", NOW)).id,
    }


def test_every_thing_of_a_record_can_be_taken_back_by_its_own_patient_only_and_with_a_trace(book: Book, patient: int) -> None:
    with book.writing(THERAPIST, NOW) as session:
        numbers = _things(session, patient)
        other = add_patient(session, THERAPIST, NOW, code="P-2").id
    assert set(numbers) == set(THINGS)
    for what, number in numbers.items():
        _taken_back(book, what, patient, other, number)


def _taken_back(book: Book, what: str, patient: int, other: int, number: int) -> None:
    with pytest.raises(UsageError, match="somebody else's"), book.writing(THERAPIST, NOW) as session:
        take_back(session, THERAPIST, NOW, what, other, number, 1, "wrong patient")
    with book.writing(THERAPIST, NOW) as session:
        take_back(session, THERAPIST, NOW, what, patient, number, 1, "wrong patient")
    with book.reading() as session:
        table = THINGS[what][0]
        assert session.get_one(table, number).withdrawn_why == "wrong patient"
        last = select(Audit).where(Audit.entity == table.__tablename__, Audit.entity_id == number, Audit.version == 2)
        entry = session.scalars(last).one()
        assert (entry.who, entry.patient_id) == ("anna", patient)
        assert entry.after["withdrawn_why"] == "wrong patient"
        assert list(check(session)) == []


WRITES: dict[str, Callable[[Session, int], object]] = {
    "add_patient": lambda session, number: add_patient(session, READER, NOW, code="P-9"),
    "change_patient": lambda session, number: change_patient(
        session, READER, NOW, number, 1, code="P-1", birth_year=None, notes=""
    ),
    "withdraw_patient": lambda session, number: withdraw_patient(session, READER, NOW, number, 1, "no"),
    "set_name": lambda session, number: set_name(session, READER, number, given="A", family="B"),
    "forget_name": lambda session, number: forget_name(session, READER, number),
    "add_condition": lambda session, number: add_condition(session, READER, NOW, number, "stroke"),
    "add_implant": lambda session, number: add_implant(session, READER, NOW, number, kind="metal"),
    "examine": lambda session, number: examine(
        session,
        READER,
        NOW,
        patient_id=number,
        muscle="ta",
        side="left",
        lmn="intact",
        sensation="normal",
        how="seen",
        examined_at=NOW,
    ),
    "open_set": lambda session, number: open_set(
        session, READER, NOW, number, label="x", area_mm2=2500, opened_on="2026-03-01"
    ),
    "record_threshold": lambda session, number: record_threshold(
        session, READER, NOW, number, Measured("ta", "left", "motor", 2500, 300, 9_000, "by hand", NOW)
    ),
    "record_outcome": lambda session, number: record_outcome(session, READER, NOW, number, Entered("tug", "14.5", NOW)),
    "take_back": lambda session, number: take_back(session, READER, NOW, "implant", number, 1, 1, "no"),
}


def test_who_may_only_look_changes_nothing(book: Book, patient: int) -> None:
    for write in WRITES.values():
        with pytest.raises(NotAllowed, match="rudi is a reader"), book.writing(READER, NOW) as session:
            write(session, patient)
    with book.reading() as session:
        assert {entry.who for entry in session.scalars(select(Audit))} == {"first-start", "anna"}


def test_a_patient_that_a_session_names_keeps_the_code(book: Book, patient: int) -> None:
    with book.writing(THERAPIST, NOW) as session:
        session.add(
            SessionEntry(
                journal_id="j1",
                patient_id=patient,
                opened_at=NOW,
                duration_us=1,
                result="completed",
                reason="",
                counts=True,
                simulated=False,
                device="",
                staff="anna",
                protocol_sha256="",
                contractions_prescribed=1,
                contractions=1,
                pulses=1,
                charge_pc=1,
                finding="",
            )
        )
    with pytest.raises(UsageError, match="cannot be changed any more"), book.writing(THERAPIST, NOW) as session:
        change_patient(session, THERAPIST, NOW, patient, 1, code="P-7", birth_year=None, notes="")
    with book.reading() as session:
        assert session.get_one(Patient, patient).code == "P-1"
