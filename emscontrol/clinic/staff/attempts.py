"""Tries to log in are counted before they are looked at, and cost a growing wait.

A try counts as failed until it has succeeded, and its count is on disk before the PIN is compared: so stations that guess at
once get no more tries than one, and pulling a plug takes none back. A code that nobody has is counted like any other. Waits go
by the clock of the server, where the book is on one.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from emscontrol.clinic.tables.people import Attempts

FREE: Final = 3
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(hours=1)
FORGOTTEN_AFTER: Final = timedelta(days=1)
"""A code that nobody has tried for so long begins anew: who waits for that gets fewer tries than who goes on each hour."""


def wait_after(failures: int) -> timedelta:
    """How long nothing is looked at after so many failures in a row: none, then 30 s, 1 min, 2 min ... up to 1 h."""
    if failures < FREE:
        return timedelta()
    doublings = min(failures - FREE, 20)  # far above the longest
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def count_try(session: Session, code: str, now: datetime) -> timedelta:
    """Count one try, unless this code has to wait: then how long. Zero: it may be looked at, after this is committed."""
    _forget_old(session, moment(session, now))
    row = _locked(session, code, moment(session, now))
    now = moment(session, now)  # after the wait for the row: who came later is later
    if now < row.locked_until:
        row.locked_until = min(row.locked_until, now + LONGEST_WAIT)  # a station whose clock is ahead locks nobody out for days
        session.flush()
        return row.locked_until - now
    row.failures += 1
    row.locked_until = now + wait_after(row.failures)
    session.flush()
    return timedelta()


def wait_left(session: Session, code: str, now: datetime) -> timedelta:
    """How long this code has to wait before anything is looked at again; zero where it may be tried at once."""
    row = session.get(Attempts, key_of(code))
    return max(row.locked_until - moment(session, now), timedelta()) if row else timedelta()


def moment(session: Session, now: datetime) -> datetime:
    """When it is: by the server's clock where there is one, so that no station shortens a wait by setting its own.

    A book in a file has no other clock than that of its one computer; who may set that one can shorten the waits.
    """
    if session.get_bind().dialect.name != "postgresql":
        return now
    servers: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return servers


def forgive(session: Session, code: str) -> None:
    """Begin anew with this code."""
    session.execute(delete(Attempts).where(Attempts.code_sha256 == key_of(code)))


def key_of(code: str) -> str:
    """What is kept of a code."""
    return hashlib.sha256(code.encode()).hexdigest()


def _locked(session: Session, code: str, now: datetime) -> Attempts:
    """The row of this code, locked for everybody else until the end of this transaction."""
    key = key_of(code)
    row = session.get(Attempts, key, with_for_update=True)
    if row is not None:
        return row
    made = Attempts(code_sha256=key, failures=0, locked_until=now)
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:  # another station has counted its first try in this very moment
        return session.get_one(Attempts, key, with_for_update=True, populate_existing=True)
    return made


def _forget_old(session: Session, now: datetime) -> None:
    """Leaves alone what another station has in hand, so that nobody waits for nobody."""
    old = select(Attempts.code_sha256).where(Attempts.locked_until < now - FORGOTTEN_AFTER)
    keys = session.scalars(old.limit(100).with_for_update(skip_locked=True)).all()
    if keys:
        session.execute(delete(Attempts).where(Attempts.code_sha256.in_(keys)))
