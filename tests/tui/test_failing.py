"""A program that fails inside gives away nothing of anybody: not on the terminal, not in a file."""

from pathlib import Path

from emscontrol.core.errors import ExitCode
from emscontrol.tui.failing import NEAREST, what_failed
from tests.tui.terminal import Terminal

MARKER = "Quittenbrot"
PROGRAM = """
import sys
from emscontrol.cli.bench import workbench
from emscontrol.tui import app, driver

def inside(*_):
    name = sys.argv[2]
    raise {kind}(name)

{place} = inside
sys.exit(app.open_screen(sys.argv[1], workbench()))
"""


def left_on_the_terminal(home: Path, place: str, kind: str) -> str:
    """What a real terminal has been shown when the program has failed at `place`; it ends as an internal fault."""
    terminal = Terminal(["-c", PROGRAM.format(place=place, kind=kind), str(home), MARKER], columns=120)
    try:
        code = terminal.wait_for_exit()
        told = terminal.output.decode()
    finally:
        terminal.close()
    assert code == ExitCode.INTERNAL
    assert f"emscontrol failed inside ({kind})" in told
    assert "in inside" in told
    assert MARKER not in told
    return told


def test_what_a_program_that_failed_inside_leaves_behind_names_no_patient(tmp_path: Path) -> None:
    left_on_the_terminal(tmp_path, "app.EmsApp.on_ready", "KeyError")
    assert not any(MARKER.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_program_whose_input_thread_dies_says_to_pull_the_leads_and_names_nobody(tmp_path: Path) -> None:
    told = left_on_the_terminal(tmp_path, "driver.TappedReader.turn", "RuntimeError")
    assert "pull the leads off" in " ".join(told.split())


def deep(left: int) -> None:
    secret = MARKER
    if not left:
        raise ValueError(secret)
    deep(left - 1)


def test_the_innermost_lines_of_code_are_told_and_no_value() -> None:
    try:
        deep(20)
    except ValueError as problem:
        told = what_failed(problem).plain
    assert told.count("\n") == NEAREST
    assert told.splitlines()[-1].endswith("in deep")
    assert MARKER not in told
