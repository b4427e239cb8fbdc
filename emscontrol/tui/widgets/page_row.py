"""The pages with their keys at the top of each; in a practice clinic, that it is one."""

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final, cast

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.widgets import Static
from textual.worker import Worker

from emscontrol.core.errors import EmsError
from emscontrol.tui.commands.everywhere import PAGES
from emscontrol.tui.language import _
from emscontrol.tui.practice_folder import is_practice_folder

if TYPE_CHECKING:
    from emscontrol.tui.house import House

ROOMY: Final = 92  # columns from which on every page has its whole key
NAMED: Final = 76  # below this only the present page has its name
TALL: Final = 18  # rows from which on the practice has one of its own


class PageRow(Static):
    """The present page is marked; a click goes to another.

    A practice clinic, and a practice session's own folder, are named: nobody there is real. Where rows are few that stands at
    the end of the row, and the other pages lose their names.
    """

    DEFAULT_CSS = "PageRow { height: 1; width: 1fr; padding: 0 1; } PageRow.two { height: 2; }"

    def __init__(self, here: str) -> None:
        super().__init__(id="pages", markup=False)
        self._here = here
        self._practice = ""

    def on_mount(self) -> None:
        """Ask the book what it is; without one there is nothing to tell."""
        _worker: Worker[None] = self.run_worker(self._ask(), group="practice")

    def on_resize(self) -> None:
        """Two rows, where there are enough."""
        self.set_class(bool(self._practice) and not self._is_short, "two")

    async def _ask(self) -> None:
        self._practice = await self._told()
        if self._practice:
            self.on_resize()
            self.refresh(layout=True)

    async def _told(self) -> str:
        house = cast("House", self.app)
        if is_practice_folder(house.home):
            return _("PRACTICE: a simulated patient. All of this is thrown away when you leave.")
        with suppress(EmsError):
            about = await house.station.about()
            if about.practice:
                return _("PRACTICE: {clinic}. Invented patients, simulators only.").format(clinic=about.name)
        return ""

    def render(self) -> Text:
        """The present page stands in brackets, so that it is told without colour."""
        row = Text(self._gap(), no_wrap=True, overflow="ellipsis").join(text for _, text in self._parts())
        if not self._practice:
            return row
        if self._is_short:
            return row.append("  ").append(_("PRACTICE"), style="bold reverse")
        above = Text(self._practice, style="bold reverse", no_wrap=True, overflow="ellipsis")
        above.truncate(self.size.width, overflow="ellipsis", pad=True)
        row.truncate(self.size.width, overflow="ellipsis")
        return Text("\n", no_wrap=True, overflow="ellipsis").join((above, row))

    @property
    def _is_short(self) -> bool:
        return self.app.size.height < TALL

    def _gap(self) -> str:
        return "  " if self.size.width >= ROOMY else " "

    def _parts(self) -> Iterator[tuple[str, Text]]:
        room = self.size.width >= NAMED and not (
            self._practice and self._is_short and self.size.width < ROOMY + len(_("PRACTICE"))
        )
        for number, page in enumerate(PAGES):
            short = number > 0 and self.size.width < ROOMY  # F2 Today 3 Patients 4 Calendar …
            key = page.key_words.removeprefix("F") if short else page.key_words
            named = room or page.name == self._here
            words = f"{key} {_(page.label)}" if named else key
            here = page.name == self._here
            yield page.name, Text(f"[{words}]" if here else words, style="bold reverse" if here else "")

    async def on_click(self, event: events.Click) -> None:
        """Go there."""
        if self._practice and not self._is_short and event.y == 0:
            return
        at = 0
        for name, text in self._parts():
            if at <= event.x - 1 < at + cell_len(text.plain) + 1:
                await self.app.run_action(f"do('{name}')")
                return
            at += cell_len(text.plain) + len(self._gap())
