"""Everything of one patient as plain values, fetched in the book's own thread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from emscontrol.desk.desk import AtWork

if TYPE_CHECKING:
    from emscontrol.clinic.book.book import About
    from emscontrol.clinic.patients.page_parts import Series
    from emscontrol.clinic.patients.page_rows import PatientPage
    from emscontrol.clinic.prescription.screened import ScreeningState
    from emscontrol.clinic.sessions.course import Given


@dataclass(frozen=True, slots=True)
class Dossier:
    """The patient's page, and what the page leaves out: the values of each series, the screening, the sessions before.

    `skin` says why no session can start for the sake of the skin, "" where nothing is in the way.
    """

    page: "PatientPage"
    series: "Series"
    course: Sequence["Given"]
    screening: "ScreeningState"
    skin: str
    zone: ZoneInfo

    def day(self, at: datetime) -> str:
        """A day on the clinic's clock."""
        return f"{at.astimezone(self.zone):%Y-%m-%d}"

    def moment(self, at: datetime) -> str:
        """A day with its time on the clinic's clock."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"

    @property
    def active_plans(self) -> list[int]:
        """The plans that go on."""
        return [plan.id for plan in self.page.plans if plan.status == "active"]

    @property
    def alerts(self) -> tuple[str, ...]:
        """What to look at first, the skin before everything else."""
        return (*filter(None, (self.skin,)), *self.page.alerts)


def dossier_of(at: AtWork, code: str, about: "About", declared: Callable[[str], bool]) -> Dossier:
    """All of it at this moment. Raises UsageError for a code that nobody has."""
    from emscontrol.clinic.agenda.skin import skin_in_the_way
    from emscontrol.clinic.patients.page import patient_page
    from emscontrol.clinic.patients.page_parts import series
    from emscontrol.clinic.patients.patients import find_patient
    from emscontrol.clinic.prescription.screened import screening_state
    from emscontrol.clinic.sessions.course import course_of

    number = find_patient(at.session, code).id
    return Dossier(
        page=patient_page(at.session, number, at.now, about),
        series=series(at.session, number),
        course=course_of(at.session, number),
        screening=screening_state(at.session, number, at.now, declared),
        skin=skin_in_the_way(at.session, number, about.zone),
        zone=about.zone,
    )
