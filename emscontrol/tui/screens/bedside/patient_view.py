"""What the patient sees: contract or relax, and for how long, as large as the terminal allows."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from emscontrol.core.units import US_PER_S
from emscontrol.tui.figures import big
from emscontrol.tui.language import _
from emscontrol.tui.widgets.key_row import KeyRow
from emscontrol.tui.widgets.stop_button import StopButton

CONTRACT: Final = frozenset({"ramp up", "hold"})
GET_READY_US: Final = 3 * US_PER_S


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
    """Any key of the session but STOP leads back; STOP is STOP here too."""

    DEFAULT_CSS = """
    PatientView { background: $background; }
    PatientView #patient-view { height: 1fr; align: center middle; }
    PatientView #patient-view Static { width: 1fr; height: auto; text-align: center; text-style: bold; margin: 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("v,enter", "dismiss", "Back", key_display="v")]

    def compose(self) -> ComposeResult:
        """The word, the figure, how many are left."""
        with Vertical(id="patient-view"):
            yield Static("", id="patient-word", markup=False)
            yield Static("", id="patient-figure", markup=False)
            yield Static("", id="patient-left", markup=False)
        with Vertical(id="foot"):
            yield StopButton()
            yield KeyRow()

    def show(self, view: Mapping[str, Any], known: bool, over: bool = False) -> None:
        """A newer view; the last one when it is `over`."""
        if not view:
            return
        word, figure = said(view, known, over)
        left = _("contraction {at} of {of}").format(at=view["contraction"], of=view["contractions"])
        texts = {"word": Text(" ".join(word)), "figure": Text("\n".join(big(figure)) if figure else ""), "left": Text(left)}
        for part, text in texts.items():
            for shown in self.query(f"#patient-{part}").results(Static):  # none before it is drawn and after it is left
                shown.update(text)
