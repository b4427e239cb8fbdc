"""What the patient sees: contract or relax, and for how long, as large as the terminal allows."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from emscontrol.core.units import US_PER_S
from emscontrol.tui.commands.all import BY_PLACE
from emscontrol.tui.commands.table import Where, bindings_of
from emscontrol.tui.figures import big
from emscontrol.tui.language import _
from emscontrol.tui.widgets.alarm_bar import AlarmBar
from emscontrol.tui.widgets.key_row import KeyRow
from emscontrol.tui.widgets.stop_button import StopButton

CONTRACT: Final = frozenset({"ramp up", "hold"})
GET_READY_US: Final = 3 * US_PER_S
LESS: Final = ("pause", "lower")
"""What leads to less current counts here as on the session's screen."""
_LEAD_BACK: Final = ",".join(
    key for command in BY_PLACE[Where.SESSION].values() if command.name not in (*LESS, "patient_view") for key in command.keys
)


def said(view: Mapping[str, Any], known: bool, over: bool = False) -> tuple[str, str]:
    """(word, seconds as figures) for the patient; no figure where none helps. `over` when the engine has said its last."""
    if not known or (view.get("state") == "stopping" and not over):
        return _("PLEASE WAIT"), ""
    if over:
        return _("FINISHED"), ""
    if view.get("state") == "paused":
        return _("PAUSE"), ""
    if view.get("state") != "running":
        return _("NO CURRENT"), ""
    left_s = -(-int(view["doing_left_us"]) // US_PER_S)
    if view["doing"] in CONTRACT:
        return _("CONTRACT"), str(left_s)
    if view["doing"] == "rest" and view["doing_left_us"] <= GET_READY_US:
        return _("GET READY"), str(left_s)
    return _("RELAX"), str(left_s)


class PatientView(ModalScreen[None]):
    """STOP, pause and minus do here what they do on the session's screen; any other key of the session only leads back."""

    DEFAULT_CSS = """
    PatientView { background: $background; }
    PatientView #patient-view { height: 1fr; align: center middle; }
    PatientView #patient-view Static { width: 1fr; height: auto; text-align: center; text-style: bold; margin: 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(BY_PLACE[Where.SESSION][name] for name in LESS),
        Binding("v,enter", "dismiss", "Back", key_display="v"),
        Binding(_LEAD_BACK, "dismiss", show=False),
    ]

    def __init__(self, do: Callable[[str], Awaitable[None]], may: Callable[[str, tuple[object, ...]], bool | None]) -> None:
        """`do` is the session's command of this name, `may` whether its state allows an action."""
        super().__init__()
        self._do = do
        self._may = may

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what the session's state allows is offered."""
        return self._may(action, parameters)

    async def action_do(self, name: str) -> None:
        """One command of the session."""
        await self._do(name)

    def compose(self) -> ComposeResult:
        """The alarms, the word, the figure, how many are left."""
        yield AlarmBar()
        with Vertical(id="patient-view"):
            yield Static("", id="patient-word", markup=False)
            yield Static("", id="patient-figure", markup=False)
            yield Static("", id="patient-left", markup=False)
        with Vertical(id="foot"):
            yield StopButton()
            yield KeyRow()

    def show(self, view: Mapping[str, Any], known: bool, alarms: AlarmBar, over: bool = False) -> None:
        """A newer view, and the alarms that wait; the last one when it is `over`."""
        if not view:
            return
        for bar in self.query(AlarmBar):
            bar.show_those_of(alarms)
        word, figure = said(view, known, over)
        left = _("contraction {at} of {of}").format(at=view["contraction"], of=view["contractions"])
        texts = {"word": Text(" ".join(word)), "figure": Text("\n".join(big(figure)) if figure else ""), "left": Text(left)}
        for part, text in texts.items():
            for shown in self.query(f"#patient-{part}").results(Static):  # none before it is drawn and after it is left
                shown.update(text)
