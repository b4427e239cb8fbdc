"""Rows from one database to another of the same schema, and what is in a database."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, Integer, MetaData, Table, func, insert, inspect, select, table, text
from sqlalchemy.orm import Session

from emscontrol.clinic.book.check import fingerprint
from emscontrol.clinic.book.manifest import Contents
from emscontrol.clinic.book.schema import VERSION_TABLE

_BATCH: Final = 200  # rows at once; a row may hold a whole journal


def tables_of(connection: Connection) -> tuple[Table, ...]:
    """The tables that a database really has, those that others hang on first. Whatever its schema, old ones too."""
    found = MetaData()
    found.reflect(connection)
    return tuple(one for one in found.sorted_tables if one.name != VERSION_TABLE)


def contents_of(connection: Connection) -> Contents:
    """What is in a book, of any schema."""
    names = sorted(set(inspect(connection).get_table_names()) - {VERSION_TABLE})
    rows = {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}
    with Session(connection) as session:
        changes, audit = fingerprint(session)
    return Contents(connection.scalar(text("SELECT uuid FROM book")) or "", rows, changes, audit)


def copy_rows(source: Connection, target: Connection, tables: Iterable[Table]) -> None:
    """Every row of these tables, into tables that are there and empty; then the counters of ids, where a server has them."""
    for one in tables:
        order = [*one.primary_key.columns]
        rows = source.execution_options(yield_per=_BATCH).execute(select(one).order_by(*order)).mappings()
        for some in rows.partitions(_BATCH):
            target.execute(insert(one), [dict(row) for row in some])
        if target.dialect.name == "postgresql":
            _count_on(target, one)


def _count_on(target: Connection, filled: Table) -> None:
    """Rows that are added later get ids after those that came with their own."""
    for column in filled.primary_key.columns:
        if not isinstance(column.type, Integer):
            continue
        counter = target.scalar(select(func.pg_get_serial_sequence(filled.name, column.name)))
        newest = target.scalar(select(func.max(column)))
        if counter and newest:
            target.execute(select(func.setval(counter, newest)))
