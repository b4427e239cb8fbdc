"""STOP, measured: from the key's byte in a real pseudo-terminal to zero on the simulated stimulator's oscilloscope.

Both roads side by side, each with the other one cut: the direct one (input thread, own connection) and the ordinary handler
of the screen library. Every sample is a session of its own with current flowing. Run: python bench/stop_road.py [--samples N]
"""

import argparse
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.tui.terminal import Terminal  # noqa: E402

CHILD = '''
import json, signal, sys, time
from pathlib import Path
from textual.drivers.linux_driver import LinuxDriver
from emscontrol.tui import choices
from emscontrol.cli.bench import workbench
from emscontrol.tui.app import Begin, EmsApp
from emscontrol.tui.house import Errand

home, protocol, road, redraw = json.loads(sys.argv[1])

def hang(*_):
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        pass

signal.signal(signal.SIGUSR1, hang)

class Bench(EmsApp):
    """Opens one session after the other, arms and starts them by itself; only one road of STOP is open."""

    number = 0

    def get_driver_class(self):
        return super().get_driver_class() if road == "direct" else LinuxDriver

    def stop(self, words):
        if road == "handler":
            super().stop(words)

    def on_mount(self):
        super().on_mount()
        self.set_interval(0.05, self.go_on)
        if redraw:
            self.set_interval(0.05, lambda: self.screen.refresh(layout=True))

    def go_on(self):
        if self.session is None:
            Bench.number += 1
            rehearsal = choices.Rehearsal(scope=f"{home}/scope-{Bench.number}.jsonl")
            loaded = choices.load(protocol)
            spec = choices.session_spec(loaded, "p24@sim", {1: 20_000, 2: 20_000}, {}, home, rehearsal)
            self.begin_session(Errand(spec, lambda _: None))
        elif self.session.engine_state == "closed":
            if self.screen is not self.session:
                self.pop_screen()
            else:
                self.session.dismiss(None)
        for state, verb in (("connected", "arm"), ("armed", "start"), ("fault", "close")):
            if self.session is not None and self.session.engine_state == state:
                self.session.link.say(verb)

Bench(home, workbench(), Begin.SETUP).run()
'''
F12 = b"\x1b[24~"
GIVE_UP_S = 8.0
PATIENCE_S = 60.0
POLL_S = 0.005
ENOUGH_UA = 4_000


class Bench:
    """One screen with one road open."""

    def __init__(self, road: str, redraw: bool) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="stop-road-"))
        given = json.dumps([str(self.home), str(ROOT / "tests/tui/quick.yaml"), road, redraw])
        child = self.home / "child.py"
        child.write_text(CHILD, encoding="utf-8")
        self.terminal = Terminal([str(child), given], columns=120, rows=40)
        self.number = self.used = 0

    def _lines(self) -> list[dict[str, int]]:
        file = self.home / f"scope-{self.number}.jsonl"
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        return [json.loads(line) for line in text.splitlines() if line.endswith("}")]

    def _amplitude_ua(self) -> int:
        return max({line["channel"]: line["amplitude_ua"] for line in self._lines()}.values(), default=0)

    def sample_ms(self, before: Callable[[Terminal], None]) -> float:
        """One session: current, whatever `before` does, the key, zero. Sessions that end by themselves do not count."""
        while True:
            self.used = self.number
            self.terminal.reading = True
            self.terminal.wait(lambda: self._newest() > self.used and self._amplitude_ua() >= ENOUGH_UA, PATIENCE_S)
            self.terminal.pump(random.uniform(0.0, 0.15))
            before(self.terminal)
            pressed_us = time.monotonic_ns() // 1_000
            if self._amplitude_ua() > 0:
                self.terminal.type(F12)
                return self._zero_after_ms(pressed_us)

    def _newest(self) -> int:
        """The number of the session that runs now."""
        self.number = max((int(file.stem.partition("-")[2]) for file in self.home.glob("scope-*.jsonl")), default=0)
        return self.number

    def _zero_after_ms(self, pressed_us: int) -> float:
        end_s = time.monotonic() + GIVE_UP_S
        while self._amplitude_ua() > 0 and time.monotonic() < end_s:
            self.terminal.pump(POLL_S)
            time.sleep(POLL_S)
        off_us = [line["t_us"] for line in self._lines() if line["amplitude_ua"] == 0 and line["t_us"] >= pressed_us]
        return (max(off_us) - pressed_us) / 1_000 if off_us else float("inf")


def nothing(terminal: Terminal) -> None:
    """The screen draws its ten pictures a second and nothing else."""


def hang(terminal: Terminal) -> None:
    """The event loop computes for 500 ms; the key comes 50 ms in."""
    os.kill(terminal.pid, signal.SIGUSR1)
    time.sleep(0.05)


def flood(terminal: Terminal) -> None:
    """2,000 keys typed ahead."""
    terminal.type(b"jk" * 1_000)


def undrained(terminal: Terminal) -> None:
    """The terminal has not taken anything for a while."""
    terminal.reading = False
    time.sleep(1.0)


CONDITIONS = (
    ("ten pictures a second", nothing, False),
    ("redrawing 20 a second", nothing, True),
    ("500 ms hang, computing", hang, False),
    ("2,000 keys typed ahead", flood, False),
    ("terminal not drained", undrained, True),
)


def figures(values: list[float]) -> str:
    """Median, 99th percentile (nearest rank), maximum."""
    ordered = sorted(values)
    rank = min(len(ordered) - 1, -(-99 * len(ordered) // 100) - 1)
    return f"{statistics.median(ordered):7.1f} {ordered[rank]:7.1f} {ordered[-1]:7.1f}"


def main() -> None:
    """Measure and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--samples", type=int, default=12)
    arguments.add_argument("--only", default="", help="conditions whose name contains this")
    given = arguments.parse_args()
    samples = given.samples
    print(f"STOP key to zero on the oscilloscope, ms, {samples} sessions a cell (the lease ends a session after 2,000 ms)")
    print(f"{'':26} {'direct road':>24}   {'ordinary handler':>24}")
    print(f"{'':26} {'p50     p99     max':>24}   {'p50     p99     max':>24}")
    for name, before, redraw in (row for row in CONDITIONS if given.only in row[0]):
        cells = []
        for road in ("direct", "handler"):
            bench = Bench(road, redraw)
            cells.append(figures([bench.sample_ms(before) for _ in range(samples)]))
            bench.terminal.close()
        print(f"{name:26} {cells[0]:>24}   {cells[1]:>24}", flush=True)


if __name__ == "__main__":
    main()
