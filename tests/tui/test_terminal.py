"""The screen on a real pseudo-terminal with a real engine: what a person does, and what the scope saw."""

import json
import os
import re
import signal
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emscontrol.core import budget
from emscontrol.tui.screens.records.shelf import journals
from tests.tui.stage import QUICK
from tests.tui.terminal import Terminal

HANG_BY = signal.SIGALRM  # none that the program listens to
HANG = """
import signal, time
signal.signal(signal.SIGALRM, lambda *_: time.sleep(2))
"""
PROGRAM = """
import json, sys
from emscontrol.cli.bench import workbench
from emscontrol.tui.app import Begin, EmsApp
from emscontrol.tui.choices import Rehearsal
home, rehearsal = json.loads(sys.argv[1])
EmsApp(home, workbench(), Begin.SETUP, Rehearsal(**rehearsal)).run()
"""
F5, CTRL_Z, TAB, ENTER = b"\x1b[15~", b"\x1a", b"\t", b"\r"
ORDERS = {
    "TEXTUAL_ALLOW_SIGNALS": "1",
    "TEXTUAL_DRIVER": "textual.drivers.linux_driver:LinuxDriver",
    "TEXTUAL_PRESS": "ctrl+q",
}


class Desk:
    """A person at a terminal."""

    def __init__(self, home: Path, prelude: str = "", **environment: str) -> None:
        self.scope = home / "scope.jsonl"
        given = json.dumps([str(home), {"scope": str(self.scope)}])
        self.terminal = Terminal(["-c", prelude + HANG + PROGRAM, given], environment=environment)

    def run_session(self) -> None:
        """From the first screen to current, as somebody types who knows the keys."""
        terminal = self.terminal
        terminal.wait_for("Open the session")
        terminal.wait_for("F5 Open")
        terminal.type(TAB + str(QUICK).encode() + ENTER)
        terminal.wait_for("vastus medialis  ")
        terminal.type(TAB * 2 + b"20\r22.5\r" + F5)
        terminal.wait_for("CONNECTED")
        terminal.look()
        terminal.type(b"a")
        terminal.wait_for("ARMED")
        terminal.look()
        terminal.type(b"s")
        terminal.wait_for("CURRENT ON")
        terminal.wait(lambda: self.amplitude_ua() > 5_000)

    def lines(self) -> list[dict[str, int]]:
        """What the oscilloscope has written so far."""
        text = self.scope.read_text(encoding="utf-8") if self.scope.exists() else ""
        return [json.loads(line) for line in text.splitlines() if line.endswith("}")]

    def amplitude_ua(self) -> int:
        """The highest amplitude that flows now."""
        return max({line["channel"]: line["amplitude_ua"] for line in self.lines()}.values(), default=0)

    def record(self) -> str:
        """The journal."""
        [journal] = journals(str(self.scope.parent))
        return journal.read_text(encoding="utf-8")

    def zero_after_ms(self, since_us: int, within_s: float = 5.0) -> float:
        """From a moment of the monotonic clock until all channels were at zero."""
        end_s = time.monotonic() + within_s
        while self.amplitude_ua() > 0:
            assert time.monotonic() < end_s, "current still flows"
            self.terminal.pump(0.01)
        off_us = [line["t_us"] for line in self.lines() if line["amplitude_ua"] == 0 and line["t_us"] >= since_us]
        return (max(off_us) - since_us) / 1_000


def now_us() -> int:
    return time.monotonic_ns() // 1_000


@pytest.fixture
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    desk = Desk(tmp_path, **getattr(request, "param", {}))
    yield desk
    desk.terminal.close()


def test_a_whole_journey_at_80_by_24_and_down_to_40_by_10(desk: Desk) -> None:
    terminal = desk.terminal
    desk.run_session()
    for words in (">> RUNNING", "SIMULATION", "rectus femoris", "target 16.0 mA", "cap 25.0 mA", "STOP", "p Pause"):
        terminal.wait_for(words)  # the keys of a state are drawn one picture after its name
    terminal.resize(40, 10)
    terminal.wait(lambda: "mA of 16.0 mA" in terminal.text and ">> RUNNING" in terminal.text and "STOP" in terminal.text)
    terminal.resize(80, 24)
    terminal.wait_for("target 16.0 mA")
    pressed_us = now_us()
    terminal.type(b" ")
    assert desk.zero_after_ms(pressed_us) < budget.T_STOP_KEY + budget.T_STOP_DEV
    terminal.wait_for("STOPPED: stopped by operator: Space")
    terminal.wait_for("n Go on")
    terminal.type(b"n")
    terminal.wait_for("Open the session")
    terminal.type(b"\x11")
    assert terminal.wait_for_exit() == 0
    assert b"\x1b[?1049l" in terminal.output  # the terminal is given back


@pytest.mark.parametrize("desk", [ORDERS], indirect=True, ids=["with orders for the library"])
def test_stop_does_not_wait_for_a_screen_that_hangs(desk: Desk) -> None:
    desk.run_session()
    os.kill(desk.terminal.pid, HANG_BY)  # the event loop stands still for two seconds
    time.sleep(0.05)
    pressed_us = now_us()
    desk.terminal.type(CTRL_Z)
    assert desk.zero_after_ms(pressed_us) < budget.T_STOP_KEY + budget.T_STOP_DEV


def test_stop_does_not_wait_for_2000_keys_nor_for_a_terminal_that_does_not_drain(desk: Desk) -> None:
    desk.run_session()
    desk.terminal.reading = False
    time.sleep(0.5)
    desk.terminal.type(b"\x1b[A\x1b[B" * 300 + b"jk" * 400)
    pressed_us = now_us()
    desk.terminal.type(b"\x1b[32u")  # Space as kitty spells it
    assert desk.zero_after_ms(pressed_us) < budget.T_STOP_KEY + budget.T_STOP_DEV


def test_a_screen_that_is_killed_takes_the_current_with_it(desk: Desk) -> None:
    desk.run_session()
    killed_us = now_us()
    os.kill(desk.terminal.pid, signal.SIGKILL)
    assert desk.zero_after_ms(killed_us) < 150


@pytest.mark.parametrize(
    ("by", "well"), [(signal.SIGTERM, True), (signal.SIGINT, False)], ids=["read", "hanging, taking no output"]
)
def test_a_screen_that_is_told_to_end_stops_gives_the_terminal_back_and_says_what_to_do(
    desk: Desk, by: signal.Signals, well: bool
) -> None:
    desk.run_session()
    terminal = desk.terminal
    terminal.reading = well
    if not well:
        os.kill(terminal.pid, HANG_BY)
        time.sleep(0.05)
    told_us = now_us()
    os.kill(terminal.pid, by)
    assert desk.zero_after_ms(told_us) < budget.T_STOP_KEY + budget.T_STOP_DEV
    assert terminal.wait_for_exit() == 128 + by
    terminal.wait(lambda: f"{by.name} (direct road)" in desk.record())  # told, not only left alone
    if well:
        left = bytes(terminal.output).rpartition(b"\x1b[?1049l")[2]
        assert b"pull the leads off" in left
        assert b"\x1b[?25h" in left
        assert termios.tcgetattr(terminal.fd)[3] & termios.ECHO


def test_a_terminal_that_goes_without_a_signal_stops_and_ends_the_screen(tmp_path: Path) -> None:
    desk = Desk(tmp_path, prelude="import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n")
    desk.run_session()
    closed_us = now_us()
    desk.terminal.hang_up()
    assert desk.zero_after_ms(closed_us) < 500
    assert desk.terminal.wait_for_exit() == 128 + signal.SIGHUP
    desk.terminal.close()


def test_without_colour_and_closed_in_mid_contraction(tmp_path: Path) -> None:
    desk = Desk(tmp_path, NO_COLOR="1")
    desk.run_session()
    for words in (">> RUNNING", "CURRENT ON", "SIMULATION", "STOP"):
        assert words in desk.terminal.text
    colours = set(re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", bytes(desk.terminal.output)))
    assert all(red == green == blue for red, green, blue in colours)
    closed_us = now_us()
    desk.terminal.hang_up()
    assert desk.zero_after_ms(closed_us) < 500
    desk.terminal.close()
