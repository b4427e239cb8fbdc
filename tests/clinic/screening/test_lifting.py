"""Overrides by a specialist, and cautions that were read."""

from datetime import datetime, timedelta

import pytest

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.patients.implants import add_implant
from emscontrol.clinic.screening.acknowledging import acknowledge
from emscontrol.clinic.screening.answering import give_answer, newest_answers
from emscontrol.clinic.screening.load import shipped_rules
from emscontrol.clinic.screening.overrides import give_override, overrides_in_force, withdraw_override
from emscontrol.core.errors import BookConflict, NotAllowed, UsageError
from emscontrol.safety.screening import Answer
from tests.clinic.conftest import NOW, READER, SPECIALIST, SUPERVISOR, THERAPIST
from tests.clinic.screening.patients import add_patient, ask_all, refused, screened_patient, verdict

OVERRIDABLE = [rule.id for rule in shipped_rules().rules if "override" in (rule.severity, rule.elsewhere) or rule.override]
FOR_GOOD = [rule.id for rule in shipped_rules().rules if rule.id not in OVERRIDABLE]
CAUTIONS = [rule.id for rule in shipped_rules().rules if "caution" in (rule.severity, rule.elsewhere, rule.unknown)]


def _say(book: Book, patient: int, rule: str, answer: Answer, now: datetime = NOW) -> int:
    with book.writing(THERAPIST, now) as session:
        return give_answer(session, THERAPIST, now, patient, rule, answer).id


def test_an_override_lifts_a_rule_until_it_ends(book: Book) -> None:
    patient = screened_patient(book)
    _say(book, patient, "HEART", Answer.YES)
    assert refused(book, patient) == ("HEART",)
    with book.writing(SPECIALIST, NOW) as session:
        end = NOW + timedelta(days=2)
        give_override(session, SPECIALIST, NOW, patient, "HEART", "stable since the bypass", end)
    assert refused(book, patient) == ()
    assert "HEART (overridden)" in verdict(book, patient).sentence()
    with book.writing(THERAPIST, end) as session:
        ask_all(session, THERAPIST, end, patient)
    assert refused(book, patient, end) == ("HEART",)
    with book.reading() as session:
        assert [row.reason for row in overrides_in_force(session, patient, NOW)] == ["stable since the bypass"]
        assert overrides_in_force(session, patient, end) == []


@pytest.mark.parametrize("rule", OVERRIDABLE)
def test_every_rule_that_a_specialist_may_override_holds_as_long_as_it_says(sqlite_book: Book, rule: str) -> None:
    patient = screened_patient(sqlite_book)
    found = shipped_rules().rule(rule)
    assert found is not None
    _say(sqlite_book, patient, rule, Answer.YES)
    latest = NOW + timedelta(days=found.days)
    with sqlite_book.writing(SPECIALIST, NOW) as session:
        assert give_override(session, SPECIALIST, NOW, patient, rule, "seen").expires_at == latest
        with pytest.raises(UsageError, match=f"{found.days} days at most"):
            give_override(session, SPECIALIST, NOW, patient, rule, "seen", latest + timedelta(seconds=1))
    for actor in (THERAPIST, SUPERVISOR, READER, Actor("x", "", "room 1")):
        with pytest.raises(NotAllowed, match="by a specialist only"), sqlite_book.writing(actor, NOW) as session:
            give_override(session, actor, NOW, patient, rule, "it will be all right")


@pytest.mark.parametrize("rule", FOR_GOOD)
def test_no_role_overrides_a_block_without_a_condition_or_a_caution(sqlite_book: Book, rule: str) -> None:
    patient = screened_patient(sqlite_book)
    with pytest.raises(UsageError, match=f"Nobody can override {rule}"), sqlite_book.writing(SPECIALIST, NOW) as session:
        give_override(session, SPECIALIST, NOW, patient, rule, "seen")


def test_nobody_takes_upon_himself_what_was_not_asked_or_is_due_again(book: Book) -> None:
    new, patient = add_patient(book), screened_patient(book, "P-2")
    later = NOW + timedelta(days=30)
    for number, now in ((new, NOW), (patient, later)):
        with pytest.raises(UsageError, match="HEART has to be asked first"), book.writing(SPECIALIST, now) as session:
            give_override(session, SPECIALIST, now, number, "HEART", "stable")
    with book.writing(SPECIALIST, NOW) as session:
        give_override(session, SPECIALIST, NOW, new, "CAROTID", "is seen from the pads, and needs no answer")


def test_an_override_lifts_no_yes_that_is_newer_and_holds_while_the_same_is_said_again(book: Book) -> None:
    patient = screened_patient(book)
    _say(book, patient, "HEART", Answer.UNKNOWN)
    with book.writing(SPECIALIST, NOW) as session:
        give_override(session, SPECIALIST, NOW, patient, "HEART", "for whatever may come")
    later = NOW + timedelta(minutes=1)
    _say(book, patient, "HEART", Answer.YES, later)
    assert refused(book, patient, later) == ("HEART",)
    with book.writing(SPECIALIST, later) as session:
        give_override(session, SPECIALIST, later, patient, "HEART", "stable since the bypass")
    assert refused(book, patient, later) == ()
    for minutes, answer, expected in (
        (2, Answer.YES, ()),
        (3, Answer.YES, ()),
        (4, Answer.NO, ()),
        (5, Answer.YES, ("HEART",)),
        (6, Answer.YES, ("HEART",)),
    ):
        now = NOW + timedelta(minutes=minutes)
        _say(book, patient, "HEART", answer, now)
        assert refused(book, patient, now) == expected, minutes


def test_nobody_takes_upon_himself_what_by_his_clock_was_not_said_yet(book: Book) -> None:
    patient, ahead = screened_patient(book), NOW + timedelta(minutes=3)
    _say(book, patient, "HEART", Answer.YES, ahead)
    with pytest.raises(UsageError, match="answered at 2026-03-02 09:03:00 UTC"), book.writing(SPECIALIST, NOW) as session:
        give_override(session, SPECIALIST, NOW, patient, "HEART", "stable")
    with book.writing(SPECIALIST, ahead) as session:
        give_override(session, SPECIALIST, ahead, patient, "HEART", "stable")
    assert refused(book, patient, ahead) == ()


def test_there_is_nothing_to_override_where_the_answer_is_no(book: Book) -> None:
    patient = screened_patient(book)
    for rule in ("HEART", "PACEMAKER", "ACTIVE_IMPLANT"):
        told = f"nothing to override: the answer to {rule} is no, given by anna"
        with pytest.raises(UsageError, match=told), book.writing(SPECIALIST, NOW) as session:
            give_override(session, SPECIALIST, NOW, patient, rule, "for whatever may come")
    _say(book, patient, "HEART", Answer.YES)
    _say(book, patient, "HEART", Answer.NO)
    with pytest.raises(UsageError, match="nothing to override"), book.writing(SPECIALIST, NOW) as session:
        give_override(session, SPECIALIST, NOW, patient, "HEART", "for whatever may come")
    with book.reading() as session:
        assert overrides_in_force(session, patient, NOW) == []


def test_an_implant_on_record_can_be_overridden_whatever_was_answered(book: Book) -> None:
    patient = screened_patient(book)
    with book.writing(SPECIALIST, NOW) as session:
        add_implant(session, SPECIALIST, NOW, patient, kind="pacemaker")
    assert refused(book, patient) == ("PACEMAKER",)
    with book.writing(SPECIALIST, NOW) as session:
        give_override(session, SPECIALIST, NOW, patient, "PACEMAKER", "letter of the cardiologist")
    assert refused(book, patient) == ()
    with pytest.raises(UsageError, match="nothing to override"), book.writing(SPECIALIST, NOW) as session:
        give_override(session, SPECIALIST, NOW, patient, "ACTIVE_IMPLANT", "x")


def test_an_override_needs_a_reason_and_an_end_to_come(book: Book) -> None:
    patient = screened_patient(book)
    with book.writing(SPECIALIST, NOW) as session:
        with pytest.raises(UsageError, match="needs a reason"):
            give_override(session, SPECIALIST, NOW, patient, "HEART", "  ")
        with pytest.raises(UsageError, match="cardiology letter"):
            give_override(session, SPECIALIST, NOW, patient, "PACEMAKER", "")
        with pytest.raises(UsageError, match="cannot end on 2026-03-02"):
            give_override(session, SPECIALIST, NOW, patient, "HEART", "seen", NOW)
        assert overrides_in_force(session, patient, NOW) == []


def test_an_override_can_be_taken_back(book: Book) -> None:
    patient = screened_patient(book)
    _say(book, patient, "HEART", Answer.YES)
    with book.writing(SPECIALIST, NOW) as session:
        number = give_override(session, SPECIALIST, NOW, patient, "HEART", "stable").id
    with pytest.raises(UsageError, match="needs a reason"), book.writing(THERAPIST, NOW) as session:
        withdraw_override(session, THERAPIST, NOW, number, "")
    assert refused(book, patient) == ()
    with book.writing(THERAPIST, NOW) as session:
        withdraw_override(session, THERAPIST, NOW, number, "chest pain yesterday")
    assert refused(book, patient) == ("HEART",)
    with book.reading() as session:
        assert overrides_in_force(session, patient, NOW) == []


def test_a_caution_is_lifted_by_reading_it_and_asked_again_after_a_new_answer(book: Book) -> None:
    patient = screened_patient(book)
    first = _say(book, patient, "GEL_ALLERGY", Answer.YES)
    assert refused(book, patient) == ("GEL_ALLERGY",)
    with book.writing(THERAPIST, NOW) as session:
        acknowledge(session, THERAPIST, NOW, patient, "GEL_ALLERGY", first)
    assert refused(book, patient) == ()
    later = NOW + timedelta(minutes=1)
    second = _say(book, patient, "GEL_ALLERGY", Answer.YES, later)
    assert refused(book, patient, later) == ("GEL_ALLERGY",)
    with pytest.raises(BookConflict, match="answered again meanwhile"), book.writing(THERAPIST, later) as session:
        acknowledge(session, THERAPIST, later, patient, "GEL_ALLERGY", first)
    with book.writing(THERAPIST, later) as session:
        acknowledge(session, THERAPIST, later, patient, "GEL_ALLERGY", second)
    assert refused(book, patient, later) == ()


def test_only_cautions_with_an_answer_that_holds_are_read(book: Book) -> None:
    patient = screened_patient(book)
    later = NOW + timedelta(days=400)
    with book.reading() as session:
        numbers = {rule: row.id for rule, row in newest_answers(session, patient).items()}
    for rule in (rule.id for rule in shipped_rules().rules):
        if rule not in CAUTIONS:
            with pytest.raises(UsageError, match="is no caution"), book.writing(THERAPIST, NOW) as session:
                acknowledge(session, THERAPIST, NOW, patient, rule, 1)
        elif rule in numbers:
            with pytest.raises(UsageError, match="has to be asked first"), book.writing(THERAPIST, later) as session:
                acknowledge(session, THERAPIST, later, patient, rule, numbers[rule])
