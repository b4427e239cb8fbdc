"""Sessions, levels and outcomes of one patient as they stand in the book, one statement each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from emscontrol.clinic.course.course import Entry, Got, LevelOf
from emscontrol.clinic.patients.outcomes import SeriesOf
from emscontrol.clinic.patients.trends import Point
from emscontrol.clinic.tables.findings import Outcome, Threshold
from emscontrol.clinic.tables.sessions import SessionChannel, SessionEntry


def entries(session: Session, patient_id: int, plan_id: int | None) -> list[Entry]:
    """The sessions of a patient, of one plan where one is named, oldest first."""
    columns = tuple(getattr(SessionEntry, field.name) for field in fields(Entry))
    query = select(*columns).where(SessionEntry.patient_id == patient_id)
    if plan_id is not None:
        query = query.where(SessionEntry.plan_id == plan_id)
    return [Entry(*row) for row in session.execute(query.order_by(SessionEntry.opened_at, SessionEntry.id))]


def channels(session: Session, patient_id: int) -> Mapping[int, list[Got]]:
    """What each channel got, by the number of the session."""
    names = ("channel", "muscle", "side", "comfort_ua", "peak_ua", "contractions")
    query = select(SessionChannel.session_id, *(getattr(SessionChannel, name) for name in names))
    query = query.join(SessionEntry, SessionEntry.id == SessionChannel.session_id)
    found: defaultdict[int, list[Got]] = defaultdict(list)
    for number, *got in session.execute(query.where(SessionEntry.patient_id == patient_id).order_by(SessionChannel.channel)):
        found[number].append(Got(*got))
    return found


def levels(
    session: Session, patient_id: int, since: datetime | None, until: datetime | None
) -> Mapping[LevelOf, tuple[Point, ...]]:
    """Every level that was measured in this time and not withdrawn, in µA."""
    columns = (Threshold.muscle, Threshold.side, Threshold.kind, Threshold.area_mm2, Threshold.width_us)
    at = Threshold.measured_at
    query = select(*columns, at, Threshold.amplitude_ua).where(
        Threshold.patient_id == patient_id, Threshold.withdrawn_at.is_(None), *_within(at, since, until)
    )
    order = (Threshold.muscle, Threshold.side, Threshold.kind, Threshold.width_us, Threshold.area_mm2, at, Threshold.id)
    return _series(LevelOf, session.execute(query.order_by(*order)))


def results(
    session: Session, patient_id: int, since: datetime | None, until: datetime | None
) -> Mapping[SeriesOf, tuple[Point, ...]]:
    """Every outcome that was taken in this time and not withdrawn."""
    columns = (Outcome.measure, Outcome.muscle, Outcome.side, Outcome.landmark, Outcome.scale)
    query = select(*columns, Outcome.taken_at, Outcome.value_milli).where(
        Outcome.patient_id == patient_id, Outcome.withdrawn_at.is_(None), *_within(Outcome.taken_at, since, until)
    )
    return _series(SeriesOf, session.execute(query.order_by(*columns, Outcome.taken_at, Outcome.id)))


def _within(at: InstrumentedAttribute[datetime], since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    return [*([] if since is None else [at >= since]), *([] if until is None else [at <= until])]


def _series(of: Any, rows: Iterable[Any]) -> Mapping[Any, tuple[Point, ...]]:
    """By what makes them comparable, each in the order of time."""
    found: defaultdict[Any, list[Point]] = defaultdict(list)
    for *place, at, value in rows:
        found[of(*place)].append(Point(at, value))
    return {place: tuple(points) for place, points in found.items()}
