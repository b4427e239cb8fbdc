"""Steps of a plan: proposed with their reason, accepted or refused by a person, and the protocol that follows from them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from emscontrol.clinic.book import rows
from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.plans.facts import Given, delivered, plan_facts
from emscontrol.clinic.plans.pinned import pinned
from emscontrol.clinic.plans.progression import Decided, History, Proposal, propose
from emscontrol.clinic.plans.rules import rule_set
from emscontrol.clinic.plans.slots import ACTIVE, PAUSED, require_slot
from emscontrol.clinic.staff.roles import require
from emscontrol.clinic.tables.base import LINE
from emscontrol.clinic.tables.plans import Plan, PlanChannel, PlanStep
from emscontrol.core.errors import BookConflict, UsageError
from emscontrol.protocol.adjust import adjust, for_sides
from emscontrol.protocol.changes import Changes
from emscontrol.protocol.first_session import limit_contractions
from emscontrol.protocol.load import LoadedProtocol

OPEN: Final = "open"
ACCEPTED: Final = "accepted"
REFUSED: Final = "refused"
FIRST_PERCENT: Final = 75  # of its contractions that a first session must have given to have been one [D]
_DO: Final = "do"
"""In a step's `changes`, beside the differences: what the rule does."""


def outlook(session: Session, plan: Plan, now: datetime) -> Proposal | None:
    """What would be proposed now, or why nothing is; None where no rule applies. Nothing is written."""
    if plan.status != ACTIVE or plan.withdrawn_at is not None:
        return None
    steps = _steps(session, plan.id)
    changed = [step.decided_at for step in steps if step.decision == ACCEPTED and _changes_protocol(step)]
    facts = plan_facts(session, plan, max((at for at in changed if at), default=None), now)
    history = _history(steps, [row.opened_at for row in delivered(session, plan.id, now)], now)
    return propose(rule_set(plan.progression), facts, history, _prescribed(session, plan))


def propose_step(session: Session, plan: Plan, now: datetime) -> PlanStep | None:
    """Write down what is proposed now, None where nothing is. Only one is open at a time.

    An open one that the facts no longer bear out is refused by the program itself, with that reason.
    """
    found = outlook(session, plan, now)
    standing = open_step(session, plan.id)
    if standing is not None:
        if found is not None and _is_same(standing, found):
            return standing
        _decide(standing, REFUSED, "", "what it rested on has changed", now)
        session.flush()
    if found is None or not found.is_step:
        return None
    step = PlanStep(
        plan_id=plan.id,
        number=(session.scalar(select(func.max(PlanStep.number)).where(PlanStep.plan_id == plan.id)) or 0) + 1,
        rule=found.rule,
        changes={_DO: found.do, **found.changes.to_json()},
        reason=found.reason,
        facts=dict(found.facts),
        proposed_at=now,
        decision=OPEN,
    )
    session.add(step)
    session.flush()
    return step


def open_step(session: Session, plan_id: int) -> PlanStep | None:
    """The proposal that waits for a person."""
    return next((step for step in _steps(session, plan_id) if step.decision == OPEN), None)


def accept(session: Session, actor: Actor, now: datetime, step_id: int, version: int) -> PlanStep:
    """A person accepts a step. From then on it is in `protocol_now`; a pause pauses the plan.

    Raises NotAllowed without the permission, BookConflict when it was decided or changed meanwhile or the facts no longer bear
    it out, UsageError when the longer session no longer fits the plan's slot.
    """
    step, plan = _to_decide(session, actor, step_id, version)
    found = outlook(session, plan, now)
    if found is None or not _is_same(step, found):
        told = f"now it would be: {found.reason}" if found else "now nothing is proposed"
        raise BookConflict(f"What this proposal rested on has changed; {told}", "Look at the plan again. Nothing was changed.")
    if found.do == "raise":
        require_slot(adjust(prescribed_now(session, plan), found.changes), plan.slot_min)
    _decide(step, ACCEPTED, actor.code, None, now)
    if found.do == "pause":
        plan.status = PAUSED
    session.flush()
    return step


def refuse(session: Session, actor: Actor, now: datetime, step_id: int, version: int, why: str) -> PlanStep:
    """A person refuses a step, with a reason. The rule is not proposed again before another session."""
    step, _ = _to_decide(session, actor, step_id, version)
    if not why.strip():
        raise UsageError("A refusal needs a reason.", "Say in a few words why.")
    _decide(step, REFUSED, actor.code, why.strip()[:LINE], now)
    session.flush()
    return step


def changes_now(session: Session, plan: Plan) -> Changes:
    """What was accepted so far, added up in order."""
    total = Changes()
    for step in _steps(session, plan.id):
        if step.decision == ACCEPTED:
            total = total.plus(changes_of(step))
    return total


def protocol_now(session: Session, plan: Plan, session_number: int) -> LoadedProtocol:
    """The protocol of one session of a plan: as prescribed, on the prescribed sides, with the accepted changes.

    Session 1 is gentle (P1), and so is whatever session comes first after all, or first after a restart. Raises BookError
    when the text is not the one that was prescribed, ProtocolFileError when it cannot be adjusted.
    """
    loaded = prescribed_now(session, plan)
    return limit_contractions(loaded) if session_number <= 1 or is_first(session, plan) else loaded


def prescribed_now(session: Session, plan: Plan) -> LoadedProtocol:
    """The protocol of an ordinary session: as prescribed, on the prescribed sides, with the accepted changes."""
    return adjust(_prescribed(session, plan), changes_now(session, plan))


def is_first(session: Session, plan: Plan) -> bool:
    """Whether no first session was given yet, or none since the plan began again.

    One that was stopped before three quarters of it was none: how it is borne is not known.
    """
    restarts = [
        step.decided_at for step in _steps(session, plan.id) if step.decision == ACCEPTED and step.changes.get(_DO) == "restart"
    ]
    since = max((at for at in restarts if at), default=None)
    return not any(since is None or row.opened_at > since for row in delivered(session, plan.id) if is_a_first(row))


def is_a_first(given: Given) -> bool:
    """Whether so much was given that a session after this one is no first one."""
    return given.contractions * 100 >= given.contractions_prescribed * FIRST_PERCENT


def changes_of(step: PlanStep) -> Changes:
    """The differences of one step."""
    return Changes.from_json({name: value for name, value in step.changes.items() if name != _DO})


def _prescribed(session: Session, plan: Plan) -> LoadedProtocol:
    where = (PlanChannel.plan_id == plan.id, PlanChannel.withdrawn_at.is_(None))
    sides = {row.channel: row.side for row in session.scalars(select(PlanChannel).where(*where))}
    return for_sides(pinned(session, plan.protocol_sha256), sides)


def _steps(session: Session, plan_id: int) -> Sequence[PlanStep]:
    query = select(PlanStep).where(PlanStep.plan_id == plan_id).order_by(PlanStep.number)
    return [step for step in session.scalars(query) if step.withdrawn_at is None]


def _history(steps: Sequence[PlanStep], given_at: Sequence[datetime], now: datetime) -> History:
    total, standing = Changes(), list[Changes]()
    decided: dict[str, Decided] = {}
    for step in steps:
        if step.decided_at is None or not step.decided_by:
            continue  # open, or refused by the program itself
        since = step.decided_at
        decided[step.rule] = Decided((now - since) // timedelta(days=1), sum(at > since for at in given_at))
        if step.decision == ACCEPTED:
            total = total.plus(changes_of(step))
            _stand(standing, step)
    return History(total, tuple(standing), decided)


def _stand(standing: list[Changes], step: PlanStep) -> None:
    """The raises that can still be taken back, newest last."""
    do = step.changes.get(_DO)
    if do == "raise":
        standing.append(changes_of(step))
    elif do == "back" and standing:
        standing.pop()
    elif do == "restart":
        standing.clear()


def _changes_protocol(step: PlanStep) -> bool:
    return step.changes.get(_DO) in ("raise", "back", "restart")


def _is_same(step: PlanStep, found: Proposal) -> bool:
    return (step.rule, step.changes) == (found.rule, {_DO: found.do, **found.changes.to_json()})


def _to_decide(session: Session, actor: Actor, step_id: int, version: int) -> tuple[PlanStep, Plan]:
    require(actor, "progression")
    step = rows.by_id(session, PlanStep, step_id, "proposal")
    rows.as_seen(session, step, version)
    if step.decision != OPEN:
        raise BookConflict(
            f"This proposal is {step.decision} already, by {step.decided_by or 'the program'}.", "Look at the plan."
        )
    return step, rows.by_id(session, Plan, step.plan_id, "plan")


def _decide(step: PlanStep, decision: str, who: str, why: str | None, now: datetime) -> None:
    step.decision, step.decided_at, step.decided_by, step.decided_why = decision, now, who, why
