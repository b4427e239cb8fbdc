"""Has the link gone silent? Time without a valid answer, while one is due."""

from typing import Final

from emscontrol.core.budget import T_HEARTBEAT, T_LINK_LOST
from emscontrol.core.stimulator import LinkSilent
from emscontrol.core.units import US_PER_MS

LINK_LOST_US: Final = T_LINK_LOST * US_PER_MS
HEARTBEAT_US: Final = T_HEARTBEAT * US_PER_MS


class Silence:
    """Measures from the last answer where questions follow each other at heartbeat pace, else from the first unanswered one.

    So a link that falls silent right after an answer is noticed T_LINK_LOST after that answer, not a poll later; and a host
    that was itself late does not blame the device.
    """

    def __init__(self) -> None:
        self.watching = False
        self.pace_us = 0
        self._heard_us = 0
        self._unanswered_us: int | None = None
        self._told = False

    def restart(self) -> None:
        """Nothing is due; not watching."""
        self.watching = False
        self.pace_us = 0
        self._unanswered_us = None
        self._told = False

    def asked(self, now_us: int) -> None:
        """A request that has an answer was written."""
        if self._unanswered_us is None:
            self._unanswered_us = now_us

    def heard(self, now_us: int, still_unanswered_us: int | None) -> None:
        """A valid answer to an outstanding request came; the oldest request that is still outstanding was written then."""
        self._heard_us = now_us
        self._unanswered_us = still_unanswered_us
        self._told = False

    def events(self, now_us: int) -> list[LinkSilent]:
        """`LinkSilent`, once for each silence."""
        due_us = self.due_us()
        if due_us is None or now_us < due_us:
            return []
        self._told = True
        return [LinkSilent(now_us - due_us + LINK_LOST_US)]

    def due_us(self) -> int | None:
        """When the silence becomes a lost link, if nothing is heard until then."""
        if self._told or not self.watching or self._unanswered_us is None:
            return None
        head_start_us = self.pace_us if self.pace_us <= HEARTBEAT_US else 0
        return max(self._heard_us, self._unanswered_us - head_start_us) + LINK_LOST_US
