"""What to look at first on a patient's page, a sentence each, the most urgent first. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from emscontrol.clinic.patients.electrode_sets import SetState
from emscontrol.clinic.patients.outcomes import SeriesOf
from emscontrol.clinic.patients.page_rows import MuscleRow, PlanRow, SessionRow, ThresholdRow
from emscontrol.clinic.patients.trends import REVIEW_WEEKS, REVIEW_WEEKS_DENERVED, REVIEWED, Point, stands_still
from emscontrol.clinic.screening.unanswered import unanswered
from emscontrol.core.units import counted

_ACTIVE: Final = "active"
_WHOLE: Final = "completed"


def of_screening(whole: int, asked: int, holding: int) -> Iterator[str]:
    """Never made, incomplete, or to be asked again. Whether a session may start is judged when it is prepared."""
    yield from filter(None, (unanswered(whole, asked, holding),))


def of_last_session(sessions: tuple[SessionRow, ...], zone: ZoneInfo) -> Iterator[str]:
    """The last session did not end as it should, with its day at the clinic."""
    if sessions and sessions[0].result != _WHOLE:
        last = sessions[0]
        yield f"The last session ({last.opened_at.astimezone(zone):%Y-%m-%d}) was not completed: {last.result}, {last.reason}."


def of_thresholds(thresholds: Iterable[ThresholdRow]) -> Iterator[str]:
    """Thresholds older than the book allows, a line for each muscle."""
    due: dict[str, int] = {}
    for row in thresholds:
        place = f"{row.muscle} {row.side}"
        if row.due:
            due[place] = max(row.age_days, due.get(place, 0))
    yield from (f"Thresholds of {place} are {counted(days, 'day')} old: measure them again." for place, days in due.items())


def of_electrodes(sets: Iterable[SetState]) -> Iterator[str]:
    """Pads to be renewed."""
    yield from (f"Electrodes {each.label}: {each.due}" for each in sets if each.due)


def of_plans(plans: Iterable[PlanRow]) -> Iterator[str]:
    """Proposals that wait for a person, and plans that go on with nothing booked."""
    for plan in plans:
        if plan.open_steps:
            yield f"Plan {plan.id} has a proposal that waits for a decision."
        if plan.status == _ACTIVE and not plan.booked and plan.given < plan.planned:
            yield f"Plan {plan.id} has no appointment booked; {plan.given} of {plan.planned} sessions were given."


def of_progress(
    series: Mapping[SeriesOf, tuple[Point, ...]], plans: Iterable[PlanRow], muscles: Iterable[MuscleRow], now: datetime
) -> Iterator[str]:
    """Rule P13, while a plan goes on: nothing of strength and girth has changed for so long that it asks for a review."""
    if not any(plan.status == _ACTIVE for plan in plans):
        return
    weeks = REVIEW_WEEKS_DENERVED if any(row.lmn == "absent" for row in muscles) else REVIEW_WEEKS
    by_measure = {name: [points for of, points in series.items() if of.measure == name] for name in REVIEWED}
    if stands_still(by_measure, now, weeks):
        yield f"Nothing of MRC, MVC and girth has changed in {weeks} weeks: review the plan."
