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
    return _chosen(whose) if twice else _typed(f"PIN or passphrase of {whose}")


def _chosen(whose: str) -> str:
    """A new one, typed twice: what it must be is said first, and one that is too easy is refused before it is typed again."""
    from emscontrol.clinic.staff.secrets import PASSPHRASE_MIN, PIN_MIN, require_hard

    click.echo(
        f"A PIN has {PIN_MIN} digits or more and makes no pattern; a passphrase {PASSPHRASE_MIN} characters or more.", err=True
    )
    while True:
        told = _typed(f"New PIN or passphrase of {whose}")
        try:
            require_hard(told, whose)
        except UsageError as problem:
            click.echo(f"{problem}", err=True)
            continue
        if told == _typed("The same again for confirmation"):
            return told
        click.echo("The two do not match.", err=True)


def _typed(asked: str) -> str:
    told: str = click.prompt(asked, hide_input=True, err=True)
    return told
