"""Small files that are there whole or not at all, for their owner only."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from emscontrol.core.errors import StorageError


def write_whole(file: Path, content: str | bytes, first: bool = False) -> None:
    """Write a file of mode 0600 in a folder of mode 0700, in the place of an older one, and have it on the disk.

    Raises StorageError; the older one is there then. With `first` there must be none: raises FileExistsError.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")  # mode 0600
        part = Path(name)
        try:
            with open(number, "wb") as stream:
                stream.write(content.encode("utf-8") if isinstance(content, str) else content)
                stream.flush()
                os.fsync(stream.fileno())
            if first:
                file.hardlink_to(part)  # refuses an existing one, without a gap between looking and making
            else:
                part.replace(file)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(file.parent)
    except OSError as problem:
        if first and isinstance(problem, FileExistsError) and file.parent.is_dir():
            raise
        raise StorageError(
            f"{file} cannot be written: {problem.strerror}.", "Free some room there, or mend the rights of its folder."
        ) from problem


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """While this lasts no other process is in here with the same folder: for reading files, and writing what follows from them.

    The folder is made where it is not there. On Windows nobody is kept out. Raises StorageError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = None if sys.platform == "win32" else os.open(folder, os.O_RDONLY)
    except OSError as problem:
        raise StorageError(f"{folder} cannot be used: {problem.strerror}.", "Mend its rights.") from problem
    if number is None:
        yield
        return
    try:
        import fcntl

        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)


def remove(file: Path) -> None:
    """Take a file away, and have that on the disk; one that is gone already is well. Raises StorageError."""
    try:
        file.unlink(missing_ok=True)
        _sync_folder(file.parent)
    except OSError as problem:
        raise StorageError(f"{file} cannot be removed: {problem.strerror}.", "Mend the rights of its folder.") from problem


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
