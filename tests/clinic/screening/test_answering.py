"""Questions are asked, answered, remembered and asked again."""

from datetime import timedelta

import pytest

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.book.rows import withdraw
from emscontrol.clinic.screening.answering import due_questions, give_answer, history, newest_answers
from emscontrol.clinic.screening.load import shipped_rules
from emscontrol.clinic.tables.findings import ScreeningAnswer
from emscontrol.clinic.tables.people import Patient
from emscontrol.core.errors import UsageError
from emscontrol.safety.screening import Answer, Place
from emscontrol.safety.screening_grounds import NOT_ASKED
from tests.clinic.conftest import NOW, SUPERVISOR, THERAPIST
from tests.clinic.screening.patients import TYPES, add_patient, ask_all, refused, screened_patient

MONTH = timedelta(days=31)


def test_a_new_patient_is_asked_everything_that_the_program_does_not_see_by_itself(book: Book) -> None:
    patient = add_patient(book)
    with book.reading() as session:
        waiting = [question.rule.id for question in due_questions(session, patient, NOW)]
        assert waiting == [rule.id for rule in shipped_rules().rules if rule.id not in NOT_ASKED]
        assert all(question.last is None for question in due_questions(session, patient, NOW))
        fewer = {question.rule.id for question in due_questions(session, patient, NOW, TYPES)}
        assert set(waiting) - fewer == {"FACIAL_SYNK"}
    assert "PACEMAKER" in refused(book, patient)


def test_who_was_asked_everything_may_start_and_is_asked_the_questions_of_the_day_next_time(book: Book) -> None:
    patient = screened_patient(book)
    assert refused(book, patient) == ()
    with book.reading() as session:
        assert due_questions(session, patient, NOW) == []
        soon = NOW + timedelta(days=2)
        waiting = {question.rule.id for question in due_questions(session, patient, soon)}
        assert {"INTOX", "SKIN", "INFECTION"} <= waiting
        assert len(waiting) <= 12
        assert all(question.last is not None for question in due_questions(session, patient, soon))
    assert set(refused(book, patient, soon)) == waiting
    with book.writing(THERAPIST, soon) as session:
        ask_all(session, THERAPIST, soon, patient)
    assert refused(book, patient, soon) == ()


def test_an_answer_keeps_who_was_asked_when_where_and_by_which_list(book: Book) -> None:
    patient = add_patient(book)
    with book.writing(THERAPIST, NOW) as session:
        place = Place(region="calf", side="right")
        give_answer(session, THERAPIST, NOW, patient, "SKIN", Answer.YES, [place], "  eczema  ")
    with book.reading() as session:
        row = newest_answers(session, patient)["SKIN"]
        assert (row.answer, row.places, row.note) == ("yes", [{"region": "calf", "muscle": "", "side": "right"}], "eczema")
        assert (row.asked_at, row.asked_by, row.due_at) == (NOW, "anna", NOW + timedelta(hours=4))
        assert row.rules_sha256 == shipped_rules().sha256
        assert list(check(session)) == []


def test_the_newest_answer_counts_and_the_others_are_remembered(book: Book) -> None:
    patient = screened_patient(book)
    later = NOW + timedelta(minutes=5)
    with book.writing(SUPERVISOR, later) as session:
        give_answer(session, SUPERVISOR, later, patient, "HEART", Answer.YES)
    assert refused(book, patient, later) == ("HEART",)
    with book.reading() as session:
        told = [(row.answer, row.asked_by) for row in history(session, patient, "HEART")]
        assert told == [("yes", "sofia"), ("no", "anna")]
        assert len(history(session, patient)) == 44


def test_a_yes_counts_that_was_written_after_a_no_from_a_station_whose_clock_is_ahead(book: Book) -> None:
    patient, ahead = screened_patient(book), NOW + timedelta(minutes=4)
    with book.writing(SUPERVISOR, ahead) as session:
        give_answer(session, SUPERVISOR, ahead, patient, "HEART", Answer.NO)
    with book.writing(THERAPIST, NOW) as session:
        give_answer(session, THERAPIST, NOW, patient, "HEART", Answer.YES)
        assert newest_answers(session, patient)["HEART"].answer == "yes"
    assert refused(book, patient) == ("HEART",)
    assert refused(book, patient, ahead) == ("HEART",)


def test_a_station_whose_clock_is_behind_keeps_no_answer_and_says_so(book: Book) -> None:
    patient, other, ahead = screened_patient(book), add_patient(book, "P-2"), NOW + timedelta(minutes=6)
    with book.writing(SUPERVISOR, ahead) as session:
        number = give_answer(session, SUPERVISOR, ahead, patient, "INTOX", Answer.YES).id
    with book.reading() as session:
        assert [question.rule.id for question in due_questions(session, patient, NOW)] == ["INTOX"]
        assert due_questions(session, patient, ahead) == []
    with pytest.raises(UsageError) as refusal, book.writing(THERAPIST, NOW) as session:
        give_answer(session, THERAPIST, NOW, patient, "HEART", Answer.NO)
    assert "By the clock of this station it is 2026-03-02 09:00 UTC" in refusal.value.what
    assert "sofia has asked INTOX at 2026-03-02 09:06 UTC already" in refusal.value.what
    with book.writing(THERAPIST, NOW) as session:
        give_answer(session, THERAPIST, NOW, other, "HEART", Answer.NO)
        withdraw(session.get_one(ScreeningAnswer, number), THERAPIST, NOW, "a clock was wrong")
        give_answer(session, THERAPIST, NOW, patient, "HEART", Answer.NO)
    assert refused(book, patient) == ()


def test_an_answer_that_was_withdrawn_does_not_count_and_stays_in_the_history(book: Book) -> None:
    patient = screened_patient(book)
    with book.writing(THERAPIST, NOW) as session:
        withdraw(newest_answers(session, patient)["HEART"], THERAPIST, NOW, "asked the wrong person")
    assert refused(book, patient) == ("HEART",)
    with book.reading() as session:
        assert [question.rule.id for question in due_questions(session, patient, NOW)] == ["HEART"]
        assert [row.withdrawn_why for row in history(session, patient, "HEART")] == ["asked the wrong person"]


def test_an_answer_to_another_list_of_questions_leaves_the_question_open(book: Book) -> None:
    patient = screened_patient(book)
    later = NOW + timedelta(minutes=5)
    with book.writing(THERAPIST, later) as session:
        give_answer(session, THERAPIST, later, patient, "HEART", Answer.NO).rules_sha256 = "0" * 64
    assert refused(book, patient, later) == ("HEART",)
    with book.reading() as session:
        assert [question.rule.id for question in due_questions(session, patient, later)] == ["HEART"]


@pytest.mark.parametrize(
    ("rule", "answer", "where", "words"),
    [
        ("HEARTH", Answer.YES, None, "The nearest is HEART"),
        ("SKIN", Answer.NO, Place(region="calf"), "Only a yes applies somewhere"),
        ("SKIN", Answer.UNKNOWN, Place(region="calf"), "Only a yes applies somewhere"),
        ("SKIN", Answer.YES, Place(region="moon"), "no region 'moon'"),
        ("SKIN", Answer.YES, Place(muscle="moon"), "no muscle 'moon'"),
        ("SKIN", Answer.YES, Place(region="calf", side="up"), "no side 'up'"),
        ("SKIN", Answer.YES, Place(), "either a region or a muscle"),
        ("SKIN", Answer.YES, Place(region="calf", muscle="ta"), "either a region or a muscle"),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused(
    sqlite_book: Book, rule: str, answer: Answer, where: Place | None, words: str
) -> None:
    patient = add_patient(sqlite_book)
    with pytest.raises(UsageError) as refusal, sqlite_book.writing(THERAPIST, NOW) as session:
        give_answer(session, THERAPIST, NOW, patient, rule, answer, [where] if where else [])
    assert words in str(refusal.value)
    with sqlite_book.reading() as session:
        assert history(session, patient) == []


def test_nobody_is_asked_who_is_not_in_the_book(book: Book) -> None:
    patient = add_patient(book)
    with pytest.raises(UsageError, match="no patient 99"), book.writing(THERAPIST, NOW) as session:
        give_answer(session, THERAPIST, NOW, 99, "SKIN", Answer.NO)
    with book.writing(THERAPIST, NOW) as session:
        withdraw(session.get_one(Patient, patient), THERAPIST, NOW, "twice in the book")
    with pytest.raises(UsageError, match="twice in the book"), book.writing(THERAPIST, NOW) as session:
        give_answer(session, THERAPIST, NOW, patient, "SKIN", Answer.NO)


def test_one_patients_answers_are_not_anothers(book: Book) -> None:
    one, other = screened_patient(book), add_patient(book, "P-2")
    assert refused(book, one) == ()
    assert "HEART" in refused(book, other)
    with book.writing(THERAPIST, NOW) as session:
        row = give_answer(session, THERAPIST, NOW, other, "HEART", Answer.YES)
        assert session.get_one(ScreeningAnswer, row.id).patient_id == other
    assert refused(book, one) == ()
