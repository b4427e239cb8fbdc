"""What the sessions of one appointment come to: each dose is counted once, and the appointment is done, or is not."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.numbering import renumber
from emscontrol.clinic.appointments.status import CANCELLED, DONE, MISSED, transition
from emscontrol.clinic.tables.base import LINE
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.clinic.tables.sessions import Journal, SessionEntry

COMPLETED: Final = "completed"
TWICE: Final = "It overlaps another session of its appointment that was handed in before, so it does not count."
CALLED_OFF: Final = "Its appointment had been called off."
NO_RECORD: Final = "the record of its session is no longer in the book"
FINDING_MAX: Final = LINE - 1 - max(len(TWICE), len(CALLED_OFF))
"""Characters of a finding that leave room for either sentence."""


def settle(session: Session, appointment_id: int, now: datetime) -> None:
    """An appointment is done by the first session of it that counts and was completed or gave a contraction.

    Of sessions that overlap the one that was handed in first counts, as nobody is treated twice at once. What was called off
    stays so, and its session says it. What has lost its session is booked again, or missed where its time is over.
    """
    lock = {"key_share": True}  # two stations that hand in two records of it at once see each other's
    appointment = session.get(Appointment, appointment_id, populate_existing=True, with_for_update=lock)
    entries = _entries(session, appointment_id)
    _count_once(entries)
    if appointment is not None:
        own = [entry for entry in entries if entry.patient_id == appointment.patient_id and _does(entry)]
        if appointment.status == CANCELLED:
            for entry in own:
                entry.finding = _with(entry.finding, CALLED_OFF)
        first = min(own, key=lambda entry: (entry.opened_at, entry.journal_id), default=None)
        _stand(session, appointment, first, now)
    session.flush()


def _stand(session: Session, appointment: Appointment, first: SessionEntry | None, now: datetime) -> None:
    appointment.session_id = None if first is None else first.id
    what = f"Appointment {appointment.id}"
    if first is not None and appointment.status not in (CANCELLED, DONE):
        if appointment.status == MISSED:
            appointment.reason = ""  # of a miss that was none
        appointment.status = transition("do", appointment.status, what).after
    elif first is None and appointment.status == DONE:
        appointment.status = transition("reopen" if now < appointment.ends_at else "lose", DONE, what).after
        if appointment.status == MISSED:
            appointment.reason = NO_RECORD
        session.flush()
        renumber(session, appointment.plan_id)


def _entries(session: Session, appointment_id: int) -> Sequence[SessionEntry]:
    """In the order in which they were handed in."""
    query = select(SessionEntry).join(Journal, Journal.journal_id == SessionEntry.journal_id)
    query = query.where(SessionEntry.appointment_id == appointment_id)
    return session.scalars(query.order_by(Journal.handed_in_at, Journal.journal_id)).all()


def _count_once(entries: Sequence[SessionEntry]) -> None:
    """Of those that count as dose and gave something, none counts that overlaps one before it."""
    standing: list[SessionEntry] = []
    for entry in entries:
        if not entry.contractions or not (entry.counts or entry.finding.endswith(TWICE)):
            continue
        entry.counts = not any(_overlap(entry, other) for other in standing)
        entry.finding = _with(entry.finding, "" if entry.counts else TWICE)
        if entry.counts:
            standing.append(entry)


def _overlap(one: SessionEntry, other: SessionEntry) -> bool:
    spans = sorted((entry.opened_at, entry.opened_at + timedelta(microseconds=entry.duration_us)) for entry in (one, other))
    return one.patient_id == other.patient_id and spans[1][0] <= spans[0][1]


def _does(entry: SessionEntry) -> bool:
    return entry.counts and (entry.result == COMPLETED or entry.contractions > 0)


def _with(finding: str, more: str) -> str:
    """A finding with this sentence at its end in place of whichever of the two stands there."""
    return f"{finding.removesuffix(TWICE).removesuffix(CALLED_OFF).strip()} {more}".strip()
