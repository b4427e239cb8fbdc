"""Every change leaves a trace, and what was changed behind the program's back is found."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check, fingerprint, trust
from emscontrol.clinic.tables.facts import Audit
from emscontrol.clinic.tables.people import Patient, PatientName, Staff
from emscontrol.core.errors import BookConflict, BookError
from tests.clinic.conftest import NOW, SUPERVISOR, THERAPIST


def _patient(book: Book, code: str = "P-1") -> int:
    with book.writing(THERAPIST, NOW) as session:
        row = Patient(code=code, birth_year=1958, notes="")
        session.add(row)
        session.flush()
        return row.id


def test_a_change_tells_who_when_what_before_and_after(book: Book) -> None:
    number = _patient(book)
    later = NOW + timedelta(hours=1)
    with book.writing(SUPERVISOR, later) as session:
        session.get_one(Patient, number).notes = "left knee"
    with book.reading() as session:
        trail = session.scalars(select(Audit).where(Audit.entity == "patients").order_by(Audit.version)).all()
        assert [(entry.version, entry.who, entry.station, entry.at) for entry in trail] == [
            (1, "anna", "room 1", NOW),
            (2, "sofia", "office", later),
        ]
        assert trail[1].before == {"notes": ""}
        assert trail[1].after["notes"] == "left knee"
        assert trail[1].patient_id == number
        assert trail[1].prev == trail[0].hash
        assert list(check(session)) == []


def test_what_is_not_changed_leaves_no_trace(book: Book) -> None:
    number = _patient(book)
    with book.reading() as session:
        before = fingerprint(session)
    with book.writing(THERAPIST, NOW) as session:
        session.get_one(Patient, number).notes = ""
    with book.reading() as session:
        assert fingerprint(session) == before


def test_nothing_is_deleted(book: Book) -> None:
    number = _patient(book)
    with pytest.raises(BookError, match="Nothing is deleted"), book.writing(THERAPIST, NOW) as session:
        session.delete(session.get_one(Patient, number))
    with book.reading() as session:
        assert session.get(Patient, number) is not None


def test_two_who_change_one_row_get_a_conflict_and_no_change_is_lost(book: Book) -> None:
    number = _patient(book)
    with book.reading() as mine:
        stale = mine.get_one(Patient, number)
    with book.writing(SUPERVISOR, NOW) as session:
        session.get_one(Patient, number).notes = "first"
    stale.notes = "second"
    with pytest.raises(BookConflict, match="Somebody else has changed this"), book.writing(THERAPIST, NOW) as session:
        session.add(stale)
    with book.reading() as session:
        assert session.get_one(Patient, number).notes == "first"
        assert list(check(session)) == []


def test_the_name_of_a_person_is_in_no_trace_and_a_secret_only_as_its_digest(book: Book) -> None:
    number = _patient(book)
    with book.writing(THERAPIST, NOW) as session:
        session.add(PatientName(patient_id=number, given="Hildegard", family="Musterfrau", contact="Kantstr. 17"))
        session.add(Staff(code="x", name="X", role="therapist", qualification="", secret="$argon2id$whatever"))
    with book.reading() as session:
        told = "".join(f"{entry.before}{entry.after}" for entry in session.scalars(select(Audit)))
        assert "Hildegard" not in told
        assert "Musterfrau" not in told
        assert "Kantstr" not in told
        assert "argon2" not in told
        assert list(check(session)) == []


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE patients SET notes = 'nothing wrong'", "patients 1 is not as it was last written (notes)"),
        ("UPDATE patients SET version = 5", "patients 1 has no trace of its version 5"),
        ("DELETE FROM patients", "patients 1 is gone"),
        ("UPDATE audit SET who = 'somebody' WHERE entity = 'patients'", "the trace of patients 1 was changed"),
        ("DELETE FROM audit WHERE entity = 'patients'", "patients 1 has no trace"),
        ("DELETE FROM audit WHERE entity = 'patients' AND version = 1", "the trace of patients 1 was changed"),
    ],
)
def test_a_row_or_a_trace_that_was_tampered_with_is_found(book: Book, tampering: str, found: str) -> None:
    number = _patient(book)
    with book.writing(THERAPIST, NOW) as session:
        session.get_one(Patient, number).notes = "pacemaker"
    with book.engine.connect() as connection:
        connection.execute(text(tampering))
        connection.commit()
    with book.reading() as session:
        findings = list(check(session))
        assert len(findings) == 1
        assert findings[0].startswith(found)


def test_a_row_that_a_session_hangs_on_is_not_believed_when_it_was_tampered_with(book: Book) -> None:
    number = _patient(book)
    with book.reading() as session:
        trust(session, [session.get_one(Patient, number)])
    with book.engine.connect() as connection:
        connection.execute(text("UPDATE patients SET birth_year = 1990"))
        connection.commit()
    with book.reading() as session, pytest.raises(BookError, match="behind the program's back: patients 1"):
        trust(session, [session.get_one(Patient, number)])


def test_the_fingerprint_tells_a_rewritten_book_apart(book: Book) -> None:
    _patient(book)
    with book.reading() as session:
        count, whole = fingerprint(session)
    with book.engine.connect() as connection:
        connection.execute(text("UPDATE audit SET hash = prev WHERE entity = 'patients'"))
        connection.commit()
    with book.reading() as session:
        assert fingerprint(session)[0] == count
        assert fingerprint(session)[1] != whole
