"""What is due for many patients at once: one statement for each kind, however many they are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from typing import cast as typed

from dateutil.relativedelta import relativedelta
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Dialect,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    cast,
    distinct,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import UserDefinedType

from emscontrol.clinic.agenda.entry import ELECTRODES, PROGRESSION, SCREENING, THRESHOLD, Due, due
from emscontrol.clinic.patients.electrode_sets import MONTHS_MAX, sets_of
from emscontrol.clinic.patients.thresholds import is_due
from emscontrol.clinic.screening.load import asked_rules
from emscontrol.clinic.screening.unanswered import unanswered
from emscontrol.clinic.tables.base import UtcTime
from emscontrol.clinic.tables.findings import ScreeningAcknowledgement, ScreeningAnswer, ScreeningOverride, Threshold
from emscontrol.clinic.tables.people import ElectrodeSet
from emscontrol.clinic.tables.plans import Plan, PlanChannel, PlanStep, ProtocolText
from emscontrol.clinic.tables.sessions import SessionChannel
from emscontrol.core.units import counted
from emscontrol.safety.screening_facts import Answer
from emscontrol.safety.screening_grounds import NOT_ASKED
from emscontrol.safety.screening_rules import RELEASED_DIGEST

COMFORT: Final = "comfort"
OPEN: Final = "open"
_MONTHS_DIFFER_DAYS: Final = 3  # three months back from a day, and three months on from there, may differ by as much
_DAY_H: Final = 24
_NOT_NO: Final = (Answer.YES, Answer.UNKNOWN)

THESE: Final = "these"
"""The name under which a statement is given its numbers. Statements are made once: making one takes as long as asking it."""
_AT: Final = "at"
_NEARLY_OLD: Final = "nearly_old"

Dues = dict[int, list[Due]]


@dataclass(frozen=True, slots=True)
class Moment:
    """When the sessions are, and how old a threshold may be then."""

    at: datetime
    day: date
    threshold_days: int


def screening(session: Session, patients: Sequence[int], moment: Moment) -> Dues:
    """Questions that nobody has asked, or that are to be asked again; of a patient who was never asked, all.

    Where no more is open than what is asked before each session, nobody looks through all answers that were ever given.
    """
    rules = asked_rules()
    whole, usual = len(rules), sum(rule.asked_h < _DAY_H for rule in rules)
    holding = {row[0]: row[1] for row in session.execute(_holding(), {THESE: patients, _AT: moment.at})}
    suspects = [patient for patient in patients if whole - holding.get(patient, 0) > usual]
    asked = {row[0]: row[1] for row in session.execute(_ever_asked(), {THESE: suspects})}
    found: Dues = {}
    for patient in patients:
        count = whole - holding.get(patient, 0)
        why = f"{counted(count, 'question')} of the screening to be asked." if count else ""
        if patient in suspects:
            why = unanswered(whole, asked.get(patient, 0), holding.get(patient, 0))
        if why:
            found[patient] = [due(SCREENING, why=why)]
    return found


def against(session: Session, patients: Sequence[int], moment: Moment) -> dict[int, list[str]]:
    """By patient the questions whose last answer is a yes or an unknown that nobody has overridden or acknowledged.

    Where it counts, and for which protocols, is another question: see `standing`.
    """
    rules: dict[int, list[str]] = {}
    for patient, rule in session.execute(_against(), {THESE: patients, _AT: moment.at}):
        rules.setdefault(patient, []).append(rule)
    return rules


@cache
def _holding() -> Select[int, int]:
    """How many questions of each patient have an answer that holds."""
    return (
        select(ScreeningAnswer.patient_id, func.count(distinct(ScreeningAnswer.rule)))
        .where(*_in_force(tuple(Answer)), ScreeningAnswer.rule.not_in(sorted(NOT_ASKED)))
        .group_by(ScreeningAnswer.patient_id)
    )


@cache
def _ever_asked() -> Select[int, int]:
    """How many questions of this very list each patient ever answered."""
    mine = (among(ScreeningAnswer.patient_id), ScreeningAnswer.withdrawn_at.is_(None))
    of_the_list = (ScreeningAnswer.rules_sha256 == RELEASED_DIGEST, ScreeningAnswer.rule.not_in(sorted(NOT_ASKED)))
    query = select(ScreeningAnswer.patient_id, func.count(distinct(ScreeningAnswer.rule)))
    return query.where(*mine, *of_the_list).group_by(ScreeningAnswer.patient_id)


@cache
def _against() -> Select[int, str]:
    """The answers that speak against a session, in no order: for one SQLite would go through every answer ever given."""
    newer = aliased(ScreeningAnswer)
    overridden = select(ScreeningOverride.id).where(
        ScreeningOverride.patient_id == ScreeningAnswer.patient_id,
        ScreeningOverride.rule == ScreeningAnswer.rule,
        ScreeningOverride.expires_at > _at(),
        ScreeningOverride.given_at >= _began(),
        ScreeningOverride.withdrawn_at.is_(None),
    )
    acknowledged = select(ScreeningAcknowledgement.id).where(
        ScreeningAcknowledgement.patient_id == ScreeningAnswer.patient_id,
        ScreeningAcknowledgement.answer_id == ScreeningAnswer.id,
        ScreeningAcknowledgement.withdrawn_at.is_(None),
    )
    replaced = select(newer.id).where(
        *_same_question(newer),
        newer.id > ScreeningAnswer.id,
    )
    return (
        select(ScreeningAnswer.patient_id, ScreeningAnswer.rule)
        .where(*_in_force(_NOT_NO))
        .where(~overridden.exists(), ~acknowledged.exists(), ~replaced.exists())
    )


def plan_rows(session: Session, plans: Sequence[int]) -> Sequence[Any]:
    """A row for each channel of these plans: `title` and `whole` of the plan, place, and `newest` comfort threshold."""
    return session.execute(_plan_rows(), {THESE: plans}).all()


@cache
def _plan_rows() -> Select[int, str, int, str, str, datetime]:
    newest = select(func.max(Threshold.measured_at)).where(
        Threshold.patient_id == Plan.patient_id,
        Threshold.muscle == PlanChannel.muscle,
        Threshold.side == PlanChannel.side,
        Threshold.kind == COMFORT,
        Threshold.withdrawn_at.is_(None),
    )
    whole = (Plan.sessions_per_week * Plan.weeks).label("whole")
    place = (PlanChannel.muscle, PlanChannel.side, newest.scalar_subquery().label("newest"))
    channels = and_(PlanChannel.plan_id == Plan.id, PlanChannel.withdrawn_at.is_(None))
    return (
        select(Plan.id, ProtocolText.title, whole, *place)
        .join(ProtocolText, ProtocolText.sha256 == Plan.protocol_sha256)
        .outerjoin(PlanChannel, channels)
        .where(among(Plan.id))
        .order_by(Plan.id, PlanChannel.channel)
    )


def thresholds(rows: Sequence[Any], moment: Moment) -> Dues:
    """By plan, from its rows: the muscles whose comfort threshold is missing or older than the book allows."""
    found: Dues = {}
    for plan, _, _, muscle, side, newest in rows:
        if muscle and (newest is None or is_due(newest, moment.at, moment.threshold_days)):
            age = "never measured" if newest is None else f"{(moment.at - newest).days} days old"
            found.setdefault(plan, []).append(due(THRESHOLD, where=f"{muscle} {side}", age=age))
    return found


def electrodes(session: Session, patients: Sequence[int], moment: Moment) -> Dues:
    """Electrode sets that were used as often, or are as old, as they may be.

    All sessions that a set was in are counted from an index alone; only where that is enough are those looked at that count.
    """
    nearly_old = (moment.day - relativedelta(months=MONTHS_MAX, days=-_MONTHS_DIFFER_DAYS)).isoformat()
    suspects = {row.patient_id for row in session.execute(_worn(), {THESE: patients, _NEARLY_OLD: nearly_old})}
    found: Dues = {}
    for patient, sets in sets_of(session, suspects, moment.day).items() if suspects else ():
        found[patient] = [due(ELECTRODES, label=each.label, why=each.due) for each in sets if each.due]
    return found


@cache
def _worn() -> Select[int]:
    """Patients with a set that may be old or worn."""
    used = ElectrodeSet.uses_before + _uses()
    return (
        select(ElectrodeSet.patient_id)
        .where(among(ElectrodeSet.patient_id), ElectrodeSet.withdrawn_at.is_(None))
        .where(or_(ElectrodeSet.opened_on <= bindparam(_NEARLY_OLD, type_=String), used >= ElectrodeSet.uses_max))
    )


def progression(session: Session, plans: Sequence[int]) -> Dues:
    """By plan: proposals that wait for a person."""
    found: Dues = {}
    for plan, rule in session.execute(_open_steps(), {THESE: plans}):
        found.setdefault(plan, []).append(due(PROGRESSION, rule=rule))
    return found


@cache
def _open_steps() -> Select[int, str]:
    query = select(PlanStep.plan_id, PlanStep.rule)
    of_these = query.where(among(PlanStep.plan_id), PlanStep.decision == OPEN, PlanStep.withdrawn_at.is_(None))
    return of_these.order_by(PlanStep.plan_id, PlanStep.number)


class _Numbers(UserDefinedType[Sequence[int]]):
    """Whole numbers in brackets, as they stand behind IN."""

    cache_ok = True

    def literal_processor(self, dialect: Dialect) -> Callable[[Sequence[int]], str]:
        """Into the statement."""
        return lambda numbers: f"({', '.join(str(int(number)) for number in numbers) or 'NULL'})"


def together(*dues: Dues) -> Dues:
    """Everything under each number, in the order of the mappings."""
    whole: Dues = {}
    for each in dues:
        for number, found in each.items():
            whole.setdefault(number, []).extend(found)
    return whole


def among(column: Any) -> ColumnElement[bool]:
    """A column that is one of `THESE` numbers, which stand in the statement itself: hundreds of parameters cost more."""
    numbers = bindparam(THESE, type_=_Numbers(), literal_execute=True)
    return typed("ColumnElement[bool]", column.bool_op("IN")(numbers))


def _at() -> BindParameter[datetime]:
    return bindparam(_AT, type_=UtcTime())


def _in_force(answers: Sequence[Answer]) -> tuple[ColumnElement[bool], ...]:
    """Such answers to the questions of this very list, that need not be asked again yet."""
    return (
        among(ScreeningAnswer.patient_id),
        ScreeningAnswer.answer.in_([answer.value for answer in answers]),
        ScreeningAnswer.due_at > _at(),
        ScreeningAnswer.withdrawn_at.is_(None),
        ScreeningAnswer.rules_sha256 == RELEASED_DIGEST,
    )


def _began() -> ScalarSelect[datetime]:
    """When that was said first which an answer says, of those in a row that say the very same."""
    first, other = aliased(ScreeningAnswer), aliased(ScreeningAnswer)
    says_else = or_(
        other.answer != ScreeningAnswer.answer,
        other.rules_sha256 != ScreeningAnswer.rules_sha256,
        cast(other.places, String) != cast(ScreeningAnswer.places, String),
    )
    before = select(func.max(other.id)).where(*_same_question(other), other.id < ScreeningAnswer.id, says_else)
    after = func.coalesce(before.correlate(ScreeningAnswer).scalar_subquery(), 0)
    began = select(first.asked_at).where(*_same_question(first), first.id > after, first.id <= ScreeningAnswer.id)
    return began.order_by(first.id).limit(1).correlate(ScreeningAnswer).scalar_subquery()


def _same_question(other: type[ScreeningAnswer]) -> tuple[ColumnElement[bool], ...]:
    """Another answer to the same question of the same patient."""
    return (
        other.patient_id == ScreeningAnswer.patient_id,
        other.rule == ScreeningAnswer.rule,
        other.withdrawn_at.is_(None),
    )


def _uses() -> ScalarSelect[int]:
    """How many sessions have used a set."""
    uses = select(func.count(distinct(SessionChannel.session_id)))
    return uses.where(SessionChannel.electrode_set_id == ElectrodeSet.id).scalar_subquery()
