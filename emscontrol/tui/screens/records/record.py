"""One session's record: what was delivered against prescribed, the course of the current, what happened when."""

import asyncio
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from emscontrol.core.errors import EmsError
from emscontrol.record.keys import KeyRing
from emscontrol.record.place import opened_at
from emscontrol.record.sink import is_being_written
from emscontrol.tui.beside import each
from emscontrol.tui.clinic_time import zone_of
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.figures import clock
from emscontrol.tui.house import ReplayWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.records import words
from emscontrol.tui.screens.records.reporting import write_session_report
from emscontrol.tui.screens.records.shelf import place_of, stations
from emscontrol.tui.screens.records.story import Story
from emscontrol.tui.widgets.chart import Chart, Plot

if TYPE_CHECKING:
    from emscontrol.record.verify import VerifyReport


class RecordScreen(Page[None]):
    """One text to scroll through, with a chart in it. `journal` is the path of a journal or the name of its file."""

    WHERE = Where.RECORD
    PAGE = "records"
    AUTO_FOCUS = "#record"
    DEFAULT_CSS = """
    #record { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    #record Static { width: 1fr; height: auto; margin: 0 0 1 0; }
    #record .off { display: none; }
    #record-course { height: 9; margin: 0 0 1 0; }
    #record-why { text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.RECORD), Binding("escape", "back", "Back", key_display="Esc")]

    def __init__(self, journal: str) -> None:
        super().__init__()
        self._journal = journal
        self._story: Story | None = None
        self._written_now = False
        self._zone: tzinfo | None = None
        self._stations = KeyRing()

    def content(self) -> ComposeResult:
        """In the order in which people ask."""
        with VerticalScroll(id="record"):
            yield Static(_("Reading …"), id="record-head", markup=False)
            yield Static("", id="record-why", markup=False, classes="off")
            yield Static("", id="record-given", markup=False)
            yield Static("", id="record-verdict", markup=False)
            yield Chart("record-course")
            yield Static("", id="record-events", markup=False)

    async def load(self) -> None:
        """Read it once; only a record that is being written changes while it is looked at."""
        self._zone = await zone_of(self.house.station)
        if self._story is None or self._written_now:
            self._stations = await asyncio.to_thread(stations, self.house.home)
            await self._read()

    async def _read(self) -> None:
        from emscontrol.clinic.sessions.content import journal_bytes
        from emscontrol.tui.screens.records.story import story_of

        path = place_of(self.house.home, self._journal)
        self._written_now = is_being_written(path)
        try:
            async for story in each(story_of(journal_bytes(place), self._stations.names()) for place in (path,)):
                self._story = story
                self._show(story, opened_at(path) or story.opened_at)
        except EmsError as problem:
            self.query_one("#record-head", Static).update(f"{path.name}\n{problem.what}\n{problem.remedy}")

    # -- commands ------------------------------------------------------------------------------------------------------

    def do_report(self) -> None:
        """As a page for a browser."""
        self.work_on(self._report, "report")

    async def _report(self) -> None:
        self.say(_("The report is being written …"), stays=True)
        now = await self.house.station.call(lambda desk: desk.now())
        path = place_of(self.house.home, self._journal)
        file = await asyncio.to_thread(write_session_report, self.house.home, path, now, self._zone)
        self.say(_("The report is in {file}").format(file=file), stays=True)

    def do_check(self) -> None:
        """Read it again from the disk and say what of it does not fit."""
        self.work_on(self._check)

    async def _check(self) -> None:
        path = place_of(self.house.home, self._journal)
        async for report in each(_verified(place, self._stations) for place in (path,)):
            problems = " ".join(problem.sentence for problem in report.problems[:3])
            more = problems or report.mistrust or _(report.limit)
            self.say(f"{report.sentence()} {report.signature_sentence()} {more}", stays=True)

    def do_play(self) -> None:
        """The session as it was, in its own time."""
        self.post_message(ReplayWanted(self._journal))

    def action_back(self) -> None:
        """To where it was opened."""
        self.dismiss(None)

    # -- showing -------------------------------------------------------------------------------------------------------

    def _show(self, story: Story, opened: datetime) -> None:
        why = Text("") if self._written_now else words.explanation(story)
        self.query_one("#record-head", Static).update(words.head(story, opened, self._written_now, self._zone))
        self.query_one("#record-why", Static).update(why)
        self.query_one("#record-why", Static).set_class(not why.plain, "off")
        self.query_one("#record-given", Static).update(words.delivered(story))
        self.query_one("#record-verdict", Static).update("" if self._written_now else words.verdict(story, self._stations))
        self.query_one("#record-events", Static).update(words.events(story.events))
        self.query_one(Chart).show(course(story))


def _verified(path: Path, known: KeyRing) -> "VerifyReport":
    from emscontrol.record.verify import verify

    return verify(path, known.names(), distrusted=known.mistrusted())


def course(story: Story) -> Plot:
    """What was asked of each channel over the time of the program."""
    last_s = max((points[-1][0] for points in story.amplitudes.values() if points), default=0.0)
    quarters = [last_s * quarter / 4 for quarter in range(5)]
    return Plot(
        series={_("channel {number}").format(number=number): points for number, points in story.amplitudes.items() if points},
        across_words=_("min:s since the start"),
        upward_words=_("mA asked for"),
        ticks=[(at_s, clock(round(at_s * 1e6))) for at_s in quarters],
        nothing=_("No current was asked for."),
    )
