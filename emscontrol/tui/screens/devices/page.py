"""Stimulators, ports, simulators: who is there, and what can be practised with."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Final
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from emscontrol.core.errors import BookError
from emscontrol.desk.wording import in_zone
from emscontrol.session.runtime import runtime_folder
from emscontrol.tui.beside import each
from emscontrol.tui.choices import typed_device
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import FreeSessionWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.devices.battery import charges
from emscontrol.tui.screens.devices.others import UNCONFIRMED, others, stop_others
from emscontrol.tui.screens.devices.rows import SIMULATOR, Known, Owned, device_of, rows, told
from emscontrol.tui.screens.devices.simulator import SimulatorScreen
from emscontrol.tui.screens.unknown import UnknownScreen
from emscontrol.tui.widgets.form import Field, FormScreen
from emscontrol.tui.widgets.listing import Column, Listing

if TYPE_CHECKING:
    from emscontrol.desk.desk import AtWork

LOOK_S: Final = 2.0  # how often it is looked which sessions run elsewhere
INTRO: Final = "i asks every port who is there: whatever answers is brought to zero, nothing is armed."
COLUMNS: Final = (Column("What", 9), Column("Address", 20, grow=1), Column("Known of it", 12, grow=3))


class DevicesPage(Page[None]):
    """One list of everything that a session can run on, and of the sessions that run in other terminals."""

    WHERE = Where.DEVICES
    PAGE = "devices"
    AUTO_FOCUS = "#devices-list"
    DEFAULT_CSS = """
    #devices-intro { height: auto; max-height: 2; padding: 0 1; }
    #devices-chosen { height: 3; padding: 0 1; }
    DevicesPage.small #devices-chosen { height: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.DEVICES)

    def __init__(self) -> None:
        super().__init__()
        self._known = Known()
        self._asking = False

    def content(self) -> ComposeResult:
        """What asking does, the list, everything about the row under the cursor."""
        yield Static(_(INTRO), id="devices-intro", markup=False)
        yield Listing([Column(_(c.heading), c.width, c.grow) for c in COLUMNS], "devices-list", _("Looking …"))
        yield Static("", id="devices-chosen", markup=False)

    def on_mount(self) -> None:
        """Sessions of other terminals come and go."""
        self.set_interval(LOOK_S, self._look_again)

    async def load(self) -> None:
        """What is known without asking any port."""
        self._known.models = self.house.bench.models
        self._known.engines = await asyncio.to_thread(others, self.house.home)
        self._draw()
        self._known.charges = await asyncio.to_thread(charges, self.house.home)
        await self._read_book()
        self._draw()

    def _look_again(self) -> None:
        if self.is_current:
            self.work_on(self._look_for_others, "others")

    async def _look_for_others(self) -> None:
        self._known.engines = await asyncio.to_thread(others, self.house.home)
        self._draw()

    async def _read_book(self) -> None:
        """Nobody is asked to log in for this: without a book, or without a login, the rest stands alone."""
        try:
            self._known.zone = zone = (await self.house.station.about()).zone
            if await self.house.station.who() is None:
                self._known.owned, self._known.failed = (), _("The clinic's own are shown to who is logged in (F2).")
                return
            self._known.owned = await self.house.station.read("look", lambda at: _owned(at, zone))
            self._known.failed = ""
        except BookError:
            self._known.owned, self._known.failed = (), ""

    # -- asking the ports ----------------------------------------------------------------------------------------------

    def can(self, name: str) -> bool:
        """What makes sense now."""
        if name == "halt":
            return bool(self._known.engines)
        return self._asking if name == "enough" else True

    def do_identify(self) -> None:
        """All ports, one after the other."""
        self.say(_("Asking the ports …"), stays=True)
        self.work_on(lambda: self._ask(()), "ask")

    def do_test(self) -> None:
        """The one under the cursor alone."""
        device = device_of(self.query_one(Listing).chosen, self._known)
        port = device.partition("@")[2]
        if not port or port == SIMULATOR:
            self.say(
                _("A simulator is in this program: it needs no test.") if port else _("Nothing is known to be there. i asks.")
            )
            return
        self.say(_("Asking {port} …").format(port=port), stays=True)
        self.work_on(lambda: self._ask((port,)), "ask")

    def do_enough(self) -> None:
        """No further port is asked; the present one is let go of first."""
        self.workers.cancel_group(self, "ask")
        self.say(_("No further port is asked."))

    async def _ask(self, ports: tuple[str, ...]) -> None:
        """Those ports, or all where none is named: also the clinic's own that the system does not list."""
        self._asking = True
        self.refresh_bindings()
        wanted = set(ports)
        extra = ports or tuple(sorted({o.device.partition("@")[2] for o in self._known.owned} - {SIMULATOR}))
        answered = asked = 0
        try:
            async for found in each(self.house.bench.scan(runtime_folder(self.house.home), extra)):
                if found.port in self._known.found and not found.model and self._known.found[found.port].model and not wanted:
                    continue  # asked a second time as one of the clinic's own, while still held
                if wanted and found.port not in wanted:
                    continue
                asked, answered = asked + 1, answered + bool(found.model)
                self._known.found[found.port] = found
                self.say(f"{found.port}: {told(found)}", stays=True)
                self._draw()
        finally:
            self._asking = False
            self.refresh_bindings()
        self._sum_up(ports, asked, answered)

    def _sum_up(self, ports: tuple[str, ...], asked: int, answered: int) -> None:
        if ports:
            found = self._known.found.get(ports[0])
            device = device_of(f"port:{ports[0]}", self._known)
            measures = bool(device) and self.house.bench.measures_electrodes(device.partition("@")[0])
            more = _(" Its electrodes are checked at the beginning of a session.") if measures else ""
            self.say(f"{ports[0]}: {told(found)}.{more}" if found else _("No answer."), stays=True)
        elif asked:
            self.say(
                _("Ports asked: {asked}. Stimulators found: {answered}.").format(asked=asked, answered=answered), stays=True
            )
        else:
            self.say(_("This computer has no serial port. Plug the stimulator in, and ask again."), stays=True)

    # -- sessions of other terminals -----------------------------------------------------------------------------------

    def do_halt(self) -> None:
        """Stop them all. No question."""
        self.work_on(self._stop_others, "stop")

    async def _stop_others(self) -> None:
        engines = list(await asyncio.to_thread(others, self.house.home))
        outcomes = await asyncio.to_thread(stop_others, engines)
        lost = [engine.device for engine in engines if outcomes[engine.pid] == UNCONFIRMED]
        if lost:
            self.app.push_screen(UnknownScreen(_("The stop was not confirmed by {devices}.").format(devices=", ".join(lost))))
        else:
            self.say(_("{count} stopped; no current flows there.").format(count=len(engines)), stays=True)
        await self._look_for_others()

    def stop_is_void(self) -> str:
        """STOP is for the session of this screen; for others there is x."""
        if self._known.engines:
            return _("No session is open on this screen. x stops those of other terminals.")
        return super().stop_is_void()

    # -- going on ------------------------------------------------------------------------------------------------------

    def do_use(self) -> None:
        """A session without the book on what is chosen."""
        key = self.query_one(Listing).chosen
        device = device_of(key, self._known)
        if key.startswith("sim:"):
            self.app.push_screen(SimulatorScreen(device))
        elif device:
            self.post_message(FreeSessionWanted(device=device))
        else:
            self.say(_("Nothing is known to be there. i asks the ports."))

    @on(Listing.RowSelected)
    def _clicked(self) -> None:
        self.do_use()

    def do_own(self) -> None:
        """One more stimulator of the clinic, by the name that plans and appointments call it."""
        device = device_of(self.query_one(Listing).chosen, self._known)
        found = self._known.found.get(device.partition("@")[2])
        fields = (
            Field("name", _("Called"), _("e.g. blue; plans and appointments call it so")),
            Field("device", _("Model and port"), _("e.g. p24@/dev/ttyACM0"), device),
            Field("serial", _("Serial number"), _("may be left out"), found.serial if found is not None else ""),
        )

        async def keep(answers: Mapping[str, str]) -> str:
            device = typed_device(answers["device"], self.house.bench.models)
            await self.house.station.write("book", lambda at: _enter(at, answers["name"], device, answers["serial"]))
            return answers["name"]

        def kept(name: str | None) -> None:
            if name:
                self.say(_("{name} is one of the clinic's stimulators now: plans can have it.").format(name=name))

        self.app.push_screen(FormScreen[str](_("A stimulator of the clinic (a supervisor enters it)"), fields, keep), kept)

    # -- showing -------------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        self.query_one("#devices-intro", Static).update(f"{_(INTRO)} {self._known.failed}".strip())
        self.query_one(Listing).fill(rows(self._known))
        self._describe()
        self.refresh_bindings()

    @on(Listing.RowHighlighted)
    def _describe(self) -> None:
        chosen = self.query_one(Listing).chosen
        words = next((" · ".join(str(cell) for cell in row.cells) for row in rows(self._known) if row.key == chosen), "")
        self.query_one("#devices-chosen", Static).update(words)


def _enter(at: "AtWork", name: str, device: str, serial: str) -> None:
    from emscontrol.clinic.stations.stimulators import add_stimulator

    add_stimulator(at.session, at.actor, name=name, device=device, serial=serial)


def _owned(at: "AtWork", zone: ZoneInfo) -> tuple[Owned, ...]:
    from emscontrol.clinic.stations.holds import held_now
    from emscontrol.clinic.stations.stimulators import list_stimulators

    held = {hold.stimulator_id: in_zone(hold.words, zone) for hold in held_now(at.session, at.now)}
    return tuple(Owned(row.name, row.device, row.serial, held.get(row.id, "")) for row in list_stimulators(at.session))
