"""Journals as sessions leave them: whole, broken off, ended by a client that was gone, changed afterwards."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from emscontrol.core.events import Event, make
from emscontrol.record.journal import Journal
from emscontrol.record.place import journal_folder, journal_name
from emscontrol.record.signing import Signer
from emscontrol.session.inputs import Halt
from tests.session.rig import Rig

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def whole(model: str = "reference") -> bytes:
    """Both contractions given, the record closed."""
    return content(Rig(model).to_armed().start().finish())


def broken_off(model: str = "reference", after_us: int = 6_500_000) -> bytes:
    """The engine was killed in the middle of the second contraction."""
    return content(Rig(model).to_running(after_us))


def halted(event: Event, reason: str, after_us: int = 6_500_000) -> bytes:
    """The engine saw something that ends a session, and closed its record."""
    rig = Rig().to_running(after_us)
    rig.run.give(Halt(event, reason, fault=False))
    return content(rig.finish())


def screen_gone() -> bytes:
    """The screen was killed."""
    return halted(make("client_gone", client="emscontrol screen, process 7"), "emscontrol screen, process 7 is gone")


def content(rig: Rig) -> bytes:
    """The journal's bytes."""
    return b"".join(rig.journal.lines)


def keep(home: Path, data: bytes, at: datetime = AT, name: str = "short") -> Path:
    """In the station's folder, as a session would."""
    folder = journal_folder(home)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / journal_name(name, at)
    path.write_bytes(data)
    return path


def of_patient(data: Sequence[bytes], patient: str) -> bytes:
    """The same record as that of an appointment."""
    return _again(data, lambda journal: journal.append(_booked(patient), 0))


def signed(lines: Sequence[bytes], signer: Signer) -> bytes:
    """The same record with the signatures of a station."""
    from emscontrol.record.replay import read_records

    journal = Journal.in_memory(signer=signer)
    for record in read_records(lines):
        journal.append(record.event, record.t_us)
    return b"".join(journal.lines)


def _again(lines: Sequence[bytes], after_first: Callable[[Journal], None]) -> bytes:
    from emscontrol.record.replay import read_records

    journal = Journal.in_memory()
    for record in read_records(lines):
        journal.append(record.event, record.t_us)
        if record.n == 1:
            after_first(journal)
    return b"".join(journal.lines)


def _booked(patient: str) -> Event:
    place = {"muscle": "quad_rf", "side": "left", "area_mm2": 4500, "electrode_set": None}
    return make(
        "booked",
        book="b",
        patient=patient,
        plan=1,
        appointment=5,
        number=3,
        staff="anna",
        contractions=4,
        channels={"1": place, "2": place | {"muscle": "quad_vm"}},
        screening="Nothing stands in the way.",
    )
