"""The forms of a first start: a new book, its first supervisor, the passphrase of an encrypted one."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from emscontrol.core.errors import UsageError
from emscontrol.tui.language import _
from emscontrol.tui.screens.door.entry import first_of_staff, make_book
from emscontrol.tui.station import Station
from emscontrol.tui.widgets.form import Field, FormScreen

ZONES: Final = "zoneinfo/"
LOCAL_TIME: Final = Path("/etc/localtime")


def zone_here() -> str:
    """The time zone of this computer by its name, "UTC" where it does not tell."""
    told = os.environ.get("TZ", "").lstrip(":")
    if "/" in told and not told.startswith("/"):
        return told
    try:
        _before, found, name = str(LOCAL_TIME.resolve()).partition(ZONES)
    except OSError:
        return "UTC"
    return name if found else "UTC"


def _supervisor() -> tuple[Field, ...]:
    return (
        Field("person", _("Your name"), _("as it stands in the trace of all you do")),
        Field("code", _("Your code"), _("short, as sofia; you log in with it")),
        Field("pin", _("Your PIN"), _("6 digits or more, or a passphrase"), secret=True),
        Field("again", _("The same again"), secret=True),
    )


def new_book(station: Station, encrypted: bool) -> FormScreen[bool]:
    """A book with its first supervisor, who is logged in afterwards."""
    kinds = (
        ("practice", _("practice: simulators and invented patients")),
        ("clinic", _("clinic: patients and stimulators")),
    )
    fields = (
        Field("clinic", _("Name of the clinic")),
        Field("zone", _("Time zone"), _("as Europe/Berlin"), zone_here()),
        Field("kind", _("What it is for"), choices=kinds),
        *_supervisor(),
        *((Field("passphrase", _("Passphrase of the book"), secret=True),) if encrypted else ()),
        *((Field("passphrase2", _("The same again"), secret=True),) if encrypted else ()),
    )

    async def keep(answers: Mapping[str, str]) -> bool:
        if encrypted:
            if not answers["passphrase"] or answers["passphrase"] != answers["passphrase2"]:
                raise UsageError(_("The passphrases of the book are not the same, or empty."), _("Type the same one twice."))
            station.unlock(answers["passphrase"])
        await station.call(lambda desk: make_book(desk, answers))
        return True

    return FormScreen(_("A book for this clinic, and its first supervisor: you"), fields, keep)


def first_supervisor(station: Station) -> FormScreen[bool]:
    """Where there is a book and nobody in it."""

    async def keep(answers: Mapping[str, str]) -> bool:
        await station.call(lambda desk: first_of_staff(desk, answers))
        return True

    return FormScreen(_("The first supervisor of this book: you"), _supervisor(), keep)


def passphrase(station: Station) -> FormScreen[bool]:
    """Of an encrypted book; kept in memory until the program ends."""

    async def keep(answers: Mapping[str, str]) -> bool:
        station.unlock(answers["passphrase"])
        await station.about()
        return True

    return FormScreen(_("The passphrase of the book"), (Field("passphrase", _("Passphrase"), secret=True),), keep)
