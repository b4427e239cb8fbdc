"""Logging in and out, and who it is that holds a token."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from argon2 import PasswordHasher
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import trust
from emscontrol.clinic.book.logins import is_traced, trace_login
from emscontrol.clinic.staff.attempts import count_try, forgive, wait_left
from emscontrol.clinic.staff.own_secret import is_own, require_own
from emscontrol.clinic.staff.secrets import HASHER, hash_secret, is_outdated, nobodys, verify_secret
from emscontrol.clinic.tables.people import Login, Staff
from emscontrol.core.errors import NotAllowed
from emscontrol.core.units import counted

RENEWED_AFTER: Final = timedelta(seconds=10)
"""A login that was used so lately is not written again: commands of a script do not wait for a disk each."""

_AT_THE_DOOR: Final = "login"


@dataclass(frozen=True, slots=True)
class _Known:
    staff_id: int
    code: str
    role: str
    secret: str


def log_in(book: Book, code: str, secret: str, station: str, now: datetime, hasher: PasswordHasher = HASHER) -> str:
    """The token of a new login at this station. Raises NotAllowed, in the same words for a wrong code and a wrong secret.

    Three transactions: the try is counted, the code is read, the login is opened. The secret is compared between them, so
    that nobody else waits for it.
    """
    with book.writing(Actor(_AT_THE_DOOR, "", station), now) as session:
        wait = count_try(session, code, now)
    if wait:
        raise NotAllowed("Too many wrong tries with this code.", f"Nothing is looked at {_until(book, now, wait)}. Try then.")
    with book.reading() as session:
        known, wait = _known(session, code), wait_left(session, code, now)
    right = verify_secret(known.secret if known else nobodys(hasher), secret, hasher)
    if known is None or not right:
        again = f"Nothing is looked at {_until(book, now, wait)}, then try again" if wait else "Try again"
        raise NotAllowed("The code or the PIN is wrong.", f"{again}; every wrong try from the third on costs a longer wait.")
    with book.writing(Actor(known.code, known.role, station), now) as session:
        return _opened(session, known, secret, station, now, hasher)


def actor_of(book: Book, token: str, station: str, now: datetime) -> Actor:
    """Who is logged in with this token here; his login is renewed.

    Raises NotAllowed that says to log in again, or to choose a secret where somebody else has set his.
    """
    return _at_work(book, token, station, now, chosen=True)


def holder_of(book: Book, token: str, station: str, now: datetime) -> Actor:
    """The same also where somebody else has set his secret: for nothing but choosing another."""
    return _at_work(book, token, station, now, chosen=False)


def renew(session: Session, token: str, now: datetime) -> None:
    """This login was used."""
    mine = update(Login).where(Login.token_sha256 == _digest(token), Login.closed_at.is_(None))
    session.execute(mine.where(Login.last_used_at < now).values(last_used_at=now))


def log_out(book: Book, token: str, station: str, now: datetime) -> str:
    """End a login; who it was of. One that is not there or is over already is left as it is, and was of nobody ("")."""
    with book.writing(Actor(_AT_THE_DOOR, "", station), now) as session:
        whose = select(Staff.code).join(Login, Login.staff_id == Staff.id)
        code = session.scalar(whose.where(Login.token_sha256 == _digest(token), Login.closed_at.is_(None)))
        mine = update(Login).where(Login.token_sha256 == _digest(token), Login.closed_at.is_(None))
        session.execute(mine.values(closed_at=now))
    return code or ""


def _known(session: Session, code: str) -> _Known | None:
    query = select(Staff.id, Staff.code, Staff.role, Staff.secret).where(Staff.code == code, Staff.withdrawn_at.is_(None))
    row = session.execute(query).one_or_none()
    return _Known(*row) if row else None


def _opened(session: Session, known: _Known, secret: str, station: str, now: datetime, hasher: PasswordHasher) -> str:
    staff = session.get_one(Staff, known.staff_id, with_for_update=True)
    trust(session, [staff])
    if staff.secret != known.secret or staff.withdrawn_at is not None:
        raise NotAllowed("Your PIN was changed in this very moment.", "Log in with the new one.")
    if is_outdated(staff.secret, hasher) and is_own(session, staff):  # hashed again it would look like one that he has chosen
        staff.secret = hash_secret(secret, hasher)
    forgive(session, staff.code)
    token = secrets.token_urlsafe()
    login = Login(token_sha256=_digest(token), staff_id=staff.id, station=station, opened_at=now, last_used_at=now)
    session.add(login)
    session.flush()
    trace_login(session, login)
    return token


def _at_work(book: Book, token: str, station: str, now: datetime, chosen: bool) -> Actor:
    with book.reading() as session:
        login, staff = _login_of(session, token, station, now, book.about.idle_lock_min)
        if chosen:
            require_own(session, staff, book.about.practice)
        actor, last_used_at = Actor(staff.code, staff.role, station), login.last_used_at
    if now - last_used_at >= RENEWED_AFTER:
        with book.writing(actor, now) as session:
            renew(session, token, now)
    return actor


def _login_of(session: Session, token: str, station: str, now: datetime, idle_lock_min: int) -> tuple[Login, Staff]:
    login = session.get(Login, _digest(token))
    if login is None or login.station != station or login.closed_at is not None:
        raise NotAllowed("You are not logged in here, or not any more.", "Log in: emscontrol staff login CODE.")
    if abs(now - login.last_used_at) >= timedelta(minutes=idle_lock_min):  # also where a clock was turned back
        raise NotAllowed(
            f"Nothing was done here for {counted(idle_lock_min, 'minute')}, so this login is locked.",
            "Log in again: emscontrol staff login CODE.",
        )
    if not is_traced(session, login):
        raise NotAllowed(
            "This login has left no trace in the book, so it does not count.", "Log in: emscontrol staff login CODE."
        )
    staff = session.get_one(Staff, login.staff_id)
    if staff.withdrawn_at is not None:
        raise NotAllowed(f"{staff.code} does not work here any more.", "Ask a supervisor.")
    trust(session, [staff])
    return login, staff


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _until(book: Book, now: datetime, wait: timedelta) -> str:
    """Until when a wait lasts on the clock of the clinic, and how long that is."""
    zone = book.about.zone
    return f"until {(now + wait).astimezone(zone):%H:%M:%S} ({zone.key}), for {_told(wait)}"


def _told(wait: timedelta) -> str:
    seconds = -(-wait // timedelta(seconds=1))
    return f"{seconds} s" if seconds < 120 else f"{-(-seconds // 60)} min"
