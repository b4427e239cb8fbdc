"""What bench/stop_road.py measures on: a screen in a pseudo-terminal, its engine, and a simulated P24 behind a tapped cable.

Five processes: this one types and keeps the time of the key; the screen and the engine are the real ones; a cable between two
pseudo-terminals writes down when which bytes of the host arrived; behind it is `emssim serve p24` with its oscilloscope.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Thread

from tests.pty.models import P24
from tests.pty.rig import Simulator
from tests.pty.scope import Oscilloscope
from tests.tui.terminal import ROOT, Terminal

NEXT, PLOT, RUSH, FIELD = (signal.SIGRTMIN + number for number in range(4))
HANG = signal.SIGALRM  # none that the program listens to
F12 = b"\x1b[24~"
GIVE_UP_S = 8.0
PATIENCE_S = 30.0
ENOUGH_UA = 2_000
LOOK_S = 0.05
ENDINGS = ("stop_requested", "lease_lost", "client_gone")
PROTOCOL = ROOT / "tests/tui/quick.yaml"

SCREEN = '''
import json, math, signal, sys, time
from pathlib import Path
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import ModalScreen
from textual.widgets import Input
from emscontrol.cli.bench import workbench
from emscontrol.tui import choices
from emscontrol.tui.app import Begin, EmsApp
from emscontrol.tui.house import Errand
from emscontrol.tui.widgets.chart import Chart, Plot

home, port, protocol, road = json.loads(sys.argv[1])
NEXT, PLOT, RUSH, FIELD = (signal.SIGRTMIN + number for number in range(4))
asked = set()
for number in (NEXT, PLOT, RUSH, FIELD):
    signal.signal(number, lambda number, _: asked.add(number))


def hang(*_):
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        pass


signal.signal(signal.SIGALRM, hang)


class Field(ModalScreen):
    """A text field above a session: the program itself shows none while an engine lives."""

    def compose(self):
        yield Input(value="some text")


class Bench(EmsApp):
    """Opens a session when asked, connects, arms and starts it by itself; only one road of STOP is open."""

    def get_driver_class(self):
        return super().get_driver_class() if road == "direct" else LinuxDriver

    def stop(self, words):
        if road == "handler":
            super().stop(words)

    def on_ready(self):
        self.loaded = choices.load(protocol)
        self.said = ""
        self.set_interval(0.05, self.go_on)
        self.set_interval(0.05, self.plot)
        self.set_interval(0.02, self.rush)

    def rush(self):
        if RUSH in asked:
            self.screen.refresh(layout=True)

    def plot(self):
        if PLOT in asked and self.session is not None:
            for chart in self.session.query(Chart):
                moved = time.monotonic()
                points = [(x / 50, 10 + 9 * math.sin(x / 20 + moved * 3)) for x in range(500)]
                chart.show(Plot({"force": points}, "s", "N", marks={"target": 15.0}))

    def go_on(self):
        session = self.session
        if session is None:
            if NEXT in asked:
                asked.clear()
                self.said = ""
                spec = choices.session_spec(self.loaded, f"p24@{port}", {1: 20_000, 2: 20_000}, {}, home, choices.Rehearsal())
                self.begin_session(Errand(spec, lambda problem: asked.add(NEXT) if problem else None))
            return
        if PLOT in asked and not session.query(Chart):
            session.mount(Chart(), before="#strips")
        if FIELD in asked and self.screen is session:
            asked.discard(FIELD)
            self.push_screen(Field())
        state = session.engine_state
        if state == "closed":
            if self.screen is session:
                session.dismiss(None)
            elif session in self.screen_stack:
                self.pop_screen()
        for at, verb in (("connected", "arm"), ("armed", "start"), ("fault", "close")):
            if state == at and self.said != verb:
                session.link.say(verb)
                self.said = verb


Bench(home, workbench(), Begin.SETUP).run()
'''

CABLE = """
import os, select, sys, time, tty
device = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
master, slave = os.openpty()
tty.setraw(slave); tty.setraw(device)
heard = open(sys.argv[2], "w", buffering=1)
print(os.ttyname(slave), flush=True)
while True:
    for end in select.select([master, device], [], [])[0]:
        data = os.read(end, 4096)
        if end == master:
            at_us = time.monotonic_ns() // 1000
            os.write(device, data)
            heard.write(f"{at_us} {data.hex()}\\n")
        else:
            os.write(master, data)
"""


class Window(Terminal):
    """A terminal that always takes what is drawn, `reading` excepted, and makes no picture of it, which would cost a core."""

    def __init__(self, arguments: list[str], columns: int, rows: int, environment: dict[str, str]) -> None:
        super().__init__(arguments, columns, rows, environment)
        Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed, or the screen is gone
            while True:
                if not self.reading:
                    time.sleep(LOOK_S)
                elif select.select([self.fd], [], [], LOOK_S)[0]:
                    self.output += os.read(self.fd, 1 << 16)

    def pump(self, wait_s: float = 0.0) -> None:
        """Time passes; the thread takes what comes."""
        time.sleep(wait_s)

    def type(self, data: bytes) -> None:
        """Bytes of the keyboard, as fast as the terminal takes them."""
        while data:
            select.select([], [self.fd], [])
            with contextlib.suppress(BlockingIOError):
                data = data[os.write(self.fd, data) :]

    @property
    def text(self) -> str:
        """What has been written since `forget`, the last of it."""
        return self.output[-20_000:].decode("utf-8", "replace")

    def forget(self) -> None:
        """Only what is written from now on is of interest."""
        self.output.clear()


class Cable:
    """A process between host and stimulator that writes down what the host sends, with its time."""

    def __init__(self, folder: Path, device: str) -> None:
        self._heard = folder / "heard"
        command = [sys.executable, "-I", "-c", CABLE, device, str(self._heard)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self._lines: list[tuple[int, bytes]] = []
        self._read = 0

    def stop_frame_us(self, since_us: int) -> int | None:
        """When the first whole stop frame of the host had arrived since then; None where there was none yet."""
        with self._heard.open(encoding="ascii") as file:
            file.seek(self._read)
            new = file.read()
        whole = new[: new.rfind("\n") + 1]
        self._read += len(whole)
        self._lines += [(int(at), bytes.fromhex(data)) for at, data in map(str.split, whole.splitlines())]
        sent = b""
        for at_us, data in self._lines:
            sent += data if at_us >= since_us else b""
            if sent and any(frame.command == "ml_stop" for frame in P24.frames(sent)):
                return at_us
        return None

    def forget(self) -> None:
        """What has been heard so far is of no interest any more."""
        self._lines.clear()

    def close(self) -> None:
        """Pull it."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


class Lane:
    """One screen with one road of STOP open, its engine, cable and stimulator."""

    def __init__(self, road: str) -> None:
        self._leave = contextlib.ExitStack()
        with contextlib.ExitStack() as made:
            self.home = Path(tempfile.mkdtemp(prefix="stop-"))
            made.callback(shutil.rmtree, self.home, ignore_errors=True)
            simulator = Simulator(self.home, P24)
            made.callback(simulator.close)
            self._scope: Oscilloscope = simulator.scope
            self._cable = made.enter_context(contextlib.closing(Cable(self.home, simulator.address)))
            self.terminal = made.enter_context(contextlib.closing(self._screen(road)))
            self.terminal.wait_for("Open the session", PATIENCE_S)
            self._leave = made.pop_all()

    def _screen(self, road: str) -> Window:
        child = self.home / "screen.py"
        child.write_text(SCREEN, encoding="utf-8")
        given = json.dumps([str(self.home), self._cable.address, str(PROTOCOL), road])
        return Window([str(child), given], columns=120, rows=40, environment={"PYTHONPATH": str(ROOT)})

    def ask(self, number: int) -> None:
        """A signal for the screen."""
        self.terminal.forget()
        os.kill(self.terminal.pid, number)

    @property
    def flowing(self) -> bool:
        """Whether the contraction is under way on both channels."""
        amplitudes = self._scope.amplitudes().values()
        return len(amplitudes) == 2 and min(amplitudes) >= ENOUGH_UA

    def stop_ms(self) -> float:
        """The key, and how long until the stop frame is on the wire; infinity when it was not the key that put it there."""
        self._cable.forget()
        pressed_us = time.monotonic_ns() // 1_000
        self.terminal.type(F12)
        end_s = time.monotonic() + GIVE_UP_S
        sent_us = None
        while sent_us is None and time.monotonic() < end_s:
            time.sleep(0.002)
            sent_us = self._cable.stop_frame_us(pressed_us)
        self.terminal.reading = True
        self.terminal.wait(lambda: not self._scope.flowing, PATIENCE_S)
        return (sent_us - pressed_us) / 1_000 if sent_us is not None and self._by_key() else float("inf")

    def _by_key(self) -> bool:
        """Whether the session ended by a STOP, by its journal, and not because its lease ran out."""
        newest = max((self.home / "sessions").glob("*.jsonl"))
        end_s = time.monotonic() + PATIENCE_S
        events: list[str] = []
        while "session_ended" not in events and time.monotonic() < end_s:
            time.sleep(0.01)
            events = [json.loads(line)["event"] for line in newest.read_text("utf-8").splitlines() if line.endswith("}")]
        return next((event for event in events if event in ENDINGS), "") == "stop_requested"

    def close(self) -> None:
        """Away with all of it."""
        self._leave.close()
