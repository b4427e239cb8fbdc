"""What was delivered of what a plan prescribed, added up by the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, func, or_, select
from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.status import BOOKED, DONE, MISSED
from emscontrol.clinic.sessions.read_journal import INTERRUPTED
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.clinic.tables.sessions import SessionChannel, SessionEntry
from emscontrol.core.units import counted


@dataclass(frozen=True, slots=True)
class Adherence:
    """One plan up to now.

    `planned` are its appointments so far that were not cancelled, `missed` those of them that gave nothing. `prescribed` are
    contractions of the sessions that took place, and for each missed one as many as such a session has on average.
    """

    planned: int
    done: int
    missed: int
    sessions: int
    interrupted: int
    contractions: int
    prescribed: int
    duration_us: int
    charge_pc: int

    @property
    def permille(self) -> int | None:
        """Delivered of prescribed contractions, in thousandths, at most 1000; None before anything was due."""
        if self.prescribed:
            return min(1000, self.contractions * 1000 // self.prescribed)
        return 0 if self.missed else None


@dataclass(frozen=True, slots=True)
class Given:
    """What one channel got in one session: the highest current, and what the patient tolerated that day."""

    opened_at: datetime
    peak_ua: int
    comfort_ua: int
    contractions: int


@dataclass(frozen=True, slots=True)
class Trend:
    """One channel over the sessions of a plan, oldest first."""

    channel: int
    muscle: str
    side: str
    given: tuple[Given, ...]


def adherence(session: Session, plan_id: int, now: datetime) -> Adherence:
    """The plan's appointments and sessions up to `now`."""
    planned, done, missed = _appointments(session, plan_id, now)
    query = select(
        func.count(),
        _sum(case((SessionEntry.result == INTERRUPTED, 1), else_=0)),
        _sum(SessionEntry.contractions),
        _sum(SessionEntry.contractions_prescribed),
        _sum(SessionEntry.duration_us),
        _sum(SessionEntry.charge_pc),
    ).where(*_given(plan_id), SessionEntry.opened_at <= now)
    sessions, interrupted, contractions, prescribed, duration_us, charge_pc = map(int, session.execute(query).one())
    usual = prescribed // sessions if sessions else 0
    return Adherence(
        planned=planned,
        done=done,
        missed=missed,
        sessions=sessions,
        interrupted=interrupted,
        contractions=contractions,
        prescribed=prescribed + missed * usual,
        duration_us=duration_us,
        charge_pc=charge_pc,
    )


def given_at(session: Session, appointment_id: int) -> SessionEntry | None:
    """The newest session of an appointment that counts and gave something."""
    where = (SessionEntry.appointment_id == appointment_id, SessionEntry.counts, SessionEntry.contractions > 0)
    return session.scalars(select(SessionEntry).where(*where).order_by(SessionEntry.opened_at.desc()).limit(1)).first()


def given_words(entry: SessionEntry) -> str:
    """How much of it was given, for people."""
    return f"{entry.contractions} of {counted(entry.contractions_prescribed, 'contraction')} given"


def current_trends(session: Session, plan_id: int) -> list[Trend]:
    """How the current of each channel of a plan went from session to session."""
    query = (
        select(
            SessionChannel.channel,
            SessionChannel.muscle,
            SessionChannel.side,
            SessionEntry.opened_at,
            SessionChannel.peak_ua,
            SessionChannel.comfort_ua,
            SessionChannel.contractions,
        )
        .join(SessionEntry, SessionEntry.id == SessionChannel.session_id)
        .where(*_given(plan_id))
        .order_by(SessionChannel.channel, SessionChannel.muscle, SessionChannel.side, SessionEntry.opened_at)
    )
    rows = session.execute(query).all()
    made = []
    for (channel, muscle, side), given in groupby(rows, lambda row: (row.channel, row.muscle, row.side)):
        sessions = tuple(Given(row.opened_at, row.peak_ua, row.comfort_ua, row.contractions) for row in given)
        made.append(Trend(channel, muscle, side, sessions))
    return made


def _appointments(session: Session, plan_id: int, now: datetime) -> Iterator[int]:
    """Planned, done and missed to date; one that is over and was never marked is missed."""
    over = and_(Appointment.status == BOOKED, Appointment.ends_at <= now)
    missed = or_(Appointment.status == MISSED, over)
    done = Appointment.status == DONE
    query = select(
        _sum(case((or_(done, missed), 1), else_=0)),
        _sum(case((done, 1), else_=0)),
        _sum(case((missed, 1), else_=0)),
    ).where(Appointment.plan_id == plan_id, Appointment.withdrawn_at.is_(None), Appointment.starts_at <= now)
    return map(int, session.execute(query).one())


def _given(plan_id: int) -> tuple[SQLColumnExpression[bool], ...]:
    """Sessions of a plan that count and gave something."""
    return SessionEntry.plan_id == plan_id, SessionEntry.counts, SessionEntry.contractions > 0


def _sum(what: SQLColumnExpression[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(what), 0)
