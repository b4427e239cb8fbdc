"""The wall clock, for people: it may jump, so nothing is timed by it."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from time import time_ns
from typing import Final

from emscontrol.core.events import Event, make

JUMP_US: Final = 500_000  # well above what NTP slews between two looks, below the smallest step of the fault matrix (1 s)
_US: Final = timedelta(microseconds=1)
_EPOCH: Final = datetime.fromtimestamp(0, UTC)


def local_wall_clock() -> str:
    """The time of day here, ISO 8601 with offset, to the millisecond."""
    second, rest_ns = divmod(time_ns(), 1_000_000_000)
    to_seconds, offset = _second(second)
    return f"{to_seconds}.{rest_ns // 1_000_000:03d}{offset}"


@lru_cache(maxsize=1)
def _second(second: int) -> tuple[str, str]:
    """The parts before and after the milliseconds. Working out the offset costs as much as a whole line of the journal."""
    text = datetime.fromtimestamp(second).astimezone().isoformat(timespec="seconds")
    return text[:19], text[19:]


class WallWatch:
    """Compares the wall clock with the monotonic one and tells when it jumps. Slow drift is not a jump."""

    def __init__(self) -> None:
        self._offset_us: int | None = None

    def look(self, wall: str, now_us: int) -> Event | None:
        """A `wall_clock_jump` when the wall clock moved otherwise than the monotonic one since the last look.

        `wall` is ISO 8601 with offset, so a change to or from summer time is no jump.
        """
        offset_us = (datetime.fromisoformat(wall) - _EPOCH) // _US - now_us
        before_us, self._offset_us = self._offset_us, offset_us
        if before_us is None or abs(offset_us - before_us) < JUMP_US:
            return None
        direction = "forward" if offset_us > before_us else "back"
        return make("wall_clock_jump", direction=direction, by_us=abs(offset_us - before_us))
