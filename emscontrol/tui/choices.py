"""What is on offer on the first screen: protocols of the library, stimulators by model.

A real port is never offered by itself: whoever wants one types it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from emscontrol.core.errors import UsageError
from emscontrol.protocol.library import library_folder, library_ids
from emscontrol.protocol.load import LoadedProtocol, load_file
from emscontrol.protocol.travel import to_line
from emscontrol.record.place import journal_folder, journal_name, room_for_journal
from emscontrol.session.spec import SessionSpec

SIMULATOR: Final = "sim"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What only simulated stimulators take: faster time, faults, an oscilloscope file, who has the electrodes on."""

    speed: float = 1.0
    faults: tuple[str, ...] = ()
    scope: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a list: what it stands for, and what people read."""

    value: str
    words: str


def protocols() -> Iterator[Choice]:
    """The library's files by title; a file that cannot be read is left to its own message when it is chosen."""
    for name in library_ids():
        yield Choice(str(library_folder() / f"{name}.yaml"), name.replace("-", " "))


def stimulators(models: Mapping[str, str]) -> Iterator[Choice]:
    """A simulator of each model."""
    for model in models:
        yield Choice(f"{model}@{SIMULATOR}", f"{model}@{SIMULATOR}  SIMULATION")


def typed_device(text: str, models: Mapping[str, str]) -> str:
    """MODEL@PORT as typed. Raises UsageError with the known models."""
    model, at, port = text.strip().partition("@")
    if model not in models or not at or not port:
        raise UsageError(f"{text!r} is no stimulator.", f"Write MODEL@PORT with MODEL one of {', '.join(sorted(models))}.")
    return f"{model}@{port}"


def is_simulated(device: str) -> bool:
    """True for a simulator in the engine: nobody can be on the other end."""
    return device.endswith(f"@{SIMULATOR}")


def load(path: str) -> LoadedProtocol:
    """Read a protocol file. Raises ProtocolFileError with all that is wrong with it."""
    return load_file(Path(path).expanduser())


def session_spec(
    loaded: LoadedProtocol,
    device: str,
    comfort_ua: Mapping[int, int],
    motor_ua: Mapping[int, int],
    home: str,
    rehearsal: Rehearsal,
) -> SessionSpec:
    """What the engine is asked to run, with a place for its journal. Raises StorageError when there is no room for one."""
    folder = journal_folder(Path(home) if home else None)
    room_for_journal(folder)
    simulated = is_simulated(device)
    return SessionSpec(
        device=device,
        protocol=to_line(loaded.protocol),
        protocol_text=loaded.text,
        sha256=loaded.sha256,
        comfort_ua={str(channel): ua for channel, ua in comfort_ua.items()},
        motor_ua={str(channel): ua for channel, ua in motor_ua.items()},
        journal=str((folder / journal_name(loaded.protocol.id, datetime.now(UTC))).absolute()),
        home=home,
        speed=rehearsal.speed if simulated else 1.0,
        scope=rehearsal.scope if simulated else "",
        faults=rehearsal.faults if simulated else (),
        body=rehearsal.body if simulated else "",
    )
