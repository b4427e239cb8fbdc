"""The session: what the engine says, and the few things a person may ask of it.

No text is typed here, so every STOP key is a STOP key. What is shown comes from the engine's last view; the screen keeps
nothing else of the session than that view, and how long ago it came.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from emscontrol.tui.commands.all import BY_PLACE, bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import Errand, House
from emscontrol.tui.language import _
from emscontrol.tui.limits import ceilings_of
from emscontrol.tui.looks import STARTING
from emscontrol.tui.messages import (
    EngineClosed,
    EngineObjected,
)
from emscontrol.tui.screens.bedside.contacts import Contacts
from emscontrol.tui.screens.bedside.control_lock import LOCK_AFTER_S, ControlLock
from emscontrol.tui.screens.bedside.patient_view import PatientView
from emscontrol.tui.screens.engine_screen import EngineScreen
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

RAISE_EVERY_S: Final = 0.25  # a held key; the engine refuses more than 5 mA a second
SMALL_ROWS: Final = 16  # below this: no log, one row each for clock and STOP
NARROW_COLUMNS: Final = 32  # below this: no room for − and + beside the figures; their keys work
OTHER_ROWS: Final = 13  # state, clock, limit, STOP, footer, and four rows of log
TALL_ROWS: Final = 4
CHART_ROWS: Final = 12  # left over: the chart, and some rows of log below it
NOTICES: Final[Mapping[str, str]] = {
    STARTING: "The engine is being started. Nobody has spoken to the stimulator yet.",
    "idle": "The stimulator is asked who it is, and brought to zero.",
    "connected": "Press a to arm: the stimulator is prepared, without current.",
    "armed": "Press s to start within a minute.",
    "paused": "PAUSED: relax, all channels are at zero. r goes on, rising slowly.",
    "stopping": "STOPPING: zero is being read back from the stimulator.",
}
"""What goes before the course in a state of the engine in which the program does not run."""


class SessionScreen(EngineScreen):
    """One session from its engine's start to its last line. Ends with the engine's refusal, or with None."""

    WHERE = Where.SESSION
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.SESSION)

    def __init__(self, errand: Errand, road: StopRoad, name: str) -> None:
        super().__init__(errand.spec, road, name, errand.who)
        self._errand = errand
        self._lock = ControlLock(time.monotonic())
        self._contacts = Contacts()
        self._patient_view: PatientView | None = None
        self._chosen = 0
        self._raised_s: dict[int, float] = {}

    @property
    def acted_on(self) -> tuple[object, ...]:
        """The chosen channel as well: a step up is for the one that was seen to be chosen."""
        return *super().acted_on, self._chosen

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
        """What belongs to this screen alone; the engine is started by what all such screens have in common."""
        model = self._spec.device.partition("@")[0]
        self._contacts.possible = cast("House", self.app).bench.measures_electrodes(model)
        self.run_worker(self._look_up_limits, thread=True, exit_on_error=False)

    # -- what the engine says ------------------------------------------------------------------------------------------

    def after_view(self) -> None:
        """The chart goes on, and so does measuring the electrodes."""
        self.query_one(LiveChart).take(self._view, self.output_known and self.spoken)
        self._check_contacts()

    def nobody_knows(self) -> None:
        """No view comes that says so: the chart's line ends here."""
        self.query_one(LiveChart).take(self._view, False)

    def hear(self, line: Mapping[str, Any]) -> None:
        """Into the log, and what it says of the electrodes."""
        self.query_one(EventLog).tell(line)
        self._contacts.hear(line)

    def on_engine_objected(self, message: EngineObjected) -> None:
        """What is refused is told for every such screen; here also who waits for it."""
        if message.line["do"] == "check":
            self._contacts.refused()

    def on_engine_closed(self, message: EngineClosed) -> None:
        """The end is told for every such screen; here also what its record is called."""
        self.query_one(EventLog).say(_("Journal: {file}").format(file=Path(message.line["journal"]).name))

    def never_confirmed(self, reason: str) -> str:
        """What to say of an end at which nobody knows whether current flows."""
        return _("The session is over and zero was never confirmed: {reason}.").format(reason=reason)

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
        elif not self.takes(command) or (command.locks and not self._unlocked()):
            return
        elif command.asks:
            self.link.say(command.asks)
        elif name in ("raise", "lower"):
            self._step(self._chosen_channel(), STEP_UA if name == "raise" else -STEP_UA)
        elif name in ("before", "after"):
            self._choose(self._chosen + (1 if name == "after" else -1))
        elif name == "seen":
            self.acknowledge()
        elif name == "contacts":
            self._contacts.begin(self._channels())
            self._check_contacts()
        elif name == "patient_view":
            self._patient_view = PatientView(self.action_do, self.check_action)
            self.app.push_screen(self._patient_view, self._patient_view_left)
        elif name == "again":
            self.dismiss(None)

    def on_step_key_pressed(self, message: StepKey.Pressed) -> None:
        """− or + by mouse, under the same conditions as by key."""
        command = BY_PLACE[Where.SESSION]["raise" if message.delta_ua > 0 else "lower"]
        if not self.check_action("do", (command.name,)) or not self.takes(command):
            return
        if not command.locks or self._unlocked():
            self._step(message.channel, message.delta_ua)

    def _unlocked(self) -> bool:
        """Whether a key that leads to current counts; the first one after a while without any only opens the lock."""
        if self._lock.opened(time.monotonic()):
            return True
        self.say(_("The controls were locked after a while without a key. Now they are open: press it again."))
        return False

    def on_channel_strip_chosen(self, message: ChannelStrip.Chosen) -> None:
        """Another channel, by mouse."""
        self._choose(self._channels().index(message.channel))

    def say(self, text: str) -> None:
        """A line for the person at the screen; it goes by itself, and stays in the log."""
        self.query_one(EventLog).say(text)
        self.hint(text)

    def stop_is_void(self) -> str:
        """What to say when STOP is pressed and there is no engine."""
        if self.output_known:
            return _("The session is over; the stimulator has confirmed that no current flows.")
        return super().stop_is_void()

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
        self.query_one(EventLog).keep_newest()

    def _arrange(self) -> None:
        room = self.size.height - OTHER_ROWS
        strips = self.query(ChannelStrip)
        tall = len(strips) * TALL_ROWS <= room
        for strip in strips:
            strip.set_class(tall, "tall")
        self.set_class(room - len(strips) * (TALL_ROWS if tall else 1) >= CHART_ROWS, "roomy")

    def show_view(self, view: Mapping[str, Any], known: bool) -> None:
        """Clock, coach, channels."""
        self.query_one(CourseClock).show(view, self._notice(), self._locked_words())
        for coach in self.query(Coach):
            coach.show(self.engine_state, view)
        if view:
            self._draw_channels(view, known)

    def _draw_channels(self, view: Mapping[str, Any], known: bool) -> None:
        channels, locked = self._channels(), bool(self._locked_words())
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
            strips[channel].show(row, view["doing"], index == self._chosen, known and self.spoken)
        if channels:
            chosen = view["channels"][str(self._chosen_channel())]
            used_ua = chosen["amplitude_ua"] if known and self.spoken else None
            self.query_one(EnvelopeBar).show(self._chosen_channel(), used_ua, over=known and bool(self._last_line))
        if self._patient_view is not None:
            self._patient_view.show(view, known, self.query_one(AlarmBar), over=bool(self._last_line))

    def _notice(self) -> str:
        """What goes before the course: how it ended, what is not known, or what to do next."""
        if self.ending:
            return self.ending
        if not self.output_known:
            return _("NOT KNOWN what the stimulator does now. Press STOP and look at the person.")
        state = self.engine_state
        if state == "fault":
            why = self._view.get("latched") or self._view.get("reason", "")
            return _("{why}. c: cause seen and mended, x: close.").format(why=why)
        if state == "idle" and self.spoken:
            return _("Press o to connect again. No current comes by itself.")
        return _(NOTICES.get(state, ""))

    def _locked_words(self) -> str:
        """Why the next key that leads to current only opens the lock; "" while it is open, or where no such key is offered."""
        if not self._lock.is_shut(time.monotonic()):
            return ""
        commands = BY_PLACE[Where.SESSION].values()
        key = next((each.keys_told for each in commands if each.locks and self.engine_state in (each.states or ())), "")
        told = _("LOCKED: {seconds} s without a key. {key} unlocks and does nothing more; press it twice.")
        return told.format(seconds=round(LOCK_AFTER_S), key=key) if key else ""

    def _patient_view_left(self, _: None) -> None:
        self._patient_view = None
