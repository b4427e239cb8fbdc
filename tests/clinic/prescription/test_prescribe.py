"""What a session needs, from the book: levels, places, the protocol as it has become; or why there is none."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from emscontrol.clinic.appointments.changing import cancel
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.patients.outcomes import Entered, record_outcome
from emscontrol.clinic.plans.upkeep import turn
from emscontrol.clinic.prescription.prescribe import prescription_for
from emscontrol.clinic.prescription.prescription import Prescription
from emscontrol.clinic.prescription.resting import require_rest
from emscontrol.clinic.tables.findings import Outcome
from emscontrol.clinic.tables.plans import Plan
from emscontrol.core.errors import BookConflict, BookError, SafetyRefusal, UsageError
from emscontrol.safety.screening import judge_screening
from tests.clinic.conftest import NOW, SPECIALIST, THERAPIST
from tests.clinic.plans.material import given
from tests.clinic.prescription.conftest import Ready, measured


def prescribed(book: Book, ready: Ready) -> Prescription:
    with book.reading() as session:
        return prescription_for(session, ready.appointment, NOW, book.about, "anna")


def test_a_prescription_has_whose_it_is_where_and_by_which_level_and_travels_unchanged(book: Book, ready: Ready) -> None:
    measured(book, ready.patient)
    told = prescribed(book, ready)
    assert (told.booking.patient, told.booking.number, told.booking.staff) == ("P-1", 1, "anna")
    assert (told.booking.plan, told.booking.appointment) == (ready.plan, ready.appointment)
    assert told.booking.book == book.about.uuid
    assert not told.booking.practice
    place = told.booking.channels[1]
    assert (place.muscle, place.side) == ("quad_all", "left")
    assert told.amplitudes_ua("comfort") == {"1": 30_000}
    assert told.amplitudes_ua("motor") == {}
    assert told.device == "reference@sim"
    assert told.birth_year == 1970
    assert told.booking.contractions == 8  # the first session gives half of sixteen (P1)
    assert "side: left" in told.protocol_text
    assert Prescription.from_json(told.to_json()) == told


def test_what_was_never_measured_is_said_and_nothing_is_assumed(book: Book, ready: Ready) -> None:
    with pytest.raises(UsageError, match="no comfort level of quad_all left"):
        prescribed(book, ready)


def test_a_level_that_is_too_old_has_to_be_measured_again(book: Book, ready: Ready) -> None:
    measured(book, ready.patient)
    with book.reading() as session, pytest.raises(UsageError, match="older than 7 days, measure it again"):
        prescription_for(session, ready.appointment, NOW + timedelta(days=8), book.about)


def test_a_level_of_another_width_is_carried_over_and_marked_as_estimated(book: Book, ready: Ready) -> None:
    measured(book, ready.patient, width_us=300)
    told = prescribed(book, ready)
    assert [level.estimated for level in told.levels] == [True]
    # Weiss, chronaxie 250 µs: 30 mA * (1 + 250/400) / (1 + 250/300) = 26.590 mA, of which 90 % are taken
    assert told.amplitudes_ua("comfort")["1"] == 26_590 * 90 // 100
    assert "estimated from 30.0 mA at 300 µs" in told.levels[0].words


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE thresholds SET amplitude_ua = 90000",
        "UPDATE plan_channels SET side = 'right'",
        "UPDATE plans SET weeks = 50",
        "UPDATE appointments SET number = 9",
        "UPDATE screening_answers SET answer = 'no', note = 'x' WHERE rule = 'PACEMAKER'",
        "DELETE FROM screening_answers WHERE rule = 'PACEMAKER'",
        "UPDATE muscle_states SET sensation = 'normal', how = 'x'",
        "UPDATE patients SET code = 'P-2'",
        "UPDATE protocols SET text = text || ' '",
    ],
)
def test_nothing_is_prescribed_on_a_row_that_was_changed_behind_the_programs_back(
    book: Book, ready: Ready, tampering: str
) -> None:
    measured(book, ready.patient)
    prescribed(book, ready)
    with book.engine.connect() as connection:
        connection.execute(text(tampering))
        connection.commit()
    with pytest.raises(BookError):
        prescribed(book, ready)


def test_nothing_is_prescribed_for_an_appointment_that_is_cancelled_or_a_plan_that_is_paused(book: Book, ready: Ready) -> None:
    measured(book, ready.patient)
    with book.writing(THERAPIST, NOW) as session:
        turn(session, THERAPIST, ready.plan, session.get_one(Plan, ready.plan).version, "pause")
    with pytest.raises(BookConflict, match="paused"):
        prescribed(book, ready)
    with book.writing(THERAPIST, NOW) as session:
        cancel(session, ready.appointment, "ill")
    with pytest.raises(BookConflict, match="cancelled"):
        prescribed(book, ready)


def test_the_screening_goes_with_it_and_clears_the_patient_it_was_asked_of(book: Book, ready: Ready) -> None:
    measured(book, ready.patient)
    from dataclasses import replace

    facts = replace(prescribed(book, ready).facts(), device_denervation=False)
    assert judge_screening(facts, NOW).standing == ()
    later = judge_screening(facts, NOW + timedelta(hours=5))
    assert {finding.rule for finding in later.standing} >= {"SKIN", "INTOX"}  # to be asked at each session


def skin(book: Book, ready: Ready, value: str, actor: object, hours: int) -> int:
    at = NOW + timedelta(hours=hours)
    with book.writing(actor, at) as session:  # type: ignore[arg-type]
        return record_outcome(session, actor, at, ready.patient, Entered("skin", value, at)).id  # type: ignore[arg-type]


def test_a_lasting_mark_on_the_skin_blocks_the_next_session_until_a_specialist_has_looked(book: Book, ready: Ready) -> None:
    measured(book, ready.patient)
    skin(book, ready, "1", THERAPIST, 1)
    prescribed(book, ready)
    burn = skin(book, ready, "3", THERAPIST, 2)
    with pytest.raises(SafetyRefusal, match="A specialist looks at it") as refusal:
        prescribed(book, ready)
    assert refusal.value.rules == ("SKIN_EVENT",)
    skin(book, ready, "0", THERAPIST, 3)  # a therapist alone does not lift it
    with pytest.raises(SafetyRefusal):
        prescribed(book, ready)
    with book.writing(THERAPIST, NOW) as session:
        row = session.get_one(Outcome, burn)
        row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = NOW, "anna", "never mind"
    with pytest.raises(SafetyRefusal):
        prescribed(book, ready)
    skin(book, ready, "0", SPECIALIST, 4)
    prescribed(book, ready)


def test_a_muscle_that_was_worked_yesterday_is_not_given_more_today(book: Book, ready: Ready) -> None:
    measured(book, ready.patient)
    with book.writing(THERAPIST, NOW) as session:
        given(session, session.get_one(Plan, ready.plan), [0])
    told = prescribed(book, ready)
    assert [one.rest_h for one in told.worked] == [48]
    with pytest.raises(SafetyRefusal, match="rests for 48 h") as refusal:
        require_rest(told.worked, told.zone, NOW + timedelta(hours=47, minutes=59))
    assert refusal.value.rules == ("REST",)
    require_rest(told.worked, told.zone, NOW + timedelta(hours=48))


def test_a_simulated_session_of_a_clinics_book_tires_nobody(book: Book, ready: Ready) -> None:
    measured(book, ready.patient)
    with book.writing(THERAPIST, NOW) as session:
        given(session, session.get_one(Plan, ready.plan), [0], counts=False)
    assert prescribed(book, ready).worked == ()
