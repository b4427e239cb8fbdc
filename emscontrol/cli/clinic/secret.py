"""PINs and passphrases: typed unseen on a terminal, or the first line of standard input; never a word of the command line."""

import sys
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from emscontrol.cli.clinic.command import on_a_terminal
from emscontrol.core.errors import UsageError

_Command = TypeVar("_Command", bound=Callable[..., Any])

PIN_OPTION: Final = click.option(
    "--pin-stdin", is_flag=True, help="Read the PIN from the first line of standard input instead of asking for it."
)


def read_pin(from_stdin: bool, whose: str, twice: bool = False) -> str:
    """The PIN or passphrase. Raises UsageError where it cannot be asked for."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not on_a_terminal():
        raise UsageError(f"The PIN of {whose} is missing.", "Give it on standard input with --pin-stdin.")
    told: str = click.prompt(f"PIN or passphrase of {whose}", hide_input=True, confirmation_prompt=twice, err=True)
    return told
