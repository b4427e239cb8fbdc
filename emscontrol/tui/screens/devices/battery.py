"""The battery of each stimulator as the newest records tell it: a stimulator that is not connected says nothing."""

import contextlib
from datetime import datetime
from pathlib import Path
from typing import Final

from emscontrol.core.errors import EmsError
from emscontrol.record.line import Record, parse
from emscontrol.record.place import SUFFIX, journal_folder
from emscontrol.record.verify import read_lines
from emscontrol.tui.screens.devices.rows import SIMULATOR, Charge

NEWEST: Final = 40  # records that are looked into
_OPENED: Final = b'"event":"session_opened"'
_BATTERY: Final = b'"event":"battery"'


def charges(home: str) -> dict[str, Charge]:
    """The last charge that was reported, by MODEL@PORT. Simulators have none that matters."""
    found: dict[str, Charge] = {}
    paths = sorted(journal_folder(Path(home) if home else None).glob(f"*{SUFFIX}"), reverse=True)
    for path in paths[:NEWEST]:
        with contextlib.suppress(EmsError, KeyError, ValueError):  # a record that cannot be read tells nothing here
            device, last = _last(path)
            if last is not None and not device.endswith(f"@{SIMULATOR}"):
                level = last.event.args["level_percent"]
                found.setdefault(device, Charge(int(str(level)), datetime.fromisoformat(last.wall)))
    return found


def _last(path: Path) -> tuple[str, Record | None]:
    device, last = "", b""
    for line in read_lines(path):
        if not device and _OPENED in line.data[:200]:
            device = str(parse(line.data).event.args["port"])
            if device.endswith(f"@{SIMULATOR}"):
                break
        elif line.whole and _BATTERY in line.data[:200]:
            last = line.data
    return device, parse(last) if last else None
