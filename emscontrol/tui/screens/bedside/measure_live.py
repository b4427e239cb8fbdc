"""Measuring, step by step: a step is given, a person says what was felt and seen, the next step follows from that."""

from collections.abc import Mapping
from time import monotonic as now_s
from typing import Any, ClassVar, Final

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from emscontrol.measure.plot import table
from emscontrol.measure.strength_duration import CurvePoint
from emscontrol.measure.words import Word
from emscontrol.safety.sites import described_site
from emscontrol.session.spec import ProcedureSpec, SessionSpec
from emscontrol.tui.commands.all import BY_PLACE, bindings
from emscontrol.tui.commands.measure import SAID
from emscontrol.tui.commands.table import Where
from emscontrol.tui.language import _
from emscontrol.tui.looks import CLOSED
from emscontrol.tui.screens.bedside.control_lock import ControlLock
from emscontrol.tui.screens.bedside.measure_known import Answered, answered, curve_plot, point_of, so_far, steps_told
from emscontrol.tui.screens.bedside.measure_step import StepPanel, WordKeys, force_words, headline, meant_now
from emscontrol.tui.screens.engine_screen import EngineScreen
from emscontrol.tui.stop_road import StopRoad
from emscontrol.tui.widgets.alarm_bar import AlarmBar
from emscontrol.tui.widgets.chart import Chart
from emscontrol.tui.widgets.key_row import KeyRow
from emscontrol.tui.widgets.state_bar import StateBar
from emscontrol.tui.widgets.stop_button import StopButton

SMALL_ROWS: Final = 20
LISTED: Final = 60  # steps that are kept for looking at
CURVE: Final = "strength-duration"


class MeasuringScreen(EngineScreen):
    """One measurement from its engine's start to its last line. What was found is read from its record afterwards."""

    DEFAULT_CSS = """
    MeasuringScreen #measured { height: 1fr; padding: 0 1; }
    MeasuringScreen #known { width: 1fr; min-width: 30; height: 100%; }
    MeasuringScreen #steps { width: 1fr; height: 100%; }
    MeasuringScreen Chart { width: 2fr; height: 100%; }
    MeasuringScreen.small StopButton { height: 1; }
    MeasuringScreen.small StepPanel { height: 2; }
    MeasuringScreen.small AlarmBar { max-height: 1; }
    MeasuringScreen.small #message { max-height: 1; }
    """
    WHERE = Where.STEPS
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.STEPS)

    def __init__(self, spec: SessionSpec, road: StopRoad, name: str, who: str = "") -> None:
        super().__init__(spec, road, name, who)
        self._procedure = ProcedureSpec.from_json(spec.procedure)
        self._lock = ControlLock(now_s())
        self._said: list[Answered] = []
        self._points: list[CurvePoint] = []
        self._heard = ""
        self._begun = False

    @property
    def acted_on(self) -> tuple[object, ...]:
        """The step in hand as well: a word answers for one step alone."""
        question = self._view.get("question") or {}
        step = (question.get(name) for name in ("channel", "width_us", "amplitude_ua", "open", "held"))
        return *super().acted_on, *step

    @property
    def is_curve(self) -> bool:
        """A curve of several pulse widths, or the thresholds of one."""
        return self._procedure.kind == CURVE

    def compose(self) -> ComposeResult:
        """State, step and keys at the top; what is known so far; message, STOP and keys at the bottom."""
        with Vertical(id="head"):
            yield StateBar()
            yield AlarmBar()
            yield StepPanel()
            yield WordKeys()
        with Vertical(id="foot"):
            yield Static("", id="message", markup=False)
            yield StopButton()
            yield KeyRow()
        with Horizontal(id="measured"):
            yield Static("", id="known", markup=False)
            yield Chart("curve") if self.is_curve else Static("", id="steps", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        """Fewer rows: one for STOP, two for the step."""
        self.set_class(event.size.height < SMALL_ROWS, "small")

    # -- what the engine says ------------------------------------------------------------------------------------------

    def hear(self, line: Mapping[str, Any]) -> None:
        """Words that counted, points that were found, what a simulated patient says."""
        if line["event"] == "answered":
            self._said = [*self._said, answered(line)][-LISTED:]
        elif line["event"] in ("curve_point", "curve_gap"):
            self._points.append(point_of(line))
        elif line["event"] == "body_said":
            self._heard = line["sentence"]
        else:
            return
        self._show_known()

    def show_view(self, view: Mapping[str, Any], known: bool) -> None:
        """The step in hand; an armed stimulator that was asked for begins at once, without current."""
        state = self.engine_state
        if state == "armed" and not self._begun:
            self._begun = True
            self.link.say("start")
        over = state == CLOSED
        asked = headline(view, state, self.ending)
        self.query_one(StepPanel).show(force_words(view, known, over), asked, "" if over else self._heard)
        self.query_one(WordKeys).show(meant_now(view, state))
        if not self._said:
            self._show_known()

    def _show_known(self) -> None:
        muscle = described_site(self._procedure.muscle).name
        place = f"{muscle}, {_(self._procedure.side)}, {_('channel')} {self._procedure.channel}"
        known = table(self._points) if self.is_curve else so_far(self._said)
        lines = Text("\n", no_wrap=True, overflow="ellipsis").join([Text(place, style="bold"), *map(Text, known)])
        self.query_one("#known", Static).update(lines)
        if self.is_curve:
            widths, up_to_ua = self._procedure.widths_us, self._procedure.up_to_ua
            self.query_one(Chart).show(curve_plot(self._points, (), widths, up_to_ua))
        else:
            steps = steps_told(self._said, widths=False)
            told = Text("\n", no_wrap=True, overflow="ellipsis")
            head = Text(_("Steps so far, newest first") if steps else "", style="bold")
            self.query_one("#steps", Static).update(told.join([head, *map(Text, steps)]))

    # -- what a person wants -------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what the engine's state allows is offered."""
        if action != "do":
            return True
        command = BY_PLACE[Where.STEPS].get(str(parameters[0]))
        if command is None:
            return True
        if command.name == "seen":
            return self.query_one(AlarmBar).any
        return command.states is None or self.engine_state in command.states

    async def action_do(self, name: str) -> None:
        """One command of the table."""
        command = BY_PLACE[Where.STEPS].get(name)
        if command is None:
            await self.app.run_action(f"do('{name}')")
        elif not self.takes(command):
            return
        elif command.locks and not self._lock.opened(now_s()):
            self.say(_("The controls were locked after a while without a key. Now they are open: press it again."))
        elif name in SAID:
            self._say_word(SAID[name])
        elif command.asks:
            self.link.say(command.asks)
        elif name == "seen":
            self.acknowledge()
        elif name == "go":
            self._go_on()

    async def on_word_keys_said(self, message: WordKeys.Said) -> None:
        """A word by mouse, under the same conditions as by key."""
        message.stop()
        name = next(name for name, word in SAID.items() if word is message.word)
        if self.check_action("do", (name,)):
            await self.action_do(name)

    def _say_word(self, word: Word) -> None:
        """The engine decides whether it counts."""
        self.link.say("answer", channel=self._procedure.channel, word=word.value)

    def _go_on(self) -> None:
        if self.engine_state == "connected":
            self.link.say("arm")
        elif self.engine_state == CLOSED:
            self.dismiss(None)
