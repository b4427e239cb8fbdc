"""A session of real processes: a simulated stimulator on a pseudo-terminal, an engine, and the command line as its client."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emscontrol.session.endpoint import Address
from emscontrol.session.handle import running_engines
from tests.pty.models import DATA, Model
from tests.pty.scope import Oscilloscope
from tests.pty.terminal import Terminal
from tests.pty.waiting import LIMIT_S, now_us, wait_for

PROTOCOL = DATA / "protocols" / "quick_two_channels.yaml"
COMFORT = ("--comfort", "1=20", "--comfort", "2=20")
PLATEAU_UA = 18_000  # 0.9 of comfort, as the protocol says
CHANNELS = 2
PUNCTUAL = -10  # the measuring side must not be late itself, where the system lets it


class Simulator:
    """`emssim serve` in a process of its own."""

    def __init__(self, folder: Path, model: Model, *faults: str, watchdog_ms: int | None = None) -> None:
        self.scope = Oscilloscope(folder / "scope.jsonl")
        options = [part for fault in faults for part in ("--fault", fault)]
        options += [] if watchdog_ms is None else ["--watchdog-ms", str(watchdog_ms)]
        command = [sys.executable, "-m", "firmware_sim", "serve", model.name, "--scope", str(self.scope.path), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.process.pid, PUNCTUAL)
        self.address = self.next_address()

    def next_address(self) -> str:
        """One more line of its standard output: where it can be reached (now)."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], LIMIT_S)
        assert ready, "the simulator did not say its address"
        return self.process.stdout.readline().strip()

    def close(self) -> None:
        """Away with it."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


class Session:
    """One `emscontrol run`. Standard output and error go to files, so that nobody waits for the tests to read them."""

    def __init__(self, folder: Path, model: Model, port: str, scope: Oscilloscope) -> None:
        self.folder = folder
        self.model = model
        self.port = port
        self.scope = scope
        self.home = folder / "home"
        self.journal = folder / "records" / "record.jsonl"
        self.client: subprocess.Popen[bytes] | None = None
        self._engine: Address | None = None
        self._terminal: Terminal | None = None

    def command(self, *options: str) -> list[str]:
        """The command line of the run."""
        device = f"{self.model.name}@{self.port}"
        run = ["run", str(PROTOCOL), "--device", device, *COMFORT, "--journal", str(self.journal), "--json", *options]
        return [*EMSCONTROL, "--home", str(self.home), *run]

    def begin(self, terminal: Terminal | None = None) -> None:
        """Start the client; with a terminal it reads its keys and shows its progress there."""
        self._terminal = terminal
        with (self.folder / "out").open("wb") as out, (self.folder / "err").open("wb") as err:
            self.client = subprocess.Popen(
                self.command("--plain") if terminal is None else Terminal.launched(self.command()),
                stdin=subprocess.DEVNULL if terminal is None else terminal.slave,
                stdout=out if terminal is None else terminal.slave,
                stderr=err if terminal is None else terminal.slave,
            )

    def wait_current(self) -> None:
        """Until every channel is at its plateau."""
        try:
            self.scope.wait_current(CHANNELS, PLATEAU_UA)
        except TimeoutError as late:
            raise TimeoutError(f"{late}; the client said: {self.errors[-800:]}") from None

    @property
    def engine(self) -> Address:
        """The engine that runs this session."""
        if self._engine is None:
            self._engine = wait_for(lambda: running_engines(str(self.home)), "an engine announces itself")[0]
        return self._engine

    def signal_client(self, number: int) -> int:
        """Send it a signal; when (µs)."""
        assert self.client is not None
        return _sent(self.client.pid, number)

    def signal_engine(self, number: int) -> int:
        """Send it a signal; when (µs)."""
        return _sent(self.engine.pid, number)

    def wait_exit(self, limit_s: float = LIMIT_S) -> int:
        """The client's exit code."""
        assert self.client is not None
        return self.client.wait(limit_s)

    @property
    def errors(self) -> str:
        """What the client has said to its user so far."""
        return (self.folder / "err").read_text(encoding="utf-8") if self._terminal is None else self._terminal.text

    @property
    def result(self) -> dict[str, Any]:
        """What the client has printed as its result."""
        out = (self.folder / "out").read_text(encoding="utf-8") if self._terminal is None else self._terminal.text
        return dict(json.loads(out[out.rindex('{"result"') :]))

    def records(self, kind: str) -> list[dict[str, Any]]:
        """The journal's records of one kind."""
        text = self.journal.read_text(encoding="utf-8")
        lines = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
        return [line for line in lines if line["event"] == kind]

    def close(self) -> None:
        """Away with client and engine."""
        if self.client is not None:
            self.client.kill()
            self.client.wait()
        for address in running_engines(str(self.home)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(address.pid, signal.SIGKILL)


EMSCONTROL = (sys.executable, "-m", "emscontrol")


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder with a path short enough for a socket in it."""
    folder = Path(tempfile.mkdtemp(prefix="ems-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def prepared(model: Model, *faults: str) -> Iterator[tuple[Session, Simulator]]:
    """A stimulator that is on, and a session that has not begun."""
    with short_folder() as folder, contextlib.ExitStack() as stack:
        simulator = Simulator(folder, model, *faults)
        stack.callback(simulator.close)
        session = Session(folder, model, simulator.address, simulator.scope)
        stack.callback(session.close)
        yield session, simulator


def _sent(pid: int, number: int) -> int:
    at_us = now_us()
    os.kill(pid, number)
    return at_us
