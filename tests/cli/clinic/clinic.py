"""A practice clinic at the command line: one home, one station, four people, and a clock that stands still."""

import io
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from emscontrol.__main__ import main
from tests.cli.command import Said

NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday, 10:00 in Berlin."""

PIN: Final = "294715"
STAFF: Final = {"sofia": "supervisor", "sven": "specialist", "anna": "therapist", "rudi": "reader"}
NOTICE: Final = "PRACTICE BOOK: nobody here is real.\n"
_SETTINGS: Final = '[station]\nname = "room 1"\n'


class Clinic:
    """Commands in one home. `now` is what the clock says; `who` is logged in, None for nobody."""

    def __init__(self, home: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str] | None) -> None:
        self.home = home
        self.now = NOW
        self._patch = patch
        self._capture = capture
        patch.setattr("emscontrol.desk.desk.clock", lambda: self.now)

    def __call__(self, *words: object, who: str | None = "", stdin: str = "") -> Said:
        """Call it with the words of a command line, as somebody else if `who` says so."""
        if who != "":
            self.be(who)
        self._patch.setattr("sys.argv", ["emscontrol", "--home", str(self.home), *map(str, words)])
        self._patch.setattr("sys.stdin", io.StringIO(stdin))
        code = main()
        told = self._capture.readouterr() if self._capture else None
        return Said(code, told.out if told else "", told.err if told else "")

    def ok(self, *words: object, who: str | None = "", stdin: str = "") -> Said:
        """The same, which must succeed."""
        said = self(*words, who=who, stdin=stdin)
        assert said.code == 0, said.err
        return said

    def be(self, who: str | None) -> None:
        """From now on it is this one who is logged in."""
        for kept in (self.home / "run").glob("login-*"):
            kept.unlink()
        if who is not None:
            for kept in self.home.glob(f"{who}.login-*"):
                shutil.copy(kept, self.home / "run" / kept.name.removeprefix(f"{who}."))

    def wait(self, **span: float) -> None:
        """Time passes."""
        self.now += timedelta(**span)


def make_home(home: Path, patch: pytest.MonkeyPatch, settings: str = _SETTINGS) -> None:
    """A practice book with its staff, each of them logged in once."""
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text(settings, "utf-8")
    clinic = Clinic(home, patch, None)
    clinic.ok("book", "create", "--name", "Test clinic", "--time-zone", "Europe/Berlin", "--kind", "practice")
    clinic.ok("staff", "first", "sofia", "--name", "Sofia S", "--pin-stdin", stdin=PIN)
    for code, role in STAFF.items():
        clinic.ok("staff", "login", "sofia", "--pin-stdin", stdin=PIN)
        if code != "sofia":
            clinic.ok("staff", "add", code, "--name", code.title(), "--role", role, "--pin-stdin", stdin=PIN)
            clinic.ok("staff", "login", code, "--pin-stdin", stdin=PIN)
        [kept] = (home / "run").glob("login-*")
        kept.rename(home / f"{code}.{kept.name}")


MUSCLE: Final = ("--muscle", "quad_all", "--side", "left")
PULSE: Final = ("--pads", "7x12.7", "--width-us", "400")
PLAN: Final = ("--goal", "climb stairs", "--per-week", 3, "--weeks", 6, "--side", "left", "--progression", "strength")


def make_busy(clinic: Clinic) -> None:
    """A stimulator, opening hours, and P-001: examined, screened, measured, planned for six weeks and booked."""
    clinic.ok("appointment", "stimulator", "one", "reference@sim", who="sofia")
    clinic.ok("appointment", "hours", "mon,tue,wed,thu,fri", "08:00-12:30", "13:00-18:00")
    clinic.ok("patient", "add", "P-001", "--born", 1985, who="anna")
    clinic.ok("patient", "condition", "P-001", "disuse", "--since", "2026-01")
    clinic.ok("patient", "muscle", "P-001", *MUSCLE, "--lmn", "intact", "--sensation", "normal", "--how", "pinprick")
    clinic.ok("patient", "threshold", "P-001", "comfort", 23, *MUSCLE, *PULSE)
    clinic.ok("patient", "electrodes", "P-001", "quad_all left", "--pads", "7x12.7")
    clinic.ok("plan", "add", "P-001", "acl-high-rate", *PLAN)
    clinic.ok("screen", "ask", "P-001", "--all-no")
    clinic.ok("appointment", "plan", 1, "--at", "11:00")
