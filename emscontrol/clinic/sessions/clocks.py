"""May a session have been when its journal says? A station's clock may be wrong, and rest and progression go by it. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Final

EARLY: Final = timedelta(days=1)  # before its appointment, or its plan, a session may have been no earlier than this [D]
SKEW: Final = timedelta(minutes=5)  # by which the clocks of two stations may differ [D]


def is_possible(told: datetime, handed_in_at: datetime, planned: datetime | None) -> bool:
    """Whether a session that was planned for then, and handed in then, can have begun when it says."""
    return told <= handed_in_at + SKEW and (planned is None or told >= planned - EARLY)


def counted_at(told: datetime, handed_in_at: datetime, planned: datetime | None) -> datetime:
    """When a session counts: when it says, where that can be; else the latest that anything else speaks for.

    Late is safe: no muscle gets more before its rest is over. A clock that is far ahead is believed for a day after what was
    planned at most, so that it keeps nobody from his sessions for longer.
    """
    if is_possible(told, handed_in_at, planned):
        return told
    return max(handed_in_at, told) if planned is None else max(handed_in_at, planned, min(told, planned + EARLY))


def sentence(told: datetime, handed_in_at: datetime, planned: datetime | None) -> str:
    """What is told of a session that cannot have been when it says."""
    at = f"what was planned ({_shown(planned)}) and " if planned else ""
    return (
        f"It says that it began on {_shown(told)}, which does not fit {at}when it was handed in ({_shown(handed_in_at)}): "
        f"a clock was wrong. It counts on {_shown(counted_at(told, handed_in_at, planned))}."
    )


def _shown(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
