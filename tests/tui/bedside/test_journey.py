"""A returning patient in a real terminal: at most twelve keys from the start of the program to current; then the rest."""

import json
from pathlib import Path

from sqlalchemy import select

from emscontrol.clinic.tables.findings import Outcome
from emscontrol.clinic.tables.plans import Appointment
from tests.tui.bedside.recording import PAGE, Frame, frames_in, steady
from tests.tui.bedside.returning import make_returning
from tests.tui.house import in_book, this_moment
from tests.tui.terminal import Terminal

PROGRAM = """
import sys
from emscontrol.cli.bench import workbench
from emscontrol.tui.app import Begin, EmsApp
from emscontrol.tui.choices import Rehearsal
EmsApp(sys.argv[1], workbench(), Begin.HOUSE, Rehearsal(scope=sys.argv[2])).run()
"""
ENTER, F12, F5 = b"\r", b"\x1b[24~", b"\x1b[15~"
LOOKED_AT = (">[ ] This is", "Press a", "Press s")  # what was fetched, and states: a key counts after a look
KEYS_MOST = 12
FLOWS_UA = 5_000
SETTLED = 20  # looks at the terminal: a person reads before the next key, and a held Enter ticks nothing


class Person:
    """Types one key at a time, each when what it answers is on the screen, and counts them."""

    def __init__(self, home: Path, scope: Path, size: tuple[int, int]) -> None:
        self.terminal = Terminal(["-c", PROGRAM, str(home), str(scope)], *size)
        self._scope = scope
        self.keys = 0
        self.frames: list[Frame] = []

    def press(self, key: bytes, when: str, caption: str = "", live: bool = False) -> None:
        """Press it once these words stand there. What has a caption is pictured."""
        self.terminal.wait_for(when)
        for _ in range(SETTLED):
            self.terminal.pump(0.02)
        if when.startswith(LOOKED_AT):
            self.terminal.look()
        if caption:
            self.frames.append(Frame(self.terminal.text, caption, live))
        self.terminal.type(key)
        self.keys += 1

    def flows(self) -> bool:
        """Whether the oscilloscope has seen current."""
        text = self._scope.read_text("utf-8") if self._scope.exists() else ""
        rows = [json.loads(line) for line in text.splitlines() if line.endswith("}")]
        return any(row["amplitude_ua"] > FLOWS_UA for row in rows)


def test_a_returning_patient_needs_at_most_twelve_keys_to_the_first_contraction(tmp_path: Path) -> None:
    frames = journey(tmp_path)
    kept = frames_in(PAGE.read_text("utf-8"))
    assert len(kept) == len(frames)
    for frame, picture in zip(frames, kept, strict=True):
        assert frame.live or steady(frame.picture) == steady(picture), frame.key  # make journey


def journey(tmp_path: Path) -> list[Frame]:
    """The whole of it; returns its pictures."""
    home, scope = tmp_path / "h", tmp_path / "scope.jsonl"
    make_returning(home)
    person = Person(home, scope, (100, 30))
    terminal = person.terminal
    try:
        person.press(ENTER, "Enter begins", "Enter: begin the checks of the appointment under the cursor")
        person.press(ENTER, ">[ ] This is P-001", "Enter: it is this patient; the pads go where the figure shows")
        person.press(ENTER, ">[ ] Nothing new")
        person.press(b"0", ">[ ] Skin under each pad")
        person.press(ENTER, ">[ ] Pads", "Enter: the pads are as prescribed")
        person.press(ENTER, ">[ ] Output off")
        person.press(ENTER, ">[ ] Joint")
        person.press(F12, ">[ ] Hand stop")
        person.press(b"0", ">[ ] Pain now")
        person.press(ENTER, "All checked", "Enter: connect; no current yet")
        person.press(b"a", "Press a to arm", "a: arm, at zero", live=True)
        person.press(b"s", "Press s to start")
        terminal.wait(person.flows)
        assert person.keys <= KEYS_MOST
        assert "P-001" in terminal.text  # who it is stays on the screen
        person.press(F12, "CURRENT ON", "F12: STOP", live=True)
        terminal.wait_for("ENDED")
        _write_down(person)
        _look_at_the_book(home)
    finally:
        terminal.close()
    return person.frames


def _write_down(person: Person) -> None:
    terminal = person.terminal
    person.press(b"n", "Go on", "n: on to what comes after it", live=True)
    terminal.wait_for("Handed in")
    terminal.type(b"0\r2\r4\rfine")
    person.press(F5, "fine", "F5: keep what was found")
    terminal.wait_for("Today, ")


def _look_at_the_book(home: Path) -> None:
    def found(session: object) -> tuple[set[tuple[str, int]], str]:
        outcomes = {(row.measure, row.value_milli // 1000) for row in session.scalars(select(Outcome))}  # type: ignore[attr-defined]
        return outcomes, session.get_one(Appointment, 1).status  # type: ignore[attr-defined]

    outcomes, status = in_book(home, found, now=this_moment())
    assert outcomes == {("nrs", 0), ("skin", 0), ("nrs", 2), ("rpe", 4)}
    assert status == "done"
    [journal] = (home / "sessions").glob("*.jsonl")
    booked = next(line for line in map(json.loads, journal.read_text("utf-8").splitlines()) if line.get("event") == "booked")
    for check in ("PC1", "PC2", "PC3=0", "PC4", "PC5", "PC6", "PC7", "PC9=0"):
        assert check in str(booked)
