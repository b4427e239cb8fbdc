"""One protocol: in words, drawn, held against the limits of a stimulator, and tried on a simulated body."""

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import ContentSwitcher, Input, Label, Static

from emscontrol.core.errors import DeviceMisfit, EmsError, ProtocolFileError, UsageError
from emscontrol.core.units import format_ma
from emscontrol.program.judge import Ceiling
from emscontrol.protocol.load import LoadedProtocol
from emscontrol.tui import choices
from emscontrol.tui.bench import Examined
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import Errand
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.protocols.dose import dose_lines
from emscontrol.tui.screens.protocols.levels import typed_levels
from emscontrol.tui.screens.protocols.sheet import PhasePicture
from emscontrol.tui.screens.protocols.shelf import use_words
from emscontrol.tui.screens.protocols.trying import TryPanel
from emscontrol.tui.screens.protocols.view_row import ViewRow
from emscontrol.tui.widgets.ordered_input import OrderedInput
from emscontrol.tui.words import describe, needs_motor


class ProtocolScreen(Page[None]):
    """One protocol, by the path of its file."""

    WHERE = Where.PROTOCOL
    PAGE = "protocols"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.PROTOCOL),
        Binding("escape", "back_or_out", "Back", key_display="Esc"),
    ]
    DEFAULT_CSS = """
    ProtocolScreen #protocol-title { height: 1; padding: 0 1; text-style: bold; }
    ProtocolScreen #typed { height: 1; padding: 0 1; }
    ProtocolScreen #typed Label { width: auto; padding: 0 1 0 0; }
    ProtocolScreen #typed Input { width: 1fr; }
    ProtocolScreen ContentSwitcher { height: 1fr; padding: 0 1; }
    ProtocolScreen .view { height: 1fr; scrollbar-size-vertical: 1; }
    ProtocolScreen .view > Static { height: auto; }
    """

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self._loaded: LoadedProtocol | None = None
        self._examined: Examined | None = None
        self._ceilings: tuple[Ceiling, ...] = ()
        self._unfit: tuple[str, ...] = ()
        self._model = ""
        self._view = "words"

    def content(self) -> ComposeResult:
        """What it is, what is shown of it, the levels; then the view."""
        yield Static("", id="protocol-title", markup=False)
        yield ViewRow()
        with Horizontal(id="typed"):
            yield Label(_("Comfort mA"))
            yield OrderedInput(id="comfort", compact=True)
            yield Label(_("Motor mA"), id="motor-label")
            yield OrderedInput(id="motor", compact=True)
        with ContentSwitcher(initial="words"):
            with VerticalScroll(id="words", classes="view"):
                yield Static("", id="in-words", markup=False)
            with VerticalScroll(id="drawn", classes="view"):
                yield PhasePicture()
            with VerticalScroll(id="limits", classes="view"):
                yield Static("", id="dose", markup=False)
            yield TryPanel(self.house.bench)

    async def load(self) -> None:
        """The file, read anew."""
        self._model = self._model or next(iter(self.house.bench.models))
        try:
            self._loaded = await asyncio.to_thread(choices.load, self._path)
        except ProtocolFileError as problem:
            self._loaded = self._examined = None
            self.query_one("#protocol-title", Static).update(_("{file} cannot be used").format(file=self._path))
            self.query_one("#in-words", Static).update("\n".join((*problem.problems, problem.remedy)))
            self._look_at("words")
            return
        motor = bool(needs_motor(self._loaded.protocol))
        for id_ in ("#motor", "#motor-label"):
            self.query_one(id_).display = motor
        self.query_one(TryPanel).offer(self._loaded)
        await self._judge()

    async def _judge(self) -> None:
        """Compile it for the model and the levels, and ask every rule."""
        loaded = self._loaded
        if loaded is None:
            return
        self._examined, self._ceilings, self._unfit = None, (), ()
        try:
            self._examined = await asyncio.to_thread(self._examine, loaded, *self._levels(loaded))
        except DeviceMisfit as misfit:
            self._unfit = misfit.reasons
        except EmsError as problem:
            self._unfit = (f"{problem.what} {problem.remedy}".strip(),)
        self._draw(loaded)

    def _examine(self, loaded: LoadedProtocol, comfort_ua: Mapping[int, int], motor_ua: Mapping[int, int]) -> Examined:
        by_name = [{str(channel): ua for channel, ua in levels.items()} for levels in (comfort_ua, motor_ua)]
        examined = self.house.bench.examine(loaded, self._model, *by_name)
        self._ceilings = examined.judgement.ceilings
        return examined

    def _levels(self, loaded: LoadedProtocol) -> tuple[dict[int, int], dict[int, int]]:
        """What was typed, nothing where nothing was. Raises UsageError with what is wrong."""
        protocol = loaded.protocol
        comfort_ua = typed_levels(self.query_one("#comfort", Input).value, protocol.channels)
        motor_ua = typed_levels(self.query_one("#motor", Input).value, needs_motor(protocol))
        if bool(needs_motor(protocol)) and bool(comfort_ua) != bool(motor_ua):
            raise UsageError(
                _("This protocol needs comfort and motor levels."), _("Give both, or neither for a look with examples.")
            )
        return comfort_ua, motor_ua

    # -- what is shown -------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Drawn for the room there is."""
        super().on_resize(event)
        if self._loaded is not None:
            self._draw(self._loaded)

    def _draw(self, loaded: LoadedProtocol) -> None:
        protocol, examined = loaded.protocol, self._examined
        title = f"{protocol.title} · {use_words(protocol.use)}, {_('evidence')} {protocol.evidence.value}"
        self.query_one("#protocol-title", Static).update(title)
        self.query_one(ViewRow).show(self._view, self._model)
        comfort_ua = examined.comfort_ua if examined else {}
        examples = ", ".join(f"{channel}: {format_ma(ua)}" for channel, ua in sorted(comfort_ua.items()))
        if examined is None or examined.assumed:
            self.query_one("#comfort", Input).placeholder = _("examples {levels}; c types others").format(levels=examples)
            self.query_one("#motor", Input).placeholder = _("examples")
        self.query_one("#in-words", Static).update("\n".join([*describe(protocol, comfort_ua), "", protocol.notes]))
        self.query_one(PhasePicture).show(protocol, examined)
        self.query_one("#dose", Static).update(self._dose(loaded))
        self.refresh_bindings()

    def _dose(self, loaded: LoadedProtocol) -> Text:
        if self._examined is None:
            head = _("Not possible on {model}:").format(model=self._model)
            return Text("\n".join([head, *self._unfit, "", _("m: judge it on another stimulator.")]))
        assumed = (
            _("With example levels; c types a patient's.") if self._examined.assumed else _("With the levels that were typed.")
        )
        width = self.size.width - 4
        lines = dose_lines(self._examined, self._ceilings, loaded.protocol, width)
        return Text("\n").join([Text(assumed, style="dim"), *lines])

    # -- what a person wants -------------------------------------------------------------------------------------------

    def can(self, name: str) -> bool:
        """Beginning is offered where one chooses what to begin, another phase where it is drawn; nothing of a wrong file."""
        if self._loaded is None:
            return name == "words"
        return {"go": self._view == "try", "phase": self._view == "drawn"}.get(name, True)

    def _look_at(self, view: str) -> None:
        self._view = view
        self.query_one(ContentSwitcher).current = view
        if self._loaded is not None:
            self._draw(self._loaded)
        shown = self.query_one("#try-body") if view == "try" else self.query_one(f"#{view}")
        shown.focus()

    def do_words(self) -> None:
        """In words."""
        self._look_at("words")

    def do_drawn(self) -> None:
        """Drawn."""
        self._look_at("drawn")

    def do_limits(self) -> None:
        """Against the limits."""
        self._look_at("limits")

    def do_try(self) -> None:
        """Choose a body."""
        self._look_at("try")

    def do_phase(self) -> None:
        """Draw the next one."""
        self.query_one(PhasePicture).step()

    def do_model(self) -> None:
        """The next stimulator."""
        models = list(self.house.bench.models)
        self._model = models[(models.index(self._model) + 1) % len(models)] if self._model else models[0]
        self.work_on(self._judge, "load")

    def do_levels(self) -> None:
        """Into the field of comfort levels."""
        self.query_one("#comfort").focus()

    @on(Input.Submitted)
    def _levels_typed(self, event: Input.Submitted) -> None:
        motor = self.query_one("#motor", Input)
        if event.input.id == "comfort" and motor.display and not motor.value.strip():
            motor.focus()
            return
        self.work_on(self._judge, "load")
        try:
            if self._loaded is not None:
                self._levels(self._loaded)
        except UsageError as problem:
            self.refused(problem)
            return
        self.say("")
        self._look_at("limits" if self._view == "words" else self._view)

    def action_back_or_out(self) -> None:
        """Out of a field; else back to the list."""
        if isinstance(self.focused, Input):
            self._look_at(self._view)
        else:
            self.app.pop_screen()

    # -- trying --------------------------------------------------------------------------------------------------------

    def do_go(self) -> None:
        """Begin on the simulated body."""
        self.work_on(self._begin, "go")

    async def _begin(self) -> None:
        await self._judge()
        examined = self._examined
        if examined is None:
            raise UsageError(_("Not possible on {model}.").format(model=self._model), _("l says why, m takes another one."))
        spec = self.query_one(TryPanel).spec(self._model, examined.comfort_ua, examined.motor_ua, self.house.home)
        self.house.begin_session(Errand(spec, then=self._tried))

    def _tried(self, problem: EmsError | None) -> None:
        if problem is not None:
            self.refused(problem)
        else:
            self.say(_("The try is over. It was a simulation. F7 has its record."), stays=True)
