"""The level that holds today for one muscle and one kind of pulse: as measured, estimated from another width, or missing."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from sqlalchemy.orm import Session

from emscontrol.clinic.book.check import trust
from emscontrol.clinic.book.owned import owned
from emscontrol.clinic.patients.carry import CHRONAXIE_US, carried_ua, why_not
from emscontrol.clinic.patients.muscles import state_of
from emscontrol.clinic.patients.thresholds import COMFORT, is_due, newest_thresholds
from emscontrol.clinic.tables.findings import Threshold
from emscontrol.core.units import format_ma
from emscontrol.safety.screening_answers import CLOCK_SKEW

ESTIMATED_COMFORT_PERCENT: Final = 90
"""How much of a carried comfort level is taken: pain has a longer chronaxie than the motor nerve [D]."""


@dataclass(frozen=True, slots=True)
class Level:
    """An amplitude with where it comes from. `stale` is older than the book allows: to be measured again first."""

    amplitude_ua: int
    measured_at: datetime
    estimated: bool
    stale: bool
    sentence: str
    threshold_id: int


@dataclass(frozen=True, slots=True)
class Missing:
    """There is none, and why."""

    sentence: str


def level_for(
    session: Session,
    patient_id: int,
    muscle: str,
    side: str,
    kind: str,
    area_mm2: int,
    width_us: int,
    now: datetime,
    threshold_days: int,
    zone: tzinfo,
    chronaxie_us: int = CHRONAXIE_US,
) -> Level | Missing:
    """Measured goes before estimated, unless it is stale and the estimate is not. Its sentence tells the day in `zone`.

    Raises BookError where what it rests on was changed behind the program's back.
    """
    where = (
        Threshold.muscle == muscle,
        Threshold.side == side,
        Threshold.kind == kind,
        Threshold.measured_at <= now + CLOCK_SKEW,
    )
    owned(session, Threshold, Threshold.patient_id, patient_id)  # of two the older one counts when the newer is taken away
    known = newest_thresholds(session, patient_id, *where)
    own = [row for row in known if row.area_mm2 == area_mm2 and row.width_us == width_us]
    if own and not is_due(own[0].measured_at, now, threshold_days):
        return _level(own[0], own[0].amplitude_ua, width_us, now, threshold_days, zone)
    state = state_of(session, patient_id, muscle, side)
    trust(session, [state] if state else [])
    lmn = state.lmn if state else "not examined"
    refusals = {row: why_not(row.width_us, width_us, row.area_mm2, area_mm2, lmn, chronaxie_us) for row in known}
    others = [row for row, refused in refusals.items() if not refused and row not in own]
    others.sort(key=lambda row: (row.measured_at, -abs(row.width_us - width_us), -row.amplitude_ua), reverse=True)
    if others and (not own or not is_due(others[0].measured_at, now, threshold_days)):
        amplitude_ua = carried_ua(others[0].amplitude_ua, others[0].width_us, width_us, chronaxie_us)
        if kind == COMFORT:
            amplitude_ua = amplitude_ua * ESTIMATED_COMFORT_PERCENT // 100
        return _level(others[0], amplitude_ua, width_us, now, threshold_days, zone)
    if own:
        return _level(own[0], own[0].amplitude_ua, width_us, now, threshold_days, zone)
    why = next((refused for refused in refusals.values() if refused), "It was never measured.")
    return Missing(f"There is no {kind} level of {muscle} {side} for {width_us} µs on {_cm2(area_mm2)}. {why} Measure it.")


def _level(row: Threshold, amplitude_ua: int, width_us: int, now: datetime, threshold_days: int, zone: tzinfo) -> Level:
    stale, estimated = is_due(row.measured_at, now, threshold_days), row.width_us != width_us
    day = f"{row.measured_at.astimezone(zone):%Y-%m-%d}"
    words = f"{row.kind} of {row.muscle} {row.side} {format_ma(amplitude_ua)} at {width_us} µs on {_cm2(row.area_mm2)}"
    if estimated:
        words += f", estimated from {format_ma(row.amplitude_ua)} at {row.width_us} µs, measured on {day}"
        words += f" ({ESTIMATED_COMFORT_PERCENT} % of it taken)" if row.kind == COMFORT else ""
    else:
        words += f", measured on {day}"
    if stale:
        words += f"; older than {threshold_days} days, measure it again"
    return Level(amplitude_ua, row.measured_at, estimated, stale, f"{words}.", row.id)


def _cm2(area_mm2: int) -> str:
    return f"{area_mm2 / 100:g} cm²"
