"""The passphrase of an encrypted book: from a private file, or asked for unseen."""

import stat
import sys
from pathlib import Path

import click

from emscontrol.config import Settings
from emscontrol.core.errors import UsageError


def book_passphrase(settings: Settings, twice: bool) -> str:
    """The first line of the file that the settings name, else what is asked for on a terminal. Raises UsageError."""
    if settings.passphrase_file is not None:
        return _passphrase_in(settings.passphrase_file)
    if not sys.stdin.isatty():
        raise UsageError(
            "The book is encrypted, and there is no terminal to ask for its passphrase on.",
            f"Name a file with it: passphrase_file under [book] in {settings.file}.",
        )
    told: str = click.prompt("Passphrase of the book", hide_input=True, confirmation_prompt=twice, err=True)
    return told


def _passphrase_in(file: Path) -> str:
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
