"""The session: what the engine says, and the few things a person may ask of it.

No text is typed here, so every STOP key is a STOP key. What is shown comes from the engine's last view; the screen keeps
nothing else of the session than that view, and how long ago it came.
"""

import time
from collections.abc import Mapping
from typing import Any, ClassVar, Final, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from emscontrol.core import budget
from emscontrol.core.errors import EmsError
from emscontrol.tui.choices import is_simulated
from emscontrol.tui.commands.all import BY_PLACE, bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import Errand, House
from emscontrol.tui.language import _
from emscontrol.tui.language.sentences import sentence_of
from emscontrol.tui.limits import ceilings_of
from emscontrol.tui.link import EngineLink
from emscontrol.tui.looks import ALARM_LOOKS, CLOSED, STARTING, UNKNOWN
from emscontrol.tui.messages import (
    EngineClosed,
    EngineEvent,
    EngineGone,
    EngineGreeted,
    EngineObjected,
    EngineReady,
    EngineRefused,
    EngineView,
)
from emscontrol.tui.screens.bedside.contacts import Contacts
from emscontrol.tui.screens.bedside.control_lock import ControlLock
from emscontrol.tui.screens.bedside.patient_view import PatientView
from emscontrol.tui.screens.unknown import UnknownScreen
from emscontrol.tui.stop_road import StopRoad
from emscontrol.tui.widgets.alarm_bar import AlarmBar
from emscontrol.tui.widgets.channel_strip import STEP_UA, ChannelStrip, StepKey
from emscontrol.tui.widgets.coach import Coach
from emscontrol.tui.widgets.course_clock import CourseClock
from emscontrol.tui.widgets.envelope_bar import EnvelopeBar
from emscontrol.tui.widgets.event_log import EventLog
from emscontrol.tui.widgets.key_row import KeyRow
from emscontrol.tui.widgets.live_chart import LiveChart
from emscontrol.tui.widgets.state_bar import StateBar
from emscontrol.tui.widgets.stop_button import StopButton

BEAT_S: Final = budget.T_UI_LEASE / 1000 / 5
WATCH_S: Final = 0.5
SILENT_S: Final = 1.0  # ten views missing: what was shown last is not believed any more
SILENT_ALARM_S: Final = 2.0
SEEN_EVERY_S: Final = 0.7
RAISE_EVERY_S: Final = 0.25  # a held key; the engine refuses more than 5 mA a second
MESSAGE_S: Final = 6.0
SMALL_ROWS: Final = 16  # below this: no log, one row each for clock and STOP
NARROW_COLUMNS: Final = 32  # below this: no room for − and + beside the figures; their keys work
OTHER_ROWS: Final = 13  # state, clock, limit, STOP, footer, and four rows of log
TALL_ROWS: Final = 4
CHART_ROWS: Final = 12  # left over: the chart, and some rows of log below it


class SessionScreen(Screen[EmsError | None]):
    """One session from its engine's start to its last line. Ends with the engine's refusal, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.SESSION)
    AUTO_FOCUS = ""

    def __init__(self, errand: Errand, road: StopRoad, name: str) -> None:
        super().__init__()
        self.link = EngineLink(errand.spec, name, road, self.post_message)
        self._errand = errand
        self._spec = errand.spec
        self._lock = ControlLock(time.monotonic())
        self._fading: Timer | None = None
        self._seen_s = 0.0
        self._contacts = Contacts()
        self._patient_view: PatientView | None = None
        self._view: Mapping[str, Any] = {}
        self._last_line: Mapping[str, Any] = {}
        self._gone = False
        self._chosen = 0
        self._raised_s: dict[int, float] = {}
        self._unknown: UnknownScreen | None = None
        self._unknown_told = False
        self._unknown_whys: set[str] = set()
        self._shown_state = ""

    def compose(self) -> ComposeResult:
        """State, alarms and clock at the top, message, STOP and keys at the bottom; channels and log get what is left."""
        with Vertical(id="head"):
            yield StateBar()
            yield AlarmBar()
            yield CourseClock()
            yield EnvelopeBar()
        with Vertical(id="foot"):
            if self._errand.coached:
                yield Coach()
            yield Static("", id="message", markup=False)
            yield StopButton()
            yield KeyRow()
        yield VerticalScroll(id="strips", can_focus=False)
        yield LiveChart()
        yield EventLog()

    def on_mount(self) -> None:
        """Start the engine, and the two clocks of the screen."""
        model = self._spec.device.partition("@")[0]
        self._contacts.possible = cast("House", self.app).bench.measures_electrodes(model)
        self.query_one(StateBar).show_device(self._spec.device, is_simulated(self._spec.device), self._errand.who)
        self.run_worker(self._look_up_limits, thread=True, exit_on_error=False)
        self.set_interval(BEAT_S, self.link.beat)
        self.set_interval(WATCH_S, self._watch)
        self.link.open()
        self._draw()

    def on_unmount(self) -> None:
        """Whoever leaves the screen ends the session."""
        self.link.hang_up()

    # -- what the state is ---------------------------------------------------------------------------------------------

    @property
    def engine_state(self) -> str:
        """The engine's own word for its state; `starting` before its first view, `closed` after its last line."""
        if self._last_line or self._gone:
            return CLOSED
        return str(self._view.get("state", STARTING))

    @property
    def output_known(self) -> bool:
        """False when current may flow and nobody knows."""
        if self._gone or self._last_line:
            return not self._gone and not self._last_line["output_unknown"]
        return not self._view.get("output_unknown", False) and self._silent_s() < SILENT_S

    @property
    def shown_state(self) -> str:
        """What the top line says: the engine's state, or `unknown`."""
        return self.engine_state if self.output_known else UNKNOWN

    def _silent_s(self) -> float:
        return time.monotonic() - self.link.heard_s if self.link.heard_s and not self._last_line else 0.0

    # -- what the engine says ------------------------------------------------------------------------------------------

    def on_engine_ready(self, message: EngineReady) -> None:
        """It listens: bring the stimulator to zero and see whether it answers."""
        if not message.direct:
            self.query_one(EventLog).say("STOP goes the way of all keys: the direct road could not be opened.")
        self.link.say("connect")

    def on_engine_refused(self, message: EngineRefused) -> None:
        """It did not begin."""
        while self.app.screen is not self:
            self.app.pop_screen()
        self.dismiss(message.problem)

    def on_engine_greeted(self, message: EngineGreeted) -> None:
        """Who it is."""
        line = message.line
        self.query_one(StateBar).show_device(line["device"], bool(line["simulated"]), self._errand.who)

    def on_engine_view(self, message: EngineView) -> None:
        """A newer picture."""
        self._view = message.line
        self._draw()
        self.query_one(LiveChart).take(self._view, self.output_known)
        self._watch()
        self._check_contacts()

    def on_engine_event(self, message: EngineEvent) -> None:
        """Something happened."""
        line = message.line
        self.query_one(EventLog).tell(line)
        self._contacts.hear(line)
        if line["severity"] in ALARM_LOOKS:
            self.app.bell()
            self.query_one(AlarmBar).raise_alarm(line["severity"], line["sentence"], sentence_of(line))
            self.refresh_bindings()
        if line["event"] in ("stop_unconfirmed", "link_lost"):
            self._tell_unknown(sentence_of(line))

    def on_engine_objected(self, message: EngineObjected) -> None:
        """A request was refused."""
        if message.line["do"] == "check":
            self._contacts.refused()
        self.say(_("Refused: {why}").format(why=f"{message.line['what']} {message.line['remedy']}"))

    def on_engine_closed(self, message: EngineClosed) -> None:
        """Its last line."""
        self._last_line = message.line
        self._draw()
        self.query_one(EventLog).say(_("Journal: {file}").format(file=message.line["journal"]))
        if message.line["output_unknown"]:
            why = _("The session is over and zero was never confirmed: {reason}.")
            self._tell_unknown(why.format(reason=message.line["reason"]))

    def on_engine_gone(self, message: EngineGone) -> None:
        """It ended without a last line."""
        self._gone = True
        self._draw()
        self._tell_unknown(
            _(
                "The engine is gone (exit code {code}). The stimulator's own watchdog ends the current within "
                "about two seconds, if it works. STOP reaches nothing any more. What was delivered: {journal}"
            ).format(code=message.exit_code, journal=self._spec.journal)
        )

    def _look_up_limits(self) -> None:
        """What each channel could get at most, worked out beside the screen; the gate looks at every command anyway."""
        ceilings = ceilings_of(cast("House", self.app).bench, self._spec)
        self.app.call_from_thread(self.query_one(EnvelopeBar).limits, ceilings)

    def _check_contacts(self) -> None:
        """Channel by channel, while connected; of a session of the book without being asked."""
        if self.engine_state != "connected" or not self._contacts.possible:
            return
        if self._errand.pads and not self._contacts.begun:
            self._contacts.begin(self._channels())
        channel = self._contacts.next()
        if channel is not None:
            self.link.say("check", channel=channel)

    # -- what a person wants -------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what the engine's state allows is offered."""
        if action != "do":
            return True
        command = BY_PLACE[Where.SESSION].get(str(parameters[0]))
        if command is None:
            return True
        if command.name == "seen":
            return self.query_one(AlarmBar).any
        if command.name == "contacts" and not self._contacts.possible:
            return False
        return command.states is None or self.engine_state in command.states

    async def action_do(self, name: str) -> None:
        """One command of the table."""
        command = BY_PLACE[Where.SESSION].get(name)
        if command is None:
            await self.app.run_action(f"do('{name}')")
        elif command.locks and not self._lock.opened(time.monotonic()):
            self.say(_("The controls were locked after a while without a key. Now they are open: press it again."))
        elif command.asks:
            self.link.say(command.asks)
        elif name in ("raise", "lower"):
            self._step(self._chosen_channel(), STEP_UA if name == "raise" else -STEP_UA)
        elif name in ("before", "after"):
            self._choose(self._chosen + (1 if name == "after" else -1))
        elif name == "seen":
            self._seen()
        elif name == "contacts":
            self._contacts.begin(self._channels())
            self._check_contacts()
        elif name == "patient_view":
            self._patient_view = PatientView()
            self.app.push_screen(self._patient_view, self._patient_view_left)
        elif name == "again":
            self.dismiss(None)

    def _seen(self) -> None:
        """The gravest alarm, one a press; a held key has read none of those behind it."""
        now_s = time.monotonic()
        if now_s - self._seen_s >= SEEN_EVERY_S:
            self._seen_s = now_s
            self.link.say("seen", alarm=self.query_one(AlarmBar).acknowledge())
            if self.link.over:
                self.say(_("Its record is closed: that somebody has seen this alarm does not stand in it."))
            self.refresh_bindings()

    def on_step_key_pressed(self, message: StepKey.Pressed) -> None:
        """− or + by mouse, under the same conditions as by key."""
        if not self.check_action("do", ("raise" if message.delta_ua > 0 else "lower",)):
            return
        if message.delta_ua > 0 and not self._lock.opened(time.monotonic()):
            self.say(_("The controls were locked after a while without a key. Now they are open: press it again."))
            return
        self._step(message.channel, message.delta_ua)

    def on_channel_strip_chosen(self, message: ChannelStrip.Chosen) -> None:
        """Another channel, by mouse."""
        self._choose(self._channels().index(message.channel))

    def say(self, text: str) -> None:
        """A line for the person at the screen; it goes by itself."""
        self.query_one(EventLog).say(text)
        shown = self.query_one("#message", Static)
        shown.update(text)
        shown.add_class("on")
        if self._fading is not None:
            self._fading.stop()
        self._fading = self.set_timer(MESSAGE_S, lambda: shown.remove_class("on"))

    def stop_is_void(self) -> str:
        """What to say when STOP is pressed and there is no engine."""
        if self.output_known:
            return _("The session is over; the stimulator has confirmed that no current flows.")
        return _("STOP reaches nothing any more. PULL THE LEADS OFF THE STIMULATOR.")

    def _step(self, channel: int, delta_ua: int) -> None:
        """One step. Steps up come one at a time however fast the keys come; steps down are never held back."""
        now_s = time.monotonic()
        if delta_ua > 0 and now_s - self._raised_s.get(channel, 0.0) < RAISE_EVERY_S:
            return
        if delta_ua > 0:
            self._raised_s[channel] = now_s
        self.link.say("adjust", channel=channel, delta_ua=delta_ua)

    def _channels(self) -> list[int]:
        return sorted(int(channel) for channel in self._view.get("channels", {}))

    def _chosen_channel(self) -> int:
        return self._channels()[self._chosen]

    def _choose(self, index: int) -> None:
        if not self._channels():
            return
        self._chosen = max(0, min(index, len(self._channels()) - 1))
        self._draw()
        for strip in self.query(f"#channel-{self._chosen_channel()}").results(ChannelStrip):
            strip.scroll_visible(animate=False)

    # -- drawing -------------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Fewer rows: the log goes first, STOP and the state never."""
        self.set_class(event.size.height < SMALL_ROWS, "small")
        self.set_class(event.size.width < NARROW_COLUMNS, "narrow")
        self._arrange()

    def _arrange(self) -> None:
        room = self.size.height - OTHER_ROWS
        strips = self.query(ChannelStrip)
        tall = len(strips) * TALL_ROWS <= room
        for strip in strips:
            strip.set_class(tall, "tall")
        self.set_class(room - len(strips) * (TALL_ROWS if tall else 1) >= CHART_ROWS, "roomy")

    def _draw(self) -> None:
        view, known = self._view, self.output_known
        flowing = any(row["amplitude_ua"] for row in view.get("channels", {}).values()) and not self._last_line
        self.query_one(StateBar).show(self.shown_state, flowing if known else None)
        self.query_one(CourseClock).show(view, self._notice())
        for coach in self.query(Coach):
            coach.show(self.engine_state, view)
        if view:
            self._draw_channels(view, known)
        if self.engine_state != self._shown_state:
            self._shown_state = self.engine_state
            self.refresh_bindings()

    def _draw_channels(self, view: Mapping[str, Any], known: bool) -> None:
        channels, locked = self._channels(), self._lock.is_shut(time.monotonic())
        strips = {strip.channel: strip for strip in self.query(ChannelStrip)}
        if not strips:
            self.query_one("#strips").mount_all(ChannelStrip(channel) for channel in channels)
            self.call_after_refresh(self._arrange)
            return
        for index, channel in enumerate(channels):
            row = dict(view["channels"][str(channel)])
            if self._last_line:
                row["amplitude_ua"] = 0
            comfort_ua = self._spec.comfort_ua.get(str(channel), 0)
            row |= {"comfort_ua": comfort_ua, "contact": self._contacts.words(channel), "locked": locked}
            strips[channel].show(row, view["doing"], index == self._chosen, known)
        if channels:
            chosen = view["channels"][str(self._chosen_channel())]
            self.query_one(EnvelopeBar).show(self._chosen_channel(), chosen["amplitude_ua"] if known else None)
        if self._patient_view is not None:
            self._patient_view.show(view, known)

    def _notice(self) -> str:
        """What goes before the course: how it ended, or what to do next."""
        if self._last_line:
            return f"{_(str(self._last_line['result'])).upper()}: {self._last_line['reason']}"
        hints = {
            "connected": _("Press a to arm: the stimulator is prepared, without current."),
            "armed": _("Press s to start within a minute."),
            "fault": _("{why}. c: cause seen and mended, x: close.").format(
                why=self._view.get("latched") or self._view.get("reason", "")
            ),
        }
        return hints.get(self.engine_state, "")

    # -- nobody knows --------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Is what is shown still true?"""
        if not self.output_known:
            self._draw()
        if self._silent_s() >= SILENT_ALARM_S and not self._gone:
            self._tell_unknown(_("The engine has fallen silent. Press STOP; if nothing changes, pull the leads."))
        elif self._view.get("output_unknown") and not self._last_line and not self._gone:
            self._tell_unknown(_("The stop is not confirmed: {reason}").format(reason=self._view.get("reason", "")))
        elif self.output_known and self._view:
            self._unknown_over()

    def _tell_unknown(self, why: str) -> None:
        if self._unknown is not None:
            self._unknown.why(why)
        elif not self._unknown_told or self._gone or why not in self._unknown_whys:
            self._unknown = UnknownScreen(why)
            self.app.push_screen(self._unknown, self._unknown_left)
        self._unknown_told = True
        self._unknown_whys.add(why)

    def _patient_view_left(self, _: None) -> None:
        self._patient_view = None

    def _unknown_left(self, _nothing: None) -> None:
        self._unknown = None

    def _unknown_over(self) -> None:
        self._unknown_told = False
        self._unknown_whys.clear()
        if self._unknown is not None:
            self._unknown.over()
