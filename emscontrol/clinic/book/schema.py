"""Which schema this program reads and writes, and how a book that has another one is told apart."""

from typing import Final

from sqlalchemy import Connection, inspect, text

from emscontrol.core.errors import BookError

SCHEMA: Final = "0002"
"""The newest migration; a test holds it to the folder `migrations/versions`."""

VERSION_TABLE: Final = "alembic_version"
MARKS: Final = {VERSION_TABLE, "book", "audit", "patients"}
"""Tables that every schema has; a database without them is something else."""


def schema_of(connection: Connection) -> str:
    """The schema of the book behind a connection, "" where it is empty. Raises BookError when it is something else."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return ""
    if not tables >= MARKS:
        raise BookError(
            "This database is not a book of emscontrol: it holds something else.", "Name another file or another database."
        )
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all()  # noqa: S608 -- a constant
    return found[0] if len(found) == 1 else "?"


def check_schema(found: str) -> None:
    """Nothing, when this program can work with it. Raises BookError with what to do."""
    if found == SCHEMA:
        return
    if found == "":
        raise BookError("There is no book here yet.", "Make one: emscontrol book create.")
    if is_older(found):
        raise BookError(
            f"This book has the older schema {found}; this emscontrol needs {SCHEMA}. Nothing was changed.",
            "Bring it up to date: emscontrol book upgrade. It makes a backup first.",
        )
    raise BookError(
        f"This book was written by a newer emscontrol (schema {found}; this one knows {SCHEMA}). Nothing was changed.",
        "Install the newer emscontrol on this station.",
    )


def is_older(found: str) -> bool:
    """Whether a book of this schema can be brought up to date."""
    return found.isdigit() and found < SCHEMA
