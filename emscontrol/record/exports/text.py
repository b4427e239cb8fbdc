"""CSV and JSON lines: a file for each table, a row a line."""

import csv
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, TextIO

from emscontrol.record.export import cell
from emscontrol.record.exports.place import ExportFolder
from emscontrol.record.exports.tables import TABLES, Column, Row, Value


class _Lines:
    """A text file for each table."""

    suffix = ""

    def __init__(self, folder: ExportFolder, nameless: bool) -> None:
        paths = {name: folder.new(f"{name}.{self.suffix}") for name in TABLES}  # a name that is taken, before any is open
        self._files: Final[dict[str, TextIO]] = {
            name: path.open("w", encoding="utf-8", newline="") for name, path in paths.items()
        }

    def begin(self, session: str) -> None:
        """Nothing to prepare: each row names its session."""

    def end(self) -> None:
        """Nothing to finish."""

    def finish(self) -> None:
        """Nothing to finish."""

    def close(self) -> None:
        """All that was written is in the files."""
        for file in self._files.values():
            file.close()


class CsvTables(_Lines):
    """For spreadsheets: figures exact and with a point, text never a formula."""

    suffix = "csv"

    def __init__(self, folder: ExportFolder, nameless: bool) -> None:
        super().__init__(folder, nameless)
        self._write: Final[dict[str, Callable[[list[str]], object]]] = {}
        for name, file in self._files.items():
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([column.name for column in TABLES[name].columns])
            self._write[name] = writer.writerow

    def rows(self, table: str, rows: Sequence[Row]) -> None:
        """A line of the table each."""
        columns, write = TABLES[table].columns, self._write[table]
        for row in rows:
            write([as_cell(column, value) for column, value in zip(columns, row, strict=True)])


class JsonLines(_Lines):
    """For scripts: one object a line, null where nothing applies."""

    suffix = "jsonl"

    def rows(self, table: str, rows: Sequence[Row]) -> None:
        """A line of the table each."""
        columns, file = TABLES[table].columns, self._files[table]
        for row in rows:
            told = {column.name: as_number(column, value) for column, value in zip(columns, row, strict=True)}
            file.write(json.dumps(told) + "\n")


def as_cell(column: Column, value: Value) -> str:
    """A value as text: exact decimals, true and false, empty for nothing, and no formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if column.scale == 1 else f"{Decimal(value) / column.scale:f}"
    return cell(value)


def as_number(column: Column, value: Value) -> int | float | str | bool | None:
    """A value in the unit of its column."""
    if column.scale == 1 or value is None or isinstance(value, str | bool):
        return value
    return value / column.scale
