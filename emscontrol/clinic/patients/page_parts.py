"""Each part of a patient's page: columns and not rows, the newest of each and sums, so that a long history costs no more."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from emscontrol.clinic.appointments.status import BOOKED
from emscontrol.clinic.patients.conditions import CONDITIONS
from emscontrol.clinic.patients.measures import shown
from emscontrol.clinic.patients.outcomes import SeriesOf
from emscontrol.clinic.patients.page_rows import (
    AppointmentRow,
    ConditionRow,
    ImplantRow,
    MuscleRow,
    OutcomeRow,
    PlanRow,
    SessionRow,
    ThresholdRow,
)
from emscontrol.clinic.patients.thresholds import is_due
from emscontrol.clinic.patients.trends import Point, trend
from emscontrol.clinic.screening.load import asked_rules
from emscontrol.clinic.sessions.adherence import NONE, adherences
from emscontrol.clinic.tables.findings import Outcome, ScreeningAnswer, Threshold
from emscontrol.clinic.tables.people import Condition, Implant, MuscleState
from emscontrol.clinic.tables.plans import Appointment, Plan, PlanChannel, PlanStep, ProtocolText
from emscontrol.clinic.tables.sessions import SessionEntry
from emscontrol.safety.screening_grounds import NOT_ASKED
from emscontrol.safety.screening_rules import RELEASED_DIGEST

PLANS: Final = 10
NEXT: Final = 5
LAST: Final = 5
POINTS: Final = 24
"""How many of the newest values of each series the trend is of."""

Series = Mapping[SeriesOf, tuple[Point, ...]]


def conditions(session: Session, patient_id: int) -> tuple[ConditionRow, ...]:
    """What is treated."""
    columns = (Condition.id, Condition.version, Condition.condition, Condition.since, Condition.note)
    rows = session.execute(
        select(*columns).where(Condition.patient_id == patient_id, Condition.withdrawn_at.is_(None)).order_by(Condition.id)
    )
    return tuple(
        ConditionRow(number, version, name, CONDITIONS[name].words if name in CONDITIONS else name, since, note)
        for number, version, name, since, note in rows
    )


def muscles(session: Session, patient_id: int) -> tuple[MuscleRow, ...]:
    """Findings by muscle."""
    columns = _columns(MuscleState, "id version muscle side lmn sensation how examined_at")
    where = (MuscleState.patient_id == patient_id, MuscleState.withdrawn_at.is_(None))
    return tuple(
        MuscleRow(*row)
        for row in session.execute(select(*columns).where(*where).order_by(MuscleState.muscle, MuscleState.side))
    )


def implants(session: Session, patient_id: int) -> tuple[ImplantRow, ...]:
    """What is in the body."""
    columns = _columns(Implant, "id version kind region side placed_on note")
    where = (Implant.patient_id == patient_id, Implant.withdrawn_at.is_(None))
    return tuple(ImplantRow(*row) for row in session.execute(select(*columns).where(*where).order_by(Implant.id)))


def thresholds(session: Session, patient_id: int, now: datetime, threshold_days: int) -> tuple[ThresholdRow, ...]:
    """The newest of each kind, with its age."""
    same = (Threshold.muscle, Threshold.side, Threshold.kind, Threshold.area_mm2, Threshold.width_us)
    rank = func.row_number().over(partition_by=same, order_by=(Threshold.measured_at.desc(), Threshold.id.desc()))
    columns = _columns(Threshold, "id version muscle side kind area_mm2 width_us amplitude_ua measured_at")
    mine = (Threshold.patient_id == patient_id, Threshold.withdrawn_at.is_(None))
    ranked = select(*columns, rank.label("rank")).where(*mine).subquery()
    query = select(*(ranked.c[column.key] for column in columns)).where(ranked.c.rank == 1)
    rows = session.execute(query.order_by(ranked.c.muscle, ranked.c.side, ranked.c.width_us, ranked.c.amplitude_ua))
    return tuple(ThresholdRow((now - row.measured_at).days, is_due(row.measured_at, now, threshold_days), *row) for row in rows)


def series(session: Session, patient_id: int) -> Series:
    """The newest values of each series, oldest first."""
    same = (Outcome.measure, Outcome.muscle, Outcome.side, Outcome.landmark, Outcome.scale)
    rank = func.row_number().over(partition_by=same, order_by=(Outcome.taken_at.desc(), Outcome.id.desc()))
    mine = (Outcome.patient_id == patient_id, Outcome.withdrawn_at.is_(None))
    ranked = select(*same, Outcome.taken_at, Outcome.value_milli, rank.label("rank")).where(*mine).subquery()
    query = select(*(ranked.c[name] for name in _columns_of_series)).where(ranked.c.rank <= POINTS)
    found: defaultdict[SeriesOf, list[Point]] = defaultdict(list)
    for *place, taken_at, value_milli in session.execute(query.order_by(*(ranked.c[name] for name in _order_of_series))):
        found[SeriesOf(*place)].append(Point(taken_at, value_milli))
    return {place: tuple(points) for place, points in found.items()}


_columns_of_series: Final = ("measure", "muscle", "side", "landmark", "scale", "taken_at", "value_milli")
_order_of_series: Final = ("measure", "muscle", "side", "landmark", "scale", "rank")


def outcomes(found: Series) -> tuple[OutcomeRow, ...]:
    """Each series with its newest value and its trend."""
    made = []
    for of, points in found.items():
        way = trend(of.measure, points)
        if way is not None:
            value = shown(of.measure, way.last.value_milli, of.scale)
            made.append(OutcomeRow(of.measure, of.muscle, of.side, of.landmark, of.scale, value, way))
    return tuple(made)


def plans(session: Session, patient_id: int, now: datetime) -> tuple[PlanRow, ...]:
    """The newest plans, each with how far it is at `now`."""
    names = "id version goal status starts_on therapist stimulator sessions_per_week weeks"
    mine = (Plan.patient_id == patient_id, Plan.withdrawn_at.is_(None))
    query = select(*_columns(Plan, names), ProtocolText.title).join(ProtocolText, ProtocolText.sha256 == Plan.protocol_sha256)
    rows = session.execute(query.where(*mine).order_by(Plan.id.desc()).limit(PLANS)).all()
    numbers = [row.id for row in rows]
    progress = adherences(session, numbers, now)
    steps, where = _open_steps(session, numbers), _channels(session, numbers)
    made = []
    for row in rows:
        so_far = progress.get(row.id, NONE)
        made.append(
            PlanRow(
                *(row.id, row.version, row.title, row.goal, row.status, row.starts_on, row.therapist, row.stimulator),
                planned=row.sessions_per_week * row.weeks,
                given=so_far.done,
                missed=so_far.missed,
                booked=so_far.ahead,
                contractions=so_far.contractions,
                contractions_prescribed=so_far.prescribed,
                open_steps=steps.get(row.id, 0),
                channels=where.get(row.id, ()),
            )
        )
    return tuple(made)


def appointments(session: Session, patient_id: int, now: datetime, ahead: bool) -> tuple[AppointmentRow, ...]:
    """The next ones that are booked, or the last ones whatever became of them."""
    names = "id version plan_id number starts_at ends_at therapist stimulator status reason"
    query = select(*_columns(Appointment, names)).where(
        Appointment.patient_id == patient_id, Appointment.withdrawn_at.is_(None)
    )
    if ahead:
        query = query.where(Appointment.ends_at > now, Appointment.starts_at > now - _LONGEST, Appointment.status == BOOKED)
        query = query.order_by(Appointment.starts_at, Appointment.id).limit(NEXT)
    else:
        query = query.where(Appointment.starts_at <= now, Appointment.ends_at <= now)
        query = query.order_by(Appointment.starts_at.desc(), Appointment.id.desc()).limit(LAST)
    return tuple(AppointmentRow(*row) for row in session.execute(query))


_LONGEST: Final = timedelta(days=1)
"""No appointment is longer, so none that began before can still go on."""


def sessions(session: Session, patient_id: int) -> tuple[SessionRow, ...]:
    """The last ones."""
    names = (
        "id plan_id appointment_id opened_at duration_us result reason counts contractions contractions_prescribed charge_pc"
    )
    query = select(*_columns(SessionEntry, names)).where(SessionEntry.patient_id == patient_id)
    rows = session.execute(query.order_by(SessionEntry.opened_at.desc(), SessionEntry.id.desc()).limit(LAST))
    return tuple(SessionRow(*row) for row in rows)


def screening(session: Session, patient_id: int, now: datetime) -> tuple[int, int, int]:
    """How many questions the screening has, how many were ever answered, and how many of these answers are still in force."""
    mine = (ScreeningAnswer.patient_id == patient_id, ScreeningAnswer.withdrawn_at.is_(None))
    of_the_list = (ScreeningAnswer.rules_sha256 == RELEASED_DIGEST, ScreeningAnswer.rule.not_in(sorted(NOT_ASKED)))
    asked = func.count(func.distinct(ScreeningAnswer.rule))
    holding = asked.filter(ScreeningAnswer.due_at > now)
    row = session.execute(select(asked, holding).where(*mine, *of_the_list)).one()
    return len(asked_rules()), row[0], row[1]


def _open_steps(session: Session, plans: list[int]) -> dict[int, int]:
    where = (PlanStep.plan_id.in_(plans), PlanStep.decision == "open", PlanStep.withdrawn_at.is_(None))
    rows = session.execute(select(PlanStep.plan_id, func.count(PlanStep.id)).where(*where).group_by(PlanStep.plan_id))
    return {row[0]: row[1] for row in rows}


def _channels(session: Session, plans: list[int]) -> dict[int, tuple[str, ...]]:
    columns = (PlanChannel.plan_id, PlanChannel.channel, PlanChannel.muscle, PlanChannel.side)
    where = (PlanChannel.plan_id.in_(plans), PlanChannel.withdrawn_at.is_(None))
    found: defaultdict[int, list[str]] = defaultdict(list)
    for plan, channel, muscle, side in session.execute(select(*columns).where(*where).order_by(PlanChannel.channel)):
        found[plan].append(f"{channel}: {muscle} {side}")
    return {plan: tuple(lines) for plan, lines in found.items()}


def _columns(table: type[Any], names: str) -> tuple[InstrumentedAttribute[Any], ...]:
    return tuple(getattr(table, name) for name in names.split())
