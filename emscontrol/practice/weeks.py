"""The weeks of one practice patient: at each appointment asked, measured, given the session on a simulator, and followed up."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import select

from emscontrol.clinic.appointments.changing import mark_missed
from emscontrol.clinic.appointments.status import BOOKED
from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.patients.electrode_sets import sets_of
from emscontrol.clinic.patients.patients import find_patient
from emscontrol.clinic.plans.slots import ACTIVE
from emscontrol.clinic.plans.steps import accept, prescribed_now, propose_step
from emscontrol.clinic.plans.upkeep import turn
from emscontrol.clinic.prescription.prescribe import facts_for, prescription_for
from emscontrol.clinic.prescription.prescription import Prescription
from emscontrol.clinic.screening.acknowledging import acknowledge
from emscontrol.clinic.screening.answering import newest_answers
from emscontrol.clinic.screening.overrides import give_override
from emscontrol.clinic.sessions.content import journal_bytes
from emscontrol.clinic.sessions.index import hand_in
from emscontrol.clinic.tables.plans import Appointment, Plan
from emscontrol.core.booking import Booking
from emscontrol.core.errors import BookConflict, UsageError
from emscontrol.core.events import Event
from emscontrol.practice.cast import Person
from emscontrol.practice.followup import after_session
from emscontrol.practice.house import DEVICE, SPECIALIST, STATION
from emscontrol.practice.intake import ask_what_is_due, open_pads, side_of
from emscontrol.practice.measuring import measure_what_is_due
from emscontrol.practice.muscle import Muscle
from emscontrol.protocol.load import load_text
from emscontrol.protocol.travel import to_line
from emscontrol.record.place import journal_name
from emscontrol.safety.screening import Standing, judge_screening
from emscontrol.session.spec import SessionSpec
from emscontrol.wiring.bodies import force_of, with_force
from emscontrol.wiring.rehearsal import rehearse_session

FOLLOW_UP: Final = timedelta(minutes=40)


@dataclass(slots=True)
class Pulls:
    """The strongest pull of each channel in a session (N), and how often it hurt."""

    strongest_n: dict[int, float]
    cries: int = 0

    def hear(self, event: Event, _: int) -> None:
        """One event of the session."""
        if event.kind == "body_answered":
            channel, force_mn = event.args["channel"], event.args["force_mn"]
            if isinstance(channel, int) and isinstance(force_mn, int):
                self.strongest_n[channel] = force_mn / 1_000
        elif event.kind == "body_said" and event.args.get("word") == "painful":
            self.cries += 1


class Weeks:
    """One patient's course through a practice book, appointment by appointment, up to a moment."""

    def __init__(self, book: Book, person: Person, plan: int, folder: Path) -> None:
        self._book = book
        self._person = person
        self._plan = plan
        self._folder = folder
        self._muscle = Muscle(force_of(person.body), max(person.reach, force_of(person.body)))

    def until(self, now: datetime) -> Iterator[int]:
        """Let everything happen that was planned before `now`; yields the number of each appointment that is over."""
        with self._book.reading() as session:
            query = select(Appointment).where(Appointment.plan_id == self._plan, Appointment.ends_at < now)
            due = session.scalars(query.order_by(Appointment.starts_at)).all()
            actor = Actor(session.get_one(Plan, self._plan).therapist, "therapist", STATION)
        for appointment in due:
            if appointment.number in self._person.missed:
                with self._book.writing(actor, appointment.ends_at) as session:
                    mark_missed(session, appointment.id, "did not come", appointment.ends_at)
            else:
                self._give(appointment, actor)
            yield appointment.id
        if due:
            self._finish_when_over(actor, due[-1].ends_at + FOLLOW_UP)

    def _finish_when_over(self, actor: Actor, at: datetime) -> None:
        with self._book.writing(actor, at) as session:
            left = select(Appointment.id).where(Appointment.plan_id == self._plan, Appointment.status == BOOKED).limit(1)
            plan = session.get_one(Plan, self._plan)
            if session.scalars(left).first() is None and plan.status == ACTIVE:
                turn(session, actor, plan.id, plan.version, "finish")

    def _give(self, appointment: Appointment, actor: Actor) -> None:
        at = appointment.starts_at
        self._prepare(at, actor)
        body = with_force(self._person.body, self._muscle.force(at), self._folder)
        with self._book.reading() as session:
            given = prescription_for(session, appointment.id, at, self._book.about, actor.code)
        pulls = Pulls({})
        journal = self._folder / "sessions" / journal_name(self._person.protocol, at)
        rehearse_session(_spec(given, journal, body), pulls.hear, at)
        done = at + FOLLOW_UP
        with self._book.writing(actor, done) as session:
            entry = hand_in(session, journal.name, journal_bytes(journal), STATION, done, self._book.about)
            contractions = entry.contractions
        pull_n = max(pulls.strongest_n.values(), default=0.0)
        self._muscle = self._muscle.given(at, pull_n, contractions)
        with self._book.writing(actor, done) as session:
            after_session(session, actor, done, self._person, appointment, self._muscle, pull_n, pulls.cries)
        self._go_on(actor, done)

    def _prepare(self, at: datetime, actor: Actor) -> None:
        """Ask, read, override, change pads, measure: whatever is due."""
        person = self._person
        with self._book.writing(actor, at) as session:
            patient = find_patient(session, person.code).id
            ask_what_is_due(session, actor, at, patient, person)
        self._clear(at, actor, patient)
        with self._book.writing(actor, at) as session:
            loaded = prescribed_now(session, session.get_one(Plan, self._plan))
            for state in sets_of(session, [patient], at.date()).get(patient, []):
                worn = [c for c in loaded.protocol.channels.values() if state.label == f"{c.muscle} {side_of(c, person)}"]
                if state.due and worn:
                    open_pads(session, actor, at, patient, worn[0], side_of(worn[0], person))
        measure_what_is_due(
            self._book, actor, at, patient, loaded, with_force(person.body, self._muscle.force(at), self._folder)
        )

    def _clear(self, at: datetime, actor: Actor, patient: int) -> None:
        """Read the cautions, and let the specialist take upon himself what he has reasons for."""
        with self._book.reading() as session:
            facts = facts_for(session, patient, prescribed_now(session, session.get_one(Plan, self._plan)))
        verdict = judge_screening(replace(facts, device_denervation=True), at)
        for finding in verdict.standing:
            if finding.standing is Standing.CAUTION:
                with self._book.writing(actor, at) as session:
                    acknowledge(session, actor, at, patient, finding.rule, newest_answers(session, patient)[finding.rule].id)
            elif finding.rule in self._person.override:
                with self._book.writing(SPECIALIST, at) as session:
                    give_override(session, SPECIALIST, at, patient, finding.rule, self._person.override[finding.rule])

    def _go_on(self, actor: Actor, now: datetime) -> None:
        """What the rules propose is accepted, by the therapist, on the same day; what no longer holds stays as it is."""
        with self._book.writing(actor, now) as session:
            step = propose_step(session, session.get_one(Plan, self._plan), now)
        if step is not None:
            with contextlib.suppress(BookConflict, UsageError), self._book.writing(actor, now) as session:
                accept(session, actor, now, step.id, step.version)


def _spec(given: Prescription, journal: Path, body: str) -> SessionSpec:
    loaded = load_text(given.protocol_text, "plan")
    booking: Booking = given.booking
    levels: Mapping[str, dict[str, int]] = {kind: given.amplitudes_ua(kind) for kind in ("comfort", "motor")}
    return SessionSpec(
        device=given.device or DEVICE,
        protocol=to_line(loaded.protocol),
        protocol_text=loaded.text,
        sha256=loaded.sha256,
        comfort_ua=levels["comfort"],
        motor_ua=levels["motor"],
        journal=str(journal),
        body=body,
        booking=booking.to_json(),
    )
