"""A simulator to practise with: who has the electrodes on, and what goes wrong."""

import re
from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from emscontrol.tui.bench import Offer
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import FreeSessionWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.widgets.ordered_input import OrderedInput

NOBODY: Final = "nobody"
NO_FAULT: Final = "none"
WHEN: Final = "@20"  # seconds after the first current: the first contraction is over, and somebody looks
USUAL: Final = ("electrode_off", "electrode_dry", "broken_lead", "unplug", "low_battery", "stop_button", "power_off")
"""What a therapist meets; the others follow in the order of the simulators."""
_PLACE: Final = re.compile(r"[A-Z][A-Z_]*")
_FIGURES: Final = {
    "CHANNEL": "1",
    "OTHER_CHANNEL": "2",
    "PROBABILITY": "0.01",
    "MS": "200",
    "MEAN_MS": "50",
    "FACTOR": "1.3",
    "TO_TIMES_ITS_VALUE": "4",
    "BYTES": "50",
    "BYTES_PER_SECOND": "500",
    "AFTER_HOW_MANY_BYTES": "3",
    "PERCENT_AT_THE_START": "20",
    "PERCENT_PER_MINUTE": "5",
    "PERCENT_LEFT": "5",
    "TIMES_PER_SECOND": "2",
    "RESULT": "1",
}


def usual_first(faults: Sequence[Offer]) -> list[Offer]:
    """What a therapist meets before what an engineer does."""
    names = [fault.name.partition(":")[0] for fault in faults]
    first = [faults[names.index(name)] for name in USUAL if name in names]
    return first + [fault for fault in faults if fault not in first]


def example(form: str) -> str:
    """A fault as it may be given, from the form in which the simulators list it; a person changes the figures."""
    return _PLACE.sub(lambda place: _FIGURES.get(place[0], "3"), form) + WHEN


class SimulatorScreen(Page[None]):
    """Two lists and a field. Nothing is begun here: the session without the book is, with this simulator."""

    WHERE = Where.SIMULATOR
    PAGE = "devices"
    AUTO_FOCUS = "#bodies"
    DEFAULT_CSS = """
    #rehearsal { height: 1fr; }
    #rehearsal Vertical { width: 1fr; padding: 0 1; }
    #rehearsal OptionList { height: 1fr; border: none; padding: 0; background: transparent; scrollbar-size-vertical: 1; }
    #rehearsal OptionList:focus { text-style: none; }
    #simulator-title { padding: 0 1; text-style: bold; height: auto; }
    #simulator-about { height: 2; padding: 0 1; }
    #fault { background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.SIMULATOR),
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
        Binding("escape", "back", "Back", key_display="Esc"),
    ]

    def __init__(self, device: str) -> None:
        super().__init__()
        self._device = device
        self._body = ""

    def content(self) -> ComposeResult:
        """Who has it on, what goes wrong, and the words about what is under the cursor."""
        yield Static(_("SIMULATION on {device}").format(device=self._device), id="simulator-title", markup=False)
        bodies, faults = self.house.bench.bodies(), usual_first(self.house.bench.faults())
        with Horizontal(id="rehearsal"):
            with Vertical():
                yield Label(_("Who has the electrodes on"), markup=False)
                nobody = Option(_("nobody: a lead that takes any current"), id=NOBODY)
                yield OptionList(nobody, *(Option(body.name, id=body.name) for body in bodies), id="bodies", markup=False)
            with Vertical():
                yield Label(_("What goes wrong"), markup=False)
                none = Option(_("nothing"), id=NO_FAULT)
                yield OptionList(none, *(Option(fault.name, id=fault.name) for fault in faults), id="faults", markup=False)
                yield OrderedInput(id="fault", compact=True, placeholder=_("a fault, as electrode_off:1@20"))
        yield Static("", id="simulator-about", markup=False)

    @on(OptionList.OptionHighlighted, "#bodies")
    def _body_shown(self, event: OptionList.OptionHighlighted) -> None:
        self._body = "" if event.option.id == NOBODY else str(event.option.id)
        about = next((body.about for body in self.house.bench.bodies() if body.name == self._body), "")
        self.query_one("#simulator-about", Static).update(_(about))

    @on(OptionList.OptionHighlighted, "#faults")
    def _fault_shown(self, event: OptionList.OptionHighlighted) -> None:
        form = "" if event.option.id == NO_FAULT else str(event.option.id)
        about = next((fault.about for fault in self.house.bench.faults() if fault.name == form), "")
        self.query_one("#fault", Input).value = example(form) if form else ""
        words = _("{about} {when} s after the first current.").format(about=f"{_(about)};", when=WHEN[1:]) if form else ""
        self.query_one("#simulator-about", Static).update(words)

    @on(OptionList.OptionSelected)
    def _next(self) -> None:
        self.focus_next()

    @on(Input.Submitted, "#fault")
    def _submitted(self) -> None:
        self.do_practise()

    def do_practise(self) -> None:
        """On to the protocol and the levels."""
        faults = tuple(self.query_one("#fault", Input).value.split())
        self.dismiss(None)
        self.app.post_message(FreeSessionWanted(device=self._device, body=self._body, faults=faults))

    def action_back(self) -> None:
        """To the list of devices."""
        self.dismiss(None)
