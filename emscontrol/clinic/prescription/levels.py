"""The levels that a protocol is dosed by, for one patient: measured, or carried over from another pulse width."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from sqlalchemy.orm import Session

from emscontrol.clinic.patients import lookup
from emscontrol.clinic.prescription.prescription import Level
from emscontrol.core.errors import UsageError
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Reference


def levels_of(
    session: Session, patient_id: int, protocol: Protocol, now: datetime, threshold_days: int, zone: tzinfo
) -> tuple[Level, ...]:
    """The comfort level of each channel, and the motor threshold where the protocol doses by it.

    A channel with several pulse widths gets the lowest of their levels; days are told in `zone`. Raises UsageError with all
    that is missing and all that is older than the book allows, BookError where a level was changed behind the program's back.
    """
    levels, wanting = [], []
    for channel, kind, widths_us in needed(protocol):
        place = protocol.channels[channel]
        found = [
            lookup.level_for(
                session,
                patient_id,
                place.muscle,
                place.side.value,
                kind,
                place.electrode.area_mm2,
                width_us,
                now,
                threshold_days,
                zone=zone,
            )
            for width_us in widths_us
        ]
        lacking = [level.sentence for level in found if isinstance(level, lookup.Missing) or level.stale]
        wanting.extend(lacking)
        known = [level for level in found if isinstance(level, lookup.Level)]
        if known and not lacking:
            lowest = min(known, key=lambda level: level.amplitude_ua)
            estimated = any(level.estimated for level in known)
            levels.append(Level(channel, kind, lowest.amplitude_ua, estimated, lowest.sentence))
    if wanting:
        raise UsageError(
            " ".join(dict.fromkeys(wanting)),
            "Measure with: emscontrol threshold; then enter it with: emscontrol patient threshold.",
        )
    return tuple(levels)


def needed(protocol: Protocol) -> Iterator[tuple[int, str, tuple[int, ...]]]:
    """(channel, kind, pulse widths in µs) of every level that a protocol needs."""
    for channel in sorted(protocol.channels):
        groups = [group for phase in protocol.phases for group in phase.groups if channel in group.channels]
        widths_us = tuple(sorted({group.pulse_width_us for group in groups}))
        yield channel, Reference.COMFORT.value, widths_us
        by_motor = sorted({group.pulse_width_us for group in groups if group.intensity.of is Reference.MOTOR})
        if by_motor:
            yield channel, Reference.MOTOR.value, tuple(by_motor)
