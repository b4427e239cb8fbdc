"""What was prescribed, and when it takes place."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from emscontrol.clinic.tables.base import CODE, LINE, Kept


class ProtocolText(Kept):
    """A protocol file as it was when it was prescribed, whole. Pinned by its hash; never changed."""

    __tablename__ = "protocols"

    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    protocol: Mapped[str] = mapped_column(String(CODE * 2), index=True)  # its id
    revision: Mapped[int]
    title: Mapped[str] = mapped_column(String(LINE))
    use: Mapped[str] = mapped_column(String(CODE))
    text: Mapped[str] = mapped_column(Text)


class Plan(Kept):
    """A protocol prescribed to a patient: how often, how many weeks, to what end."""

    __tablename__ = "plans"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    protocol_sha256: Mapped[str] = mapped_column(ForeignKey("protocols.sha256"))
    goal: Mapped[str] = mapped_column(String(LINE))
    status: Mapped[str] = mapped_column(String(CODE))  # active, paused, finished
    sessions_per_week: Mapped[int]
    weeks: Mapped[int]
    rest_min_h: Mapped[int]  # between two sessions of one muscle
    starts_on: Mapped[str] = mapped_column(String(10))
    slot_min: Mapped[int]  # minutes of an appointment
    therapist: Mapped[str] = mapped_column(String(CODE))  # code of a member of staff
    stimulator: Mapped[str] = mapped_column(String(CODE))  # name of a stimulator
    progression: Mapped[str] = mapped_column(String(CODE))  # a name of the progression rules' file
    prescribed_by: Mapped[str] = mapped_column(String(CODE))


class PlanChannel(Kept):
    """Which muscle of which side a channel of the plan's protocol is on."""

    __tablename__ = "plan_channels"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    channel: Mapped[int]
    muscle: Mapped[str] = mapped_column(String(CODE))
    side: Mapped[str] = mapped_column(String(CODE))
    area_mm2: Mapped[int]

    __table_args__ = (Index(None, "plan_id", "channel", unique=True), Index(None, "muscle", "side"))


class PlanStep(Kept):
    """One proposed change of a plan: what, why, on which facts, and what a person decided. Accepted ones add up, in order."""

    __tablename__ = "plan_steps"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    number: Mapped[int]
    rule: Mapped[str] = mapped_column(String(CODE))
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)  # see emscontrol.protocol.adjust
    reason: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    proposed_at: Mapped[datetime]
    decision: Mapped[str] = mapped_column(String(CODE))  # open, accepted, refused
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(CODE))
    decided_why: Mapped[str | None] = mapped_column(String(LINE))

    __table_args__ = (Index(None, "plan_id", "number", unique=True),)


class Appointment(Kept):
    """One planned occasion. `status` is a name of `emscontrol.clinic.appointments.status.STATUS`."""

    __tablename__ = "appointments"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plans.id"))
    number: Mapped[int | None]  # which one of its plan, from 1
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    therapist: Mapped[str] = mapped_column(String(CODE))
    stimulator: Mapped[str] = mapped_column(String(CODE))
    status: Mapped[str] = mapped_column(String(CODE))  # booked, done, missed, cancelled
    reason: Mapped[str] = mapped_column(String(LINE))  # of a miss, a move or a cancellation
    moved: Mapped[int]  # how often; the old times are in the audit
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"))

    __table_args__ = (
        Index(None, "starts_at"),
        Index(None, "patient_id", "starts_at"),
        Index(None, "plan_id", "number"),
        Index(None, "therapist", "starts_at"),
        Index(None, "stimulator", "starts_at"),
        Index(
            None, "session_id"
        ),  # since 0002: the index of sessions is thrown away row by row, and each asks for its appointment
    )


class Waiting(Kept):
    """Somebody who would take a slot that becomes free."""

    __tablename__ = "waiting"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    not_before: Mapped[datetime]
    not_after: Mapped[datetime]
    since: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(LINE))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"))  # the slot that was taken
