"""The passphrase of an encrypted book: from a private file, or asked for unseen."""

import sys

import click

from emscontrol.config import Settings
from emscontrol.core.errors import UsageError
from emscontrol.desk.passphrase import passphrase_in


def book_passphrase(settings: Settings, twice: bool) -> str:
    """The first line of the file that the settings name, else what is asked for on a terminal. Raises UsageError."""
    if settings.passphrase_file is not None:
        return passphrase_in(settings.passphrase_file)
    if not sys.stdin.isatty():
        raise UsageError(
            "The book is encrypted, and there is no terminal to ask for its passphrase on.",
            f"Name a file with it: passphrase_file under [book] in {settings.file}.",
        )
    told: str = click.prompt("Passphrase of the book", hide_input=True, confirmation_prompt=twice, err=True)
    return told
