"""What can happen while current flows, who ends the current and how soon: one table for tests and `make safety-times`.

A strike makes it happen and says when it did (µs). Where the simulator itself is what is struck, the time is the one that was
given to it, counted from the first current.
"""

import resource
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from emscontrol.session.handle import EngineHandle, stop_engine
from emscontrol.session.messages import VERSION
from tests.pty.cable import Cable
from tests.pty.models import DETECT_MS, MAX_MS, STOP_MS, Model
from tests.pty.rig import Session, prepared
from tests.pty.terminal import Terminal
from tests.pty.waiting import now_us, wait_for
from tests.pty.watcher import Watcher

DEVICE, ENGINE, WATCHDOG = "the device", "the engine", "the device's own watchdog"
STRIKE_S = 1.0  # after the first current: half a second after the plateau is reached
SPARE_S = 3.0  # waited beyond a limit, to see how late it really was


@dataclass
class Scene:
    """A session with current, and what it runs on."""

    session: Session
    model: Model
    cable: Cable | None
    terminal: Terminal | None
    strike_s: float

    def the_terminal(self) -> Terminal:
        """The terminal, in scenarios that have one."""
        assert self.terminal is not None
        return self.terminal

    def the_cable(self) -> Cable:
        """The cable that can be tampered with, in scenarios that have one."""
        assert self.cable is not None
        return self.cable


Strike = Callable[[Scene], int]


def by_simulator(scene: Scene) -> int:
    """The fault that the simulator was told of strikes at its own time."""
    at_us = scene.session.scope.first_us() + round(scene.strike_s * 1_000_000)
    wait_for(lambda: now_us() >= at_us, "the time of the fault")
    return at_us


def to_client(number: int) -> Strike:
    """A signal to the command line."""
    return lambda scene: scene.session.signal_client(number)


def to_engine(number: int) -> Strike:
    """A signal to the engine."""
    return lambda scene: scene.session.signal_engine(number)


def press(keys: bytes) -> Strike:
    """Keys at the terminal."""
    return lambda scene: scene.the_terminal().press(keys)


def stop_from_elsewhere(scene: Scene) -> int:
    """What `emscontrol stop` does, without the time its interpreter takes to start."""
    engine = scene.session.engine
    at_us = now_us()
    stop_engine(engine, "a test")
    return at_us


def fill_the_disk(scene: Scene) -> int:
    """From now on the engine's files cannot grow, as on a full disk; what is reserved can still be overwritten."""
    engine = scene.session.engine
    size = scene.session.journal.stat().st_size
    _, hard = resource.prlimit(engine.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(engine.pid, resource.RLIMIT_FSIZE, (size, hard))
    return something_to_record(scene)


def remove_the_records(scene: Scene) -> int:
    """The folder that the record is written in is deleted."""
    shutil.rmtree(scene.session.journal.parent)
    return something_to_record(scene)


def something_to_record(scene: Scene) -> int:
    """A storage that fails is noticed by the next thing that has to be recorded: somebody comes to watch."""
    watcher = EngineHandle(scene.session.engine.connect(SPARE_S))
    at_us = now_us()
    watcher.say("hello", role="watcher", name="a test", version=VERSION)
    watcher.close()
    return at_us


@dataclass(frozen=True)
class Scenario:
    """`row` is the row of the fault matrix that states the limit, unless the device's own watchdog is what `saves`, or `limit`
    gives one that is no fault's: an operator's stop. `fault` is the simulator's name of what happens, without its time.
    """

    what: str
    row: str
    saves: str
    strike: Strike = by_simulator
    fault: str = ""
    at_terminal: bool = False
    on_cable: bool = False
    limit: int | None = None

    def limit_ms(self, model: Model) -> int:
        """From the strike to zero on the oscilloscope."""
        if self.saves == WATCHDOG:
            return model.by_watchdog_ms
        return MAX_MS[self.row] if self.limit is None else self.limit


SCENARIOS: Mapping[str, Scenario] = {
    # a person stops
    "stop_elsewhere": Scenario("emscontrol stop", "STOP", ENGINE, stop_from_elsewhere, limit=STOP_MS),
    "stop_key": Scenario("a key that means stop", "STOP", ENGINE, press(b" "), at_terminal=True, limit=STOP_MS),
    "stop_after_keys": Scenario("2000 keys, then stop", "F48", ENGINE, press(b"x" * 2000 + b" "), at_terminal=True),
    "ctrl_z": Scenario("Ctrl+Z", "STOP", ENGINE, press(b"\x1a"), at_terminal=True, limit=STOP_MS),
    "ctrl_q": Scenario("Ctrl+Q", "STOP", ENGINE, press(b"\x11"), at_terminal=True, limit=STOP_MS),
    "client_sigtstp": Scenario("SIGTSTP to the client", "STOP", ENGINE, to_client(signal.SIGTSTP), limit=STOP_MS),
    "ctrl_c": Scenario("Ctrl+C", "STOP", ENGINE, press(b"\x03"), at_terminal=True, limit=STOP_MS),
    "client_sigterm": Scenario("SIGTERM to the client", "STOP", ENGINE, to_client(signal.SIGTERM), limit=STOP_MS),
    "client_sighup": Scenario("SIGHUP to the client", "F43", ENGINE, to_client(signal.SIGHUP)),
    # programs die or hang
    "window_closed": Scenario("terminal window closed", "F43", ENGINE, lambda s: s.the_terminal().close(), at_terminal=True),
    "client_killed": Scenario("kill -9 of the client", "F43", ENGINE, to_client(signal.SIGKILL)),
    "client_frozen": Scenario("SIGSTOP of the client", "F44", ENGINE, to_client(signal.SIGSTOP)),
    "terminal_frozen": Scenario(
        "terminal takes no output", "F46", ENGINE, lambda s: s.the_terminal().freeze(), at_terminal=True
    ),
    "engine_sigterm": Scenario("SIGTERM to the engine", "F43", ENGINE, to_engine(signal.SIGTERM)),
    "engine_killed": Scenario("kill -9 of the engine", "F39", WATCHDOG, to_engine(signal.SIGKILL)),
    "engine_frozen": Scenario("SIGSTOP of the engine", "F40", WATCHDOG, to_engine(signal.SIGSTOP), on_cable=True),
    # the link
    "unplugged": Scenario("cable pulled", "F01", WATCHDOG, fault="unplug"),
    "silence": Scenario("silence both ways", "F03", WATCHDOG, fault="dead_link"),
    "commands_lost": Scenario("nothing reaches the device", "F04", WATCHDOG, fault="dead_downlink"),
    "answers_lost": Scenario("nothing comes back from it", "F05", ENGINE, fault="dead_uplink"),
    "device_deaf": Scenario("device stops reading", "F20", WATCHDOG, fault="deaf"),
    "port_blocked": Scenario("port takes no bytes", "F20", WATCHDOG, lambda s: s.the_cable().cramp(), on_cable=True),
    # the device and the skin
    "reboot": Scenario("device restarts", "F23", DEVICE, fault="reboot"),
    "electrode_off": Scenario("electrode of channel 1 off", "F29", DEVICE, fault="electrode_off:1"),
    # the record
    "disk_full": Scenario("disk full", "F61", ENGINE, fill_the_disk),
    "records_removed": Scenario("folder of the record removed", "F64", ENGINE, remove_the_records),
}


STUCK = Scenario("output stuck on", "F24", "nobody", fault="stuck_on", limit=DETECT_MS["F24"])
"""Software cannot end this current: its limit is that of the alarm, counted from the stop that did not help."""


@contextmanager
def staged(scenario: Scenario, model: Model, strike_s: float = STRIKE_S) -> Iterator[Scene]:
    """A session with current on every channel, ready for the strike; a simulator's fault comes `strike_s` after the first."""
    strike_s = round(strike_s, 3)  # as the simulator is told
    with ExitStack() as stack:
        faults = [f"{scenario.fault}@{strike_s:.3f}"] if scenario.fault else []
        session, simulator = stack.enter_context(prepared(model, *faults))
        cable = terminal = None
        if scenario.on_cable:
            cable = Cable(simulator.address)
            stack.callback(cable.close)
            session.port = cable.address
        if scenario.at_terminal:
            terminal = Terminal()
            stack.callback(terminal.close)
        session.begin(terminal)
        session.wait_current()
        yield Scene(session, model, cable, terminal, strike_s)


def zero_after_ms(scenario: Scenario, scene: Scene, struck_us: int) -> float:
    """How long after the strike the last current ended. Raises TimeoutError when it goes on far beyond the limit."""
    limit_s = scenario.limit_ms(scene.model) / 1_000
    return (scene.session.scope.wait_zero(limit_s + SPARE_S) - struck_us) / 1_000


def alarm_after_ms(scene: Scene) -> float:
    """With the output stuck on: how long after a stop every client is told that it did not help."""
    STUCK.strike(scene)
    watcher = Watcher(scene.session.engine)
    stopped_us = watcher.say("stop")
    told_us = wait_for(lambda: watcher.first("stop_unconfirmed"), "the alarm")
    watcher.close()
    return ((told_us or 0) - stopped_us) / 1_000
