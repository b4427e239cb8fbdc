"""Files that a command is about to make: what cannot be made is refused before anything has begun."""

import contextlib
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from emscontrol.core.errors import UsageError


def new_file(path: Path, option: str, makes_folders: bool = False, replaces: str = "") -> None:
    """Look whether `path` can become a new file; with `makes_folders` its folder need not be there yet.

    `replaces` is the option that would replace a file, where there is one.

    Raises UsageError that names the option. Nothing is left behind.
    """
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a folder.", f"Name a file in it with {option}.")
        if os.path.lexists(path):
            instead = f", or replace it with {replaces}" if replaces else ""
            raise UsageError(f"{path} exists already.", f"Choose another name with {option}{instead}.")
        folder = path.absolute().parent
        while makes_folders and not os.path.lexists(folder) and folder != folder.parent:
            folder = folder.parent
        if not folder.is_dir():
            raise UsageError(f"{folder} is no folder.", f"Make it first, or choose another place with {option}.")
        _try_name(folder, path.name)
    except OSError as problem:
        raise UsageError(
            f"{path} cannot be written: {problem.strerror or problem}.", f"Choose another place with {option}."
        ) from problem
    except ValueError as problem:
        raise UsageError(f"That is no path: {problem}.", f"Choose another one with {option}.") from problem


def journal_place(kind: str, home: str, asked: Path | None, scope: Path | None = None) -> Path:
    """Where a record of this kind goes, `asked` or a new name; neither it nor the oscilloscope may be there already."""
    from emscontrol.record.place import journal_folder, journal_name, room_for_journal
    from emscontrol.record.sink import rest_of

    path = asked or journal_folder(Path(home) if home else None) / journal_name(kind, datetime.now(UTC))
    new_file(path, "--journal", makes_folders=True)
    new_file(rest_of(path), "--journal", makes_folders=True)
    room_for_journal(path.parent)
    if scope is not None:
        new_file(scope, "--scope")
        if scope.resolve() == path.resolve():
            raise UsageError("--scope and --journal name the same file.", "Give each a file of its own.")
    return path.absolute()


def _try_name(folder: Path, name: str) -> None:
    """Make a file for a moment, because rights alone do not tell: a file system may be read-only, or make no files at all."""
    with contextlib.suppress(FileNotFoundError):
        os.lstat(folder / name)  # raises for a name that no file can have
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".emscontrol-"):
        pass
