"""The index of sessions. All of it can be thrown away and made again from the journals."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from emscontrol.clinic.tables.base import CODE, LINE, Base


class Journal(Base):
    """A journal that a station has handed in, whole and compressed: the truth of which `sessions` is an index."""

    __tablename__ = "journals"

    journal_id: Mapped[str] = mapped_column(String(64), primary_key=True)  # hash of its first record
    file: Mapped[str] = mapped_column(String(LINE))
    station: Mapped[str] = mapped_column(String(CODE))
    handed_in_at: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(String(64))  # of its bytes
    content: Mapped[bytes] = mapped_column(LargeBinary)  # zlib


class SessionEntry(Base):
    """What one journal tells. `result` is `interrupted` for a journal without an end."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    journal_id: Mapped[str] = mapped_column(String(64), unique=True)
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plans.id"))
    appointment_id: Mapped[int | None] = mapped_column(
        index=True
    )  # no key: a session is told even if its appointment is not here
    opened_at: Mapped[datetime]
    duration_us: Mapped[int] = mapped_column(BigInteger)
    result: Mapped[str] = mapped_column(String(CODE))
    reason: Mapped[str] = mapped_column(String(LINE))
    counts: Mapped[bool]  # as dose: not where it was simulated in a clinic's book
    simulated: Mapped[bool]
    device: Mapped[str] = mapped_column(String(LINE))
    staff: Mapped[str] = mapped_column(String(CODE))
    protocol_sha256: Mapped[str] = mapped_column(String(64))
    contractions_prescribed: Mapped[int]
    contractions: Mapped[int]
    pulses: Mapped[int] = mapped_column(BigInteger)
    charge_pc: Mapped[int] = mapped_column(BigInteger)
    finding: Mapped[str] = mapped_column(String(LINE))  # what verify said

    __table_args__ = (Index(None, "patient_id", "opened_at"), Index(None, "plan_id", "opened_at"))


class SessionChannel(Base):
    """One channel of one session."""

    __tablename__ = "session_channels"

    session_id: Mapped[int] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    channel: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    muscle: Mapped[str] = mapped_column(String(CODE))
    side: Mapped[str] = mapped_column(String(CODE))
    comfort_ua: Mapped[int]
    peak_ua: Mapped[int]
    contractions: Mapped[int]
    pulses: Mapped[int] = mapped_column(BigInteger)
    charge_pc: Mapped[int] = mapped_column(BigInteger)
    on_us: Mapped[int] = mapped_column(BigInteger)
    electrode_set_id: Mapped[int | None] = mapped_column(ForeignKey("electrode_sets.id"))

    __table_args__ = (Index(None, "electrode_set_id", "session_id"),)
