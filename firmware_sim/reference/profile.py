"""What the device says about itself, and what of it the faults falsify."""

from typing import Final

from firmware_sim.faults import FaultKind, FaultSchedule
from firmware_sim.reference.layout import Params
from firmware_sim.reference.limits import Limits
from firmware_sim.reference.tables import (
    CHANNELS,
    DENERVATION,
    LEASE_MAX_MS,
    LEASE_MIN_MS,
    MEASURES_IMPEDANCE,
    VERSION,
    VOLTAGE_MV,
    Refused,
    Result,
)

SERIAL: Final = "REF-SIM001"
OTHER_SERIAL: Final = "REF-SIM002"
FIRMWARE: Final = "1.0.0"
OTHER_FIRMWARE: Final = "99.9.9"
OTHER_VERSION: Final = 99
AMPLITUDE_MAX: Final = 1200


class Profile:
    """Identity and capabilities. `lease_ms` replaces the longest lease, as far as the protocol can say it."""

    def __init__(self, faults: FaultSchedule, lease_ms: int | None) -> None:
        self._faults: Final = faults
        wanted_ms = LEASE_MAX_MS if lease_ms is None else lease_ms
        self.lease_max_ms: Final = min(LEASE_MAX_MS, max(LEASE_MIN_MS, wanted_ms))

    def identity(self, now_us: int) -> Params:
        """The answer to `IDENTIFY`."""
        other_serial, other_firmware = (
            self._faults.active(kind, now_us) for kind in (FaultKind.OTHER_SERIAL, FaultKind.OTHER_FIRMWARE)
        )
        return {
            "maker": "emscontrol",
            "model": "reference",
            "serial": OTHER_SERIAL if other_serial else SERIAL,
            "firmware": OTHER_FIRMWARE if other_firmware else FIRMWARE,
        }

    def version(self, now_us: int) -> int:
        """The version that `HELLO` is answered with."""
        return OTHER_VERSION if self._faults.active(FaultKind.OTHER_FIRMWARE, now_us) else VERSION

    def capabilities(self, now_us: int) -> Params:
        """The answer to `CAPABILITIES`."""
        lower = self._faults.active(FaultKind.LOWER_LIMITS, now_us)
        return {
            "channels": CHANNELS,
            "flags": DENERVATION | MEASURES_IMPEDANCE,
            "shapes": 0b1111,
            "burst_max": 6,
            "amplitude_max": AMPLITUDE_MAX if lower is None else min(AMPLITUDE_MAX, int((lower.argument or 0) * 10)),
            "width_min_us": 20,
            "width_max_us": 200_000,
            "period_min_us": 2500,
            "period_max_us": 5_000_000,
            "voltage_max": VOLTAGE_MV // 100,
            "lease_max_ms": self.lease_max_ms,
        }

    def check_measures(self, channel: int, now_us: int) -> None:
        """Refuses to measure an electrode where the device says that it cannot."""
        if not self.capabilities(now_us)["flags"] & MEASURES_IMPEDANCE:
            raise Refused(Result.NOT_CAPABLE, channel)

    def check(self, limits: Limits, now_us: int) -> None:
        """Refuses limits beyond what the device can do. All but the amplitude is within it by the ranges of the fields."""
        if limits.amplitude_max > self.capabilities(now_us)["amplitude_max"]:
            raise Refused(Result.NOT_CAPABLE, limits.channel)
