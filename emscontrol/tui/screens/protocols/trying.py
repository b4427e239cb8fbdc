"""What is tried on a simulated body: whose, how much of the protocol, how fast."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Label, OptionList, Static
from textual.widgets.option_list import Option

from emscontrol.protocol.load import LoadedProtocol
from emscontrol.protocol.phase_rules import length_s
from emscontrol.protocol.shortened import FEW, few_contractions
from emscontrol.session.spec import SessionSpec
from emscontrol.tui.bench import Bench
from emscontrol.tui.choices import SIMULATOR, Rehearsal, session_spec
from emscontrol.tui.figures import clock
from emscontrol.tui.language import _

WHOLE: Final = "whole"
SHORT: Final = "short"
SPEEDS: Final[Mapping[str, float]] = {"1": 1.0, "10": 10.0}
USUAL_BODY: Final = "healthy"


class TryPanel(Vertical):
    """Three lists to choose from, and how long it will take."""

    DEFAULT_CSS = """
    TryPanel { height: 1fr; }
    TryPanel Horizontal { height: 1fr; }
    TryPanel .choice { width: 1fr; height: 1fr; padding: 0 1 0 0; }
    TryPanel .choice.bodies { width: 18; }
    TryPanel Label { text-style: bold; }
    TryPanel OptionList, TryPanel OptionList:focus { border: none; padding: 0; height: 1fr; scrollbar-size-vertical: 1; }
    TryPanel OptionList > .option-list--option-highlighted { text-style: reverse; }
    TryPanel OptionList:focus > .option-list--option-highlighted { text-style: bold reverse; }
    TryPanel #try-words { height: auto; max-height: 3; }
    """

    class Changed(Message):
        """Something else was chosen."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(id="try")
        self._bodies = {body.name: body.about for body in bench.bodies()}
        self._whole: LoadedProtocol | None = None

    def compose(self) -> ComposeResult:
        """Body, length, speed; below them what that means."""
        with Horizontal():
            with Vertical(classes="choice bodies"):
                yield Label(_("Body"))
                yield OptionList(*(Option(name.replace("_", " "), id=name) for name in self._bodies), id="try-body")
            with Vertical(classes="choice"):
                yield Label(_("How much"))
                short = _("{count} contractions, or one of each phase").format(count=FEW)
                yield OptionList(Option(short, id=SHORT), Option(_("the whole protocol"), id=WHOLE), id="try-length")
            with Vertical(classes="choice"):
                yield Label(_("How fast"))
                yield OptionList(Option(_("as in real life"), id="1"), Option(_("ten times as fast"), id="10"), id="try-speed")
        yield Static("", id="try-words", markup=False)

    def on_mount(self) -> None:
        """The healthy body, a few contractions, real time."""
        if USUAL_BODY in self._bodies:
            self.query_one("#try-body", OptionList).highlighted = list(self._bodies).index(USUAL_BODY)
        for id_ in ("#try-length", "#try-speed"):
            self.query_one(id_, OptionList).highlighted = 0

    def offer(self, loaded: LoadedProtocol) -> None:
        """The protocol that is tried."""
        self._whole = loaded
        self._tell()

    @property
    def body(self) -> str:
        """Its name."""
        return self._chosen("#try-body") or USUAL_BODY

    @property
    def speed(self) -> float:
        """How many times real time."""
        return SPEEDS[self._chosen("#try-speed") or "1"]

    def spec(self, model: str, comfort_ua: Mapping[int, int], motor_ua: Mapping[int, int], home: str) -> SessionSpec:
        """The session. Raises ProtocolFileError where it cannot be cut down, StorageError when its journal has no room."""
        loaded = self._cut()
        spec = session_spec(loaded, f"{model}@{SIMULATOR}", comfort_ua, motor_ua, home, Rehearsal(speed=self.speed))
        return replace(spec, body=self.body)

    def _cut(self) -> LoadedProtocol:
        if self._whole is None:
            raise RuntimeError("nothing has been offered to be tried")
        return few_contractions(self._whole) if self._chosen("#try-length") != WHOLE else self._whole

    def _chosen(self, id_: str) -> str:
        options = self.query_one(id_, OptionList)
        return "" if options.highlighted is None else options.get_option_at_index(options.highlighted).id or ""

    @on(OptionList.OptionHighlighted)
    def _tell(self) -> None:
        if self._whole is None:
            return
        length = sum(length_s(phase) for phase in self._cut().protocol.phases)
        takes = clock(int(length * 1_000_000 / int(self.speed)))
        words = _("SIMULATION: {about} It takes {takes} min. F5 begins; nobody is connected.")
        self.query_one("#try-words", Static).update(words.format(about=self._bodies.get(self.body, ""), takes=takes))

    @on(OptionList.OptionSelected)
    def _next_list(self) -> None:
        self.screen.focus_next()
