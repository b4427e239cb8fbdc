"""How an appointment stands, and what leads from one status to another: one table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from emscontrol.core.errors import IllegalTransition

BOOKED: Final = "booked"
DONE: Final = "done"
MISSED: Final = "missed"
CANCELLED: Final = "cancelled"

STATUS: Final[Mapping[str, str]] = MappingProxyType(
    {
        BOOKED: "It is to take place.",
        DONE: "A session of it was handed in that counts.",
        MISSED: "It has passed without a session.",
        CANCELLED: "It was called off before it took place.",
    }
)
"""Every status with what it means."""

HELD: Final = frozenset({BOOKED, DONE})
"""The statuses that take a patient's, a therapist's and a stimulator's time, and that muscles have to rest from."""


class Transition(NamedTuple):
    """What may happen to an appointment of a status, "" for one that is not there yet."""

    verb: str
    before: str
    after: str
    reason: bool
    sentence: str


TRANSITIONS: Final[tuple[Transition, ...]] = (
    Transition("book", "", BOOKED, False, "An appointment begins as booked."),
    Transition("move", BOOKED, BOOKED, True, "What is booked can be moved to another time, with a reason."),
    Transition("cancel", BOOKED, CANCELLED, True, "What is booked can be called off, with a reason."),
    Transition("miss", BOOKED, MISSED, True, "What is booked and has passed without a session was missed."),
    Transition("do", BOOKED, DONE, False, "A session that counts makes it done."),
    Transition("do", MISSED, DONE, False, "A record that is handed in late shows that it took place after all."),
    Transition("reopen", DONE, BOOKED, False, "Its record is no longer in the book, and its time is still to come."),
    Transition("lose", DONE, MISSED, False, "Its record is no longer in the book, and its time is over."),
)
"""Every way from one status to another. A second chance for a missed or cancelled one is a new appointment: what was called
off stays so, even when a record shows that it took place."""


class Reasons(NamedTuple):
    """Why an appointment was missed or called off, and why it is at its time: moved there, or booked in spite of a conflict."""

    of_status: str
    of_time: str


def reasons(status: str, reason: str) -> Reasons:
    """Of what the one reason is that an appointment keeps, the one that was given last; "" of the other."""
    return Reasons("", reason) if status in HELD else Reasons(reason, "")


def transition(verb: str, before: str, what: str) -> Transition:
    """The row for this. Raises IllegalTransition; `what` is the appointment in words."""
    found = next((row for row in TRANSITIONS if row.verb == verb and row.before == before), None)
    if found is None:
        allowed = " or ".join(row.before for row in TRANSITIONS if row.verb == verb)
        raise IllegalTransition(
            f"{what} is {before}. {STATUS.get(before, '')}".strip(),
            f"To {verb} it, it would have to be {allowed}. Book a new one.",
        )
    return found
