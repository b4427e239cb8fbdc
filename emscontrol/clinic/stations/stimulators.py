"""The clinic's stimulators, by name: plans and appointments speak of them so, and a session holds one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.entered import code_of, line_of
from emscontrol.clinic.book.rows import as_seen, by_code, withdraw
from emscontrol.clinic.staff.roles import require
from emscontrol.clinic.tables.base import CODE
from emscontrol.clinic.tables.facts import Stimulator
from emscontrol.core.errors import UsageError


def add_stimulator(session: Session, actor: Actor, *, name: str, device: str, serial: str = "") -> Stimulator:
    """Enter one. `device` is MODEL@PORT as the station that has it calls it. Raises UsageError for a name that is taken."""
    require(actor, "book")
    name = code_of(name, "stimulator")
    taken = session.scalar(select(Stimulator.name).where(func.lower(Stimulator.name) == name.lower()))
    if taken is not None:
        raise UsageError(f"The name {taken} is taken.", "Choose another; capitals make no difference.")
    row = Stimulator(name=name, device=line_of(device, "device", needed=True), serial=_serial(serial))
    session.add(row)
    session.flush()
    return row


def change_stimulator(
    session: Session, actor: Actor, name: str, version: int, *, device: str | None = None, serial: str | None = None
) -> Stimulator:
    """It is called otherwise at its station, or another one has its name; what is None stays. Raises as `add_stimulator`."""
    require(actor, "book")
    row = find_stimulator(session, name)
    as_seen(session, row, version)
    row.device = row.device if device is None else line_of(device, "device", needed=True)
    row.serial = row.serial if serial is None else _serial(serial)
    session.flush()
    return row


def withdraw_stimulator(session: Session, actor: Actor, now: datetime, name: str, why: str) -> Stimulator:
    """The clinic does not have it any more. What is planned with it must be given another one."""
    require(actor, "book")
    row = find_stimulator(session, name)
    withdraw(row, actor, now, why)
    session.flush()
    return row


def find_stimulator(session: Session, name: str) -> Stimulator:
    """One that the clinic has. Raises UsageError with the nearest name."""
    row: Stimulator = by_code(session, Stimulator.name, name, "stimulator")
    if row.withdrawn_at is not None:
        raise UsageError(f"The stimulator {name} was withdrawn: {row.withdrawn_why}.", "Choose another one.")
    return row


def list_stimulators(session: Session) -> Sequence[Stimulator]:
    """All that the clinic has, by name."""
    return session.scalars(select(Stimulator).where(Stimulator.withdrawn_at.is_(None)).order_by(Stimulator.name)).all()


def _serial(text: str) -> str:
    line = line_of(text, "serial number")
    if len(line) > CODE:
        raise UsageError("The serial number is too long.", f"Up to {CODE} characters.")
    return line
