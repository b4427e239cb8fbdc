"""The facts that the going on of a plan rests on, from the book."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise, takewhile
from typing import Any, Final, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from emscontrol.clinic.plans.progression import Facts
from emscontrol.clinic.tables.findings import Outcome, ScreeningAnswer, Threshold
from emscontrol.clinic.tables.plans import Plan, PlanChannel
from emscontrol.clinic.tables.sessions import SessionChannel, SessionEntry
from emscontrol.safety.sites import described_site

LAST_SESSIONS: Final = 3  # whose contractions tell how well a level is managed [D]
AT_LIMIT_PERCENT: Final = 95  # of a muscle's cap [D]
ANSWER_DAYS: Final = 14  # a force under stimulation that is older tells nothing of this stage (clinical-protocols.md §2)
HARMFUL: Final = ("INFECTION", "RHABDO", "MYOPATHY")  # fever; statin, alcohol and the like; muscle disease
FELT: Final = {"nrs": "nrs", "doms": "doms", "rpe": "rpe", "skin": "skin", "fatigue": "fatigue_percent"}
"""Measures of outcomes that say how a level was borne, and the facts they become."""

CHANGE_MILLI: Final = {"mrc": 300, "mvc": 2000, "girth": 500}
"""Least difference that is a change, thousandths: a third of an MRC grade, 2 Nm, 0.5 cm (screening.md section 4; mvc [D])."""


class Given(NamedTuple):
    """One session that counted: when, and contractions given and prescribed."""

    opened_at: datetime
    contractions: int
    contractions_prescribed: int


def plan_facts(session: Session, plan: Plan, changed_at: datetime | None, now: datetime) -> Facts:
    """Everything but what stands in the protocol itself. `changed_at` is when its last step was accepted, None for never."""
    given = delivered(session, plan.id, now)
    if not given:
        return {"sessions": 0}
    begun_at, last_at = given[0].opened_at, given[-1].opened_at
    since = max(begun_at, changed_at or begun_at)
    muscles = _muscles(session, plan.id)
    return {
        "days": (now - begun_at).days,
        "sessions": len(given),
        "days_since_last": (now - last_at).days,
        "days_since_change": (now - since).days,
        "sessions_since_change": sum(row.opened_at >= since for row in given),
        "closest_h": _closest_h(given[:4]),
        "adherence_percent": _adherence_percent(given[-LAST_SESSIONS:]),
        "full_in_row": len(list(takewhile(_is_full, reversed(given)))),
        "short_last": int(not _is_full(given[-1])),
        "at_limit": _at_limit(session, plan.id, last_at),
        "new_findings": _new_findings(session, plan.patient_id, last_at),
        "unchanged_days": _unchanged_days(session, plan.patient_id, muscles, begun_at),
        "retest_days": _retest_days(session, plan.patient_id, muscles, begun_at, now),
        "evoked_mn": _newest(session, plan.patient_id, muscles, "evoked", now - timedelta(days=ANSWER_DAYS)),
        **{fact: _ceiled(_newest(session, plan.patient_id, muscles, name, since)) for name, fact in FELT.items()},
    }


def delivered(session: Session, plan_id: int, until: datetime | None = None) -> Sequence[Given]:
    """When the sessions that counted and gave something were, with contractions given and prescribed; oldest first.

    With `until` only those up to then: one whose time is still to come, for a clock was wrong, speaks for no going on.
    """
    query = select(SessionEntry.opened_at, SessionEntry.contractions, SessionEntry.contractions_prescribed)
    where = (SessionEntry.plan_id == plan_id, SessionEntry.counts, SessionEntry.contractions > 0)
    rows = session.execute(query.where(*where).order_by(SessionEntry.opened_at))
    return [given for given in map(Given._make, rows) if until is None or given.opened_at <= until]


def _muscles(session: Session, plan_id: int) -> list[str]:
    query = select(PlanChannel.muscle).where(PlanChannel.plan_id == plan_id, PlanChannel.withdrawn_at.is_(None))
    return list(session.scalars(query.distinct()))


def _is_full(row: Given) -> bool:
    return row.contractions >= row.contractions_prescribed


def _closest_h(given: Sequence[Given]) -> int | None:
    return min(((after.opened_at - before.opened_at) // timedelta(hours=1) for before, after in pairwise(given)), default=None)


def _adherence_percent(given: Sequence[Given]) -> int | None:
    prescribed = sum(row.contractions_prescribed for row in given)
    return sum(row.contractions for row in given) * 100 // prescribed if prescribed else None


def _at_limit(session: Session, plan_id: int, last_at: datetime) -> int:
    """1 when on any channel of the last session the comfort level had come to what its muscle may get."""
    newest = select(SessionEntry.id).where(SessionEntry.plan_id == plan_id, SessionEntry.counts)
    newest = (
        newest.where(SessionEntry.contractions > 0, SessionEntry.opened_at <= last_at)
        .order_by(SessionEntry.opened_at.desc())
        .limit(1)
    )
    rows = session.execute(
        select(SessionChannel.muscle, SessionChannel.comfort_ua).where(
            SessionChannel.session_id.in_(newest), SessionChannel.muscle != ""
        )
    )
    return int(any(ua * 100 >= described_site(muscle).cap_ua * AT_LIMIT_PERCENT for muscle, ua in rows.all()))


def _new_findings(session: Session, patient_id: int, last_at: datetime) -> int:
    """How many of the harmful questions have a yes since the last session that they did not have before."""
    query = select(ScreeningAnswer.rule, ScreeningAnswer.answer, ScreeningAnswer.asked_at).where(
        ScreeningAnswer.patient_id == patient_id, ScreeningAnswer.rule.in_(HARMFUL), ScreeningAnswer.withdrawn_at.is_(None)
    )
    rows = session.execute(query.order_by(ScreeningAnswer.rule, ScreeningAnswer.asked_at)).all()
    count = 0
    for _, of_rule in groupby(rows, lambda row: row.rule):
        answers = list(of_rule)
        before = next((row.answer for row in reversed(answers) if row.asked_at <= last_at), "no")
        count += answers[-1].asked_at > last_at and answers[-1].answer == "yes" and before != "yes"
    return count


def _newest(session: Session, patient_id: int, muscles: list[str], measure: str, since: datetime) -> int | None:
    """The worst value of the newest day on which it was taken, thousandths; of the plan's muscles or of the whole person."""
    query = select(Outcome.taken_at, Outcome.value_milli).where(
        Outcome.patient_id == patient_id,
        Outcome.measure == measure,
        Outcome.taken_at >= since,
        Outcome.withdrawn_at.is_(None),
        or_(Outcome.muscle == "", Outcome.muscle.in_(muscles)),
    )
    rows = session.execute(query).all()
    day = max((row.taken_at.date() for row in rows), default=None)
    return max((row.value_milli for row in rows if row.taken_at.date() == day), default=None)


def _ceiled(value_milli: int | None) -> int | None:
    """Whole units, rounded up: no pain is understated."""
    return None if value_milli is None else -(-value_milli // 1000)


def _unchanged_days(session: Session, patient_id: int, muscles: list[str], begun_at: datetime) -> int | None:
    """Over how many days nothing of strength and girth has changed; None where nothing was measured twice."""
    place = (Outcome.measure, Outcome.muscle, Outcome.side, Outcome.landmark)
    query = select(*place, Outcome.taken_at, Outcome.value_milli).where(
        Outcome.patient_id == patient_id,
        Outcome.measure.in_(CHANGE_MILLI),
        Outcome.muscle.in_([*muscles, ""]),
        Outcome.taken_at >= begun_at - timedelta(days=7),
        Outcome.withdrawn_at.is_(None),
    )
    rows = session.execute(query.order_by(*place, Outcome.taken_at)).all()
    by_place = groupby(rows, lambda row: tuple(row[:4]))
    spans = [_same_for(list(taken), CHANGE_MILLI[measure]) for (measure, *_), taken in by_place]
    return min((days for days in spans if days is not None), default=None)


def _same_for(taken: Sequence[Any], change_milli: int) -> int | None:
    """Over how many days the newest of these values has stood, None for a single one."""
    newest = taken[-1]
    same = list(takewhile(lambda row: abs(row.value_milli - newest.value_milli) < change_milli, reversed(taken)))
    return (newest.taken_at - same[-1].taken_at).days if len(taken) > 1 else None


def _retest_days(session: Session, patient_id: int, muscles: list[str], begun_at: datetime, now: datetime) -> int:
    """Days since thresholds, and since strength or girth were last taken: the more of the two. Never taken: as at begin."""
    threshold = session.scalar(
        select(func.max(Threshold.measured_at)).where(
            Threshold.patient_id == patient_id, Threshold.muscle.in_(muscles), Threshold.withdrawn_at.is_(None)
        )
    )
    strength = session.scalar(
        select(func.max(Outcome.taken_at)).where(
            Outcome.patient_id == patient_id, Outcome.measure.in_(CHANGE_MILLI), Outcome.withdrawn_at.is_(None)
        )
    )
    return (now - min(threshold or begun_at, strength or begun_at)).days
