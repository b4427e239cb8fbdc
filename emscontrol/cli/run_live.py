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
from emscontrol.core import budget
from emscontrol.core.units import format_ma
from emscontrol.session.handle import EngineHandle, start_engine
from emscontrol.session.spec import SessionSpec

LOOK_S: Final = 0.05
BEAT_S: Final = budget.T_UI_LEASE / 1000 / 5
QUIET: Final = frozenset({"acked", "read_back", "set_point", "link_noise"})
NEXT_REQUEST: Final = {"idle": "connect", "connected": "arm", "armed": "start"}
"""What an unattended run asks for in each state, once."""


def run_live(spec: SessionSpec, plain: bool) -> Outcome:
    """Run it. Raises what the engine refused with."""
    handle = start_engine(spec, f"emscontrol run, process {os.getpid()}")
    return LiveRun(handle, spec, plain).serve()


class LiveRun:
    """One unattended session seen from the command line."""

    def __init__(self, handle: EngineHandle, spec: SessionSpec, plain: bool) -> None:
        self._handle = handle
        self._spec = spec
        self._plain = plain
        self._listener = Listener(plain=False)
        self._closed: Mapping[str, Any] = {}
        self._asked: set[str] = set()
        self._signal = 0
        self._progress = sys.stderr.isatty() and not plain
        self._origin_us: int | None = None

    def serve(self) -> Outcome:
        """Until the session is closed or the engine is gone."""
        for number in (signal.SIGINT, signal.SIGTERM, *((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ())):
            signal.signal(number, self._on_signal)
        self._ask("connect")
        beaten_s = 0.0
        with RawKeys() as keys:
            while not self._closed and not self._handle.gone:
                if time.monotonic() - beaten_s > BEAT_S:
                    self._handle.beat()
                    beaten_s = time.monotonic()
                for message in self._handle.messages(LOOK_S):
                    self._hear(message)
                if keys.stop_pressed():
                    self._handle.say("stop", who="operator", cause="key pressed")
        self._end_progress()
        code = self._handle.close()
        return self._outcome(code)

    def _on_signal(self, number: int, frame: object) -> None:
        self._signal = self._signal or number
        self._handle.say("stop", who="signal", cause=signal.Signals(number).name)

    def _ask(self, verb: str) -> None:
        if verb not in self._asked:
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
            click.echo(f"{message['what']} {message['remedy']}".strip(), err=True)
            self._handle.say("stop", who="client", cause=f"{message['do']} was refused")
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
            click.echo(plain_line(message["t_us"] - self._origin_us, message["severity"], message["sentence"]), err=True)

    def _go_on(self, state: str) -> None:
        if state in NEXT_REQUEST and not self._signal:
            self._ask(NEXT_REQUEST[state])
        elif state == "fault":
            self._asked.add("fault")

    def _hear_view(self, view: Mapping[str, Any]) -> None:
        if view["state"] == "fault" and not view["output_unknown"] and not _current(view):
            self._asked.add("fault")
        if not self._progress:
            return
        amplitudes = " ".join(f"{c}:{format_ma(v['amplitude_ua'])}" for c, v in view["channels"].items())
        left_s = view["left_us"] / 1e6
        line = (
            f"{'SIMULATION ' if self._spec.device.endswith('@sim') else ''}{view['state'].upper():8s} {view['phase']}  "
            f"contraction {view['contraction']}/{view['contractions']} {view['doing']} {view['doing_left_us'] / 1e6:4.1f} s  "
            f"left {int(left_s // 60)}:{int(left_s % 60):02d}  {amplitudes}  [Space = STOP]"
        )
        click.echo("\r\x1b[K" + line[: _width() - 1], nl=False, err=True)

    def _end_progress(self) -> None:
        if self._progress:
            click.echo("\r\x1b[K", nl=False, err=True)

    def _outcome(self, code: int | None) -> Outcome:
        closed = self._closed
        if not closed:
            return Outcome(
                "fault", f"the engine ended without a word (exit code {code})", 0, {}, self._spec.journal, True, forced_code=4
            )
        return Outcome(
            closed["result"],
            closed["reason"],
            self._listener.duration_us,
            self._listener.totals,
            self._spec.journal,
            closed["output_unknown"],
            forced_code=128 + self._signal if self._signal else None,
        )


def _current(view: Mapping[str, Any]) -> bool:
    return any(v["amplitude_ua"] for v in view["channels"].values())


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except OSError:
        return 80
