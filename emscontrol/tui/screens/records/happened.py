"""What happened while nobody could look: told when the program starts, until somebody has read it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import ClassVar, Final

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from emscontrol.clinic.sessions.read_journal import BookedAs
from emscontrol.record.place import opened_at
from emscontrol.tui.clinic_time import when, zone_of
from emscontrol.tui.language import _
from emscontrol.tui.screens.records.ending import Ended, explained
from emscontrol.tui.screens.records.story import Story
from emscontrol.tui.screens.records.untold import mark_told, read_story, untold
from emscontrol.tui.screens.records.words import gave, whose
from emscontrol.tui.station import Station
from emscontrol.tui.widgets.key_row import KeyRow
from emscontrol.tui.widgets.stop_button import StopButton

TOLD_MAX: Final = 10  # with all particulars; what is older stands in the list of sessions

Account = tuple[Path, Story | str]
"""A journal, with what it tells or why it tells nothing."""


class WhatHappened(ModalScreen[None]):
    """Sessions that nobody ended on purpose, newest first. Ends when somebody has read it."""

    DEFAULT_CSS = """
    WhatHappened { background: $background; }
    #happened { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    #happened-title { text-style: bold reverse; width: 1fr; padding: 0 1; }
    .account { margin: 1 0 0 0; }
    """
    AUTO_FOCUS = "#happened"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "seen", "Seen", key_display="Enter")]

    def __init__(self, accounts: Sequence[Account], zone: tzinfo | None, older: int = 0) -> None:
        super().__init__()
        self._accounts = tuple(accounts)
        self._zone = zone
        self._older = older

    def compose(self) -> ComposeResult:
        """One text to scroll through above the STOP button."""
        yield Static(_("A session ended that nobody ended on purpose"), id="happened-title", markup=False)
        with VerticalScroll(id="happened"):
            for path, told in self._accounts:
                yield Static(account(path, told, self._zone), classes="account", markup=False)
            if self._older:
                yield Static(_("And {count} older: F7 lists them.").format(count=self._older), classes="account", markup=False)
        with Vertical(id="foot"):
            yield StopButton()
            yield KeyRow()

    def action_seen(self) -> None:
        """A person has read it."""
        self.dismiss(None)


def account(path: Path, told: Story | str, zone: tzinfo | None) -> Text:
    """When, whose, what; why it ended; what was delivered; what is known of the output."""
    if isinstance(told, str):
        text = Text(f"{when(opened_at(path), zone)}  {path.name}\n", style="bold")
        return text.append(told, style="not bold")
    facts = told.facts
    text = Text()
    simulated = _("  SIMULATION") if facts.simulated else ""
    patient = whose(facts.booked.patient if facts.booked else "")
    text.append(f"{when(opened_at(path) or told.opened_at, zone)}  {patient}  {told.title}\n", style="bold")
    text.append(f"{facts.device}{simulated}\n")
    why, *more = explained(told.ending) or [facts.reason]
    text.append(why)
    for output in more[-1:]:  # what matters most stands where it is seen without scrolling
        text.append(f"\n{output}", style="" if told.ending.zero else "bold")
    text.append(f"\n{gave(told)}")
    for sentence in more[:-1]:
        text.append(f"\n{sentence}")
    if not facts.intact:
        text.append(f"\n{facts.finding}")
    elif facts.key and told.ending.how is Ended.NO_END:  # what follows the last signature anybody can have written
        text.append(f"\n{facts.signature}")
    if told.ending.how not in (Ended.NO_END, Ended.DAMAGED):
        text.append("\n" + _("The record is closed: {result}, {reason}.").format(result=facts.result, reason=facts.reason))
    return text


async def tell_what_happened(app: App[None], station: Station, may: Callable[[], bool]) -> Sequence[BookedAs] | None:
    """Tell what has not been told yet, and remember it once somebody has read it. Raises StorageError when it cannot.

    Returns the appointments among it, newest first; None where it was not told because it `may` not come to the front now, as
    above a session.
    """
    home = station.home
    paths = await asyncio.to_thread(untold, home)
    if not paths:
        return ()
    accounts = [(path, await asyncio.to_thread(read_story, path)) for path in paths[:TOLD_MAX]]
    zone = await zone_of(station)
    if not may():  # looked at last, with nothing to wait for between this and the front
        return None
    await app.push_screen_wait(WhatHappened(accounts, zone, len(paths) - len(accounts)))
    await asyncio.to_thread(mark_told, home, paths)
    stories = [told for _path, told in accounts if isinstance(told, Story)]
    return [story.facts.booked for story in stories if story.facts.booked is not None]
