"""One appointment of a day, and what is due before its session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

SCREENING: Final = "screening"
STANDING: Final = "standing"
THRESHOLD: Final = "threshold"
ELECTRODES: Final = "electrodes"
PROGRESSION: Final = "progression"
INTERRUPTED: Final = "interrupted"
SKIN: Final = "skin"

DUE: Final[Mapping[str, str]] = MappingProxyType(
    {
        SKIN: "{why} Nothing is given until a specialist has looked at the skin and entered how it is.",
        INTERRUPTED: "The last session was interrupted on {day}: look at its record.",
        STANDING: "The screening stands in the way until it is overridden or acknowledged: {rules}.",
        SCREENING: "{why}",
        ELECTRODES: "Electrodes {label}: {why}",
        THRESHOLD: "Comfort threshold of {where}: {age}.",
        PROGRESSION: "A step of the plan is proposed ({rule}): accept or refuse it.",
    }
)
"""Everything that can be due, in the order in which it is told."""


class Due(NamedTuple):
    """One thing that is due, of a kind of `DUE`, in a sentence."""

    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class AgendaEntry:
    """One appointment. `number` of `whole` is which session of its plan it is; both are None without a plan.

    `reason` is that of a miss or a cancellation, `time_why` that of the time that it has, moved
    there where `moved` is not 0. `due` is empty for what is not booked any
    more: nothing is to be done for it.
    """

    appointment: int
    version: int
    patient_id: int
    patient: str
    plan: int | None
    title: str
    number: int | None
    whole: int | None
    status: str
    reason: str
    moved: int
    time_why: str
    starts_at: datetime
    ends_at: datetime
    therapist: str
    stimulator: str
    due: tuple[Due, ...] = ()


def due(kind: str, **words: object) -> Due:
    """One thing that is due, in the words of the table."""
    return Due(kind, DUE[kind].format(**words))
