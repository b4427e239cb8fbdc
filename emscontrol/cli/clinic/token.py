"""The token of a login, kept for this user of this station in the folder for run-time files, mode 0600."""

import contextlib
import os
from pathlib import Path

from emscontrol.core.errors import StorageError
from emscontrol.session.runtime import runtime_folder


def keep_token(home: str, book: str, token: str) -> None:
    """Keep it, in place of an earlier one. `book` is the book's uuid. Raises StorageError."""
    file = _file(home, book)
    try:
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
            stream.write(token)
    except OSError as problem:
        raise StorageError(f"The login cannot be kept in {file}: {problem.strerror}.", "Choose another --home.") from problem


def kept_token(home: str, book: str) -> str:
    """The token that is kept for this book, "" for none."""
    try:
        return _file(home, book).read_text(encoding="ascii")
    except (FileNotFoundError, UnicodeDecodeError):
        return ""
    except OSError as problem:
        raise StorageError(f"The login cannot be read: {problem}.", "Log in again: emscontrol staff login CODE.") from problem


def forget_token(home: str, book: str) -> str:
    """The token that was kept, "" for none; its file is gone."""
    token = kept_token(home, book)
    with contextlib.suppress(FileNotFoundError):
        _file(home, book).unlink()
    return token


def _file(home: str, book: str) -> Path:
    return runtime_folder(home) / f"login-{book}"
