"""Statements of SQL that were made for one book of a run are used for its other books too.

A program opens one book and makes each statement once; a test run opens hundreds, and making their statements is a fifth of
the time of such a test. What a statement says depends on the kind and version of the database alone.
"""

from typing import Any, Final

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

_MADE: Final[LRUCache[Any, Any]] = LRUCache(2_000)


def keep_statements() -> None:
    """From now on, in this process."""
    DefaultDialect.__eq__ = _are_alike  # type: ignore[method-assign, assignment]  # the library keeps statements by their dialect
    DefaultDialect.__hash__ = _kind_hash  # type: ignore[method-assign, assignment]
    event.listen(Engine, "engine_connect", _use_what_was_made)


def _use_what_was_made(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_MADE)


def _kind(dialect: DefaultDialect) -> tuple[object, ...]:
    return type(dialect), dialect.dbapi, dialect.server_version_info, dialect.paramstyle


def _are_alike(dialect: DefaultDialect, other: object) -> bool:
    return isinstance(other, DefaultDialect) and _kind(dialect) == _kind(other)


def _kind_hash(dialect: DefaultDialect) -> int:
    return hash(_kind(dialect))
