"""Staff and patients."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from emscontrol.clinic.tables.base import CODE, LINE, Base, Kept


class Staff(Kept):
    """Somebody who works with the book. `role` is a name of `emscontrol.clinic.staff.roles.ROLES`."""

    __tablename__ = "staff"
    DIGESTED = frozenset({"secret"})

    code: Mapped[str] = mapped_column(String(CODE), unique=True)
    name: Mapped[str] = mapped_column(String(LINE))
    role: Mapped[str] = mapped_column(String(CODE))
    qualification: Mapped[str] = mapped_column(String(LINE))  # as "speech-language therapist"
    secret: Mapped[str] = mapped_column(String(200))  # argon2id, with its parameters and salt


class Attempts(Base):
    """Tries to log in with one code that did not succeed, and until when further ones are refused. Not audited.

    Of the code only its SHA-256, whether anybody has it or not: one that nobody has is locked like any other, and a PIN that
    was typed in the wrong place is not kept.
    """

    __tablename__ = "attempts"

    code_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    locked_until: Mapped[datetime] = mapped_column(index=True)  # the moment of the try itself where it cost no wait


class Login(Base):
    """One who is logged in at one station. The token itself is nowhere in the book, its SHA-256 is.

    Its opening leaves a trace (`emscontrol.clinic.book.logins`), its use and its end do not.
    """

    __tablename__ = "logins"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    station: Mapped[str] = mapped_column(String(CODE))
    opened_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Patient(Kept):
    """A patient by code. No name is needed anywhere."""

    __tablename__ = "patients"

    code: Mapped[str] = mapped_column(String(CODE), unique=True)
    birth_year: Mapped[int | None]
    notes: Mapped[str] = mapped_column(Text)


class PatientName(Kept):
    """Who a code is, apart from everything else, so that it can be left out or taken away. The audit has a mark only."""

    __tablename__ = "patient_names"
    MASKED = frozenset({"given", "family", "contact"})

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), unique=True)
    given: Mapped[str] = mapped_column(String(LINE))
    family: Mapped[str] = mapped_column(String(LINE), index=True)
    contact: Mapped[str] = mapped_column(String(LINE))


class Condition(Kept):
    """What a patient is treated for. `condition` is a name of `emscontrol.clinic.patients.conditions.CONDITIONS`."""

    __tablename__ = "conditions"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    condition: Mapped[str] = mapped_column(String(CODE))
    since: Mapped[str | None] = mapped_column(String(10))  # ISO 8601, as precise as it is known: 2026, 2026-03, 2026-03-14
    note: Mapped[str] = mapped_column(String(LINE))


class MuscleState(Kept):
    """Nerve and feeling of one muscle of one side, as last examined; earlier findings are in the audit."""

    __tablename__ = "muscle_states"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    muscle: Mapped[str] = mapped_column(String(CODE))
    side: Mapped[str] = mapped_column(String(CODE))
    lmn: Mapped[str] = mapped_column(String(CODE))  # intact, partial, absent, unknown
    sensation: Mapped[str] = mapped_column(String(CODE))  # normal, reduced, absent, unknown
    how: Mapped[str] = mapped_column(String(LINE))
    examined_at: Mapped[datetime]

    __table_args__ = (Index(None, "patient_id", "muscle", "side", unique=True),)


class Implant(Kept):
    """Something in the body that current may disturb or that disturbs current."""

    __tablename__ = "implants"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    kind: Mapped[str] = mapped_column(String(CODE))  # pacemaker, active, metal
    region: Mapped[str] = mapped_column(String(CODE))  # as in screening, "" where it is everywhere or unknown
    side: Mapped[str] = mapped_column(String(CODE))
    placed_on: Mapped[str | None] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(LINE))


class ElectrodeSet(Kept):
    """The pads of one patient for one place: counted with each session, renewed after so many or so old."""

    __tablename__ = "electrode_sets"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    label: Mapped[str] = mapped_column(String(LINE))
    area_mm2: Mapped[int]
    opened_on: Mapped[str] = mapped_column(String(10))
    uses_before: Mapped[int]  # uses that no session of this book has counted
    uses_max: Mapped[int]
