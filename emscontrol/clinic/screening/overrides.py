"""A specialist takes a rule upon himself: by name, with a reason and an end."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.rows import by_id, withdraw
from emscontrol.clinic.screening.answering import holds, patient_of, rule_named, said_in_a_row
from emscontrol.clinic.screening.on_record import implants_on_record
from emscontrol.clinic.tables.base import LINE
from emscontrol.clinic.tables.findings import ScreeningAnswer, ScreeningOverride
from emscontrol.core.errors import NotAllowed, UsageError
from emscontrol.safety.screening import OVERRIDING_ROLE, Answer
from emscontrol.safety.screening_grounds import NOT_ASKED
from emscontrol.safety.screening_rules import ScreeningRule, Severity


def can_be_overridden(rule: ScreeningRule) -> bool:
    """Whether there is anything about a rule that an override lifts."""
    return bool(rule.override) or Severity.OVERRIDE in (rule.severity, rule.elsewhere)


def give_override(
    session: Session,
    actor: Actor,
    now: datetime,
    patient_id: int,
    rule: str,
    reason: str,
    expires_at: datetime | None = None,
) -> ScreeningOverride:
    """Override a rule for this patient until `expires_at`, or as long as the rule allows.

    Raises NotAllowed for anybody but a specialist, UsageError without a reason, with an end that is past or too late, and for
    a rule that nobody can override, while its question has to be asked first, and where there is nothing to override: the
    answer in force is no, and nothing on record says otherwise.
    """
    found = rule_named(rule)
    if actor.role != OVERRIDING_ROLE:
        raise NotAllowed(
            f"{rule} can be overridden by a {OVERRIDING_ROLE} only, and {actor.code} is {actor.role}.",
            f"Ask a {OVERRIDING_ROLE} to log in and to look at it.",
        )
    if not can_be_overridden(found):
        raise UsageError(f"Nobody can override {rule}: {found.tell}", "A new answer can change it, if it is true.")
    if not reason.strip():
        raise UsageError(f"An override of {rule} needs a reason.", found.override and f"The condition is: {found.override}.")
    latest = now + timedelta(days=found.days)
    end = latest if expires_at is None else expires_at
    if not now < end <= latest:
        raise UsageError(
            f"An override of {rule} cannot end on {end:%Y-%m-%d %H:%M} UTC.",
            f"It holds {found.days} days at most, to {latest:%Y-%m-%d %H:%M} UTC.",
        )
    patient = patient_of(session, patient_id).id
    _require_told(session, patient, found, now)
    row = ScreeningOverride(
        patient_id=patient,
        rule=found.id,
        staff=actor.code,
        role=actor.role,
        reason=reason.strip()[:LINE],
        given_at=now,
        expires_at=end,
    )
    session.add(row)
    session.flush()
    return row


def _require_told(session: Session, patient_id: int, rule: ScreeningRule, now: datetime) -> None:
    """Nothing, when the patient has answered anything but no, and not later than `now`. Raises UsageError."""
    where = (ScreeningAnswer.patient_id == patient_id, ScreeningAnswer.withdrawn_at.is_(None), ScreeningAnswer.rule == rule.id)
    said = said_in_a_row(session.scalars(select(ScreeningAnswer).where(*where))).get(rule.id)
    if rule.id not in NOT_ASKED:
        if said is None or not holds(said[-1], now):
            raise UsageError(f"{rule.id} has to be asked first: there is no answer that holds.", rule.question)
        if said[-1].answer == Answer.NO and rule.id not in implants_on_record(session, patient_id, now):
            raise UsageError(
                f"There is nothing to override: the answer to {rule.id} is no, given by {said[-1].asked_by}.",
                "If that is not true any more, answer it anew first.",
            )
    if said is not None and said[0].answer != Answer.NO and said[0].asked_at > now:
        raise UsageError(
            f"{rule.id} was answered at {said[0].asked_at:%Y-%m-%d %H:%M:%S} UTC, which by the clock of this station is still "
            "to come.",
            "Set the clocks of both stations right, or override it then.",
        )


def withdraw_override(session: Session, actor: Actor, now: datetime, override_id: int, why: str) -> ScreeningOverride:
    """Take an override back; anybody who sees a reason may. Raises UsageError without a reason, or when it is withdrawn."""
    row = by_id(session, ScreeningOverride, override_id, "override")
    withdraw(row, actor, now, why)
    return row


def overrides_in_force(session: Session, patient_id: int, now: datetime) -> list[ScreeningOverride]:
    """The overrides of a patient that have neither ended nor been withdrawn, the first to end first."""
    query = select(ScreeningOverride).where(
        ScreeningOverride.patient_id == patient_id,
        ScreeningOverride.withdrawn_at.is_(None),
        ScreeningOverride.expires_at > now,
    )
    return list(session.scalars(query.order_by(ScreeningOverride.expires_at, ScreeningOverride.id)))
