"""The records of sessions: which there are, what was delivered, and whether they are as they were written."""

import asyncio
import time
from collections.abc import Iterable
from datetime import tzinfo
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from emscontrol.core.errors import EmsError
from emscontrol.record.keys import KeyRing
from emscontrol.record.place import opened_at
from emscontrol.tui.beside import each
from emscontrol.tui.clinic_time import when, zone_of
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import RecordWanted, ReplayWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.records.reporting import write_session_report
from emscontrol.tui.screens.records.shelf import Glance, Shelf, State, journals, stations
from emscontrol.tui.screens.records.words import glance_line, kind, state_cell, whose
from emscontrol.tui.widgets.listing import Column, Listing, Row

DRAW_S: Final = 0.4  # how often the list is drawn anew while journals are read
COLUMNS: Final = (
    Column("Opened", 16),
    Column("Patient", 8, grow=1),
    Column("Protocol", 10, grow=3, from_width=64),
    Column("Result", 11),
    Column("Record", 13),
    Column("Given", 9, from_width=74),
    Column("On", 9, from_width=96),
)
NOTHING: Final = "No session was recorded at this station; those of a book are with each patient (F3). F8 has simulators."


class RecordsPage(Page[None]):
    """Newest first. Each journal is read whole and checked, one after the other beside the screen."""

    WHERE = Where.RECORDS
    PAGE = "records"
    AUTO_FOCUS = "#journals"
    DEFAULT_CSS = """
    #records-count { height: 1; padding: 0 1; text-style: bold; }
    #records-chosen { height: 2; padding: 0 1; }
    RecordsPage.small #records-chosen { height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.RECORDS),
        Binding("escape", "give_up", show=False),
    ]
    SHELF: ClassVar[Shelf] = Shelf()

    def __init__(self) -> None:
        super().__init__()
        self._paths: list[Path] = []
        self._glances: dict[Path, Glance] = {}
        self._checking = False
        self._zone: tzinfo | None = None

    def content(self) -> ComposeResult:
        """How many there are, the list, and a sentence about the one under the cursor."""
        yield Static("", id="records-count", markup=False)
        yield Listing([Column(_(c.heading), c.width, c.grow, c.from_width) for c in COLUMNS], "journals", _("Looking …"))
        yield Static("", id="records-chosen", markup=False)

    async def load(self) -> None:
        """The files at once, then what is in them, one after the other."""
        self._zone = await zone_of(self.house.station)
        await self._look_whose_keys_are_known()
        self._paths = journals(self.house.home)
        self._glances = {path: known for path in self._paths if (known := self.SHELF.known(path)) is not None}
        await self._read(self._paths)

    async def _look_whose_keys_are_known(self) -> None:
        try:
            self.SHELF.trust(await asyncio.to_thread(stations, self.house.home))
        except EmsError as problem:  # then every key is an unknown one
            self.SHELF.trust(KeyRing())
            self.refused(problem)

    async def _read(self, paths: list[Path], anew: bool = False) -> None:
        self._checking = True
        self._draw(done=0, of=len(paths))
        drawn_s = 0.0
        try:
            done = 0
            async for glance in each(self.SHELF.read(paths, anew)):
                self._glances[glance.path] = glance
                done += 1
                if time.monotonic() - drawn_s > DRAW_S:
                    self._draw(done, len(paths))
                    drawn_s = time.monotonic()
        finally:
            self._checking = False
        self._draw(len(paths), len(paths))

    # -- commands ------------------------------------------------------------------------------------------------------

    def can(self, name: str) -> bool:
        """Nothing can be done where there is nothing."""
        return bool(self._paths)

    def do_look(self) -> None:
        """The whole story of one session."""
        chosen = self.query_one(Listing).chosen
        if chosen:
            self.post_message(RecordWanted(chosen))

    def do_play(self) -> None:
        """The session as it was, in its own time."""
        chosen = self.query_one(Listing).chosen
        if chosen:
            self.post_message(ReplayWanted(chosen))

    @on(Listing.RowSelected)
    def _clicked(self) -> None:
        self.do_look()

    async def do_verify(self) -> None:
        """Check the chosen one again, from the disk."""
        chosen = Path(self.query_one(Listing).chosen)

        async def check() -> None:
            await self._read([chosen], anew=True)
            self.say(self._verdict(chosen), stays=True)

        self.work_on(check, "load")

    def do_report(self) -> None:
        """As a page for a browser, for whoever did not sit at this screen."""
        chosen = self.query_one(Listing).chosen
        if chosen:
            self.work_on(lambda: self._report(Path(chosen)), "report")

    async def _report(self, journal: Path) -> None:
        self.say(_("The report is being written …"), stays=True)
        now = await self.house.station.call(lambda desk: desk.now())
        file = await asyncio.to_thread(write_session_report, self.house.home, journal, now, self._zone)
        self.say(_("The report is in {file}").format(file=file), stays=True)

    def do_verify_all(self) -> None:
        """Check all of them again; Esc ends it."""

        async def check() -> None:
            await self._read(self._paths, anew=True)
            self.say(self._summary(self._glances.values()), stays=True)

        self.say(_("Checking all records. Esc ends it."), stays=True)
        self.work_on(check, "load")

    def action_give_up(self) -> None:
        """No further reading; what has been read stays."""
        if self._checking:
            self.workers.cancel_group(self, "load")
            self._checking = False
            self.say(_("Given up; {count} of {of} have been read.").format(count=len(self._glances), of=len(self._paths)))

    def _verdict(self, path: Path) -> str:
        from emscontrol.record.report import LIMIT_OF_A_CHAIN, LIMIT_OF_A_SIGNATURE

        glance = self._glances[path]
        limits = dict.fromkeys((State.INTACT, State.DISTRUSTED, State.UNKNOWN_KEY), LIMIT_OF_A_SIGNATURE)
        limits[State.UNSIGNED] = LIMIT_OF_A_CHAIN
        return " ".join(filter(None, (glance.finding, glance.signature, _(limits.get(glance.state, "")))))

    def _summary(self, glances: Iterable[Glance]) -> str:
        counts = {state: sum(glance.state is state for glance in glances) for state in State}
        told = [f"{count} {_(state.value)}" for state, count in counts.items() if count]
        return _("Checked: {counts}.").format(counts=", ".join(told))

    # -- showing -------------------------------------------------------------------------------------------------------

    def _draw(self, done: int, of: int) -> None:
        words = _("{count} sessions, newest first").format(count=len(self._paths))
        progress = _("   reading {done} of {of} (Esc: enough)").format(done=done, of=of) if done < of else ""
        self.query_one("#records-count", Static).update(words + progress if self._paths else "")
        self.query_one(Listing).fill([self._row(path) for path in self._paths], _(NOTHING))
        self._describe()
        self.refresh_bindings()

    def _row(self, path: Path) -> Row:
        glance = self._glances.get(path)
        if glance is None:
            name = path.stem.partition("_")[2] or path.stem
            return Row(str(path), (when(opened_at(path), self._zone), "…", name, "…", "…", "…", "…"))
        state = state_cell(glance.state)
        if not glance.title:
            return Row(str(path), (when(glance.opened_at, self._zone), "", path.name, "", state, "", ""))
        broken = glance.state is State.BROKEN
        begun, result = ("?", _("not known")) if broken else (glance.contractions, _(glance.result))
        given = f"{begun}/{glance.prescribed}" if glance.prescribed or glance.contractions else ""
        told = (whose(glance.patient), glance.title, result, state, given, kind(glance.simulated))
        return Row(str(path), (when(glance.opened_at, self._zone), *told))

    @on(Listing.RowHighlighted)
    def _describe(self) -> None:
        glance = self._glances.get(Path(self.query_one(Listing).chosen))
        self.query_one("#records-chosen", Static).update(glance_line(glance) if glance else "")
