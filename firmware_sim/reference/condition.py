"""The device itself: battery, temperature, the patient's stop button, the self test; and the bits of `faults`."""

from typing import Final

from firmware_sim.battery import MINUTE_US, USUAL_PERCENT, charge_percent
from firmware_sim.faults import FaultKind, FaultSchedule
from firmware_sim.reference.tables import CLEARABLE, Bit

USUAL_CELSIUS: Final = 31
HOTTEST_CELSIUS: Final = 60
EMPTY_PERCENT: Final = 5
NONE: Final = Bit(0)
NOTHING: Final = (NONE, NONE)
STOP: Final = int(Bit.PATIENT_STOP)


class Condition:
    """`bits` are those in force. Bits 0 to 4 and 6 stay until they are cleared (6: until power is lost)."""

    def __init__(self, faults: FaultSchedule) -> None:
        self.bits = Bit.REBOOTED
        self.celsius = USUAL_CELSIUS
        self.pressed = False
        self._faults: Final = faults

    def percent(self, now_us: int) -> int:
        """What is left in the battery."""
        return charge_percent(self._faults, now_us) if self._faults.planned else USUAL_PERCENT

    def causes(self, now_us: int) -> Bit:
        """The bits whose cause is there now, as far as that can be seen without current."""
        bits = NONE
        if self.celsius > HOTTEST_CELSIUS:
            bits |= Bit.TEMPERATURE
        if self._faults.planned:
            if self.percent(now_us) < EMPTY_PERCENT:
                bits |= Bit.BATTERY_EMPTY
            if self._faults.active(FaultKind.STOP_BUTTON, now_us):
                bits |= Bit.PATIENT_STOP
        return bits | Bit.PATIENT_STOP if self.pressed else bits

    def look(self, now_us: int) -> tuple[Bit, Bit]:
        """Takes up what there is now: the bits that have begun and that have ended by themselves."""
        if self._is_quiet():
            return NOTHING
        causes = self.causes(now_us)
        if self._faults.planned and self._faults.take(FaultKind.MODULE_FAULT, now_us):
            causes |= Bit.SELF_TEST
        begun = causes & ~self.bits
        ended = Bit.PATIENT_STOP & self.bits & ~causes
        self.bits = (self.bits | begun) & ~ended
        return begun, ended

    def _is_quiet(self) -> bool:
        """Whether nothing can have begun, and nothing that ends by itself is there: so most of the time."""
        if self._faults.planned or self.pressed or self.celsius > HOTTEST_CELSIUS:
            return False
        return not int(self.bits) & STOP

    def clear(self, now_us: int) -> None:
        """Ends what can be ended and has no cause any more."""
        self.bits &= ~(CLEARABLE & ~self.causes(now_us))

    def due_us(self, now_us: int) -> int | None:
        """When a battery that runs down is empty."""
        drain = self._faults.active(FaultKind.BATTERY_DRAIN, now_us) if self._faults.planned else None
        if drain is None or not drain.second or self.bits & Bit.BATTERY_EMPTY:
            return None
        left = (drain.argument or 0) - EMPTY_PERCENT + 1
        at_us = (self._faults.since_us(drain) or 0) + round(left / drain.second * MINUTE_US)
        return at_us if at_us > now_us else None
