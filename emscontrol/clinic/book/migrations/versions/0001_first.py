"""The first schema."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _kept() -> list[sa.Column[Any]]:
    """What every row has that is never deleted."""
    return [
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=40), nullable=True),
        sa.Column("withdrawn_why", sa.String(length=400), nullable=True),
    ]


def upgrade() -> None:
    """An empty database to the first schema."""
    op.create_table(
        "attempts",
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("code_sha256", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_locked_until"), "attempts", ["locked_until"], unique=False)
    op.create_table(
        "audit",
        sa.Column("entity", sa.String(length=40), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("station", sa.String(length=40), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("entity", "entity_id", "version", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_patient_id_at"), "audit", ["patient_id", "at"], unique=False)
    op.create_table(
        "book",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("idle_lock_min", sa.Integer(), nullable=False),
        sa.Column("threshold_days", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        *_kept(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book")),
        sa.UniqueConstraint("uuid", name=op.f("uq_book_uuid")),
    )
    op.create_table(
        "clinic_hours",
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens_min", sa.Integer(), nullable=False),
        sa.Column("closes_min", sa.Integer(), nullable=False),
        *_kept(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinic_hours")),
    )
    op.create_table(
        "holidays",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        *_kept(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holidays")),
        sa.UniqueConstraint("day", name=op.f("uq_holidays_day")),
    )
    op.create_table(
        "journals",
        sa.Column("journal_id", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=400), nullable=False),
        sa.Column("station", sa.String(length=40), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("journal_id", name=op.f("pk_journals")),
    )
    op.create_table(
        "patients",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        *_kept(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients")),
        sa.UniqueConstraint("code", name=op.f("uq_patients_code")),
    )
    op.create_table(
        "protocols",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("protocol", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("use", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        *_kept(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocols")),
        sa.UniqueConstraint("sha256", name=op.f("uq_protocols_sha256")),
    )
    op.create_index(op.f("ix_protocols_protocol"), "protocols", ["protocol"], unique=False)
    op.create_table(
        "staff",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("qualification", sa.String(length=400), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        *_kept(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("code", name=op.f("uq_staff_code")),
    )
    op.create_table(
        "stimulators",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("device", sa.String(length=400), nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=False),
        *_kept(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stimulators")),
        sa.UniqueConstraint("name", name=op.f("uq_stimulators_name")),
    )
    op.create_table(
        "conditions",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("condition", sa.String(length=40), nullable=False),
        sa.Column("since", sa.String(length=10), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_conditions_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conditions")),
    )
    op.create_index(op.f("ix_conditions_patient_id"), "conditions", ["patient_id"], unique=False)
    op.create_table(
        "electrode_sets",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=400), nullable=False),
        sa.Column("area_mm2", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.String(length=10), nullable=False),
        sa.Column("uses_before", sa.Integer(), nullable=False),
        sa.Column("uses_max", sa.Integer(), nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_electrode_sets_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_electrode_sets")),
    )
    op.create_index(op.f("ix_electrode_sets_patient_id"), "electrode_sets", ["patient_id"], unique=False)
    op.create_table(
        "holds",
        sa.Column("stimulator_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("station", sa.String(length=40), nullable=False),
        sa.Column("staff", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["stimulator_id"], ["stimulators.id"], name=op.f("fk_holds_stimulator_id")),
        sa.PrimaryKeyConstraint("stimulator_id", name=op.f("pk_holds")),
    )
    op.create_table(
        "implants",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("placed_on", sa.String(length=10), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_implants_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_implants")),
    )
    op.create_index(op.f("ix_implants_patient_id"), "implants", ["patient_id"], unique=False)
    op.create_table(
        "logins",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("station", sa.String(length=40), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_logins_staff_id")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_logins")),
    )
    op.create_index(op.f("ix_logins_staff_id"), "logins", ["staff_id"], unique=False)
    op.create_table(
        "muscle_states",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("muscle", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("lmn", sa.String(length=40), nullable=False),
        sa.Column("sensation", sa.String(length=40), nullable=False),
        sa.Column("how", sa.String(length=400), nullable=False),
        sa.Column("examined_at", sa.DateTime(), nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_muscle_states_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_muscle_states")),
    )
    op.create_index(
        op.f("ix_muscle_states_patient_id_muscle_side"), "muscle_states", ["patient_id", "muscle", "side"], unique=True
    )
    op.create_table(
        "patient_names",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("given", sa.String(length=400), nullable=False),
        sa.Column("family", sa.String(length=400), nullable=False),
        sa.Column("contact", sa.String(length=400), nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_patient_names_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_names")),
        sa.UniqueConstraint("patient_id", name=op.f("uq_patient_names_patient_id")),
    )
    op.create_index(op.f("ix_patient_names_family"), "patient_names", ["family"], unique=False)
    op.create_table(
        "plans",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("protocol_sha256", sa.String(length=64), nullable=False),
        sa.Column("goal", sa.String(length=400), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("sessions_per_week", sa.Integer(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("rest_min_h", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.String(length=10), nullable=False),
        sa.Column("slot_min", sa.Integer(), nullable=False),
        sa.Column("therapist", sa.String(length=40), nullable=False),
        sa.Column("stimulator", sa.String(length=40), nullable=False),
        sa.Column("progression", sa.String(length=40), nullable=False),
        sa.Column("prescribed_by", sa.String(length=40), nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_plans_patient_id")),
        sa.ForeignKeyConstraint(["protocol_sha256"], ["protocols.sha256"], name=op.f("fk_plans_protocol_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
    )
    op.create_index(op.f("ix_plans_patient_id"), "plans", ["patient_id"], unique=False)
    op.create_table(
        "screening_answers",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("rules_sha256", sa.String(length=64), nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_screening_answers_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_answers")),
    )
    op.create_index(
        op.f("ix_screening_answers_patient_id_answer_due_at"),
        "screening_answers",
        ["patient_id", "answer", "due_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_screening_answers_patient_id_rule_asked_at"),
        "screening_answers",
        ["patient_id", "rule", "asked_at"],
        unique=False,
    )
    op.create_table(
        "screening_overrides",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("staff", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("given_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_screening_overrides_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_overrides")),
    )
    op.create_index(op.f("ix_screening_overrides_patient_id"), "screening_overrides", ["patient_id"], unique=False)
    op.create_table(
        "thresholds",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("muscle", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("area_mm2", sa.Integer(), nullable=False),
        sa.Column("width_us", sa.Integer(), nullable=False),
        sa.Column("rate_mhz", sa.Integer(), nullable=True),
        sa.Column("amplitude_ua", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=400), nullable=False),
        sa.Column("journal_id", sa.String(length=64), nullable=True),
        sa.Column("measured_at", sa.DateTime(), nullable=False),
        sa.Column("measured_by", sa.String(length=40), nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_thresholds_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thresholds")),
    )
    op.create_index(
        op.f("ix_thresholds_patient_id_muscle_side_kind_measured_at"),
        "thresholds",
        ["patient_id", "muscle", "side", "kind", "measured_at"],
        unique=False,
    )
    op.create_table(
        "plan_channels",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("muscle", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("area_mm2", sa.Integer(), nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_channels_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_channels")),
    )
    op.create_index(op.f("ix_plan_channels_muscle_side"), "plan_channels", ["muscle", "side"], unique=False)
    op.create_index(op.f("ix_plan_channels_plan_id_channel"), "plan_channels", ["plan_id", "channel"], unique=True)
    op.create_table(
        "plan_steps",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_why", sa.String(length=400), nullable=True),
        *_kept(),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_steps_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_steps")),
    )
    op.create_index(op.f("ix_plan_steps_plan_id_number"), "plan_steps", ["plan_id", "number"], unique=True)
    op.create_table(
        "screening_acknowledgements",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("staff", sa.String(length=40), nullable=False),
        sa.Column("given_at", sa.DateTime(), nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(["answer_id"], ["screening_answers.id"], name=op.f("fk_screening_acknowledgements_answer_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_screening_acknowledgements_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_acknowledgements")),
    )
    op.create_index(
        op.f("ix_screening_acknowledgements_patient_id"), "screening_acknowledgements", ["patient_id"], unique=False
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("journal_id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("duration_us", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("device", sa.String(length=400), nullable=False),
        sa.Column("staff", sa.String(length=40), nullable=False),
        sa.Column("protocol_sha256", sa.String(length=64), nullable=False),
        sa.Column("contractions_prescribed", sa.Integer(), nullable=False),
        sa.Column("contractions", sa.Integer(), nullable=False),
        sa.Column("pulses", sa.BigInteger(), nullable=False),
        sa.Column("charge_pc", sa.BigInteger(), nullable=False),
        sa.Column("finding", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_sessions_patient_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_sessions_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("journal_id", name=op.f("uq_sessions_journal_id")),
    )
    op.create_index(op.f("ix_sessions_appointment_id"), "sessions", ["appointment_id"], unique=False)
    op.create_index(op.f("ix_sessions_patient_id_opened_at"), "sessions", ["patient_id", "opened_at"], unique=False)
    op.create_index(op.f("ix_sessions_plan_id_opened_at"), "sessions", ["plan_id", "opened_at"], unique=False)
    op.create_table(
        "appointments",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("therapist", sa.String(length=40), nullable=False),
        sa.Column("stimulator", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        *_kept(),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_appointments_patient_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_appointments_plan_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_appointments_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
    )
    op.create_index(op.f("ix_appointments_patient_id_starts_at"), "appointments", ["patient_id", "starts_at"], unique=False)
    op.create_index(op.f("ix_appointments_plan_id_number"), "appointments", ["plan_id", "number"], unique=False)
    op.create_index(op.f("ix_appointments_starts_at"), "appointments", ["starts_at"], unique=False)
    op.create_index(op.f("ix_appointments_stimulator_starts_at"), "appointments", ["stimulator", "starts_at"], unique=False)
    op.create_index(op.f("ix_appointments_therapist_starts_at"), "appointments", ["therapist", "starts_at"], unique=False)
    op.create_table(
        "session_channels",
        sa.Column("session_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("muscle", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("comfort_ua", sa.Integer(), nullable=False),
        sa.Column("peak_ua", sa.Integer(), nullable=False),
        sa.Column("contractions", sa.Integer(), nullable=False),
        sa.Column("pulses", sa.BigInteger(), nullable=False),
        sa.Column("charge_pc", sa.BigInteger(), nullable=False),
        sa.Column("on_us", sa.BigInteger(), nullable=False),
        sa.Column("electrode_set_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["electrode_set_id"], ["electrode_sets.id"], name=op.f("fk_session_channels_electrode_set_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_session_channels_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "channel", name=op.f("pk_session_channels")),
    )
    op.create_index(
        op.f("ix_session_channels_electrode_set_id_session_id"),
        "session_channels",
        ["electrode_set_id", "session_id"],
        unique=False,
    )
    op.create_table(
        "outcomes",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("muscle", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("landmark", sa.String(length=400), nullable=False),
        sa.Column("value_milli", sa.Integer(), nullable=False),
        sa.Column("scale", sa.String(length=40), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(), nullable=False),
        sa.Column("taken_by", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointments.id"], name=op.f("fk_outcomes_appointment_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_outcomes_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
    )
    op.create_index(
        op.f("ix_outcomes_patient_id_measure_taken_at"), "outcomes", ["patient_id", "measure", "taken_at"], unique=False
    )
    op.create_table(
        "waiting",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(), nullable=False),
        sa.Column("not_after", sa.DateTime(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        *_kept(),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointments.id"], name=op.f("fk_waiting_appointment_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_waiting_patient_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_waiting_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting")),
    )
    op.create_index(op.f("ix_waiting_patient_id"), "waiting", ["patient_id"], unique=False)
