"""`emscontrol lsl`: a running session as markers for a laboratory. It only watches: what becomes of it touches no session."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import click

from emscontrol.core.errors import ExitCode, UsageError
from emscontrol.core.units import US_PER_MS
from emscontrol.session.endpoint import Address
from emscontrol.session.handle import EngineHandle, running_engines
from emscontrol.session.markers import Levels, Marker, Narrator, joined
from emscontrol.session.messages import VERSION

if TYPE_CHECKING:
    from emscontrol.cli.lsl_streams import Streams

LOOK_S: Final = 0.05  # from one look for a session to the next
CONNECT_S: Final = 2.0
RAMP_S: Final = 0.05  # between two samples of a ramp that the stimulator makes by itself
QUIET_S: Final = 0.5
AHEAD_US: Final = 100 * US_PER_MS  # an event that is further ahead is of a rehearsal at another speed: then its arrival counts


@click.command()
@click.option("--wait", is_flag=True, help="Offer the streams at once and wait for a session to begin.")
@click.option("--engine", "pid", type=int, default=None, metavar="PID", help="Which one, when several sessions are running.")
@click.option("--local", is_flag=True, help="Announce them on this computer only; its ports stay open to the network.")
@click.pass_context
def lsl(ctx: click.Context, wait: bool, pid: int | None, local: bool) -> None:
    """Markers and commanded amplitudes of a running session for the lab streaming layer, until the session is over.

    Two streams: emscontrol-markers (Markers) and emscontrol-stimulation (Stimulation, mA commanded for each channel).
    """
    from emscontrol.cli.lsl_streams import Streams, on_this_computer

    home: str = ctx.obj
    engine = None if wait else _connected(home, pid)
    if engine is None and not wait:
        raise UsageError("No session is running.", "Start one, or wait for it with --wait.")
    try:
        greeting = _greeting(engine) if engine else []
        with on_this_computer() if local else nullcontext():
            streams = Streams(next((bool(each["simulated"]) for each in greeting if each["type"] == "hello"), None))
        waiting = "" if engine else "; waiting for a session"
        click.echo(f"Offering emscontrol-markers and emscontrol-stimulation{waiting}.", err=True)
        while engine is None:
            engine = _connected(home, pid)
            if engine is None:
                time.sleep(LOOK_S)
        result = _follow(engine, streams, greeting)
    finally:
        if engine is not None:
            engine.close()
    streams.linger()
    click.echo(
        f"The session is over: {result}." if result else "The engine is gone; how the session ended is not known.", err=True
    )
    ctx.exit(int(ExitCode.FINE if result else ExitCode.DEVICE))


def _connected(home: str, pid: int | None) -> EngineHandle | None:
    """A watcher's connection to the engine that runs, None when none does. Raises UsageError for several."""
    listening = list(_listening(running_engines(home), pid))
    if len(listening) > 1:
        for _, handle in listening:
            handle.close()
        names = ", ".join(f"{address.device} (engine {address.pid})" for address, _ in listening)
        raise UsageError(f"Several sessions are running: {names}.", "Choose one with --engine PID.")
    if not listening:
        return None
    [(address, handle)] = listening
    handle.say("hello", role="watcher", name=f"emscontrol lsl, process {os.getpid()}", version=VERSION, secret=address.secret)
    return handle


def _listening(engines: list[Address], pid: int | None) -> Iterator[tuple[Address, EngineHandle]]:
    for address in engines:
        if pid is not None and address.pid != pid:
            continue
        try:
            yield address, EngineHandle(address.connect(CONNECT_S))
        except OSError:
            continue  # what a dead engine has left behind


def _greeting(engine: EngineHandle) -> list[Mapping[str, Any]]:
    """What it says up to its greeting, which says whether the stimulator is simulated."""
    said: list[Mapping[str, Any]] = []
    until_s = time.monotonic() + CONNECT_S
    while not engine.gone and time.monotonic() < until_s and not any(each["type"] == "hello" for each in said):
        said += engine.messages(LOOK_S)
    return said


def _follow(engine: EngineHandle, streams: "Streams", said: Iterable[Mapping[str, Any]]) -> str:
    """Tell what it has `said` and everything until it hangs up; the session's result, "" when it did not say one."""
    narrator, result = Narrator(), ""
    while said or not engine.gone:
        for message in chain(said, engine.messages(RAMP_S if narrator.ramping else QUIET_S)):
            if message["type"] == "hello":
                streams.mark(Marker(_now_us(), joined(message)))
            elif message["type"] == "closed":
                result = str(message["result"])
            for heard in narrator.hear(message):
                _tell(heard, streams)
        said = ()
        if narrator.ramping:
            now_us = _now_us()
            streams.command(narrator.levels(now_us))
            narrator.forget(now_us)
    if not result:
        streams.lose(_now_us())
    return result


def _tell(heard: Marker | Levels, streams: "Streams") -> None:
    now_us = _now_us()
    if heard.t_us > now_us + AHEAD_US:
        heard = heard._replace(t_us=now_us)
    if isinstance(heard, Marker):
        streams.mark(heard)
    else:
        streams.command(heard)


def _now_us() -> int:
    return time.monotonic_ns() // 1_000
