"""What was asked, measured and observed of a patient."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from emscontrol.clinic.tables.base import CODE, LINE, Kept


class ScreeningAnswer(Kept):
    """The answer to one question of the screening, as given on one day; the newest of a rule counts."""

    __tablename__ = "screening_answers"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    rule: Mapped[str] = mapped_column(String(CODE))
    answer: Mapped[str] = mapped_column(String(CODE))  # yes, no, unknown
    places: Mapped[list[Any]] = mapped_column(JSON)  # where it applies, [] for everywhere; see emscontrol.safety.screening
    note: Mapped[str] = mapped_column(String(LINE))
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(CODE))
    due_at: Mapped[datetime]  # asked again from then on
    rules_sha256: Mapped[str] = mapped_column(String(64))  # the very list of rules that was asked

    __table_args__ = (Index(None, "patient_id", "rule", "asked_at"), Index(None, "patient_id", "answer", "due_at"))


class ScreeningOverride(Kept):
    """A named member of staff takes a rule upon himself, with a reason and an end."""

    __tablename__ = "screening_overrides"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    rule: Mapped[str] = mapped_column(String(CODE))
    staff: Mapped[str] = mapped_column(String(CODE))
    role: Mapped[str] = mapped_column(String(CODE))
    reason: Mapped[str] = mapped_column(String(LINE))
    given_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ScreeningAcknowledgement(Kept):
    """A caution that was read."""

    __tablename__ = "screening_acknowledgements"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    rule: Mapped[str] = mapped_column(String(CODE))
    answer_id: Mapped[int] = mapped_column(ForeignKey("screening_answers.id"))  # a new answer asks for a new one
    staff: Mapped[str] = mapped_column(String(CODE))
    given_at: Mapped[datetime]


class Threshold(Kept):
    """One threshold as it was measured: never one that was worked out."""

    __tablename__ = "thresholds"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    muscle: Mapped[str] = mapped_column(String(CODE))
    side: Mapped[str] = mapped_column(String(CODE))
    kind: Mapped[str] = mapped_column(String(CODE))  # sensory, motor, comfort
    area_mm2: Mapped[int]
    width_us: Mapped[int]
    rate_mhz: Mapped[int | None]  # of the pulses it was measured with, where that is known
    amplitude_ua: Mapped[int]
    how: Mapped[str] = mapped_column(String(LINE))  # procedure, by hand, …
    journal_id: Mapped[str | None] = mapped_column(String(64))
    measured_at: Mapped[datetime]
    measured_by: Mapped[str] = mapped_column(String(CODE))

    __table_args__ = (Index(None, "patient_id", "muscle", "side", "kind", "measured_at"),)


class Outcome(Kept):
    """One outcome. `measure` is a name of `clinic.patients.measures.MEASURES`, `value_milli` thousandths of its unit."""

    __tablename__ = "outcomes"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    measure: Mapped[str] = mapped_column(String(CODE))
    muscle: Mapped[str] = mapped_column(String(CODE))  # "" where it is of the whole person
    side: Mapped[str] = mapped_column(String(CODE))
    landmark: Mapped[str] = mapped_column(String(LINE))
    value_milli: Mapped[int]
    scale: Mapped[str] = mapped_column(String(CODE))  # where a measure has more than one, as Borg
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"))
    taken_at: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(String(CODE))
    note: Mapped[str] = mapped_column(String(LINE))

    __table_args__ = (Index(None, "patient_id", "measure", "taken_at"),)
