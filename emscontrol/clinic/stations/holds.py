"""A stimulator is held by one session at a time, across the clinic.

A hold is a lease: it ends by itself when the station that has it is gone, so that nobody has to be asked. The session renews it
every `RENEW_S` while it runs. Times are those of the stations; their clocks must agree to within a lease (as any clinic with
a time server has them), else a hold may be taken early or late.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.tables.facts import Hold, Stimulator
from emscontrol.core.errors import BookConflict, UsageError

LEASE_S: Final = 90  # three renewals may fail before another may take it
RENEW_S: Final = 30


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds a stimulator, and until when if it is not renewed."""

    stimulator_id: int
    stimulator: str
    holder: str
    station: str
    staff: str
    since: datetime
    until: datetime

    @property
    def words(self) -> str:
        """For people."""
        return f"{self.stimulator} is in use: {self.staff} at {self.station} has it since {self.since:%Y-%m-%d %H:%M} UTC"


def take(session: Session, stimulator_id: int, holder: str, actor: Actor, now: datetime, for_s: int = LEASE_S) -> Held:
    """Hold a stimulator for a session. `holder` is a random word of that session; taken again by it, the hold is renewed.

    Raises BookConflict with who has it since when, UsageError for a stimulator that is not there any more.
    """
    stimulator, hold = _locked(session, stimulator_id)
    if stimulator.withdrawn_at is not None:
        raise UsageError(f"The stimulator {stimulator.name} was withdrawn: {stimulator.withdrawn_why}.", "Take another one.")
    if hold is not None and hold.holder != holder and hold.until > now:
        raise BookConflict(f"{_held(stimulator, hold).words}.", _remedy(hold, now))
    if hold is None:
        hold = Hold(stimulator_id=stimulator_id)
        session.add(hold)
    if hold.holder != holder:
        hold.holder, hold.station, hold.staff, hold.since = holder, actor.station, actor.code, now
    hold.until = now + timedelta(seconds=for_s)
    session.flush()
    return _held(stimulator, hold)


def renew(session: Session, stimulator_id: int, holder: str, now: datetime, for_s: int = LEASE_S) -> Held:
    """Hold it for longer: one that has run out too, as long as nobody else has taken it.

    Raises BookConflict when it is another's by now, or nobody's: it was given back or taken and given back.
    """
    stimulator, hold = _locked(session, stimulator_id)
    if hold is None:
        raise BookConflict(f"{stimulator.name} is not held by this session any more.", "Take it again, when it is free.")
    if hold.holder != holder:
        raise BookConflict(f"{_held(stimulator, hold).words}; this session's hold had run out.", "End this session.")
    hold.until = now + timedelta(seconds=for_s)
    session.flush()
    return _held(stimulator, hold)


def give_back(session: Session, stimulator_id: int, holder: str) -> bool:
    """End a hold. False when it was not this session's (any more): then nothing is changed."""
    _, hold = _locked(session, stimulator_id)
    if hold is None or hold.holder != holder:
        return False
    session.delete(hold)
    session.flush()
    return True


def held_now(session: Session, now: datetime) -> list[Held]:
    """Every stimulator that is held, by name."""
    query = select(Stimulator, Hold).join(Hold, Hold.stimulator_id == Stimulator.id).where(Hold.until > now)
    return [_held(stimulator, hold) for stimulator, hold in session.execute(query.order_by(Stimulator.name))]


def _locked(session: Session, stimulator_id: int) -> tuple[Stimulator, Hold | None]:
    """The stimulator and its hold, which no other session can change before this one's change is whole.

    The row of the stimulator is what is locked, since there may be no hold yet that could be.
    """
    stimulator = session.scalars(
        select(Stimulator).where(Stimulator.id == stimulator_id).with_for_update(key_share=True)
    ).one_or_none()
    if stimulator is None:
        raise UsageError(f"There is no stimulator {stimulator_id}.", "List them to see their numbers.")
    return stimulator, session.get(Hold, stimulator_id, populate_existing=True)


def _held(stimulator: Stimulator, hold: Hold) -> Held:
    return Held(stimulator.id, stimulator.name, hold.holder, hold.station, hold.staff, hold.since, hold.until)


def _remedy(hold: Hold, now: datetime) -> str:
    left_s = (hold.until - now) // timedelta(seconds=1)
    return f"End the session there. If that station is gone, it is free in {left_s} s."
