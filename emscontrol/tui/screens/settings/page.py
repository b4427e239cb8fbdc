"""What the user set, who is logged in, and where everything is kept."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable, Static

from emscontrol.config import ScreenSettings
from emscontrol.core.errors import EmsError
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import TourWanted
from emscontrol.tui.language import LANGUAGES, _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.door.entry import leave
from emscontrol.tui.screens.door.login import LoginScreen
from emscontrol.tui.screens.door.own_pin import own_pin
from emscontrol.tui.screens.door.standing import standing
from emscontrol.tui.screens.settings.facts import Facts, facts_of
from emscontrol.tui.themes import THEMES
from emscontrol.tui.widgets.listing import Column, Listing, Row
from emscontrol.tui.widgets.reading import Reading


class SettingsPage(Page[None]):
    """Three things to choose above; below, what there is to know."""

    WHERE = Where.SETTINGS
    PAGE = "settings"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.SETTINGS)
    AUTO_FOCUS = "Listing"
    DEFAULT_CSS = """
    SettingsPage Listing { height: 4; margin: 0 1; }
    SettingsPage #facts-title { height: 1; padding: 0 1; text-style: bold; margin: 1 0 0 0; }
    SettingsPage.small #facts-title { margin: 0; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._facts: Facts | None = None

    def content(self) -> ComposeResult:
        """The list and the facts."""
        yield Listing((Column(_("Setting"), 12), Column(_("now"), 12, grow=1), Column(_("Enter: next"), 14, 1, 50)), "settings")
        yield Static(_("This station"), id="facts-title", markup=False)
        yield Reading()

    async def load(self) -> None:
        """Who is there, and where everything is."""
        self._fill()
        self._facts = await facts_of(self.house.station, await standing(self.house.station))
        self.query_one(Reading).tell("\n".join(self._facts.lines()))
        self.refresh_bindings()

    def _fill(self) -> None:
        looks = self.house.looks
        rows = (
            Row("theme", (_("Colours"), _colours().get(looks.theme, looks.theme), _colours()[_after(looks.theme, THEMES)])),
            Row("language", (_("Language"), LANGUAGES.get(looks.language, ""), LANGUAGES[_after(looks.language, LANGUAGES)])),
            Row("bell", (_("Bell"), _on_or_off(looks.bell), _on_or_off(not looks.bell))),
        )
        self.query_one(Listing).fill(rows)

    def can(self, name: str) -> bool:
        """A PIN, and logging out, of whoever is logged in."""
        if name == "log_in":
            return self._facts is not None and self._facts.usable
        return name not in ("own_pin", "log_out") or (self._facts is not None and bool(self._facts.who))

    async def do_choose(self) -> None:
        """The next one of what the cursor is on."""
        looks, chosen = self.house.looks, self.query_one(Listing).chosen
        await self._take(
            {
                "theme": lambda: replace(looks, theme=_after(looks.theme, THEMES)),
                "language": lambda: replace(looks, language=_after(looks.language, LANGUAGES)),
                "bell": lambda: replace(looks, bell=not looks.bell),
            }[chosen or "theme"]()
        )

    async def _take(self, looks: ScreenSettings) -> None:
        other_words = looks.language != self.house.looks.language

        try:
            self.house.look_like(looks)
        except EmsError as problem:
            self.refused(problem)
        if other_words:
            await self.app.run_action("do('settings')")
        else:
            self._fill()

    @on(DataTable.RowSelected)
    async def _clicked(self) -> None:
        await self.do_choose()

    def do_own_pin(self) -> None:
        """Another PIN."""
        self.app.push_screen(own_pin(self.house.station, _("Another PIN or passphrase of your own")), self._chosen_pin)

    def _chosen_pin(self, done: bool | None) -> None:
        if done:
            self.say(_("You have another PIN, and are logged in with it."))

    async def do_log_out(self) -> None:
        """Nobody is at work here any more."""

        async def out() -> None:
            await self.house.station.call(leave)
            self.house.logged_out()

        self.work_on(out)

    def do_log_in(self) -> None:
        """Also in place of somebody else."""
        self.app.push_screen(LoginScreen(self.house.station, _("Who are you?")), self._came_in)

    def _came_in(self, done: bool | None) -> None:
        if done:
            self.house.logged_in()

    def do_tour(self) -> None:
        """Once more."""
        self.post_message(TourWanted())


def _colours() -> dict[str, str]:
    return {"dark": _("dark"), "light": _("light"), "contrast": _("high contrast")}


def _on_or_off(on_: bool) -> str:
    return _("rings") if on_ else _("silent")


def _after(name: str, among: Iterable[str]) -> str:
    names = list(among)
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]
