"""Where running engines leave their sockets. Standard library only, because `emscontrol stop` must start at once."""

import os
import stat
import sys
import tempfile
from pathlib import Path

from emscontrol.core.errors import StorageError

SOCKET_PATTERN = "engine-*.json"


def runtime_folder(home: str = "") -> Path:
    """The folder for sockets and locks, made with mode 0700.

    Raises StorageError when it belongs to somebody else or is open to others.
    """
    folder = runtime_place(home)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        what = f"The folder {folder} for sockets and locks cannot be made: {problem.strerror}."
        raise StorageError(what, "Choose another --home.") from problem
    if sys.platform != "win32":
        found = folder.stat()
        if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise StorageError(
                f"The folder {folder} can be used by others, so an engine must not listen there.",
                f"Make it yours alone: chmod 700 {folder}",
            )
    return folder


def runtime_place(home: str = "") -> Path:
    """Where that folder is, whatever its state: whoever only wants to stop something needs no more than this."""
    home = home or os.environ.get("EMSCONTROL_HOME", "")
    if home:
        return Path(home) / "run"
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if base and Path(base).is_dir():
        return Path(base) / "emscontrol"
    user = str(os.getuid()) if sys.platform != "win32" else os.environ.get("USERNAME", "user")
    return Path(tempfile.gettempdir()) / f"emscontrol-{user}"
