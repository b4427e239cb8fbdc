"""The charge of a simulated stimulator's battery, as the faults make it."""

from typing import Final

from firmware_sim.faults import FaultKind, FaultSchedule

USUAL_PERCENT: Final = 90
MINUTE_US: Final = 60_000_000


def charge_percent(faults: FaultSchedule, now_us: int) -> int:
    """What is left (percent, rounded up, so that 0 is really empty)."""
    if low := faults.active(FaultKind.LOW_BATTERY, now_us):
        return int(low.argument or 0)
    if drain := faults.active(FaultKind.BATTERY_DRAIN, now_us):
        used = (now_us - (faults.since_us(drain) or 0)) * (drain.second or 0) / MINUTE_US
        return max(0, -int(-((drain.argument or 0) - used) // 1))
    return USUAL_PERCENT


def empty_us(faults: FaultSchedule, now_us: int) -> int | None:
    """When the battery that runs down will be empty; None when none does."""
    drain = faults.active(FaultKind.BATTERY_DRAIN, now_us)
    if drain is None or not drain.second:
        return None
    return (faults.since_us(drain) or 0) + round((drain.argument or 0) / drain.second * MINUTE_US)
