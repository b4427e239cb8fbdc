"""After a session: its journal goes to the book, or waits here until the book can be reached."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emscontrol.core.booking import Booking
from emscontrol.core.errors import EmsError
from emscontrol.desk.desk import StationDesk

if TYPE_CHECKING:
    from emscontrol.clinic.book.actor import Actor

_WAITS: Final = "It waits on this station: emscontrol book hand-in."


@contextmanager
def announced(desk: StationDesk, journal: Path, booking: Booking) -> Iterator[None]:
    """The journal of what happens inside is to be handed in, whatever becomes of this program; not if it never came to be.

    Its appointment is struck off the kept day before, so that it is not run from there again, even after a crash.
    """
    from emscontrol.clinic.stations.outbox import FOLDER, announce, take_back
    from emscontrol.desk.kept import put_back, strike_off

    outbox = desk.settings.state / FOLDER
    announce(outbox, journal, desk.station, desk.now(), book=booking.book, appointment=booking.appointment)
    kept = None
    try:
        kept = strike_off(desk, booking.book, booking.appointment)
        yield
    finally:
        take_back(outbox, journal)
        if kept is not None and not journal.exists():
            put_back(desk, kept)


def require_new(desk: StationDesk, book: str, appointment: int) -> None:
    """Nothing, when no journal of this appointment waits on this station. Raises BookConflict, StorageError."""
    from emscontrol.clinic.stations.outbox import FOLDER, require_not_waiting

    require_not_waiting(desk.settings.state / FOLDER, book, appointment)


def hand_in(desk: StationDesk, say: Callable[[str], None], actor: "Actor | None" = None, own: Path | None = None) -> bool:
    """Hand in everything that waits on this station, and say what became of it.

    False when the book was not to be had, or does not have `own` yet, the record of the session that was just run: then nobody
    knows what comes next. `actor` is who does it, who is logged in if left out. Nothing is raised: a session is over.
    """
    from emscontrol.clinic.stations.outbox import FOLDER, hand_in_all

    try:
        by = actor or desk.actor(desk.now())
        outcome = hand_in_all(desk.book, desk.settings.state / FOLDER, by, desk.now())
    except EmsError as problem:
        say(f"Not handed in yet: {problem.what} {_WAITS}")
        return False
    mine = own.absolute() if own is not None else None
    for journal in outcome.handed_in:
        say(f"Handed in: {journal.name}")
    for journal, reason in outcome.left:
        say(f"Not handed in yet: {journal.name}: {reason.what} {_WAITS}")
    if mine is not None and mine in outcome.running:
        say(f"Not handed in yet: {mine.name}: its engine has not let go of it. {_WAITS}")
    return mine is None or mine not in (*outcome.running, *(journal for journal, _ in outcome.left))
