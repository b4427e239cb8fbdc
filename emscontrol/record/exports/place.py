"""Where an export goes: a folder in which files appear whole, private, and never over others unless that was asked for."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from types import TracebackType
from typing import Final, Self

from emscontrol.core.errors import StorageError, UsageError
from emscontrol.record.export import DISK_FAILS, move, refuse_target


class ExportFolder:
    """Files are made in a hidden folder inside and moved to their names together when the block ends well.

    Raises UsageError when a name is taken and `overwrite` is False, when it is that of a journal, or when nothing can be made
    there; StorageError when the disk fails.
    """

    def __init__(self, folder: Path, overwrite: bool = False) -> None:
        self._folder: Final = folder
        self._overwrite: Final = overwrite
        self._made_folder = False
        self._part = Path()
        self.names: Final[list[str]] = []  # of the files, in the order they were begun

    def __enter__(self) -> Self:
        with self._told():
            self._made_folder = not self._folder.exists()
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._part = Path(tempfile.mkdtemp(dir=self._folder, prefix=".export-", suffix=".part"))
        return self

    def new(self, name: str) -> Path:
        """Where to write the file that will be called `name`, with / for folders; nothing else writes there."""
        self._refuse(name)
        path = self._part / name
        with self._told():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600, exist_ok=False)
        self.names.append(name)
        return path

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self._finish()
            elif isinstance(problem, OSError):
                self._tell(problem)
        finally:
            rmtree(self._part, ignore_errors=True)
            if self._made_folder and not any(self._folder.iterdir()):
                self._folder.rmdir()

    def _finish(self) -> None:
        moved: list[Path] = []
        made: list[Path] = []
        whole = False
        try:
            with self._told():
                for name in self.names:
                    _sync(self._part / name)
                for name in self.names:  # all that can be refused is, before anything has its name
                    self._refuse(name)
                    made += _make_folder((self._folder / name).parent)
                for name in self.names:
                    self._refuse(name)
                    target = self._folder / name
                    move(self._part / name, target, self._overwrite)
                    moved.append(target)
            whole = True
        finally:
            if not whole and not self._overwrite:  # what was put there is this export's own, and half of one is none
                for target in moved:
                    target.unlink(missing_ok=True)
            if not whole:
                for folder in reversed(made):
                    with suppress(OSError):  # one that is not empty any more stays
                        folder.rmdir()

    def _refuse(self, name: str) -> None:
        target = self._folder / name
        if not self._overwrite and os.path.lexists(target):
            raise UsageError(f"{target} exists already.", "Choose another folder, or replace it with --overwrite.")
        refuse_target(target)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            self._tell(problem)

    def _tell(self, problem: OSError) -> None:
        kind = StorageError if problem.errno in DISK_FAILS else UsageError
        raise kind(f"{self._folder} cannot be written: {problem.strerror}.", "Choose another place.") from problem


def _make_folder(folder: Path) -> list[Path]:
    """Make the folders that are missing, for this user alone, and tell which those were."""
    if folder.is_dir():
        return []
    above = _make_folder(folder.parent)
    folder.mkdir(mode=0o700)
    return [*above, folder]


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
