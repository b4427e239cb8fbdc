"""Is it really off? Follows a stop from its first frame to the read-back of zero."""

from typing import Final

from emscontrol.core import budget
from emscontrol.core.units import US_PER_MS, US_PER_S

REPEAT_US: Final = budget.T_STOP_CONFIRM * US_PER_MS  # a stop that is not confirmed is sent again this often
GIVE_UP_US: Final = 10 * US_PER_S  # a stimulator that answers but stays on: so long the stop is repeated
AFTER_WATCHDOG_US: Final = US_PER_S  # a dead link: so long after the device's own watchdog the session is closed


class StopWatch:
    """One stop and its confirmation. `link_lost` is set when the port is gone or silent."""

    def __init__(self) -> None:
        self.link_lost = False
        self._first_us: int | None = None
        self._last_us = 0
        self._confirmed = False
        self._alarmed = False

    @property
    def pending(self) -> bool:
        """True from the stop until zero is read back."""
        return self._first_us is not None and not self._confirmed

    @property
    def confirmed(self) -> bool:
        """True when zero has been read back."""
        return self._confirmed

    @property
    def unconfirmed(self) -> bool:
        """True when the output must be taken as unknown: the link is gone, or the confirmation is late."""
        return self.pending and (self._alarmed or self.link_lost)

    def sent(self, now_us: int) -> None:
        """A stop has gone out; an earlier confirmation no longer counts."""
        if self._first_us is None or self._confirmed:
            self._first_us = now_us
        self._last_us = now_us
        self._confirmed = False

    def repeated(self, now_us: int) -> None:
        """The stop has gone out again."""
        self._last_us = now_us

    def confirm(self, now_us: int) -> int:
        """Zero has been read back; returns how long that took (µs)."""
        self._confirmed = True
        self._alarmed = False
        return now_us - (self._first_us or now_us)

    def overdue(self, now_us: int) -> bool:
        """True when the confirmation is later than T_STOP_CONFIRM."""
        return self.pending and now_us - (self._first_us or 0) >= budget.T_STOP_CONFIRM * US_PER_MS

    def alarm_now(self) -> bool:
        """True once for each stop: the alarm is raised the first time."""
        first, self._alarmed = not self._alarmed, True
        return first

    def repeat_due(self, now_us: int) -> bool:
        """True when the stop has to go out again."""
        return self.pending and now_us - self._last_us >= REPEAT_US

    def hopeless(self, now_us: int, watchdog_us: int) -> bool:
        """True when waiting for the read-back makes no sense any more."""
        wait_us = watchdog_us + AFTER_WATCHDOG_US if self.link_lost else GIVE_UP_US
        return self.pending and now_us - (self._first_us or 0) >= wait_us

    def due_us(self) -> int | None:
        """When to look again, or None."""
        return self._last_us + REPEAT_US if self.pending else None
