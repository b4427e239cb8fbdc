"""Coming in and going out at this station's desk: what the screens at the door do with the book. All in the book's thread."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from emscontrol.core.errors import UsageError
from emscontrol.desk.desk import StationDesk

KINDS: Final = ("practice", "clinic")


@dataclass(frozen=True, slots=True)
class Entered:
    """Who has logged in. `to_choose` when somebody else has set his PIN: until he has chosen his own it opens nothing."""

    code: str
    to_choose: bool


def enter(desk: StationDesk, code: str, secret: str) -> Entered:
    """Log in, in place of whoever was logged in here. Raises NotAllowed."""
    from emscontrol.clinic.staff.entry import log_in
    from emscontrol.clinic.staff.own_secret import is_to_choose

    token = log_in(desk.book, code, secret, desk.station, desk.now())
    leave(desk)
    desk.keep_login(token)
    return Entered(code, is_to_choose(desk.book, code))


def leave(desk: StationDesk) -> str:
    """Log out; who it was, "" for nobody."""
    from emscontrol.clinic.staff.entry import log_out

    token = desk.forget_login()
    return log_out(desk.book, token, desk.station, desk.now()) if token else ""


def choose_own(desk: StationDesk, secret: str, again: str) -> None:
    """A PIN of one's own in place of the one before, and logged in with it. Raises UsageError, NotAllowed."""
    from emscontrol.clinic.staff.keep import set_secret

    _same(secret, again)
    now = desk.now()
    holder = desk.holder(now)
    with desk.book.writing(holder, now) as session:
        set_secret(session, holder, holder.code, secret, now)
    enter(desk, holder.code, secret)


def is_staffed(desk: StationDesk) -> bool:
    """Whether anybody is or was entered in this book."""
    from emscontrol.clinic.staff.keep import list_staff

    with desk.book.reading() as session:
        return bool(list_staff(session, withdrawn=True))


def make_book(desk: StationDesk, answers: Mapping[str, str]) -> None:
    """A new book with its first supervisor, who is logged in. What is easy to get wrong is looked at before anything is made.

    A book that was made and has no staff yet is gone on with. Raises UsageError, BookError, StorageError.
    """
    from emscontrol.clinic.book.entered import code_of, line_of
    from emscontrol.clinic.book.opening import create_book
    from emscontrol.clinic.staff.secrets import require_hard

    _same(answers["pin"], answers["again"])
    code = code_of(answers["code"], "member of staff")
    line_of(answers["person"], "name of the supervisor", needed=True)
    require_hard(answers["pin"], code)
    place = desk.place(new=True)
    if place.file is None or not place.file.exists():
        name = line_of(answers["clinic"], "name of the clinic", needed=True)
        create_book(place, name=name, kind=answers["kind"], time_zone=answers["zone"], now=desk.now()).close()
    first_of_staff(desk, answers)


def first_of_staff(desk: StationDesk, answers: Mapping[str, str]) -> None:
    """The first supervisor of a book that has nobody yet, logged in. Raises UsageError, NotAllowed."""
    from emscontrol.clinic.book.opening import FIRST_START
    from emscontrol.clinic.staff.keep import first_supervisor

    _same(answers["pin"], answers["again"])
    with desk.book.writing(FIRST_START, desk.now()) as session:
        first_supervisor(session, code=answers["code"], name=answers["person"], secret=answers["pin"])
    enter(desk, answers["code"], answers["pin"])


def _same(secret: str, again: str) -> None:
    if secret != again:
        raise UsageError("The two PINs are not the same.", "Type the same one twice.")
