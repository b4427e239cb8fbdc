"""After a session: its journal goes to the book, or waits here until the book can be reached."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from emscontrol.cli.clinic.desk import Desk
from emscontrol.core.errors import EmsError


@contextmanager
def announced(desk: Desk, journal: Path) -> Iterator[None]:
    """The journal of what happens inside is to be handed in, whatever becomes of this program; not if it never came to be."""
    from emscontrol.clinic.stations.outbox import FOLDER, announce, take_back

    outbox = desk.settings.state / FOLDER
    announce(outbox, journal, desk.station, desk.now())
    try:
        yield
    finally:
        take_back(outbox, journal)


def hand_in(desk: Desk) -> bool:
    """Hand in everything that waits on this station, and say what became of it; False when the book was not to be had.

    Nothing is raised: the session is over.
    """
    from emscontrol.clinic.stations.outbox import FOLDER, hand_in_all

    try:
        outcome = hand_in_all(desk.book, desk.settings.state / FOLDER, desk.actor(desk.now()), desk.now())
    except EmsError as problem:
        click.echo(f"Not handed in yet: {problem.what} It waits on this station: emscontrol book hand-in.", err=True)
        return False
    for journal in outcome.handed_in:
        click.echo(f"Handed in: {journal.name}", err=True)
    for journal, reason in outcome.left:
        click.echo(
            f"Not handed in yet: {journal.name}: {reason.what} It waits on this station: emscontrol book hand-in.", err=True
        )
    return True
