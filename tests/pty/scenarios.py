"""What can happen while current flows, each with who ends the current and how soon: one table for tests and `make safety-times`.

A strike makes it happen and says when it did (µs). Where the simulator itself is what is struck, the time is the one that was
given to it, counted from the first current.
"""

import resource
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from emscontrol.session.handle import stop_engine
from tests.pty.cable import Cable
from tests.pty.models import MAX_MS, STOP_MS, Model
from tests.pty.rig import Session, prepared
from tests.pty.terminal import Terminal
from tests.pty.waiting import now_us, wait_for

DEVICE, ENGINE, WATCHDOG = "the device", "the engine", "the device's own watchdog"
STRIKE_US = 1_000_000  # after the first current: half a second after the plateau is reached
AT_STRIKE = "@1.0"
SPARE_S = 3.0  # waited beyond a limit, to see how late it really was


@dataclass
class Scene:
    """A session with current, and what it runs on."""

    session: Session
    model: Model
    cable: Cable | None
    terminal: Terminal | None

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
    at_us = scene.session.scope.first_us() + STRIKE_US
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
    size = scene.session.journal.stat().st_size
    _, hard = resource.prlimit(scene.session.engine.pid, resource.RLIMIT_FSIZE)
    at_us = now_us()
    resource.prlimit(scene.session.engine.pid, resource.RLIMIT_FSIZE, (size, hard))
    return at_us


def remove_the_records(scene: Scene) -> int:
    """The folder that the record is written in is deleted."""
    at_us = now_us()
    shutil.rmtree(scene.session.journal.parent)
    return at_us


@dataclass(frozen=True)
class Scenario:
    """`row` is the row of the fault matrix that states the limit, unless the device's own watchdog is what `saves`, or
    `limit_ms` gives one that is no fault's: an operator's stop.
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
    "ctrl_c": Scenario("Ctrl+C", "STOP", ENGINE, press(b"\x03"), at_terminal=True, limit=STOP_MS),
    "client_sigterm": Scenario("SIGTERM to the client", "STOP", ENGINE, to_client(signal.SIGTERM), limit=STOP_MS),
    "client_sighup": Scenario("SIGHUP to the client", "F43", ENGINE, to_client(signal.SIGHUP)),
    # programs die or hang
    "window_closed": Scenario("terminal window closed", "F43", ENGINE, lambda s: s.the_terminal().close(), at_terminal=True),
    "client_killed": Scenario("kill -9 of the client", "F43", ENGINE, to_client(signal.SIGKILL)),
    "client_frozen": Scenario("SIGSTOP of the client", "F44", ENGINE, to_client(signal.SIGSTOP)),
    "terminal_frozen": Scenario("terminal takes no output", "F46", ENGINE, lambda s: s.the_terminal().freeze(), at_terminal=True),
    "engine_sigterm": Scenario("SIGTERM to the engine", "F43", ENGINE, to_engine(signal.SIGTERM)),
    "engine_killed": Scenario("kill -9 of the engine", "F39", WATCHDOG, to_engine(signal.SIGKILL)),
    "engine_frozen": Scenario("SIGSTOP of the engine", "F40", WATCHDOG, to_engine(signal.SIGSTOP), on_cable=True),
    # the link
    "unplugged": Scenario("cable pulled", "F01", WATCHDOG, fault=f"unplug{AT_STRIKE}"),
    "silence": Scenario("silence both ways", "F03", WATCHDOG, fault=f"dead_link{AT_STRIKE}"),
    "commands_lost": Scenario("nothing reaches the device", "F04", WATCHDOG, fault=f"dead_downlink{AT_STRIKE}"),
    "answers_lost": Scenario("nothing comes back from it", "F05", ENGINE, fault=f"dead_uplink{AT_STRIKE}"),
    "device_deaf": Scenario("device stops reading", "F20", WATCHDOG, fault=f"deaf{AT_STRIKE}"),
    "port_blocked": Scenario("port takes no bytes", "F20", WATCHDOG, lambda s: s.the_cable().cramp(), on_cable=True),
    # the device and the skin
    "reboot": Scenario("device restarts", "F23", DEVICE, fault=f"reboot{AT_STRIKE}"),
    "electrode_off": Scenario("electrode of channel 1 off", "F29", DEVICE, fault=f"electrode_off:1{AT_STRIKE}"),
    # the record
    "disk_full": Scenario("disk full", "F61", ENGINE, fill_the_disk),
    "records_removed": Scenario("folder of the record removed", "F64", ENGINE, remove_the_records),
}


@contextmanager
def staged(scenario: Scenario, model: Model) -> Iterator[Scene]:
    """A session with current on every channel, ready for the strike."""
    with ExitStack() as stack:
        session, simulator = stack.enter_context(prepared(model, *filter(None, [scenario.fault])))
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
        yield Scene(session, model, cable, terminal)


@contextmanager
def struck(name: str, model: Model) -> Iterator[tuple[Scene, int]]:
    """The scene after the strike, and when that was (µs)."""
    scenario = SCENARIOS[name]
    with staged(scenario, model) as scene:
        yield scene, scenario.strike(scene)


def zero_after_ms(name: str, scene: Scene, struck_us: int) -> float:
    """How long after the strike the last current ended. Raises TimeoutError when it goes on far beyond the limit."""
    limit_s = SCENARIOS[name].limit_ms(scene.model) / 1_000
    return (scene.session.scope.wait_zero(limit_s + SPARE_S) - struck_us) / 1_000
