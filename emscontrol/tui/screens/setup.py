"""What is needed before a session: protocol, stimulator, and the comfort level of each channel."""

from collections.abc import Mapping
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from emscontrol.core.errors import EmsError, ProtocolFileError, UsageError
from emscontrol.protocol.load import LoadedProtocol
from emscontrol.session.spec import SessionSpec
from emscontrol.tui import choices
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.figures import typed_ua
from emscontrol.tui.house import Errand
from emscontrol.tui.page import Page
from emscontrol.tui.widgets.ordered_input import OrderedInput
from emscontrol.tui.words import describe, needs_motor

READY: Final = "Comfort levels are measured on the patient today. Nothing flows before arming and starting."


class LevelRow(Horizontal):
    """The measured levels of one channel, each a field for mA."""

    def __init__(self, channel: int, label: str, motor: bool) -> None:
        super().__init__(classes="level")
        self.channel = channel
        self._label = label
        self._motor = motor

    def compose(self) -> ComposeResult:
        """Name, comfort, and motor threshold where the protocol asks for it."""
        yield Label(f"{self.channel} {self._label}", classes="level-name", markup=False)
        yield Label("comfort", classes="level-word")
        yield OrderedInput(id=f"comfort-{self.channel}", classes="ma", compact=True, placeholder="e.g. 22.5")
        yield Label("mA", classes="unit")
        if self._motor:
            yield Label("motor", classes="level-word")
            yield OrderedInput(id=f"motor-{self.channel}", classes="ma", compact=True, placeholder="e.g. 12.0")
            yield Label("mA", classes="unit")


class SetupScreen(Page[None]):
    """Choose, fill in, open: a session without the book. Runs nothing: `begin_session` of the app does.

    `protocol` and `device` are chosen already where they are given.
    """

    WHERE = Where.SETUP
    PAGE = "devices"
    AUTO_FOCUS = "#protocols"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.SETUP),
        # With priority, the focus has moved before the next key is looked at: digits typed ahead reach the right field.
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
        Binding("enter", "next_level", show=False, priority=True),
    ]

    def __init__(
        self, models: Mapping[str, str], home: str, rehearsal: choices.Rehearsal, protocol: str = "", device: str = ""
    ) -> None:
        super().__init__()
        self._given = (protocol, device)
        self._models = models
        self._home = home
        self._rehearsal = rehearsal
        self._loaded: LoadedProtocol | None = None
        self._device = ""

    def content(self) -> ComposeResult:
        """Lists on the left, words on the right, levels below, then the button."""
        with Horizontal(id="choose"):
            with Vertical(id="lists"):
                yield Label("Protocol")
                yield OptionList(*(Option(c.words, id=c.value) for c in choices.protocols()), id="protocols", markup=False)
                yield OrderedInput(id="path", compact=True, placeholder="or the path of a protocol file")
                yield Label("Stimulator")
                yield OptionList(
                    *(Option(c.words, id=c.value) for c in choices.stimulators(self._models)), id="devices", markup=False
                )
                yield OrderedInput(id="device", compact=True, placeholder="or MODEL@PORT")
            with VerticalScroll(id="about", can_focus=False):
                yield Static("", id="words", markup=False)
        yield VerticalScroll(id="levels", can_focus=False)
        yield Button("Open the session: connects, no current yet", id="open", compact=True)

    async def on_mount(self) -> None:
        """What is chosen already."""
        self.say(READY, stays=True)
        path, device = self._given
        self.query_one("#device", Input).value = device
        if path:
            self.query_one("#path", Input).value = path
            await self._load(path)

    def _practice(self) -> str:
        """What a simulator is told besides."""
        body = f"{self._rehearsal.body} has the electrodes on" if self._rehearsal.body else ""
        fault = f"{' '.join(self._rehearsal.faults)} goes wrong" if self._rehearsal.faults else ""
        told = "; ".join(part for part in (body, fault) if part)
        return f"On a simulator: {told}.\n\n" if told else ""

    # -- choosing ------------------------------------------------------------------------------------------------------

    @on(OptionList.OptionHighlighted, "#protocols")
    async def _protocol_chosen(self, event: OptionList.OptionHighlighted) -> None:
        await self._load(event.option.id or "")

    @on(OptionList.OptionHighlighted, "#devices")
    def _device_chosen(self, event: OptionList.OptionHighlighted) -> None:
        self._device = event.option.id or ""
        model = self._device.partition("@")[0]
        self.say(f"{self._device}: {self._models[model]}")

    @on(Input.Submitted, "#path")
    async def _path_typed(self, event: Input.Submitted) -> None:
        if event.value.strip():
            await self._load(event.value.strip())

    @on(Input.Submitted, "#device")
    def _device_typed(self, event: Input.Submitted) -> None:
        if not event.value.strip():
            return
        try:
            self._device = choices.typed_device(event.value, self._models)
        except UsageError as problem:
            self.say(str(problem))
            return
        self.say(f"Stimulator: {self._device}. This is a real port; a person may be connected.")

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _go_on(self) -> None:
        self.focus_next()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter goes to the next field only from a level; elsewhere it keeps its meaning."""
        if action == "next_level":
            return self.focused is not None and self.focused.has_class("ma")
        return super().check_action(action, parameters)

    def action_next_level(self) -> None:
        """From one level to the next, and from the last one to the button."""
        self.focus_next()

    async def _load(self, path: str) -> None:
        try:
            self._loaded = choices.load(path)
        except ProtocolFileError as problem:
            self._loaded = None
            self._show_words("\n".join((f"REFUSED: {path}", "", *problem.problems, problem.remedy)))
        levels = self.query_one("#levels", VerticalScroll)
        await levels.remove_children()
        if self._loaded is not None:
            protocol = self._loaded.protocol
            motor = needs_motor(protocol)
            await levels.mount_all(LevelRow(n, c.label, n in motor) for n, c in sorted(protocol.channels.items()))
            self._describe()

    # -- levels --------------------------------------------------------------------------------------------------------

    @on(Input.Changed, ".ma")
    def _level_typed(self, event: Input.Changed) -> None:
        try:
            typed_ua(event.value)
        except UsageError as problem:
            event.input.add_class("wrong")
            if event.value.strip():
                self.say(str(problem))
        else:
            event.input.remove_class("wrong")
            self.say(READY)
        self._describe()

    def _levels(self, kind: str) -> dict[int, int]:
        """µA by channel. Raises UsageError for the first field that is missing or wrong, which then has the focus."""
        levels = {}
        for field in self.query(".ma").results(Input):
            which, _, channel = (field.id or "").partition("-")
            if which != kind:
                continue
            try:
                levels[int(channel)] = typed_ua(field.value)
            except UsageError as problem:
                field.focus()
                raise UsageError(f"Channel {channel}, {kind}: {problem.what}", problem.remedy) from problem
        return levels

    def _levels_so_far(self) -> dict[int, int]:
        found = {}
        for row in self.query(LevelRow):
            try:
                found[row.channel] = typed_ua(row.query_one(f"#comfort-{row.channel}", Input).value)
            except UsageError:
                continue
        return found

    # -- opening -------------------------------------------------------------------------------------------------------

    @on(Button.Pressed, "#open")
    def _open_pressed(self) -> None:
        self.do_open()

    def do_open(self) -> None:
        """Begin."""
        try:
            self.house.begin_session(Errand(self.session_spec(), then=self.session_over))
        except EmsError as problem:
            self.refused(problem)

    def session_spec(self) -> SessionSpec:
        """What the engine is to run. Raises UsageError for what is missing, StorageError when the journal has no room."""
        if self._loaded is None:
            raise UsageError("No protocol is chosen.", "Choose one from the list, or type a path and press Enter.")
        comfort_ua, motor_ua = self._levels("comfort"), self._levels("motor")
        typed = self.query_one("#device", Input).value
        device = choices.typed_device(typed, self._models) if typed.strip() else self._device
        if not device:
            raise UsageError("No stimulator is chosen.", "Choose one from the list, or type MODEL@PORT.")
        return choices.session_spec(self._loaded, device, comfort_ua, motor_ua, self._home, self._rehearsal)

    def session_over(self, problem: EmsError | None) -> None:
        """Back from a session. The levels are asked for again: the next patient's are others."""
        if problem is None:
            for field in self.query(".ma").results(Input):
                field.value = ""
            self.say(READY)
            return
        problems = problem.problems if isinstance(problem, ProtocolFileError) else (problem.what,)
        self._show_words("\n".join(("REFUSED: nothing was started.", "", *problems, "", problem.remedy)))
        self.say(f"Refused: {problems[0]}")

    # -- showing -------------------------------------------------------------------------------------------------------

    def _describe(self) -> None:
        if self._loaded is not None:
            self._show_words("\n".join(describe(self._loaded.protocol, self._levels_so_far())))

    def _show_words(self, text: str) -> None:
        self.query_one("#words", Static).update(self._practice() + text)
        self.query_one("#about", VerticalScroll).scroll_home(animate=False)
