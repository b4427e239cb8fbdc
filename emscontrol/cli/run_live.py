"""`run` in real time: a client of an engine process that arms, starts, shows progress and stops on request."""

import os
import signal
import sys
import time
from collections.abc import Mapping
from typing import Any, Final

import click

from emscontrol.cli.keys import RawKeys
from emscontrol.cli.outcome import Outcome
from emscontrol.cli.run_fast import Listener, plain_line
from emscontrol.cli.stop_signals import StopSignals
from emscontrol.core import budget
from emscontrol.session.handle import EngineHandle, start_engine
from emscontrol.session.spec import SessionSpec

LOOK_S: Final = 0.05
BEAT_S: Final = budget.T_UI_LEASE / 1000 / 5
SILENT_S: Final = 1.0  # a living engine shows a view ten times a second
GIVE_UP_S: Final = 3 * budget.T_DEADMAN_MAX / 1000  # by then every supported stimulator has stopped by itself
LEADS_OFF: Final = "*** The engine does not answer. OUTPUT UNKNOWN. Pull the leads off the stimulator now. ***"
QUIET: Final = frozenset({"acked", "read_back", "set_point", "link_noise"})
NEXT_REQUEST: Final = {"idle": "connect", "connected": "arm", "armed": "start"}
"""What an unattended run asks for in each state, once."""


def run_live(spec: SessionSpec, plain: bool) -> Outcome:
    """Run it. Raises what the engine refused with.

    Keys and signals are listened to before the engine is started, so that a stop in its first second is not lost.
    """
    signals = StopSignals()
    with RawKeys() as keys:
        handle = start_engine(spec, f"emscontrol run, process {os.getpid()}")
        return LiveRun(handle, spec, plain, keys, signals).serve()


class LiveRun:
    """One unattended session seen from the command line."""

    def __init__(self, handle: EngineHandle, spec: SessionSpec, plain: bool, keys: RawKeys, signals: StopSignals) -> None:
        self._handle = handle
        self._spec = spec
        self._plain = plain
        self._keys = keys
        self._signals = signals
        self._stopping = False
        self._listener = Listener(plain=False)
        self._closed: Mapping[str, Any] = {}
        self._asked: set[str] = set()
        self._progress = sys.stderr.isatty() and not plain
        self._origin_us: int | None = None
        self._heard_s = time.monotonic()
        self._silent = False

    def serve(self) -> Outcome:
        """Until the session is closed or the engine is gone."""
        self._signals.then(self._on_signal)
        self._look_at_keys()
        self._ask("connect")
        beaten_s = 0.0
        while not self._closed and not self._handle.gone:
            if time.monotonic() - beaten_s > BEAT_S:
                self._handle.beat()
                beaten_s = time.monotonic()
            for message in self._handle.messages(LOOK_S):
                self._heard_s, self._silent = time.monotonic(), False
                self._look_at_keys()
                self._hear(message)
            self._look_at_keys()
            if not self._engine_answers():
                break
        self._end_progress()
        code = self._handle.close()
        return self._outcome(code)

    def _look_at_keys(self) -> None:
        if self._keys.stop_pressed():
            self._stop("operator", "key pressed")

    def _stop(self, who: str, cause: str) -> None:
        """Ask for a stop, each time anew; from the first on nothing else is asked of the session."""
        self._stopping = True
        self._handle.say("stop", who=who, cause=cause)

    def _engine_answers(self) -> bool:
        """False when it has been silent for so long that waiting makes no sense; the first second of silence is an alarm."""
        silent_s = time.monotonic() - self._heard_s
        if silent_s > SILENT_S and not self._silent:
            self._silent = True
            self._end_progress()
            self._tell(LEADS_OFF)
        return silent_s <= GIVE_UP_S

    def _tell(self, text: str, newline: bool = True) -> None:
        """To the person at the terminal. One that has been closed must not end this program before the engine has stopped."""
        try:
            click.echo(text, nl=newline, err=True)
        except OSError:
            _without_terminal()

    def _on_signal(self, number: int) -> None:
        self._stop("signal", signal.Signals(number).name)

    def _ask(self, verb: str) -> None:
        if verb not in self._asked and (verb == "close" or not self._stopping):
            self._asked.add(verb)
            self._handle.say(verb)

    def _hear(self, message: Mapping[str, Any]) -> None:
        kind = message["type"]
        if kind == "event":
            self._hear_event(message)
        elif kind == "view":
            self._hear_view(message)
        elif kind == "error":
            self._end_progress()
            self._tell(f"{message['what']} {message['remedy']}".strip())
            self._stop("client", f"{message['do']} was refused")
        elif kind == "closed":
            self._closed = message

    def _hear_event(self, message: Mapping[str, Any]) -> None:
        self._listener.note(message["event"], message["args"])
        if self._origin_us is None:
            self._origin_us = message["t_us"]
        alarm = message["severity"].startswith("alarm")
        if message["event"] == "state_changed":
            self._go_on(message["args"]["to_state"])
        if message["event"] == "stop_confirmed" and "fault" in self._asked:
            self._ask("close")
        if self._plain or (alarm and message["event"] not in QUIET):
            self._end_progress()
            self._tell(plain_line(message["t_us"] - self._origin_us, message["severity"], message["sentence"]))

    def _go_on(self, state: str) -> None:
        if state in NEXT_REQUEST:
            self._ask(NEXT_REQUEST[state])
        elif state == "fault":
            self._asked.add("fault")

    def _hear_view(self, view: Mapping[str, Any]) -> None:
        if view["state"] == "fault" and not view["output_unknown"] and not _current(view):
            self._asked.add("fault")
        if not self._progress:
            return
        self._tell("\r\x1b[K" + self._picture(view)[: columns() - 1], newline=False)

    def _picture(self, view: Mapping[str, Any]) -> str:
        return live_line(view, self._spec.device.endswith("@sim"))

    def _end_progress(self) -> None:
        if self._progress:
            self._tell("\r\x1b[K", newline=False)

    def _outcome(self, code: int | None) -> Outcome:
        closed = self._closed
        if not closed:
            happened = f"ended without a word (exit code {code})" if self._handle.gone else "does not answer"
            return Outcome("fault", f"the engine {happened}", 0, {}, self._spec.journal, True, forced_code=4)
        return Outcome(
            closed["result"],
            closed["reason"],
            self._listener.duration_us,
            self._listener.totals,
            self._spec.journal,
            closed["output_unknown"],
            self._spec.device.endswith("@sim"),
            forced_code=128 + self._signals.first if self._signals.first else None,
            pulls_mn=self._listener.pulls_mn,
            cries=self._listener.cries,
        )


def live_line(view: Mapping[str, Any], simulated: bool) -> str:
    """State and current in one line; what matters most comes first, because a narrow terminal cuts the end off."""
    on = {c: v["amplitude_ua"] for c, v in view["channels"].items() if v["amplitude_ua"]}
    currents = " ".join(f"ch{c} {ua / 1000:g}" for c, ua in on.items()) + " mA" if on else "no current"
    left_s = view["left_us"] / 1e6
    return (
        f"[Space = STOP] {'SIM ' if simulated else ''}{view['state'].upper()} {currents} | {view['doing']} "
        f"{view['doing_left_us'] / 1e6:.1f} s | contraction {view['contraction']}/{view['contractions']} {view['phase']} | "
        f"{int(left_s // 60)}:{int(left_s % 60):02d} left"
    )


def _current(view: Mapping[str, Any]) -> bool:
    return any(v["amplitude_ua"] for v in view["channels"].values())


def _without_terminal() -> None:
    """The terminal is gone: from now on talk goes nowhere, and so do facts that would go to the same terminal."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if os.path.samestat(os.fstat(sys.stdout.fileno()), os.fstat(sys.stderr.fileno())):
        os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())
    os.close(nowhere)


def columns() -> int:
    """How many characters fit into a line of the terminal."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except OSError:
        return 80
