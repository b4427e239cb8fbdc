"""A whole plan put between what is there; pure.

Each session is wanted at some time of the clinic's clock. A holiday, a closed day or a muscle that must rest moves it to the
next day on which it can be at the same time, and those after it as far as the rest asks for. Nothing else moves one that
could be when it is wanted, as a therapist who has something else then: somebody has to choose.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from emscontrol.clinic.appointments.conflicts import CONFLICTS, Conflict, Span, Taken, Wish, conflicts
from emscontrol.clinic.appointments.opening import Opening
from emscontrol.clinic.appointments.wall_time import DAY, MINUTE, moment_of, on_clock

SEARCH_DAYS: Final = 28
_BEFORE: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Placed:
    """A session with its time. `note` says why it is another than was wanted, "" when it is not."""

    span: Span
    note: str


@dataclass(frozen=True, slots=True)
class NotPlaced:
    """A session without a time, the one that was wanted, and why it cannot be, a sentence each."""

    wanted: datetime
    why: tuple[str, ...]


def place(
    walls: Sequence[datetime], slot_min: int, wish: Wish, taken: Iterable[Taken], opening: Opening, now: datetime
) -> list[Placed | NotPlaced]:
    """A time for each of `walls`, which are in order, on the clinic's clock; the answers are in the same order."""
    there, found = list(taken), list[Placed | NotPlaced]()
    free_from = _BEFORE
    for wall in walls:
        answer = _one(wall, slot_min, wish, there, opening, now, free_from)
        found.append(answer)
        if isinstance(answer, Placed):
            there.append(Taken(None, wish, answer.span))
            free_from = answer.span.ends_at
    return found


def _one(
    wall: datetime,
    slot_min: int,
    wish: Wish,
    taken: Sequence[Taken],
    opening: Opening,
    now: datetime,
    free_from: datetime,
) -> Placed | NotPlaced:
    first: list[Conflict] = []
    begin = wall if free_from is _BEFORE else max(wall, _not_before(wall, free_from, opening))
    for days in range(SEARCH_DAYS + 1):
        moment = moment_of(begin + days * DAY, opening.zone)
        span = Span(moment.at, moment.at + slot_min * MINUTE)
        if span.starts_at < free_from:
            continue
        found = conflicts(wish, span, taken, opening, now)
        if not found:
            return Placed(span, " ".join(filter(None, (_why(wall, begin + days * DAY, first), moment.moved))))
        first = first or found
        if begin + days * DAY == wall and not all(CONFLICTS[conflict.kind].passed_by for conflict in found):
            return NotPlaced(wall, tuple(conflict.sentence for conflict in found))
    closing = f"No later day up to {SEARCH_DAYS} days on is free of that either."
    return NotPlaced(wall, (*(conflict.sentence for conflict in first), closing))


def _not_before(wall: datetime, free_from: datetime, opening: Opening) -> datetime:
    """The wanted time of day on the day on which the session before ends."""
    return datetime.combine(on_clock(free_from, opening.zone).date(), wall.time())


def _why(wanted: datetime, taken: datetime, first: Sequence[Conflict]) -> str:
    if wanted == taken:
        return ""
    because = " ".join(conflict.sentence for conflict in first) or "Those before it have moved."
    return f"Wanted on {wanted:%Y-%m-%d at %H:%M}. {because}"
