"""Whether a host is there: Init until it answers, then the watchdog (protocol description 1.24, "Connection")."""

from typing import Final

INIT_REPETITION_US: Final = 500_000
WATCHDOG_US: Final = 1_200_000
PROTOCOL_VERSION: Final = 1  # what real devices send
MAX_CATCH_UP: Final = 100  # Init packets that are sent in one go at most


class Connection:
    """The life cycle of the link. It keeps times and says what is due; the device sends and switches off."""

    def __init__(self, watchdog_us: int) -> None:
        self._watchdog_us: Final = watchdog_us
        self.connected = False
        self._due_us: int | None = None

    @property
    def due_us(self) -> int | None:
        """When the next Init is to be sent or, once connected, the watchdog expires; None before the device has power."""
        return self._due_us

    def lose(self, now_us: int) -> None:
        """There is no host (any more): Init from now on."""
        self.connected = False
        self._due_us = now_us

    def accept(self, now_us: int) -> None:
        """A host has answered Init."""
        self.connected = True
        self._due_us = now_us + self._watchdog_us

    def heard(self, now_us: int) -> None:
        """A packet without transfer error came: the watchdog begins anew."""
        if self.connected:
            self._due_us = now_us + self._watchdog_us

    def init_sent(self, now_us: int) -> None:
        """One Init is out; plans the next."""
        self._due_us = (self._due_us if self._due_us is not None else now_us) + INIT_REPETITION_US

    def catch_up(self, now_us: int) -> int:
        """Much time passes at once and nobody takes what is sent: leaves out all but the last Inits, returns how many."""
        if self.connected or self._due_us is None:
            return 0
        left_out = max(0, (now_us - self._due_us) // INIT_REPETITION_US - MAX_CATCH_UP)
        self._due_us += left_out * INIT_REPETITION_US
        return left_out
