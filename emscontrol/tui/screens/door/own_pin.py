"""Choosing a PIN of one's own."""

from collections.abc import Mapping

from emscontrol.tui.language import _
from emscontrol.tui.screens.door.entry import choose_own
from emscontrol.tui.station import Station
from emscontrol.tui.widgets.form import Field, FormScreen


def own_pin(station: Station, why: str) -> FormScreen[bool]:
    """Ends with True when there is another PIN, and its owner logged in with it."""

    async def keep(answers: Mapping[str, str]) -> bool:
        await station.call(lambda desk: choose_own(desk, answers["pin"], answers["again"]))
        return True

    fields = (
        Field("pin", _("Your own PIN"), _("6 digits or more, or a passphrase"), secret=True),
        Field("again", _("The same again"), secret=True),
    )
    return FormScreen(why, fields, keep)
