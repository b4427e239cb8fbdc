"""How this station stands to its book: what is missing before anybody can log in, and why."""

from dataclasses import dataclass
from enum import Enum

from emscontrol.core.errors import BookUnreachable, EmsError
from emscontrol.tui.language import _
from emscontrol.tui.screens.door.entry import is_staffed
from emscontrol.tui.station import Station


class Lacks(Enum):
    """What somebody at the screen can do about it."""

    BOOK = "make one here"
    STAFF = "enter the first supervisor"
    KEY = "type it"
    OTHER = "do what the words say, and look again"


@dataclass(frozen=True, slots=True)
class Standing:
    """`why` in words for the person at the screen. `encrypted` as the settings have it."""

    lacks: Lacks
    why: str
    encrypted: bool = False


async def standing(station: Station) -> Standing | None:
    """None when the book can be used."""
    try:
        settings = await station.settings()
    except EmsError as problem:
        return Standing(Lacks.OTHER, _told(problem))
    here = not settings.book_url
    typed = here and settings.encrypted and settings.passphrase_file is None
    there = here and settings.book_file.exists()
    if here and not there:
        why = _("There is no book of patients here yet.")
        return Standing(Lacks.BOOK, why, encrypted=typed)
    if typed and not station.passphrase:
        return Standing(Lacks.KEY, _("The book of this station is encrypted."), encrypted=True)
    try:
        await station.about()
        staffed = await station.call(is_staffed)
    except BookUnreachable as problem:
        words = _("Sessions run without the book meanwhile; what was agreed for today: emscontrol agenda in a shell.")
        return Standing(Lacks.OTHER, f"{_told(problem)} {words}")
    except EmsError as problem:
        return Standing(Lacks.KEY if typed else Lacks.OTHER, _told(problem), encrypted=typed)
    if not staffed:
        return Standing(Lacks.STAFF, _("The book is there, and nobody works here yet."))
    return None


def _told(problem: EmsError) -> str:
    return f"{problem.what} {problem.remedy}".strip()
