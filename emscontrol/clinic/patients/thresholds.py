"""Thresholds as they were measured, by muscle, side, electrode size and pulse width; never one that was worked out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.entered import line_of, one_of
from emscontrol.clinic.patients.patients import patient_of
from emscontrol.clinic.patients.place import require_place
from emscontrol.clinic.staff.roles import require
from emscontrol.clinic.tables.findings import Threshold
from emscontrol.core.errors import UsageError
from emscontrol.core.units import format_ma
from emscontrol.protocol.bounds import BOUNDS
from emscontrol.safety.screening_answers import CLOCK_SKEW

KINDS: Final = ("sensory", "motor", "comfort")
"""From the weakest to the strongest."""

AMPLITUDE_MAX_UA: Final = 130_000  # screening.md section 4
AREA_MAX_MM2: Final = 100_000  # ten times the largest pad of the catalogue
ONE_SITTING: Final = timedelta(hours=12)
"""Two thresholds so near in time are of the same day, whatever the time zone, and must be in order."""

COMFORT: Final = "comfort"
FAR_ABOVE_PERCENT: Final = 125
"""A comfort level above so much of the last one at the same place is kept with a reason only: a slip of the keyboard, or a
measurement that went wrong, would be the level of every session from now on [D]. By hand no session goes further either.
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One threshold. `how` says by which procedure or by hand, `rate_mhz` and `journal_id` are told where they are known."""

    muscle: str
    side: str
    kind: str
    area_mm2: int
    width_us: int
    amplitude_ua: int
    how: str
    measured_at: datetime
    rate_mhz: int | None = None
    journal_id: str | None = None


def record_threshold(
    session: Session, actor: Actor, now: datetime, patient_id: int, measured: Measured, much_higher: str = ""
) -> Threshold:
    """Keep what was measured. `much_higher` is why a comfort level is right that is far above the last one.

    It is kept with the way it was measured, in the row and so in its trace. Raises UsageError for what cannot be, and for such
    a level without its reason or a reason without such a level; SafetyRefusal for an unknown muscle.
    """
    require(actor, "thresholds")
    patient_of(session, patient_id)
    _check(measured, now)
    _in_order(session, patient_id, measured)
    how = _how(measured, last_far_below(session, patient_id, measured), much_higher)
    row = Threshold(
        patient_id=patient_id,
        muscle=measured.muscle,
        side=measured.side,
        kind=measured.kind,
        area_mm2=measured.area_mm2,
        width_us=measured.width_us,
        rate_mhz=measured.rate_mhz,
        amplitude_ua=measured.amplitude_ua,
        how=how,
        journal_id=measured.journal_id,
        measured_at=measured.measured_at,
        measured_by=actor.code,
    )
    session.add(row)
    session.flush()
    return row


def newest_thresholds(session: Session, patient_id: int, *where: ColumnElement[bool]) -> Sequence[Threshold]:
    """The newest of each muscle, side, kind, electrode size and pulse width. `where` are further conditions."""
    same = (Threshold.muscle, Threshold.side, Threshold.kind, Threshold.area_mm2, Threshold.width_us)
    newest = func.row_number().over(partition_by=same, order_by=(Threshold.measured_at.desc(), Threshold.id.desc()))
    mine = (Threshold.patient_id == patient_id, Threshold.withdrawn_at.is_(None), *where)
    ranked = select(Threshold, newest.label("rank")).where(*mine).subquery()
    row = aliased(Threshold, ranked)
    return session.scalars(select(row).where(ranked.c.rank == 1).order_by(row.muscle, row.side, row.width_us, row.kind)).all()


def last_far_below(session: Session, patient_id: int, measured: Measured) -> Threshold | None:
    """The last comfort level of this muscle, side, electrode size and pulse width, where the new one is far above it."""
    if measured.kind != COMFORT:
        return None
    same = {name: getattr(measured, name) for name in ("muscle", "side", "kind", "area_mm2", "width_us")}
    where = (getattr(Threshold, name) == value for name, value in same.items())
    last = next(iter(newest_thresholds(session, patient_id, *where)), None)
    far_above = last is not None and measured.amplitude_ua * 100 > last.amplitude_ua * FAR_ABOVE_PERCENT
    return last if far_above else None


def far_above_words(measured: Measured, last: Threshold) -> str:
    """How far a new level is above the last one, in a sentence."""
    return (
        f"{format_ma(measured.amplitude_ua)} is far above the last comfort level of {measured.muscle} {measured.side}, "
        f"{format_ma(last.amplitude_ua)} with the same pads and pulses."
    )


def is_due(measured_at: datetime, now: datetime, threshold_days: int) -> bool:
    """Whether a threshold is to be measured again: from the end of its days on."""
    return now - measured_at >= timedelta(days=threshold_days)


def _check(measured: Measured, now: datetime) -> None:
    require_place(measured.muscle, measured.side)
    one_of(measured.kind, KINDS, "kind of threshold")
    if not 0 <= measured.amplitude_ua <= AMPLITUDE_MAX_UA:
        raise UsageError(f"{format_ma(measured.amplitude_ua)} is no threshold.", f"From 0 to {format_ma(AMPLITUDE_MAX_UA)}.")
    if not BOUNDS["pulse_width_us"].holds(measured.width_us):
        raise UsageError(f"{measured.width_us} µs is no pulse width.", f"{BOUNDS['pulse_width_us'].expects}.")
    if not 0 < measured.area_mm2 <= AREA_MAX_MM2:
        raise UsageError(f"{measured.area_mm2} mm² is no size of an electrode.", f"Up to {AREA_MAX_MM2} mm².")
    if measured.rate_mhz is not None and measured.rate_mhz <= 0:
        raise UsageError("A rate is above zero.", "Leave it out where it is not known.")
    if measured.measured_at > now + CLOCK_SKEW:
        raise UsageError("This measurement is still to come.", "Give the time at which it was taken.")


def _how(measured: Measured, far_below: Threshold | None, much_higher: str) -> str:
    """The way it was measured, with the reason for a level far above the last one. Raises UsageError."""
    how = line_of(measured.how, "way it was measured", needed=True)
    why = line_of(much_higher, "reason for a much higher level")
    if far_below is not None and not why:
        raise UsageError(
            far_above_words(measured, far_below),
            "Nothing was kept. Look at the figure; if it is right, say why: --much-higher REASON.",
        )
    if far_below is None:
        if why:
            raise UsageError("This level is not far above the last one.", "Leave --much-higher out.")
        return how
    return line_of(f"{how}; far above {format_ma(far_below.amplitude_ua)} before: {why}", "way it was measured with its reason")


def _in_order(session: Session, patient_id: int, measured: Measured) -> None:
    """Sensory, motor, comfort: of one day and with the same pulses none is above the next. Raises UsageError."""
    where = (
        Threshold.muscle == measured.muscle,
        Threshold.side == measured.side,
        Threshold.area_mm2 == measured.area_mm2,
        Threshold.width_us == measured.width_us,
        Threshold.measured_at.between(measured.measured_at - ONE_SITTING, measured.measured_at + ONE_SITTING),
    )
    for other in newest_thresholds(session, patient_id, *where):
        if not _same_rate(other, measured):
            continue
        weaker, stronger = sorted(
            ((other.kind, other.amplitude_ua), (measured.kind, measured.amplitude_ua)), key=lambda each: KINDS.index(each[0])
        )
        if other.kind != measured.kind and weaker[1] > stronger[1]:
            raise UsageError(
                f"{stronger[0]} at {format_ma(stronger[1])} would be below {weaker[0]} at {format_ma(weaker[1])}, measured the "
                f"same day with the same pulses on {measured.muscle} {measured.side}.",
                "Look at both; withdraw the one that is wrong, or measure again.",
            )


def _same_rate(other: Threshold, measured: Measured) -> bool:
    """A rate that is not known may be any."""
    return other.rate_mhz is None or measured.rate_mhz is None or other.rate_mhz == measured.rate_mhz
