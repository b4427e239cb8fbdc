"""The token of a login, kept for this user of this station in the folder for run-time files, mode 0600.

Beside it stands when it was last used: without the book, that is what the idle lock goes by.
"""

import contextlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from emscontrol.core.errors import StorageError
from emscontrol.session.runtime import runtime_folder

NOTED_AFTER: Final = timedelta(seconds=10)  # a use so soon after the last one is not written again


def keep_token(home: str, book: str, token: str, now: datetime) -> None:
    """Keep it, in place of an earlier one; it is used `now`. `book` is the book's uuid. Raises StorageError."""
    file = _file(home, book)
    try:
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
            stream.write(_told(token, now))
    except OSError as problem:
        raise StorageError(f"The login cannot be kept in {file}: {problem.strerror}.", "Choose another --home.") from problem


def kept_token(home: str, book: str) -> str:
    """The token that is kept for this book, "" for none."""
    return _read(home, book)[0]


def last_use(home: str, book: str) -> datetime | None:
    """When the token that is kept was last used, as far as this station knows; None where nobody can say."""
    try:
        used_at = datetime.fromisoformat(_read(home, book)[1])
    except ValueError:
        return None
    return used_at if used_at.tzinfo else None


def note_use(home: str, book: str, token: str, now: datetime) -> None:
    """The token was used `now`, if it is still the one that is kept. Raises StorageError."""
    from emscontrol.record.whole_files import write_whole

    used_at = last_use(home, book)
    if kept_token(home, book) == token and (used_at is None or abs(now - used_at) >= NOTED_AFTER):
        write_whole(_file(home, book), _told(token, now))


def forget_token(home: str, book: str) -> str:
    """The token that was kept, "" for none; its file is gone."""
    token = kept_token(home, book)
    with contextlib.suppress(FileNotFoundError):
        _file(home, book).unlink()
    return token


def _told(token: str, now: datetime) -> str:
    return f"{token}\n{now.astimezone(UTC).isoformat()}\n"


def _read(home: str, book: str) -> tuple[str, str]:
    """The token, and its last use as it was written."""
    try:
        token, _, used_at = _file(home, book).read_text(encoding="ascii").partition("\n")
    except (FileNotFoundError, UnicodeDecodeError):
        return "", ""
    except OSError as problem:
        raise StorageError(f"The login cannot be read: {problem}.", "Log in again: emscontrol staff login CODE.") from problem
    return token.strip(), used_at.strip()


def _file(home: str, book: str) -> Path:
    return runtime_folder(home) / f"login-{book}"
