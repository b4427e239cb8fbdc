"""The passphrase of an encrypted book, from a file that only its owner can read."""

import stat
import sys
from pathlib import Path

from emscontrol.core.errors import UsageError


def passphrase_in(file: Path) -> str:
    """Its first line. Raises UsageError when it cannot be read, is open to others, or is empty."""
    try:
        if sys.platform != "win32" and stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise UsageError(f"The passphrase in {file} can be read by others.", f"Make it yours alone: chmod 600 {file}")
        words = file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, ValueError) as problem:
        raise UsageError(
            f"The passphrase file {file} cannot be read: {problem}.", "Mend the settings or the file."
        ) from problem
    if not words:
        raise UsageError(f"The passphrase file {file} is empty.", "Write the passphrase on its first line.")
    return words
