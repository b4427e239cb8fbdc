"""Somebody who has never seen the program gives a practice session, doing only what the line above STOP says."""

from pathlib import Path

from emscontrol.core.units import US_PER_S
from emscontrol.program.timing import schedule
from emscontrol.protocol.travel import from_line
from emscontrol.record.place import SUFFIX, journal_folder
from emscontrol.record.verify import verify
from emscontrol.tui.practice_session import practice_spec
from tests.tui.terminal import Terminal

PROGRAM = """
import sys
from emscontrol.cli.bench import workbench
from emscontrol.tui.app import Begin, EmsApp
from emscontrol.tui.choices import Rehearsal
EmsApp(sys.argv[1], workbench(), Begin.PRACTICE, Rehearsal(speed=float(sys.argv[2]))).run()
"""
SPEED = 10.0
MOST_S = 150.0  # of the session itself; what is left of three minutes is for a person's three keys


def test_a_practice_session_is_done_by_what_the_screen_says(tmp_path: Path) -> None:
    terminal = Terminal(["-c", PROGRAM, str(tmp_path), str(SPEED)], 80, 24)
    try:
        terminal.wait_for("Press a:", 30)
        terminal.look()
        terminal.type(b"a")
        terminal.wait_for("Press s:")
        terminal.look()
        terminal.type(b"s")
        terminal.wait_for("CURRENT ON")
        terminal.wait_for("Press n:", 60)
        terminal.type(b"n")
        terminal.wait_for("SIMULATED")
        terminal.wait_for("contraction")
    finally:
        terminal.close()
    [journal] = journal_folder(tmp_path).glob(f"*{SUFFIX}")
    assert verify(journal).exit_code == 0


def test_the_practice_session_leaves_time_within_three_minutes(tmp_path: Path) -> None:
    spec = practice_spec(str(tmp_path))
    spans, _ = schedule(from_line(spec.protocol))
    assert spans[-1].end_us <= MOST_S * US_PER_S
