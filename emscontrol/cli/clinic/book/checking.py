"""`emscontrol book check`."""

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.clinic.book.check import check as findings_in
from emscontrol.clinic.book.check import fingerprint
from emscontrol.core.arguments import printable
from emscontrol.core.errors import ExitCode

_SHOWN_MAX = 20  # beyond that the book was not written by this program


@book_command
def check(desk: Desk) -> None:
    """Is every row as it was written, and every trace whole? Needs no login, and prints nothing of a person.

    The hash at the end is of all traces together. Kept elsewhere, it finds a book that was written anew with its traces.
    """
    with desk.book.reading() as session:
        findings = list(findings_in(session))
        changes, sha256 = fingerprint(session)
    if desk.as_json:
        desk.paper.facts({"ok": not findings, "findings": findings, "changes": changes, "sha256": sha256})
    else:
        for finding in findings[:_SHOWN_MAX]:
            click.echo(printable(f"{finding}."))
        if len(findings) > _SHOWN_MAX:
            click.echo(f"… and {len(findings) - _SHOWN_MAX} more; --json lists them")
        click.echo(f"{'Not as it was written' if findings else 'Intact'}: {changes} changes, {sha256}")
    if findings:
        click.echo("Do not work with it: restore the newest backup with emscontrol book restore.", err=True)
        click.get_current_context().exit(int(ExitCode.BOOK))
