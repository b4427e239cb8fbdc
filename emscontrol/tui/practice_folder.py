"""The folder of a practice session that nobody asked to keep: gone when the program ends, or when the next one finds it."""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

PREFIX: Final = "emscontrol-practice-"
LOCK: Final = "in-use"


@contextlib.contextmanager
def practice_folder(root: Path | None = None) -> Iterator[Path]:
    """A new folder below `root`, the system's place for such, with a lock that its program holds as long as it lives.

    Those of programs that are dead are removed first.
    """
    place = root or Path(tempfile.gettempdir())
    for left in sorted(place.glob(f"{PREFIX}*")):
        _remove_dead(left)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    with (folder / LOCK).open("w", encoding="utf-8") as lock:
        _hold(lock)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def is_practice_folder(home: str) -> bool:
    """Whether what is kept there is thrown away when the program ends."""
    return bool(home) and (Path(home) / LOCK).is_file()


def _remove_dead(folder: Path) -> None:
    """Only a folder of this user that has a lock which nobody holds; whatever is odd about it is left alone."""
    try:
        if folder.is_symlink() or folder.stat().st_uid != os.getuid() or not (folder / LOCK).is_file():
            return
        with (folder / LOCK).open("r+", encoding="utf-8") as lock:
            if _hold(lock):
                shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return


def _hold(lock: IO[str]) -> bool:
    """Whether it is ours now; it is let go of when the file is closed, also by the system when the program dies."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
