"""The day that was kept on this station, for who has kept it and is still logged in; the book is not asked."""

from contextlib import suppress
from datetime import timedelta
from typing import Final

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.staff.roles import require
from emscontrol.clinic.stations.day import FILE, Day, keep_day, read_day
from emscontrol.core.errors import BookError, NotAllowed, StorageError
from emscontrol.core.units import counted
from emscontrol.desk.desk import StationDesk
from emscontrol.desk.token import kept_token, last_use, note_use

RUN_HERE: Final = "its session was run on this station since"


def kept_day(desk: StationDesk, permission: str) -> Day:
    """The day that was kept; whoever looks at it has used his login.

    Raises BookError when there is none that can be used, NotAllowed when it is another's, the login was locked meanwhile, or
    its owner may not do this.
    """
    now = desk.now()
    day = read_day(desk.settings.state / FILE, now, lambda book: kept_token(desk.home, book), place=desk.place().words)
    if day.station != desk.station:
        raise NotAllowed(f"The agenda was kept at {day.station}, and this is {desk.station}.", "Wait for the book.")
    used_at = last_use(desk.home, day.book)
    if used_at is None or abs(now - used_at) >= timedelta(minutes=day.idle_lock_min):
        raise NotAllowed(
            f"Nothing was done here for {counted(day.idle_lock_min, 'minute')}, so this login is locked.",
            "Wait for the book, and log in again.",
        )
    require(Actor(day.staff, day.role, day.station), permission)
    still_here(desk, day.book)
    return day


def still_here(desk: StationDesk, book: str) -> None:
    """Whoever is logged in at this book has used his login just now; what cannot be written locks it earlier."""
    with suppress(StorageError):
        note_use(desk.home, book, kept_token(desk.home, book), desk.now())


def strike_off(desk: StationDesk, book: str, appointment: int) -> Day | None:
    """Nothing is to be run at this appointment from the kept day any more. Raises StorageError.

    Returns the day as it was; None where none was kept that could be used.
    """
    file, token = desk.settings.state / FILE, kept_token(desk.home, book)
    try:
        day = read_day(file, desk.now(), lambda _: token, book=book)
    except (BookError, NotAllowed):
        return None
    keep_day(file, day.without(appointment, RUN_HERE), token)
    return day


def put_back(desk: StationDesk, day: Day) -> None:
    """The day as it was: there was no session. Raises StorageError."""
    keep_day(desk.settings.state / FILE, day, kept_token(desk.home, day.book))
