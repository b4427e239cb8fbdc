"""The book itself: what it is, and the trace of every change."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from emscontrol.clinic.tables.base import CODE, LINE, Base, Kept


class BookFacts(Kept):
    """The one row that says what this book is.

    `kind` is `clinic` or `practice`: a practice book is for simulators only, and what is played there counts as if it had
    been a person; in a clinic's book a simulated session never counts.
    """

    __tablename__ = "book"

    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[str] = mapped_column(String(CODE))
    name: Mapped[str] = mapped_column(String(LINE))
    time_zone: Mapped[str] = mapped_column(String(64))  # IANA
    idle_lock_min: Mapped[int]  # minutes without a command until a login is locked
    threshold_days: Mapped[int]  # a threshold that is older is asked for again
    created_at: Mapped[datetime]


class Audit(Base):
    """One change of one row: who, when, what before and after, chained to the change before it of the same row.

    `before` holds the columns that changed, `after` the whole row; `hash` is SHA-256 over all of it and `prev`.
    """

    __tablename__ = "audit"

    entity: Mapped[str] = mapped_column(String(CODE), primary_key=True)  # the table
    entity_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(CODE))
    station: Mapped[str] = mapped_column(String(CODE))
    patient_id: Mapped[int | None]  # whose record it is, where it is one's
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (Index(None, "patient_id", "at"),)


class ClinicHours(Kept):
    """When the clinic is open: one stretch of one weekday, in the book's own time zone, minutes from midnight."""

    __tablename__ = "clinic_hours"

    weekday: Mapped[int]  # 0 is Monday
    opens_min: Mapped[int]
    closes_min: Mapped[int]


class Holiday(Kept):
    """A day on which the clinic is closed."""

    __tablename__ = "holidays"

    day: Mapped[str] = mapped_column(String(10), unique=True)  # ISO 8601
    name: Mapped[str] = mapped_column(String(LINE))


class Stimulator(Kept):
    """A stimulator of the clinic. `device` is MODEL@PORT as the station that has it calls it."""

    __tablename__ = "stimulators"

    name: Mapped[str] = mapped_column(String(CODE), unique=True)
    device: Mapped[str] = mapped_column(String(LINE))
    serial: Mapped[str] = mapped_column(String(CODE))


class Hold(Base):
    """Who holds a stimulator now: at most one session across the clinic. Not audited; it is gone when it is given back."""

    __tablename__ = "holds"

    stimulator_id: Mapped[int] = mapped_column(ForeignKey("stimulators.id"), primary_key=True, autoincrement=False)
    holder: Mapped[str] = mapped_column(String(64))  # a random word of the session that holds it
    station: Mapped[str] = mapped_column(String(CODE))
    staff: Mapped[str] = mapped_column(String(CODE))
    since: Mapped[datetime]
    until: Mapped[datetime]  # renewed while the session goes on; may be taken by another after that
