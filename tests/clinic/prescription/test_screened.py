"""How the screening of a patient stands, for each plan that goes on."""

from datetime import timedelta

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.plans.upkeep import turn
from emscontrol.clinic.prescription.screened import ScreeningState, screening_state
from emscontrol.clinic.screening.answering import give_answer
from emscontrol.clinic.tables.plans import Plan
from emscontrol.core.errors import UsageError
from emscontrol.safety.screening import Answer, Place
from tests.clinic.conftest import NOW, THERAPIST
from tests.clinic.prescription.conftest import Ready


def nobody_knows(device: str) -> bool:
    raise UsageError(f"{device} is no stimulator.")


def state(book: Book, ready: Ready, **later: float) -> ScreeningState:
    with book.reading() as session:
        return screening_state(session, ready.patient, NOW + timedelta(**later), lambda device: device.startswith("denerv"))


def say_yes(book: Book, ready: Ready, rule: str) -> None:
    """Whoever is `ready` has answered everything with no."""
    with book.writing(THERAPIST, NOW) as session:
        give_answer(session, THERAPIST, NOW, ready.patient, rule, Answer.YES, [Place(region="thigh", side="left")])


def test_a_yes_stands_in_the_way_of_the_plan_whose_pads_are_there(book: Book, ready: Ready) -> None:
    say_yes(book, ready, "SKIN")
    found = state(book, ready)
    assert found.asked
    assert found.waiting == 0
    assert found.against == ("SKIN",)
    [plan] = found.plans
    assert plan.plan == ready.plan
    assert [each.rule for each in plan.findings if each.refuses and each.rule == "SKIN"] == ["SKIN"]


def test_what_holds_for_a_session_is_to_be_asked_again_after_it(book: Book, ready: Ready) -> None:
    found = state(book, ready)
    assert found.next_due_at is not None
    assert state(book, ready, hours=5).waiting > found.waiting == 0


def test_a_plan_that_does_not_go_on_is_not_judged(book: Book, ready: Ready) -> None:
    with book.writing(THERAPIST, NOW) as session:
        turn(session, THERAPIST, ready.plan, session.get_one(Plan, ready.plan).version, "pause")
    assert state(book, ready).plans == ()


def test_a_stimulator_that_nobody_knows_is_judged_as_one_that_is_not_settled(book: Book, ready: Ready) -> None:
    with book.reading() as session:
        found = screening_state(session, ready.patient, NOW, nobody_knows)
    assert [plan.problem for plan in found.plans] == [""]
