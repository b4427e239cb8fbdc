"""Is it really off? Follows a stop from its first frame to the read-back of zero."""

from typing import Final

from emscontrol.core import budget
from emscontrol.core.units import US_PER_MS, US_PER_S

CONFIRM_US: Final = budget.T_STOP_CONFIRM * US_PER_MS
STRANGER_CONFIRM_US: Final = 3 * US_PER_S  # a stimulator that has not answered yet: a RehaStim 2 speaks by itself within 2.5 s
BURST: Final = 5  # so many stops follow each other; then a silence long enough for the device's own watchdog
REPEAT_US: Final = budget.T_STOP_CONFIRM * US_PER_MS  # a stop that is not confirmed is sent again this often
GIVE_UP_US: Final = 10 * US_PER_S  # a stimulator that answers but stays on: so long the stop is repeated
AFTER_WATCHDOG_US: Final = US_PER_S  # a dead link: so long after the device's own watchdog the session is closed


class StopWatch:
    """One stop and its confirmation. `link_lost` is set when the port is gone or silent.

    A device that never confirms hears stops in bursts with silence between them: stops without end would keep its own watchdog
    from acting.
    """

    def __init__(self, watchdog_us: int) -> None:
        self.link_lost = False
        self._silence_us = watchdog_us + AFTER_WATCHDOG_US
        self._in_burst = 0
        self._patience_us = CONFIRM_US
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

    def sent(self, now_us: int, patience_us: int = CONFIRM_US) -> None:
        """A stop has gone out; an earlier confirmation no longer counts. It is overdue when not confirmed in `patience_us`."""
        self._patience_us = patience_us
        if self._first_us is None or self._confirmed:
            self._first_us = now_us
            self._alarmed = False
        self._last_us = now_us
        self._in_burst = 1
        self._confirmed = False

    def just_sent(self, now_us: int) -> bool:
        """True while a stop is on its way and the stimulator has not had the time to obey it."""
        return self.pending and now_us - self._last_us < budget.T_STOP_DEV * US_PER_MS

    def repeated(self, now_us: int) -> None:
        """The stop has gone out again."""
        self._in_burst = self._in_burst % BURST + 1
        self._last_us = now_us

    def confirm(self, now_us: int) -> int:
        """Zero has been read back; returns how long that took (µs)."""
        self._confirmed = True
        self._alarmed = False
        return now_us - (self._first_us or now_us)

    def overdue(self, now_us: int) -> bool:
        """True when the confirmation is later than it may be."""
        return self.pending and now_us - (self._first_us or 0) >= self._patience_us

    def alarm_now(self) -> bool:
        """True once for each stop: the alarm is raised the first time."""
        first, self._alarmed = not self._alarmed, True
        return first

    def repeat_due(self, now_us: int) -> bool:
        """True when the stop has to go out again."""
        return self.pending and now_us >= self._last_us + self._wait_us

    def hopeless(self, now_us: int, watchdog_us: int) -> bool:
        """True when waiting for the read-back makes no sense any more."""
        wait_us = watchdog_us + AFTER_WATCHDOG_US if self.link_lost else GIVE_UP_US
        return self.pending and now_us - (self._first_us or 0) >= wait_us

    def due_us(self) -> int | None:
        """When to look again, or None."""
        return self._last_us + self._wait_us if self.pending else None

    @property
    def _wait_us(self) -> int:
        return REPEAT_US if self._in_burst < BURST else self._silence_us
