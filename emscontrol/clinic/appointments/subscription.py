"""The file that a calendar program subscribes to: always whole, readable by its owner only."""

import os
from contextlib import suppress
from pathlib import Path

from emscontrol.core.errors import StorageError


def write_subscription(file: Path, content: bytes) -> bool:
    """Put a calendar in the place of what was there; False when it is the same already, and nothing is touched.

    It is written beside and renamed, so that whoever reads sees the old one or the new one. Raises StorageError.
    """
    beside = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        if file.is_file() and file.read_bytes() == content:
            file.chmod(0o600)
            return False
        beside.unlink(missing_ok=True)
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    except OSError as problem:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise StorageError(
            f"The calendar {file} cannot be written: {problem.strerror}.", "Mend its place, or name another file."
        ) from problem
    return True
