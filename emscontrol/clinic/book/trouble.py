"""What the database says when something is wrong, in the words of the person who meets it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError

from emscontrol.clinic.book.signs import CONNECTING, GONE, SERVER, SHAPE, SQLITE, SQLITE_SHAPE, Sign
from emscontrol.core.errors import BookConflict, BookError, EmsError

_PRIMARY: Final = 0xFF  # of an extended SQLite code


@contextmanager
def told_in_words() -> Iterator[None]:
    """Whatever the database raises inside becomes an EmsError of this program's own kinds."""
    try:
        yield
    except StaleDataError as problem:
        raise BookConflict(
            "Somebody else has changed this meanwhile. Nothing of your change was kept.",
            "Look at it again, and repeat your change if it is still right.",
        ) from problem
    except SQLAlchemyError as problem:
        raise in_words(problem) from problem


def in_words(problem: SQLAlchemyError) -> EmsError:
    """The same as an error of this program."""
    cause = problem.orig if isinstance(problem, DBAPIError) and problem.orig is not None else problem
    if isinstance(problem, IntegrityError):
        return BookConflict(
            f"The book has this already, or what it belongs to is not there: {_first_line(cause)}.", "Look at what there is."
        )
    sign = sign_of(cause)
    lost = isinstance(problem, OperationalError) and not _has_code(cause)
    if sign is None and (lost or getattr(problem, "connection_invalidated", False)):
        sign = GONE
    return _told(sign, cause)


def raw_in_words(problem: Exception) -> EmsError:
    """What a DB-API module raised where SQLAlchemy was not between."""
    return _told(sign_of(problem), problem)


def sign_of(cause: BaseException) -> Sign | None:
    """By the database's own code where there is one, by its words only where there is none. None for what no table knows."""
    sqlite_code: int | None = getattr(cause, "sqlite_errorcode", None)
    if sqlite_code is not None:
        shape = any(words in str(cause) for words in SQLITE_SHAPE)
        return SQLITE.get(sqlite_code & _PRIMARY) or (SHAPE if shape else None)
    state: str | None = getattr(cause, "sqlstate", None)
    if state:
        return SERVER.get(state) or SERVER.get(state[:2])
    return next((sign for words, sign in CONNECTING if words in str(cause)), None)


def _has_code(cause: BaseException) -> bool:
    """A database that could still say what was wrong was not out of reach."""
    return getattr(cause, "sqlite_errorcode", None) is not None or bool(getattr(cause, "sqlstate", None))


def _told(sign: Sign | None, cause: BaseException) -> EmsError:
    if sign is None:
        return BookError(f"The book refused: {_first_line(cause)}.", "Please report this.")
    return sign.kind(sign.what.format(_first_line(cause)), sign.remedy)


def _first_line(cause: BaseException) -> str:
    return (str(cause).strip().splitlines() or ["no reason given"])[0].rstrip(".")
