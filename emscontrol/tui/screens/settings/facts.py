"""What there is to know about this station: who is logged in, the book, where everything is kept."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.cells import cell_len

from emscontrol import __version__
from emscontrol.config import Settings, screen_file
from emscontrol.core.errors import EmsError
from emscontrol.record.place import journal_folder
from emscontrol.tui.glyphs import VARIABLE, ascii_only
from emscontrol.tui.language import _
from emscontrol.tui.screens.door.standing import Standing
from emscontrol.tui.station import Station


@dataclass(frozen=True, slots=True)
class Facts:
    """`who` is the code of who is logged in, "" for nobody; `usable` when the book can be used."""

    who: str = ""
    usable: bool = False
    rows: tuple[tuple[str, str], ...] = field(default=())

    def lines(self) -> Iterator[str]:
        """Name and value of each, in two columns."""
        width = max((cell_len(name) for name, _value in self.rows), default=0) + 2
        for name, value in self.rows:
            yield f"{name}{' ' * (width - cell_len(name))}{value}"


async def facts_of(station: Station, lacking: Standing | None) -> Facts:
    """All of it. Raises what the book raises."""
    try:
        settings = await station.settings()
    except EmsError as problem:
        return Facts(rows=((_("Settings"), f"{problem.what} {problem.remedy}"),))
    actor = await station.who() if lacking is None else None
    who = f"{actor.code} ({actor.role})" if actor else _("nobody")
    rows = [(_("Logged in"), who), (_("Station"), settings.station)]
    if lacking is None:
        about = await station.about()
        kind = _("practice, simulators only") if about.practice else _("clinic")
        rows += [(_("Clinic"), f"{about.name} ({kind})"), (_("Time zone"), about.time_zone)]
        rows += [(_("Covered after"), _("{minutes} minutes without a key").format(minutes=about.idle_lock_min))]
    else:
        rows += [(_("Book"), lacking.why)]
    rows += [*await asyncio.to_thread(lambda: list(_keys(station.home)))]
    rows += [*_places(settings, station.home), (_("Version"), __version__), (_("Terminal"), _terminal())]
    return Facts(actor.code if actor else "", lacking is None, tuple(rows))


def _keys(home: str) -> Iterator[tuple[str, str]]:
    """What this station signs its records with, and whose keys it knows beside."""
    from emscontrol.record.key_files import key_folder, known_keys, own_key

    try:
        own, ring = own_key(key_folder(home)), known_keys(key_folder(home))
    except EmsError as problem:
        yield _("Signs with"), f"{problem.what} {problem.remedy}"
        return
    none = _("no key yet; the first session makes one")
    yield _("Signs with"), _("key {id}, since {day}").format(id=own.id, day=own.made[:10]) if own else none
    names = ring.names()
    others = [f"{key.id} ({names[key.public]})" for key in ring.keys if own is None or key.public != own.public]
    yield _("Knows besides"), ", ".join(others) or _("no other station's key; emscontrol key trust FILE adds one")


def _places(settings: Settings, home: str) -> Iterator[tuple[str, str]]:
    book = str(settings.book_file)
    if settings.book_url:
        from sqlalchemy import make_url

        book = make_url(settings.book_url).render_as_string(hide_password=True)
    yield _("Book is in"), book
    yield _("Journals"), str(journal_folder(Path(home) if home else None))
    yield _("Settings"), str(settings.file)
    yield _("Of the screen"), str(screen_file(settings))


def _terminal() -> str:
    plain = _("plain characters only ({variable})").format(variable=VARIABLE) if ascii_only() else _("all characters")
    colour = _("without colour (NO_COLOR)") if "NO_COLOR" in os.environ else _("in colour")
    return f"{os.environ.get('TERM', '?')}, {colour}, {plain}"
