"""Everything that a report over the weeks knows, as plain values. No name of a patient is in it, only his code."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from emscontrol.clinic.book.book import About
from emscontrol.clinic.patients.outcomes import SeriesOf
from emscontrol.clinic.patients.trends import Point
from emscontrol.clinic.plans.plan_page import PlanPage


class Standing(StrEnum):
    """What was found when the record of a session was looked at once more."""

    INTACT = "intact"
    OPEN = "intact, no end"
    DISTRUSTED = "key not trusted"  # intact, but somebody else may have the key that it is signed with
    UNKNOWN_KEY = "unknown key"  # intact, and signed with a key that is not known at this station
    UNSIGNED = "not signed"  # intact, but of a real session, which a station signs
    BROKEN = "not intact"
    DIFFERS = "not as indexed"
    GONE = "no record"


UNSUPPORTED: Final = frozenset({Standing.BROKEN, Standing.DIFFERS, Standing.GONE})
"""Records that do not bear out what the index of sessions says."""

UNPROVEN: Final = frozenset({Standing.UNKNOWN_KEY, Standing.UNSIGNED})
"""Records that fit in themselves, and of which nobody knows who wrote them."""


@dataclass(frozen=True, slots=True)
class Record:
    """The record of a session. `digest` is the hash of its last line, "" where none is; `sentence` says what was found.

    `signed` is whether it has a signature that stands.
    """

    standing: Standing
    digest: str
    sentence: str
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Got:
    """What one channel got in a session. `comfort_ua` is the level that the session went by, 0 where none was told."""

    channel: int
    muscle: str
    side: str
    comfort_ua: int
    peak_ua: int
    contractions: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One session as the index tells it. `counts` as dose; one that was simulated never does in a clinic's book."""

    id: int
    journal_id: str
    plan_id: int | None
    appointment_id: int | None
    opened_at: datetime
    duration_us: int
    result: str
    reason: str
    counts: bool
    simulated: bool
    contractions: int
    contractions_prescribed: int
    pulses: int
    charge_pc: int


@dataclass(frozen=True, slots=True)
class Performed(Entry):
    """The same with its record, which was looked at once more, and with what each channel got."""

    record: Record
    channels: tuple[Got, ...]

    @property
    def delivers(self) -> bool:
        """Whether it counts and gave something, which is what adherence adds up."""
        return self.counts and self.contractions > 0

    @property
    def borne_out(self) -> bool:
        """Whether its record says what the index says."""
        return self.record.standing not in UNSUPPORTED


@dataclass(frozen=True, slots=True)
class LevelOf:
    """What makes levels comparable: the same kind at the same place with the same pads and pulses."""

    muscle: str
    side: str
    kind: str
    area_mm2: int
    width_us: int


@dataclass(frozen=True, slots=True)
class Course:
    """One patient at one moment: of all plans, or of one. `since` and `until` are what levels and outcomes are taken from.

    `skin` says why no session can start for its sake, "" where nothing is in the way; `alerts` are those of the patient's page.
    """

    made_at: datetime
    about: About
    patient: str
    conditions: tuple[str, ...]
    alerts: tuple[str, ...]
    skin: str
    plans: tuple[PlanPage, ...]
    only: int | None
    since: datetime | None
    until: datetime | None
    sessions: tuple[Performed, ...]
    levels: Mapping[LevelOf, tuple[Point, ...]]
    results: Mapping[SeriesOf, tuple[Point, ...]]
    """Levels in µA, outcomes in thousandths of their unit, oldest first."""
