"""Simulated sessions with their journal on the disk and what the oscilloscope saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from emscontrol.core.events import Event
from emscontrol.record.exports.formats import FORMATS
from emscontrol.record.exports.many import Exported, export_sessions
from emscontrol.record.exports.veil import Pseudonyms
from emscontrol.record.journal import Journal
from emscontrol.session.inputs import Stop
from firmware_sim.scope import ScopeLine
from tests.session.booked import booking, screened
from tests.session.rig import Rig

NOW = datetime.fromisoformat("2026-11-22T10:10:40.123+01:00")
SESSIONS = ("p24", "rehastim2", "reference", "p24 booked", "p24 electrode off", "reference stopped")


@dataclass(frozen=True)
class Ran:
    """One session that was run."""

    lines: tuple[bytes, ...]
    scope: tuple[ScopeLine, ...]
    events: tuple[tuple[int, Event], ...]
    pulses: dict[int, int]

    def write(self, path: Path) -> Path:
        path.write_bytes(b"".join(self.lines))
        return path


@cache
def ran(name: str) -> Ran:
    """The session of this name; run once for all tests."""
    model, _, how = name.partition(" ")
    faults = ("electrode_off:1@2",) if how == "electrode off" else ()
    told = booking(screened(NOW)).to_json() if how == "booked" else ""
    rig = Rig(model, faults=faults, booking=told, now=NOW if told else None)
    if how == "stopped":
        rig.to_running(1_730_000).run.give(Stop("operator", "asked"))
    else:
        rig.to_armed().start()
    rig.finish()
    rig.port.read(rig.now_us)
    rig.scope.finish(rig.now_us)
    journal = Journal.in_memory(lambda: NOW.isoformat(timespec="milliseconds"))
    for t_us, event in rig.events:  # with a time of day, which a session in memory has not
        journal.append(event, t_us)
    pulses = {channel: rig.pulses(channel) for channel in (1, 2)}
    return Ran(tuple(journal.lines), tuple(rig.lines), tuple(rig.events), pulses)


def exported(paths: Sequence[Path], kind: str, folder: Path, pseudonyms: Pseudonyms | None = None) -> Exported:
    """Into a folder, which must be new."""
    return export_sessions(paths, FORMATS[kind], folder, pseudonyms=pseudonyms)
