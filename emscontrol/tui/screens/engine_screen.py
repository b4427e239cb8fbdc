"""What every screen needs that an engine belongs to: its lease, its state, its alarms, and what is not known.

No text is typed on such a screen, so every STOP key is a STOP key. What is shown comes from the engine's last view; the screen
keeps nothing else than that view, and how long ago it came.
"""

import time
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from emscontrol.core import budget
from emscontrol.core.errors import EmsError
from emscontrol.session.spec import SessionSpec
from emscontrol.tui.choices import is_simulated
from emscontrol.tui.commands.table import Command, Where
from emscontrol.tui.language import _
from emscontrol.tui.language.sentences import sentence_of
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
from emscontrol.tui.screens.unknown import UnknownScreen
from emscontrol.tui.seen_state import StateSeen
from emscontrol.tui.stop_road import StopRoad
from emscontrol.tui.widgets.alarm_bar import AlarmBar
from emscontrol.tui.widgets.state_bar import NOT_KNOWN_YET, Current, StateBar

BEAT_S: Final = budget.T_UI_LEASE / 1000 / 5
WATCH_S: Final = 0.5
SILENT_S: Final = 1.0  # ten views missing: what was shown last is not believed any more
SILENT_ALARM_S: Final = 2.0
UNSPOKEN: Final = frozenset({STARTING, "idle"})
"""States of a beginning: nobody has heard anything from the stimulator."""
ANSWERED: Final = frozenset({"connected", "armed", "running", "paused", "ended", CLOSED})
"""States that an answer of the stimulator leads to; a stop or a fault may come before the first one."""

MESSAGE_S: Final = 6.0


class EngineScreen(Screen[EmsError | None]):
    """From its engine's start to its last line. Ends with the engine's refusal, or with None.

    It must have a StateBar, an AlarmBar and a Static `#message`. `WHERE` is its place in the table of commands, `who` the
    patient as shown in the top line.
    """

    WHERE: ClassVar[Where]
    AUTO_FOCUS = ""

    def __init__(self, spec: SessionSpec, road: StopRoad, name: str, who: str = "") -> None:
        super().__init__()
        self.link = EngineLink(spec, name, road, self.post_message)
        self._spec = spec
        self._who = who
        self._view: Mapping[str, Any] = {}
        self._last_line: Mapping[str, Any] = {}
        self._gone = False
        self._unknown: UnknownScreen | None = None
        self._unknown_told = False
        self._unknown_whys: set[str] = set()
        self._shown_state = ""
        self._acted_on: tuple[object, ...] = ()
        self._state_seen = StateSeen()
        self._alarm_seen = StateSeen()
        self._spoken = False
        self._zero_awaited = False  # the engine has said that a stop is not confirmed
        self._unknown_viewed = False  # its views said so
        self._fading: Timer | None = None

    def on_mount(self) -> None:
        """Start the engine, and the two clocks of the screen."""
        self.query_one(StateBar).show_device(self._spec.device, is_simulated(self._spec.device), self._who)
        self.set_interval(BEAT_S, self.link.beat)
        self.set_interval(WATCH_S, self._watch)
        self.link.open()
        self._draw()

    def on_unmount(self) -> None:
        """Whoever leaves the screen ends the session."""
        self.link.hang_up()

    def on_screen_suspend(self) -> None:
        """Something lies above: what a key acts on is not seen."""
        self._state_seen.gone()
        self._alarm_seen.gone()

    def on_screen_resume(self) -> None:
        """In front again."""
        self._when_drawn(self._state_seen)
        self._when_drawn(self._alarm_seen)

    # -- to be given by each screen ------------------------------------------------------------------------------------

    def show_view(self, view: Mapping[str, Any], known: bool) -> None:
        """The engine's last view, empty before the first; `known` is False when it is not to be believed any more."""

    def hear(self, line: Mapping[str, Any]) -> None:
        """Something happened."""

    def after_view(self) -> None:
        """A newer view was drawn."""

    def nobody_knows(self) -> None:
        """Now and then while nobody knows whether current flows, also when no view comes."""

    def never_confirmed(self, reason: str) -> str:
        """What to say of an end at which nobody knows whether current flows."""
        return _("It is over and zero was never confirmed: {reason}.").format(reason=reason)

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

    @property
    def acted_on(self) -> tuple[object, ...]:
        """What the keys act on; whoever presses one must have seen it."""
        return self.engine_state, self.shown_state

    @property
    def spoken(self) -> bool:
        """Whether the stimulator has answered: before that nobody knows anything of its current."""
        return self._spoken or self.engine_state in ANSWERED

    @property
    def ending(self) -> str:
        """How it ended, "" while it goes on."""
        if not self._last_line:
            return ""
        return f"{_(str(self._last_line['result'])).upper()}: {self._last_line['reason']}"

    def _silent_s(self) -> float:
        return time.monotonic() - self.link.heard_s if self.link.heard_s and not self._last_line else 0.0

    @property
    def _flowing(self) -> bool:
        return any(row["amplitude_ua"] for row in self._view.get("channels", {}).values()) and not self._last_line

    # -- what the engine says ------------------------------------------------------------------------------------------

    def on_engine_ready(self, message: EngineReady) -> None:
        """It listens: bring the stimulator to zero and see whether it answers."""
        if not message.direct:
            self.say(_("STOP goes the way of all keys: the direct road could not be opened."))
        self.link.say("connect")

    def on_engine_refused(self, message: EngineRefused) -> None:
        """It did not begin."""
        while self.app.screen is not self:
            self.app.pop_screen()
        self.dismiss(message.problem)

    def on_engine_greeted(self, message: EngineGreeted) -> None:
        """Who it is."""
        self.query_one(StateBar).show_device(message.line["device"], bool(message.line["simulated"]), self._who)

    def on_engine_view(self, message: EngineView) -> None:
        """A newer picture."""
        self._view = message.line
        self._spoken = self.spoken
        self._draw()
        self._watch()
        self.after_view()

    def on_engine_event(self, message: EngineEvent) -> None:
        """Something happened."""
        line = message.line
        self.hear(line)
        if line["severity"] in ALARM_LOOKS:
            self.app.bell()
            bar = self.query_one(AlarmBar)
            before = bar.gravest
            bar.raise_alarm(line["severity"], line["sentence"], sentence_of(line))
            if bar.gravest != before:
                self._look_anew(self._alarm_seen)
            self.refresh_bindings()
        if line["event"] in ("stop_unconfirmed", "link_lost"):
            self._zero_awaited = True
            self._tell_unknown(sentence_of(line))
        elif line["event"] == "stop_confirmed":
            self._spoken = self._spoken or self.engine_state not in UNSPOKEN
            self._zero_confirmed()

    def on_engine_objected(self, message: EngineObjected) -> None:
        """A request was refused."""
        self.say(_("Refused: {why}").format(why=f"{message.line['what']} {message.line['remedy']}"))

    def on_engine_closed(self, message: EngineClosed) -> None:
        """Its last line."""
        self._last_line = message.line
        self._draw()
        if message.line["output_unknown"]:
            self._tell_unknown(self.never_confirmed(message.line["reason"]))

    def on_engine_gone(self, message: EngineGone) -> None:
        """It ended without a last line."""
        self._gone = True
        self._draw()
        told = _(
            "The engine is gone (exit code {code}). The stimulator's own watchdog ends the current within about two seconds, "
            "if it works. STOP reaches nothing any more. What was delivered: {journal}"
        )
        self._tell_unknown(told.format(code=message.exit_code, journal=self._spec.journal))

    # -- what a person wants -------------------------------------------------------------------------------------------

    def takes(self, command: Command) -> bool:
        """Whether this key counts now; if not, it is said why: nobody can have seen what it acts on, or nobody knows."""
        if command.locks and not self.output_known:
            self.hint(_("Not sent: nobody knows what the stimulator does."))
            return False
        if command.looked_at and not self._state_seen.counts(time.monotonic()):
            self._too_quick(command.keys_told)
            return False
        if command.looked_at:
            self.query_one("#message", Static).remove_class("on")  # what was said of an earlier key is over
        return True

    def _too_quick(self, key: str) -> None:
        self.hint(_("Too quick: look first, then press {key} again.").format(key=key))

    def _look_anew(self, seen: StateSeen) -> None:
        """Something else is to be drawn; from when it is, it can be seen."""
        seen.gone()
        self._when_drawn(seen)

    def _when_drawn(self, seen: StateSeen) -> None:
        meant = self._meant_by(seen)

        def drawn() -> None:
            if meant == self._meant_by(seen) and self.app.screen is self:
                seen.drawn(time.monotonic())

        self.call_after_refresh(drawn)

    def _meant_by(self, seen: StateSeen) -> tuple[object, ...] | None:
        """What is looked at. An alarm stays the same when another state comes with it: only another alarm begins anew."""
        return self.query_one(AlarmBar).gravest if seen is self._alarm_seen else self.acted_on

    # -- talking -------------------------------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """A line for the person at the screen; it goes by itself."""
        self.hint(text)

    def hint(self, text: str) -> None:
        """The same for an answer to a key, of which nothing is kept."""
        shown = self.query_one("#message", Static)
        shown.update(text)
        shown.add_class("on")
        if self._fading is not None:
            self._fading.stop()
        self._fading = self.set_timer(MESSAGE_S, lambda: shown.remove_class("on"))

    def stop_is_void(self) -> str:
        """What to say when STOP is pressed and there is no engine."""
        if self.output_known:
            return _("It is over; the stimulator has confirmed that no current flows.")
        return _("STOP reaches nothing any more. PULL THE LEADS OFF THE STIMULATOR.")

    def acknowledge(self) -> None:
        """A person has seen the gravest alarm: it goes, and the engine writes down who.

        One a press; a held key has read none of those behind it.
        """
        if not self._alarm_seen.counts(time.monotonic()):
            self._too_quick("k")
            return
        self.link.say("seen", alarm=self.query_one(AlarmBar).acknowledge())
        self._look_anew(self._alarm_seen)
        if self.link.over:
            self.say(_("Its record is closed: that somebody has seen this alarm does not stand in it."))
        self.refresh_bindings()

    # -- drawing -------------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        view, known = self._view, self.output_known
        current: Current = None if not known else self._flowing if self.spoken else NOT_KNOWN_YET
        self.query_one(StateBar).show(self.shown_state, current)
        self.show_view(view, known)
        if self.acted_on != self._acted_on:
            self._acted_on = self.acted_on
            self._look_anew(self._state_seen)
        if self.engine_state != self._shown_state:
            self._shown_state = self.engine_state
            self.refresh_bindings()

    # -- nobody knows --------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Is what is shown still true?"""
        if not self.output_known:
            self._draw()
            self.nobody_knows()
        if self._silent_s() >= SILENT_ALARM_S and not self._gone:
            self._tell_unknown(_("The engine has fallen silent. Press STOP; if nothing changes, pull the leads."))
        elif self._view.get("output_unknown") and not self._last_line and not self._gone:
            self._zero_awaited = self._unknown_viewed = True
            self._tell_unknown(_("The stop is not confirmed: {reason}").format(reason=self._view.get("reason", "")))
        elif self.output_known and (self._last_line or self._unknown_viewed):
            self._zero_confirmed()
        elif self.output_known and self._view and not self._zero_awaited:
            self._answers_again()

    def _tell_unknown(self, why: str) -> None:
        if self._unknown is not None:
            self._unknown.why(why)
        elif not self._unknown_told or self._gone or why not in self._unknown_whys:
            self._unknown = shown = UnknownScreen(why)
            self.app.push_screen(shown, lambda _: self._unknown_left(shown))
        self._unknown_told = True
        self._unknown_whys.add(why)

    def _unknown_left(self, shown: UnknownScreen) -> None:
        if self._unknown is shown:
            self._unknown = None

    def _zero_confirmed(self) -> None:
        """By a read-back: the engine has said so, or no longer says that its stop is not confirmed."""
        self._zero_awaited = self._unknown_viewed = self._unknown_told = False
        self._unknown_whys.clear()
        if self._unknown is not None:
            self._unknown.over()

    def _answers_again(self) -> None:
        """It was only silent. That is no read-back of zero: what it says now stands on this screen, and current may be on."""
        self._unknown_told = False
        self._unknown_whys.clear()
        flowing, shown = self._flowing, self._unknown
        if shown is None or not shown.is_current or (shown.is_over and not flowing):
            return
        self._unknown = None
        shown.dismiss(None)
        self.say(_("The engine answers again: CURRENT IS ON.") if flowing else _("The engine answers again."))
