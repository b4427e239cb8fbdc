"""STOP, help and leaving; and from page to page."""

from typing import Final

from emscontrol.tui.commands.table import STOP, Command, Where

EVERYWHERE: Final = (
    STOP,
    Command("help", ("question_mark", "f1"), "Help", "This list.", Where.EVERYWHERE, key_words="?"),
    Command(
        "palette",
        ("ctrl+p",),
        "Find",
        "Find a command by its name. Not while a session is open.",
        Where.EVERYWHERE,
        shown=False,
    ),
    Command(
        "leave",
        ("ctrl+q",),
        "Leave",
        "Leave the program. While a session is open it means STOP.",
        Where.EVERYWHERE,
    ),
)


def _page(name: str, key: str, label: str, help_: str) -> Command:
    return Command(name, (key,), label, help_, Where.PAGES, shown=False, key_words=key.upper())


PAGES: Final = (
    _page("today", "f2", "Today", "Who comes today, what is due, the stimulators."),
    _page("patients", "f3", "Patients", "Everybody, to search in."),
    _page("calendar", "f4", "Calendar", "The appointments of a week or a month."),
    _page("protocols", "f6", "Protocols", "What can be given: browse, look at, try."),
    _page("records", "f7", "Sessions", "The records of sessions, and whether they are intact."),
    _page("devices", "f8", "Devices", "Stimulators, ports, and simulators to practise with."),
    _page("settings", "f9", "Settings", "Colours, language, bell, who is logged in."),
)
"""The pages in the order of the row that names them."""
