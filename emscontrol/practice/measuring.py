"""Measuring a practice patient: the real threshold procedure on a simulator, answered by the simulated body."""

import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.patients.lookup import Missing, level_for
from emscontrol.clinic.patients.thresholds import Measured, record_threshold
from emscontrol.clinic.prescription.levels import needed
from emscontrol.core.events import Event
from emscontrol.practice.house import DEVICE
from emscontrol.protocol.load import LoadedProtocol
from emscontrol.protocol.travel import to_line
from emscontrol.safety.sites import site
from emscontrol.wiring.practice import measure_body
from emscontrol.wiring.procedures import procedure_for_protocol, session_of

UP_TO_UA: Final = 100_000
UP_TO_LONG_UA: Final = 75_000  # long pulses stay below the standard's 80 mA
STEP_UA: Final = 1_000
FINE_UA: Final = 500
_MHZ_US: Final = 1_000_000_000
LONG_US: Final = 1_000


def measure_what_is_due(book: Book, actor: Actor, now: datetime, patient: int, loaded: LoadedProtocol, body: str) -> None:
    """Find and enter the thresholds of each channel that has none, or one that is too old, for this protocol's pulses."""
    for channel, kind, widths_us in needed(loaded.protocol):
        place = loaded.protocol.channels[channel]
        for width_us in widths_us:
            with book.reading() as session:
                known = level_for(
                    session,
                    patient,
                    place.muscle,
                    place.side.value,
                    kind,
                    place.electrode.area_mm2,
                    width_us,
                    now,
                    book.about.threshold_days,
                    book.about.zone,
                )
            if isinstance(known, Missing) or known.stale or known.estimated:
                _measure(book, actor, now, patient, loaded, channel, width_us, body)


def _measure(
    book: Book, actor: Actor, now: datetime, patient: int, loaded: LoadedProtocol, channel: int, width_us: int, body: str
) -> None:
    place = loaded.protocol.channels[channel]
    highest_ua = UP_TO_LONG_UA if width_us > LONG_US else UP_TO_UA
    up_to_ua = min(highest_ua, site(place.muscle).cap_ua, place.amplitude_cap_ua or highest_ua)
    asked = procedure_for_protocol(loaded.protocol, channel, up_to_ua, STEP_UA, FINE_UA)
    asked = replace(asked, widths_us=(width_us,))
    found: list[Event] = []
    with tempfile.TemporaryDirectory() as folder:
        protocol = to_line(loaded.protocol) if width_us == asked.widths_us[0] else ""
        spec = session_of(asked, DEVICE, str(Path(folder) / "threshold.jsonl"), protocol)
        measure_body(spec, body, lambda event, _: found.append(event))
    with book.writing(actor, now) as session:
        for event in found:
            amplitude_ua = event.args.get("amplitude_ua")
            if event.kind == "threshold_found" and isinstance(amplitude_ua, int):
                measured = Measured(
                    muscle=asked.muscle,
                    side=asked.side,
                    kind=str(event.args["threshold"]),
                    area_mm2=asked.area_mm2,
                    width_us=width_us,
                    amplitude_ua=amplitude_ua,
                    how="threshold procedure on a simulated body",
                    measured_at=now,
                    rate_mhz=_MHZ_US // asked.period_us,
                )
                record_threshold(session, actor, now, patient, measured)
