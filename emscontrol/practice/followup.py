"""After a session: what the patient says, and what a therapist would measure of the simulated muscle."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.patients.outcomes import Entered, record_outcome
from emscontrol.clinic.tables.findings import Outcome
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.practice.cast import Person
from emscontrol.practice.intake import side_of
from emscontrol.practice.muscle import Muscle, girth_cm, mrc_grade, mvc_nm
from emscontrol.protocol.library import load_named

WEEK: Final = timedelta(days=6)
LEVER_M: Final = 0.25  # from pull to torque: where the cuff of a dynamometer lies [D]
_GRADES: Final = {3.67: "4-", 4.33: "4+"}
THIGH: Final = "quad"


def after_session(
    session: Session,
    actor: Actor,
    now: datetime,
    person: Person,
    appointment: Appointment,
    muscle: Muscle,
    pull_n: float,
    cries: int,
) -> None:
    """Pain, effort, skin and soreness each time; strength, girth and evoked torque once a week."""
    drawn = random.Random(f"{person.code} {appointment.number}")  # noqa: S311 -- the same clinic every time, no secret
    texts = {
        "nrs": str(min(10, 1 + cries // 5 + drawn.choice((0, 0, 1)))),
        "skin": str(drawn.choice((0, 0, 0, 1))),
        "doms": str(drawn.choice((0, 1, 1, 2))),
    }
    entered = [Entered(measure, text, now, appointment_id=appointment.id) for measure, text in texts.items()]
    entered.append(Entered("rpe", str(drawn.choice((3, 4, 4, 5))), now, scale="cr10", appointment_id=appointment.id))
    if not _measured_this_week(session, appointment.patient_id, now):
        entered.extend(_strength(now, person, appointment.id, muscle, pull_n))
    for each in entered:
        record_outcome(session, actor, now, appointment.patient_id, each)


def _measured_this_week(session: Session, patient_id: int, now: datetime) -> bool:
    where = (Outcome.patient_id == patient_id, Outcome.measure == "evoked", Outcome.taken_at > now - WEEK)
    return session.scalars(select(Outcome.id).where(*where).limit(1)).first() is not None


def _strength(now: datetime, person: Person, appointment: int, muscle: Muscle, pull_n: float) -> Iterator[Entered]:
    force = muscle.force(now)
    for channel in load_named(person.protocol).protocol.channels.values():
        whole = Entered("", "", now, muscle=channel.muscle, side=side_of(channel, person), appointment_id=appointment)
        grade = mrc_grade(force, person.voluntary)
        yield replace(whole, measure="evoked", text=f"{pull_n * LEVER_M:.1f}")
        yield replace(whole, measure="mrc", text=_GRADES.get(grade, f"{grade:g}"))
        if not channel.muscle.startswith(THIGH):
            continue
        if person.voluntary > 0:
            yield replace(whole, measure="mvc", text=f"{mvc_nm(force, person.voluntary):.1f}", scale="Nm")
        landmark = "10 cm above the patella"
        yield replace(whole, measure="girth", text=f"{girth_cm(force):.1f}", muscle="", landmark=landmark)
