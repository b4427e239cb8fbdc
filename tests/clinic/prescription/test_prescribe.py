"""What a session needs, from the book: levels, places, the protocol as it has become; or why there is none."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from emscontrol.clinic.agenda.skin import skin_in_the_way
from emscontrol.clinic.appointments.changing import cancel
from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.rows import withdraw
from emscontrol.clinic.patients.outcomes import Entered, record_outcome
from emscontrol.clinic.plans.upkeep import turn
from emscontrol.clinic.prescription.levels import levels_of
from emscontrol.clinic.prescription.prescribe import prescription_for
from emscontrol.clinic.prescription.prescription import Prescription, amplitudes_ua
from emscontrol.clinic.prescription.resting import require_rest
from emscontrol.clinic.staff.keep import change_role, find_staff
from emscontrol.clinic.tables.findings import Outcome
from emscontrol.clinic.tables.plans import Plan, PlanStep
from emscontrol.core.errors import BookConflict, BookError, SafetyRefusal, UsageError
from emscontrol.protocol.library import load_named
from emscontrol.protocol.parts import Side
from emscontrol.safety.screening import judge_screening
from tests.clinic.conftest import NOW, SPECIALIST, SUPERVISOR, THERAPIST
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
    measured(book, ready.patient, at=NOW - timedelta(days=8))
    with pytest.raises(UsageError, match="older than 7 days, measure it again"):
        prescribed(book, ready)


def test_a_level_of_another_width_is_carried_over_and_marked_as_estimated(book: Book, ready: Ready) -> None:
    measured(book, ready.patient, width_us=300)
    told = prescribed(book, ready)
    assert [level.estimated for level in told.levels] == [True]
    # Weiss, chronaxie 250 µs: 30 mA * (1 + 250/400) / (1 + 250/300) = 26.590 mA, of which 90 % are taken
    assert told.amplitudes_ua("comfort")["1"] == 26_590 * 90 // 100
    assert "estimated from 30.0 mA at 300 µs" in told.levels[0].words


def test_a_channel_with_several_widths_gets_the_lowest_of_their_levels(book: Book, ready: Ready) -> None:
    """Whichever of the widths it is of: what is comfortable at one must not be exceeded at another."""
    protocol = load_named("acl-high-rate").protocol
    first = protocol.phases[0]
    narrow = first.groups[0].model_copy(update={"pulse_width_us": 300})
    both = first.model_copy(update={"groups": (*first.groups, narrow)})
    left = protocol.channels[1].model_copy(update={"side": Side.LEFT})
    protocol = protocol.model_copy(update={"phases": (both, *protocol.phases[1:]), "channels": {1: left}})
    measured(book, ready.patient, 30_000, 400, NOW)
    measured(book, ready.patient, 36_000, 300, NOW)
    with book.reading() as session:
        told = levels_of(session, ready.patient, protocol, NOW, 7, book.about.zone)
    assert amplitudes_ua(told, "comfort") == {"1": 30_000}
    later = NOW + timedelta(hours=1)
    measured(book, ready.patient, 25_000, 300, later)
    with book.reading() as session:
        told = levels_of(session, ready.patient, protocol, later, 7, book.about.zone)
    assert amplitudes_ua(told, "comfort") == {"1": 25_000}


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


def stepped(book: Book, ready: Ready) -> None:
    """Two steps, the second of which takes the first one back."""
    with book.writing(THERAPIST, NOW) as session:
        for number, do in enumerate(("raise", "back"), start=1):
            session.add(
                PlanStep(
                    plan_id=ready.plan,
                    number=number,
                    rule=do,
                    changes={"do": do},
                    reason="",
                    facts={},
                    proposed_at=NOW,
                    decision="accepted",
                    decided_at=NOW,
                    decided_by="anna",
                )
            )
            session.flush()


FORGED = """
INSERT INTO plan_steps (id, version, plan_id, number, rule, changes, reason, facts, proposed_at, decision)
SELECT 9, 1, plan_id, 9, rule, changes, reason, facts, proposed_at, decision FROM plan_steps WHERE number = 1
"""


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE plan_steps SET decision = 'refused' WHERE number = 2", "plan_steps 2 is not as it was"),
        ("DELETE FROM plan_steps WHERE number = 2", "plan_steps 2 is gone"),
        ("DELETE FROM plan_steps", "plan_steps 1, 2 is gone"),
        (FORGED, "plan_steps 9 has no trace"),
        ("DELETE FROM audit WHERE entity = 'plan_steps' AND entity_id = 2", "plan_steps 2 has no trace"),
        ("DELETE FROM plan_channels", "plan_channels 1 is gone"),
        ("DELETE FROM outcomes WHERE value_milli = 3000", "outcomes 2 is gone"),
        ("UPDATE outcomes SET value_milli = 0", "outcomes 2 is not as it was"),
        ("UPDATE outcomes SET measure = 'doms' WHERE value_milli = 3000", "outcomes 2 is not as it was"),
    ],
)
def test_nothing_is_prescribed_when_a_row_is_missing_that_its_trace_tells_of(
    book: Book, ready: Ready, tampering: str, found: str
) -> None:
    measured(book, ready.patient)
    stepped(book, ready)
    skin(book, ready, "0", THERAPIST, 0)
    if "outcomes" in tampering:
        skin(book, ready, "3", THERAPIST, 0)
    else:
        prescribed(book, ready)
    with book.engine.begin() as connection:
        assert connection.execute(text(tampering)).rowcount > 0
    with pytest.raises(BookError, match=f"behind the program's back: {found}"):
        prescribed(book, ready)


@pytest.mark.parametrize("tampering", ["threshold_days = 3650", "kind = 'practice'", "idle_lock_min = 9999"])
def test_a_book_whose_own_facts_were_changed_says_so_and_gives_nothing(book: Book, tampering: str) -> None:
    with book.engine.begin() as connection:
        connection.execute(text(f"UPDATE book SET {tampering}"))
    with pytest.raises(BookError, match="behind the program's back: book 1"):
        assert book.about


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


def test_days_are_those_of_the_clinic(book: Book, ready: Ready) -> None:
    """Half past midnight in Berlin, where it is the day before in UTC."""
    late = NOW.replace(hour=23, minute=30) - timedelta(days=1)
    measured(book, ready.patient, at=late)
    assert f"measured on {NOW:%Y-%m-%d}." in prescribed(book, ready).levels[0].words
    with book.writing(THERAPIST, NOW) as session:
        record_outcome(session, THERAPIST, NOW, ready.patient, Entered("skin", "2", late))
    with pytest.raises(SafetyRefusal, match=f"or worse, on {NOW:%Y-%m-%d}"):
        prescribed(book, ready)
    with book.reading() as session:
        assert skin_in_the_way(session, ready.patient, book.about.zone).endswith(f"on {NOW:%Y-%m-%d}.")


def entered(book: Book, ready: Ready, actor: Actor, value: str, hours: float, taken_hours: float) -> None:
    """A result of the skin that was entered so many hours after NOW, and is said to be of another time."""
    at = NOW + timedelta(hours=hours)
    with book.writing(actor, at) as session:
        record_outcome(session, actor, at, ready.patient, Entered("skin", value, NOW + timedelta(hours=taken_hours)))


LIFTS_NOTHING: dict[str, list[tuple[Actor, str, float, float]]] = {
    "entered before the harm, and typed as of after it": [(SPECIALIST, "0", 0, 0.05), (THERAPIST, "3", 0, 0)],
    "entered after the harm, and of before it": [(THERAPIST, "3", 1, 1), (SPECIALIST, "0", 2, 0)],
    "of after the harm, which was entered late": [(SPECIALIST, "0", 3, 3), (THERAPIST, "3", 4, 0)],
    "harm again since": [(THERAPIST, "3", 1, 1), (SPECIALIST, "0", 2, 2), (SPECIALIST, "2", 3, 3)],
}


@pytest.mark.parametrize("results", LIFTS_NOTHING.values(), ids=LIFTS_NOTHING.keys())
def test_only_what_was_seen_and_entered_after_all_harm_lifts_it(
    book: Book, ready: Ready, results: list[tuple[Actor, str, float, float]]
) -> None:
    measured(book, ready.patient)
    for result in results:
        entered(book, ready, *result)
    with pytest.raises(SafetyRefusal, match="skin was marked"):
        prescribed(book, ready)
    entered(book, ready, SPECIALIST, "0", 5, 5)
    prescribed(book, ready)


def test_a_clearance_that_was_withdrawn_lifts_nothing(book: Book, ready: Ready) -> None:
    measured(book, ready.patient)
    skin(book, ready, "3", THERAPIST, 1)
    cleared = skin(book, ready, "0", SPECIALIST, 2)
    prescribed(book, ready)
    with book.writing(SPECIALIST, NOW + timedelta(hours=3)) as session:
        withdraw(session.get_one(Outcome, cleared), SPECIALIST, NOW, "somebody else's skin")
    with pytest.raises(SafetyRefusal):
        prescribed(book, ready)


def becomes(book: Book, code: str, role: str, hours: int) -> None:
    with book.writing(SUPERVISOR, NOW + timedelta(hours=hours)) as session:
        change_role(session, SUPERVISOR, code, find_staff(session, code).version, role)


def test_the_role_counts_that_somebody_had_when_he_looked_at_the_skin(book: Book, ready: Ready) -> None:
    measured(book, ready.patient)
    skin(book, ready, "3", THERAPIST, 1)
    skin(book, ready, "0", THERAPIST, 2)
    becomes(book, "anna", "specialist", 3)
    with pytest.raises(SafetyRefusal):
        prescribed(book, ready)
    skin(book, ready, "0", SPECIALIST, 4)
    becomes(book, "sven", "supervisor", 5)
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
