"""Everything that the page of one plan shows, as plain values."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.between import Occasion, of_plan
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.patients.patients import name_of, patient_of
from emscontrol.clinic.plans.pinned import newer
from emscontrol.clinic.plans.steps import changes_now, changes_of, outlook, prescribed_now
from emscontrol.clinic.plans.upkeep import channels
from emscontrol.clinic.sessions.adherence import Adherence, adherence
from emscontrol.clinic.tables.plans import Plan, PlanStep
from emscontrol.protocol.load import LoadedProtocol
from emscontrol.safety.sites import described_site


@dataclass(frozen=True, slots=True)
class Step:
    """One proposed change: what it does in words, why, and what a person decided."""

    id: int
    version: int
    number: int
    words: str
    reason: str
    decision: str
    decided_by: str
    decided_why: str
    proposed_at: datetime
    decided_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it waits for a person."""
        return self.decision == "open"


@dataclass(frozen=True, slots=True)
class PlanPage:
    """One plan at one moment. `loaded` is the protocol of an ordinary session; `outlook` what would be proposed, or why not."""

    id: int
    version: int
    patient: str
    called: str
    status: str
    goal: str
    sessions_per_week: int
    weeks: int
    rest_min_h: int
    slot_min: int
    starts_on: str
    therapist: str
    stimulator: str
    progression: str
    prescribed_by: str
    loaded: LoadedProtocol
    channels: tuple[str, ...]
    changed: str
    library: str
    steps: tuple[Step, ...]
    outlook: str
    proposes: bool
    given: Adherence
    appointments: tuple[Occasion, ...]

    @property
    def whole(self) -> int:
        """How many sessions were prescribed."""
        return self.sessions_per_week * self.weeks

    @property
    def waiting(self) -> Step | None:
        """The proposal that waits for a person."""
        return next((step for step in self.steps if step.is_open), None)


def plan_page(session: Session, plan_id: int, now: datetime) -> PlanPage:
    """The page of one plan. Raises UsageError for one that is none, BookError where its protocol is not what was prescribed."""
    plan = by_id(session, Plan, plan_id, "plan")
    patient = patient_of(session, plan.patient_id).code
    ahead, other = outlook(session, plan, now), newer(session, plan.protocol_sha256)
    query = select(PlanStep).where(PlanStep.plan_id == plan_id, PlanStep.withdrawn_at.is_(None)).order_by(PlanStep.number)
    return PlanPage(
        id=plan.id,
        version=plan.version,
        patient=patient,
        called=_called(session, plan.patient_id, patient),
        status=plan.status if plan.withdrawn_at is None else "withdrawn",
        goal=plan.goal,
        sessions_per_week=plan.sessions_per_week,
        weeks=plan.weeks,
        rest_min_h=plan.rest_min_h,
        slot_min=plan.slot_min,
        starts_on=plan.starts_on,
        therapist=plan.therapist,
        stimulator=plan.stimulator,
        progression=plan.progression,
        prescribed_by=plan.prescribed_by,
        loaded=prescribed_now(session, plan),
        channels=tuple(
            f"{row.channel}  {described_site(row.muscle).name} {row.side}, pads of {row.area_mm2 / 100:g} cm²"
            for row in channels(session, plan_id)
        ),
        changed=changes_now(session, plan).words(),
        library=other.sentence() if other else "",
        steps=tuple(_step(row) for row in session.scalars(query)),
        outlook=ahead.reason if ahead else "",
        proposes=ahead is not None and ahead.is_step,
        given=adherence(session, plan_id, now),
        appointments=tuple(of_plan(session, plan_id)),
    )


def _step(row: PlanStep) -> Step:
    changes = changes_of(row)
    words = changes.words() if changes else str(row.changes.get("do"))
    return Step(
        *(row.id, row.version, row.number, words, row.reason, row.decision, row.decided_by or "", row.decided_why or ""),
        proposed_at=row.proposed_at,
        decided_at=row.decided_at,
    )


def _called(session: Session, patient_id: int, code: str) -> str:
    name = name_of(session, patient_id)
    return (f"{name.given} {name.family}".strip() if name else "") or code
