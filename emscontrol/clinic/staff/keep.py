"""Adding and changing staff. There always is a supervisor, and exactly one is made by a first start."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from argon2 import PasswordHasher
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.entered import code_of, line_of, one_of
from emscontrol.clinic.book.rows import as_seen, by_code
from emscontrol.clinic.book.rows import withdraw as withdraw_row
from emscontrol.clinic.staff.attempts import forgive
from emscontrol.clinic.staff.roles import ROLES, SUPERVISOR, require
from emscontrol.clinic.staff.secrets import HASHER, hash_secret, require_hard, verify_secret
from emscontrol.clinic.tables.facts import BookFacts
from emscontrol.clinic.tables.people import Login, Staff
from emscontrol.core.errors import BookError, NotAllowed, UsageError

_PROGRAMS_OWN: Final = ("first-start", "login")
"""What the trace calls the program where nobody is logged in yet; a person of that code would be taken for it."""


def first_supervisor(
    session: Session, *, code: str, name: str, secret: str, qualification: str = "", hasher: PasswordHasher = HASHER
) -> Staff:
    """The one who begins. Raises NotAllowed when there is or ever was any staff."""
    session.scalars(select(BookFacts.id).with_for_update()).all()  # two first starts at once: the second one waits, and sees
    if session.scalar(select(func.count(Staff.id))):
        raise NotAllowed("This book has staff already.", "Log in, or ask a supervisor to enter you.")
    return _made(session, code, name, SUPERVISOR, qualification, secret, hasher)


def add_staff(
    session: Session,
    actor: Actor,
    *,
    code: str,
    name: str,
    role: str,
    secret: str,
    qualification: str = "",
    hasher: PasswordHasher = HASHER,
) -> Staff:
    """Enter somebody. Raises NotAllowed, and UsageError for a code that is taken, an unknown role or a secret that is easy."""
    require(actor, "staff")
    return _made(session, code, name, role, qualification, secret, hasher)


def change_role(session: Session, actor: Actor, code: str, version: int, role: str, qualification: str | None = None) -> Staff:
    """Another role, at once and everywhere; `qualification` None leaves that. Raises UsageError for the last supervisor."""
    require(actor, "staff")
    staff = find_staff(session, code)
    as_seen(session, staff, version)
    one_of(role, tuple(ROLES), "role")
    if role != SUPERVISOR:
        _not_the_last(session, staff)
    staff.role = role
    if qualification is not None:
        staff.qualification = line_of(qualification, "qualification")
    session.flush()
    return staff


def set_secret(session: Session, actor: Actor, code: str, secret: str, now: datetime, hasher: PasswordHasher = HASHER) -> Staff:
    """A new PIN or passphrase, one's own or as a supervisor. Every login of its owner ends, and he may try at once.

    Raises UsageError for one that is easy, or one's own that is the same as before: somebody else may know that one.
    """
    if actor.code != code:
        require(actor, "staff")
    staff = find_staff(session, code)
    require_hard(secret, staff.code)
    if actor.code == code and verify_secret(staff.secret, secret, hasher):
        raise UsageError("That is the PIN or passphrase that you have.", "Choose one that nobody else has known.")
    staff.secret = hash_secret(secret, hasher)
    end_logins(session, staff, now)
    forgive(session, staff.code)
    session.flush()
    return staff


def withdraw_staff(session: Session, actor: Actor, now: datetime, code: str, version: int, why: str) -> Staff:
    """Somebody does not work here any more; his logins end. Raises UsageError for the last supervisor."""
    require(actor, "staff")
    staff = find_staff(session, code)
    as_seen(session, staff, version)
    _not_the_last(session, staff)
    withdraw_row(staff, actor, now, why)
    end_logins(session, staff, now)
    session.flush()
    return staff


def find_staff(session: Session, code: str) -> Staff:
    """Somebody who works here. Raises UsageError."""
    staff: Staff = by_code(session, Staff.code, code, "member of staff")
    if staff.withdrawn_at is not None:
        raise UsageError(f"{code} does not work here any more ({staff.withdrawn_why}).")
    return staff


def list_staff(session: Session, withdrawn: bool = False) -> Sequence[Staff]:
    """Everybody by code; with `withdrawn` also those who do not work here any more."""
    query = select(Staff).order_by(Staff.code)
    return session.scalars(query if withdrawn else query.where(Staff.withdrawn_at.is_(None))).all()


def end_logins(session: Session, staff: Staff, now: datetime) -> None:
    """Nobody is logged in as this one any more, at any station."""
    session.execute(update(Login).where(Login.staff_id == staff.id, Login.closed_at.is_(None)).values(closed_at=now))


def _made(session: Session, code: str, name: str, role: str, qualification: str, secret: str, hasher: PasswordHasher) -> Staff:
    code = code_of(code, "member of staff")
    if code.lower() in _PROGRAMS_OWN:
        raise UsageError(f"The code {code} is the program's own.", "Choose another.")
    one_of(role, tuple(ROLES), "role")
    require_hard(secret, code)
    taken = session.scalar(select(Staff.code).where(func.lower(Staff.code) == code.lower()))
    if taken is not None:
        raise UsageError(f"The code {taken} is taken.", "Choose another; capitals make no difference.")
    staff = Staff(
        code=code,
        name=line_of(name, "name", needed=True),
        role=role,
        qualification=line_of(qualification, "qualification"),
        secret=hash_secret(secret, hasher),
    )
    session.add(staff)
    session.flush()
    return staff


def _not_the_last(session: Session, staff: Staff) -> None:
    """Locks all supervisors, so that two of them who withdraw each other at once do not leave none. Raises UsageError."""
    query = select(Staff.id).where(Staff.role == SUPERVISOR, Staff.withdrawn_at.is_(None))
    supervisors = session.scalars(query.order_by(Staff.id).with_for_update()).all()
    if not supervisors:
        raise BookError("This book has no supervisor.", "Restore a backup: emscontrol book restore.")
    if list(supervisors) == [staff.id]:
        raise UsageError(f"{staff.code} is the last supervisor.", "Make somebody else one first.")
