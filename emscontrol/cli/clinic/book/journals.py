"""`emscontrol book hand-in`, `rebuild` and `holds`."""

from pathlib import Path

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.clinic.sessions.content import journal_bytes
from emscontrol.clinic.sessions.rebuild import rebuild as make_again
from emscontrol.clinic.stations.holds import held_now
from emscontrol.clinic.stations.outbox import FOLDER, announce, hand_in_all
from emscontrol.core.errors import ExitCode
from emscontrol.core.units import counted

_PATH = click.Path(path_type=Path, readable=False)
_HOLDS = {"stimulator": "STIMULATOR", "staff": "HELD BY", "station": "AT", "since": "SINCE", "until": "UNTIL"}


@book_command
@click.argument("journals", type=_PATH, nargs=-1)
def hand_in(desk: Desk, journals: tuple[Path, ...]) -> None:
    """Hand in every journal that waits on this station, and JOURNALS besides. One that the book has already is counted once."""
    outbox = desk.settings.state / FOLDER
    desk.require("hand_in")
    for journal in journals:
        journal_bytes(journal)  # one that cannot be read is refused before anything is announced
    for journal in journals:
        announce(outbox, journal, desk.station, desk.now())
    outcome = hand_in_all(desk.book, outbox, desk.actor(desk.now()), desk.now())
    left = [{"journal": str(journal), "reason": str(reason)} for journal, reason in outcome.left]
    running = [str(journal) for journal in outcome.running]
    words = [
        f"{counted(len(outcome.handed_in), 'journal')} handed in.",
        *(f"  {journal.name}" for journal in outcome.handed_in),
        *(f"Still waits: {each['journal']}: {each['reason']}" for each in left),
        *(f"Its session is not over: {journal}" for journal in running),
    ]
    handed_in = [str(journal) for journal in outcome.handed_in]
    desk.paper.lines(words, {"handed_in": handed_in, "left": left, "running": running})
    if outcome.left:
        click.get_current_context().exit(int(ExitCode.BOOK if outcome.unreachable else ExitCode.REFUSED))


@book_command
@click.argument("journals", type=_PATH, nargs=-1)
def rebuild(desk: Desk, journals: tuple[Path, ...]) -> None:
    """Throw the index of sessions away and make it again from the journals in the book, and from JOURNALS besides."""
    contents = [(journal.name, journal_bytes(journal)) for journal in journals]
    with desk.writing("book") as (session, _, now):
        done = make_again(session, contents, desk.station, now, desk.book.about)
    lines = [
        f"{counted(done.sessions, 'session')} in the index.",
        *(f"  interrupted, without an end: {file}" for file in done.interrupted),
        *(f"  left out: {reason}" for reason in done.refused),
    ]
    facts = {"sessions": done.sessions, "interrupted": list(done.interrupted), "refused": list(done.refused)}
    desk.paper.lines(lines, facts)
    if done.refused:
        click.get_current_context().exit(int(ExitCode.JOURNAL))


@book_command
def holds(desk: Desk) -> None:
    """Which stimulators are held by a session right now, and by whom."""
    with desk.reading("look") as (session, _, now):
        rows = [{key: getattr(held, key) for key in _HOLDS} for held in held_now(session, now)]
    desk.paper.rows("holds", rows, _HOLDS, "No stimulator is held.")
