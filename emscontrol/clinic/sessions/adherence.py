"""What was delivered of what a plan prescribed, added up by the database."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import groupby
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, func, or_, select
from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.status import BOOKED, CANCELLED, DONE, MISSED
from emscontrol.clinic.sessions.read_journal import INTERRUPTED
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.clinic.tables.sessions import SessionChannel, SessionEntry
from emscontrol.core.units import counted

_GIVEN: Final = (SessionEntry.counts, SessionEntry.contractions > 0)
"""Of all sessions those that count and gave something."""


@dataclass(frozen=True, slots=True)
class Adherence:
    """One plan up to now.

    `planned` are its appointments so far that were not cancelled: `done`, however early, and `missed`, which gave nothing;
    `ahead` are still to come. `prescribed` are contractions of the sessions that took place, and for each missed one as many
    as such a session has on average.
    """

    planned: int
    done: int
    missed: int
    ahead: int
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


class Tally(NamedTuple):
    """How many appointments of a plan are done, were missed, are still to come."""

    done: int = 0
    missed: int = 0
    ahead: int = 0


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


NONE: Final = Adherence(*([0] * len(fields(Adherence))))
"""Of a plan of which nothing was booked and nothing given."""


def adherence(session: Session, plan_id: int, now: datetime) -> Adherence:
    """The plan's appointments and sessions up to `now`."""
    return adherences(session, [plan_id], now).get(plan_id, NONE)


def adherences(session: Session, plans: Sequence[int], now: datetime) -> dict[int, Adherence]:
    """By plan, in two statements however many there are; a plan without appointments and sessions is left out."""
    query = (
        select(
            SessionEntry.plan_id,
            func.count(),
            _sum(case((SessionEntry.result == INTERRUPTED, 1), else_=0)),
            _sum(SessionEntry.contractions),
            _sum(SessionEntry.contractions_prescribed),
            _sum(SessionEntry.duration_us),
            _sum(SessionEntry.charge_pc),
        )
        .where(SessionEntry.plan_id.in_(plans), *_GIVEN, SessionEntry.opened_at <= now)
        .group_by(SessionEntry.plan_id)
    )
    given = {plan: tuple(map(int, sums)) for plan, *sums in session.execute(query) if plan is not None}
    stands = tallies(session, plans, now)
    return {plan: _added_up(stands.get(plan, Tally()), *given.get(plan, (0,) * 6)) for plan in given.keys() | stands.keys()}


def _added_up(
    tally: Tally, sessions: int, interrupted: int, contractions: int, prescribed: int, duration_us: int, charge_pc: int
) -> Adherence:
    usual = prescribed // sessions if sessions else 0
    return Adherence(
        planned=tally.done + tally.missed,
        done=tally.done,
        missed=tally.missed,
        ahead=tally.ahead,
        sessions=sessions,
        interrupted=interrupted,
        contractions=contractions,
        prescribed=prescribed + tally.missed * usual,
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
        .where(SessionEntry.plan_id == plan_id, *_GIVEN)
        .order_by(SessionChannel.channel, SessionChannel.muscle, SessionChannel.side, SessionEntry.opened_at)
    )
    rows = session.execute(query).all()
    made = []
    for (channel, muscle, side), given in groupby(rows, lambda row: (row.channel, row.muscle, row.side)):
        sessions = tuple(Given(row.opened_at, row.peak_ua, row.comfort_ua, row.contractions) for row in given)
        made.append(Trend(channel, muscle, side, sessions))
    return made


def tallies(session: Session, plans: Sequence[int], now: datetime) -> dict[int, Tally]:
    """By plan how its appointments stand at `now`, in one statement; a plan without any is left out.

    One is done from its session on, however early that was; one that is over and was never marked is missed.
    """
    begun = Appointment.starts_at <= now
    done = and_(Appointment.status == DONE, or_(begun, SessionEntry.opened_at <= now))
    over = and_(Appointment.status == BOOKED, Appointment.ends_at <= now)
    missed = or_(and_(Appointment.status == MISSED, begun), over)
    stands = case((done, DONE), (missed, MISSED), else_=BOOKED).label("stands")
    query = (
        select(Appointment.plan_id, stands, func.count())
        .outerjoin(SessionEntry, SessionEntry.id == Appointment.session_id)
        .where(Appointment.plan_id.in_(plans), Appointment.withdrawn_at.is_(None), Appointment.status != CANCELLED)
        .group_by(Appointment.plan_id, stands)
    )
    counts = {(plan, standing): count for plan, standing, count in session.execute(query) if plan is not None}
    told = {plan for plan, _ in counts}
    return {plan: Tally(*(counts.get((plan, standing), 0) for standing in (DONE, MISSED, BOOKED))) for plan in told}


def _sum(what: SQLColumnExpression[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(what), 0)
