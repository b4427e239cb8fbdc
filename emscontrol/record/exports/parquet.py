"""Parquet with pyarrow: a file for each table, in row groups, so that memory stays flat however long the sessions are.

Units, meanings and the origin stand in the file itself: in the metadata of each column, and under `emscontrol` in that of the
file.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from emscontrol.core.arguments import printable
from emscontrol.record.exports.dictionary import FORMAT, KNOWLEDGE
from emscontrol.record.exports.place import ExportFolder
from emscontrol.record.exports.tables import TABLES, Column, Kind, Row, Table

if TYPE_CHECKING:
    import pyarrow as pa

NEVER_AGAIN: Final = frozenset({"n", "t_s", "number", "answer_t_s", "begin_s", "end_s"})  # numbers and times, which only grow
GROUP_ROWS: Final = 50_000  # at least, of a row group
BATCH_ROWS: Final = 2_000  # at least, of what becomes columns at once


class ParquetTables:
    """A Parquet file for each table. Raises ImportError without pyarrow."""

    def __init__(self, folder: ExportFolder, nameless: bool) -> None:
        import pyarrow.parquet as pq

        self._schemas: Final[dict[str, pa.Schema]] = {name: schema(table, nameless) for name, table in TABLES.items()}
        self._rows: Final[dict[str, list[Row]]] = {name: [] for name in TABLES}
        self._batches: Final[dict[str, list[pa.RecordBatch]]] = {name: [] for name in TABLES}
        paths = {name: folder.new(f"{name}.parquet") for name in TABLES}  # a name that is taken, before any is open
        self._writers: Final[dict[str, pq.ParquetWriter]] = {
            name: pq.ParquetWriter(str(path), self._schemas[name], compression="zstd", use_dictionary=_repeating(TABLES[name]))
            for name, path in paths.items()
        }

    def begin(self, session: str) -> None:
        """Nothing to prepare: each row names its session."""

    def rows(self, table: str, rows: Sequence[Row]) -> None:
        """Some rows; a full group goes to the file."""
        waiting = self._rows[table]
        waiting += rows
        if len(waiting) >= BATCH_ROWS:
            self._gather(table)
            if len(self._batches[table]) * BATCH_ROWS >= GROUP_ROWS:
                self._flush(table)

    def end(self) -> None:
        """Nothing to finish."""

    def finish(self) -> None:
        """The last groups."""
        for table in TABLES:
            self._gather(table)
            self._flush(table)

    def close(self) -> None:
        """The ends of the files."""
        for writer in self._writers.values():
            writer.close()

    def _gather(self, table: str) -> None:
        """Rows into columns, a few at a time: they are still in the processor's cache then."""
        import pyarrow as pa

        rows = self._rows[table]
        if not rows:
            return
        its = self._schemas[table]
        columns = zip(TABLES[table].columns, its, zip(*rows, strict=True), strict=True)
        arrays = [_column(column, field.type, values) for column, field, values in columns]
        self._batches[table].append(pa.record_batch(arrays, schema=its))
        rows.clear()

    def _flush(self, table: str) -> None:
        import pyarrow as pa

        batches = self._batches[table]
        if batches:
            self._writers[table].write_table(pa.Table.from_batches(batches))
            batches.clear()


def _repeating(table: Table) -> list[str]:
    """The columns whose values come again: of the others a dictionary makes the file three times as large."""
    return [name for name in table.names if name not in NEVER_AGAIN]


def schema(table: Table, nameless: bool) -> "pa.Schema":
    """The columns of a table as pyarrow's types, with unit and meaning."""
    import pyarrow as pa

    types = {Kind.WHOLE: pa.int64(), Kind.NUMBER: pa.float64(), Kind.TEXT: pa.string(), Kind.FLAG: pa.bool_()}
    fields = [
        pa.field(column.name, types[column.kind], metadata={"unit": column.unit, "meaning": column.meaning})
        for column in table.columns
    ]
    about = {"format": FORMAT, "table": table.name, "row": table.meaning, "without_names": nameless, "knowledge": KNOWLEDGE}
    return pa.schema(fields, metadata={"emscontrol": json.dumps(about)})


def _column(column: Column, type_: "pa.DataType", values: tuple[Any, ...]) -> "pa.Array[Any]":
    """The values of a column. One that never changes, as session and phase mostly, is made from its first value."""
    import pyarrow as pa

    if values[0] == values[-1] and values.count(values[0]) == len(values):
        return pa.repeat(_array(column, type_, values[:1])[0], len(values))
    return _array(column, type_, values)


def _array(column: Column, type_: "pa.DataType", values: tuple[Any, ...]) -> "pa.Array[Any]":
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.kind is Kind.NUMBER:  # in C: a long session has millions of figures, each of which a double holds exactly
        return pc.divide(pa.array(values, pa.int64()).cast(type_, safe=False), pa.scalar(column.scale, type_))
    if column.kind is Kind.TEXT and not "".join(filter(None, values)).isprintable():
        values = tuple(None if value is None else printable(value) for value in values)
    return pa.array(values, type_)
