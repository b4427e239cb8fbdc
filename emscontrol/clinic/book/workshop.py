"""Files that appear whole or not at all: made in a private folder on the same disk, moved to their place when ready."""

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from emscontrol.core.errors import BookError, StorageError, UsageError

_CHUNK: Final = 1 << 20


@contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """A folder of mode 0700 in `folder`, gone at the end with all that is in it. What the disk says becomes a StorageError."""
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", "Make it first, or name another: a stick may not be plugged in.")
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".emscontrol-", ignore_cleanup_errors=True) as name:
            yield Path(name)
    except StorageError as problem:
        raise StorageError(f"Nothing was made in {folder}: {problem.what}", problem.remedy) from problem
    except OSError as problem:
        raise StorageError(
            f"Nothing was made in {folder}: {problem.strerror or problem}.",
            "Free some room, mend its rights, or choose another.",
        ) from problem


def new_file(file: Path) -> Path:
    """An empty file of mode 0600."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    return file


def put_in_place(ready: Path, target: Path) -> None:
    """Move a file to where nothing is, and have it on the disk. Raises BookError when something is there; it stays.

    The name is taken by an empty file first: a stick's file system knows no hard links, and a move alone would overwrite.
    """
    _sync(ready)
    try:
        new_file(target)
    except FileExistsError as problem:
        raise BookError(f"There is something in {target} already; it was not touched.", "Choose another place.") from problem
    ready.replace(target)
    if sys.platform != "win32":
        _sync(target.parent)


def sha256_of(file: Path) -> str:
    """Of its bytes."""
    whole = hashlib.sha256()
    with file.open("rb") as stream:
        while some := stream.read(_CHUNK):
            whole.update(some)
    return whole.hexdigest()


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
