"""How a simulated muscle grows with what it was given, and what a therapist would measure of it.

Every figure is a design choice [D]: the course is plausible (nothing for two weeks, most of it within three months, lost
again without use), and nothing in it was measured on anybody.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import exp
from typing import Final

FULL_DOSE_NS: Final = 40_000.0  # pull (N) times contractions of about fifteen good sessions: two thirds of what can be gained
LOST_A_WEEK: Final = 0.02  # of what was gained, without a session
SILENT_DAYS: Final = 7  # after a session, before anything is lost
LATE: Final = timedelta(days=10)  # strength shows so much later than it is earned

MVC_NM: Final = 180.0  # of the reference's quadriceps, force factor 1
GIRTH_CM: Final = 44.0  # of a thigh with force factor 1
GIRTH_PER_FORCE_CM: Final = 6.0
_GRADES: Final = ((0.02, 0.0), (0.08, 1.0), (0.2, 2.0), (0.4, 3.0), (0.6, 3.67), (0.75, 4.0), (0.9, 4.33))
"""Below this share of the force of a healthy muscle: this grade; 5 from there on."""


@dataclass(frozen=True, slots=True)
class Muscle:
    """One muscle's state: the force factor it began with, what it can reach, and the doses it has had, with their times."""

    first: float
    reach: float
    doses: tuple[tuple[datetime, float], ...] = ()

    def given(self, at: datetime, pull_n: float, contractions: int) -> "Muscle":
        """After a session in which it pulled so hard, so often."""
        return replace(self, doses=(*self.doses, (at, pull_n * contractions)))

    def force(self, at: datetime) -> float:
        """The force factor at a time: what was earned by then, less what lies idle."""
        earned = sum(dose for given_at, dose in self.doses if given_at + LATE <= at)
        gained = (self.reach - self.first) * (1.0 - exp(-earned / FULL_DOSE_NS))
        last = max((given_at for given_at, _ in self.doses if given_at <= at), default=at)
        idle_weeks = max(0.0, ((at - last).days - SILENT_DAYS) / 7)
        return self.first + gained * max(0.0, 1.0 - LOST_A_WEEK * idle_weeks)


def mvc_nm(force: float, voluntary: float) -> float:
    """What a dynamometer would show (Nm): the muscle's force, and how much of it the will reaches."""
    return MVC_NM * force * voluntary


def girth_cm(force: float) -> float:
    """What a tape would show (cm), 10 cm above the patella."""
    return GIRTH_CM + GIRTH_PER_FORCE_CM * (force - 1.0)


def mrc_grade(force: float, voluntary: float) -> float:
    """The grade that a hand would feel."""
    share = force * voluntary
    return next((grade for below, grade in _GRADES if share < below), 5.0)
