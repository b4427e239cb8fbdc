"""What the user sets, and who he is."""

from typing import Final

from emscontrol.tui.commands.table import Command, Where

SETTINGS: Final = (
    Command("choose", ("enter",), "Change", "The next colours or language, or the bell on or off.", Where.SETTINGS),
    Command("own_pin", ("p",), "New PIN", "Choose another PIN or passphrase of your own.", Where.SETTINGS),
    Command("log_out", ("o",), "Log out", "Log out at this station; the pages of patients close.", Where.SETTINGS),
    Command("log_in", ("i",), "Log in", "Log in, also in place of somebody else.", Where.SETTINGS),
    Command("tour", ("t",), "Tour", "The short tour: STOP, the pages, a session, the book.", Where.SETTINGS),
)
