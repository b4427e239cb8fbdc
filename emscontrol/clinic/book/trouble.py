"""What the database says when something is wrong, in the words of the person who meets it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError

from emscontrol.core.errors import BookBusy, BookConflict, BookError, BookUnreachable, EmsError, StorageError

_SIGNS: Final[tuple[tuple[tuple[str, ...], type[EmsError], str, str], ...]] = (
    (
        ("database is locked", "database table is locked", "could not obtain lock", "lock timeout", "deadlock detected"),
        BookBusy,
        "Another program is writing in the book right now. Nothing was changed.",
        "Try again in a moment.",
    ),
    (
        ("disk is full", "no space left", "disk i/o error", "could not extend file"),
        StorageError,
        "The disk of the book is full or failing. Nothing of this change was kept; what was there before is.",
        "Free some room on it, and try again.",
    ),
    (
        ("readonly database", "read-only transaction", "attempt to write a readonly"),
        StorageError,
        "The book cannot be written: it is read-only.",
        "Mend its rights, or the file system it lies on.",
    ),
    (
        ("file is not a database", "file is encrypted"),
        BookError,
        "The file is no book that can be read: it is encrypted with another passphrase, or damaged.",
        "Check the passphrase; if it is right, restore a backup: emscontrol book restore.",
    ),
    (
        ("database disk image is malformed", "invalid page", "could not read block"),
        BookError,
        "The file of the book is damaged.",
        "Leave it as it is, and restore the newest backup: emscontrol book restore.",
    ),
    (
        ("no such table", "no such column", "undefinedtable", "does not exist"),
        BookError,
        "The book is not of the shape that its schema number says.",
        "Restore a backup: emscontrol book restore.",
    ),
    (
        ("password authentication failed", "no password supplied"),
        BookError,
        "The server of the book does not accept this user or password.",
        "Mend the URL in the settings, or the server's own list of users.",
    ),
)
_GONE: Final = "The book cannot be reached: {0}."
_GONE_REMEDY: Final = "Look at network and server. Today's agenda goes on without it: emscontrol agenda --offline."


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
    words = str(problem.orig if isinstance(problem, DBAPIError) else problem).strip()
    lowered = f"{type(getattr(problem, 'orig', problem)).__name__} {words}".lower()
    if isinstance(problem, IntegrityError):
        return BookConflict(
            f"The book has this already, or what it belongs to is not there: {_first_line(words)}.", "Look at what there is."
        )
    for signs, kind, what, remedy in _SIGNS:
        if any(sign in lowered for sign in signs):
            return kind(what, remedy)
    if isinstance(problem, OperationalError) or (isinstance(problem, DBAPIError) and problem.connection_invalidated):
        return BookUnreachable(_GONE.format(_first_line(words)), _GONE_REMEDY)
    return BookError(f"The book refused: {_first_line(words)}.", "Please report this.")


def _first_line(words: str) -> str:
    return (words.splitlines() or ["no reason given"])[0].rstrip(".")
