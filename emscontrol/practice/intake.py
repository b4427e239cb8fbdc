"""A patient comes for the first time: entered, examined, asked, and given a plan."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.booking import book_plan
from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import About, Book
from emscontrol.clinic.patients.conditions import add_condition
from emscontrol.clinic.patients.electrode_sets import open_set
from emscontrol.clinic.patients.muscles import examine
from emscontrol.clinic.patients.patients import add_patient, find_patient, set_name
from emscontrol.clinic.plans.prescribe import Order, prescribe
from emscontrol.clinic.screening.answering import due_questions, give_answer
from emscontrol.clinic.tables.plans import Plan
from emscontrol.core.errors import BookConflict
from emscontrol.practice.cast import Person
from emscontrol.practice.house import SPECIALIST, STIMULATORS, THERAPISTS
from emscontrol.protocol.library import load_named
from emscontrol.protocol.load import LoadedProtocol
from emscontrol.protocol.parts import Channel, Side, Use
from emscontrol.safety.screening import Answer, Place

BEFORE: Final = timedelta(hours=1)
_LATER: Final = timedelta(minutes=30)
_TRIES: Final = 20
_AREA_WORDS: Final = "{muscle} {side}"


def take_in(book: Book, person: Person, index: int, now: datetime) -> int | None:
    """Enter somebody an hour before his first appointment would be; returns the number of the plan, None without one."""
    begins = first_day(person, now, book.about)
    therapist = THERAPISTS[index % len(THERAPISTS)]
    with book.writing(therapist, begins) as session:
        patient = add_patient(session, therapist, begins, code=person.code, birth_year=person.born, notes=person.note)
        set_name(session, therapist, patient.id, given=person.name[0], family=person.name[1])
        for condition in person.conditions:
            add_condition(session, therapist, begins, patient.id, condition)
        ask_what_is_due(session, therapist, begins, patient.id, person)
    if not person.protocol:
        return None
    loaded = load_named(person.protocol)
    with book.writing(therapist, begins) as session:
        for channel in loaded.protocol.channels.values():
            _examine(session, therapist, begins, find_patient(session, person.code).id, channel, person)
    return _plan(book, person, loaded, index, begins)


def first_day(person: Person, now: datetime, about: About) -> datetime:
    """An hour before the first session that the plan may have."""
    local = now.astimezone(about.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = local - timedelta(days=local.weekday()) - timedelta(weeks=person.began_weeks)
    return monday.replace(tzinfo=about.zone) + timedelta(hours=person.at.hour, minutes=person.at.minute) - BEFORE


def ask_what_is_due(session: Session, actor: Actor, now: datetime, patient_id: int, person: Person) -> None:
    """Every question that is due, answered as this person does."""
    for question in due_questions(session, patient_id, now):
        rule = question.rule.id
        where = person.yes.get(rule)
        answer = Answer.NO if where is None else Answer.YES
        give_answer(session, actor, now, patient_id, rule, answer, _places(where))


def side_of(channel: Channel, person: Person) -> str:
    """The side that a channel of this person's plan is on."""
    return person.side if channel.side is Side.EITHER else channel.side.value


def _places(where: str | None) -> Iterable[Place]:
    if not where:
        return ()
    region, _, side = where.partition(":")
    return (Place(region=region, side=side),)


def _examine(session: Session, actor: Actor, now: datetime, patient_id: int, channel: Channel, person: Person) -> None:
    side = side_of(channel, person)
    examine(
        session,
        actor,
        now,
        patient_id=patient_id,
        muscle=channel.muscle,
        side=side,
        lmn=person.lmn,
        sensation=person.sensation,
        how="pulses of 1 ms, touch",
        examined_at=now,
    )
    open_pads(session, actor, now, patient_id, channel, side)


def open_pads(session: Session, actor: Actor, now: datetime, patient_id: int, channel: Channel, side: str) -> None:
    """A new pair of pads for a channel."""
    open_set(
        session,
        actor,
        now,
        patient_id,
        label=_AREA_WORDS.format(muscle=channel.muscle, side=side),
        area_mm2=channel.electrode.area_mm2,
        opened_on=now.date().isoformat(),
    )


def _plan(book: Book, person: Person, loaded: LoadedProtocol, index: int, begins: datetime) -> int:
    """The plan with all its appointments, at the time of day that the person likes or the next half hour that is free."""
    special = loaded.protocol.use is not Use.STANDARD
    actor = SPECIALIST if special else THERAPISTS[index % len(THERAPISTS)]
    with book.writing(actor, begins) as session:
        order = Order(
            patient=person.code,
            goal="as strong as the other side",
            sessions_per_week=len(person.days),
            weeks=person.weeks,
            starts_on=begins.date(),
            therapist=actor.code,
            stimulator=STIMULATORS[index % len(STIMULATORS)],
            sides={n: person.side for n, channel in loaded.protocol.channels.items() if channel.side is Side.EITHER},
            progression=person.progression,
        )
        number = prescribe(session, actor, loaded, order).id
    wish = datetime.combine(begins.date(), person.at)
    for attempt in range(_TRIES):
        at = (wish + attempt * _LATER).time()
        try:
            with book.writing(actor, begins) as session:
                _book(session, number, person, at, begins, book.about)
            return number
        except BookConflict:
            if attempt == _TRIES - 1:
                raise
    return number


def _book(session: Session, number: int, person: Person, at: time, begins: datetime, about: About) -> None:
    session.get_one(Plan, number)
    book_plan(session, number, person.days, [at], begins, about)
