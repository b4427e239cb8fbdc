"""The data dictionary beside an export: every table and column with unit and meaning, as JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from emscontrol import __version__
from emscontrol.record.exports.tables import TABLES, Column, Table, Veil

FORMAT: Final = 1
FILE: Final = "dictionary.json"
KNOWLEDGE: Final = (
    "Amplitudes in set_points, contractions and channels are what was commanded; the column `answer` tells what the stimulator "
    "acknowledged; `measured` is what it measured itself. Pulses and charge in channels are assumed, that is worked out "
    "from the commands. An empty cell is what does not apply or is not known."
)


def dictionary(files: Sequence[str], nameless: bool) -> dict[str, Any]:
    """What is in an export, as plain values."""
    told: dict[str, Any] = {
        "format": FORMAT,
        "program": f"emscontrol {__version__}",
        "without_names": nameless,
        "knowledge": KNOWLEDGE,
        "files": sorted(files),
        "tables": {name: described(table, nameless) for name, table in TABLES.items()},
    }
    return told


def described(table: Table, nameless: bool) -> dict[str, Any]:
    """One table: what a row is, and its columns in order."""
    return {"row": table.meaning, "columns": {column.name: _column(column, nameless) for column in table.columns}}


def write_dictionary(path: Path, files: Sequence[str], nameless: bool) -> None:
    """As indented JSON."""
    path.write_text(json.dumps(dictionary(files, nameless), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _column(column: Column, nameless: bool) -> dict[str, str]:
    told = {"type": column.kind.value, "meaning": column.meaning}
    if column.unit:
        told["unit"] = column.unit
    if nameless and column.veil is not Veil.KEPT:
        told["without_names"] = column.veil.value
    return told
