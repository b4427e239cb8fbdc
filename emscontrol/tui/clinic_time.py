"""The clock that people at this station are shown: the clinic's, and without a book that of this computer."""

from contextlib import suppress
from datetime import datetime, tzinfo

from emscontrol.core.errors import EmsError
from emscontrol.tui.station import Station


async def zone_of(station: Station) -> tzinfo | None:
    """The clinic's time zone; None, which is this computer's, where there is no book that can be used."""
    with suppress(EmsError):
        return (await station.about()).zone
    return None


def when(moment: datetime | None, zone: tzinfo | None, short: bool = False) -> str:
    """A moment on that clock."""
    shape = "%m-%d %H:%M" if short else "%Y-%m-%d %H:%M"
    return "–" if moment is None else f"{moment.astimezone(zone):{shape}}"
