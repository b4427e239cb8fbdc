"""What is practice says so on every page, and what practice leaves behind is thrown away, and nothing else."""

import fcntl
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from emscontrol.clinic.tables.facts import BookFacts
from emscontrol.tui.app import EmsApp
from emscontrol.tui.language import choose_language
from emscontrol.tui.practice_folder import LOCK, PREFIX, practice_folder
from tests.tui.house import in_book, make_house, press, stay
from tests.tui.stage import picture, until

PAGES = ("f2", "f3", "f4", "f6", "f7", "f8", "f9")


@pytest.mark.parametrize(
    ("size", "words"), [((80, 24), "PRACTICE: Test clinic."), ((60, 16), "PRACTICE"), ((120, 40), "PRACTICE")]
)
def test_a_practice_clinic_is_named_on_every_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], words: str
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    make_house(tmp_path / "home")

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        for key in PAGES:
            await press(pilot, key)
            await until(pilot, lambda: words in "\n".join(picture(app).splitlines()[:2]))

    stay(tmp_path / "home", act, size)


def test_pages_with_long_names_stay_in_their_row(tmp_path: Path) -> None:
    make_house(tmp_path / "home")

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        app.look_like(replace(app.looks, language="de"))
        await press(pilot, "f8", "f2")
        await until(pilot, lambda: "Montag" in picture(app))
        first, second, third = picture(app).splitlines()[:3]
        assert ("ÜBUNG: Test clinic" in first, "[F2 Heute]" in second, "Montag" in third) == (True, True, True), picture(app)
        assert "Geräte 9 Ein" in second

    try:
        stay(tmp_path / "home", act)
    finally:
        choose_language("en")


def test_a_clinics_own_book_is_not_called_practice(tmp_path: Path) -> None:
    make_house(tmp_path / "home")
    in_book(tmp_path / "home", lambda session: setattr(session.query(BookFacts).one(), "kind", "clinic"))

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "escape")  # at the log-in, which its login has not outlived
        await until(pilot, lambda: "The clinic's own are shown to who is logged in" in " ".join(picture(app).split()))
        assert "PRACTICE" not in picture(app)

    stay(tmp_path / "home", act)


def test_the_folder_of_a_practice_session_is_gone_when_the_program_ends(tmp_path: Path) -> None:
    with practice_folder(tmp_path) as home:
        (home / "sessions").mkdir()
        (home / "sessions" / "a.jsonl").write_text("x")
        assert home.name.startswith(PREFIX)
        with practice_folder(tmp_path):
            assert (home / "sessions" / "a.jsonl").exists(), "another program has taken what is in use"
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_program_left_is_removed_at_the_next_start_and_nothing_else(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from emscontrol.tui.practice_folder import practice_folder
import os
with practice_folder(Path({str(tmp_path)!r})):
    os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    [left] = tmp_path.iterdir()
    strange = [tmp_path / f"{PREFIX}without-a-lock", tmp_path / "emscontrol-demo-x"]
    for folder in strange:
        folder.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / LOCK).touch()
    (tmp_path / f"{PREFIX}link").symlink_to(elsewhere)
    used = tmp_path / f"{PREFIX}used"
    used.mkdir()
    with (used / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with practice_folder(tmp_path):
            assert not left.exists()
    assert all(folder.is_dir() for folder in (*strange, elsewhere, used))


def test_a_folder_of_another_user_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / f"{PREFIX}other"
    other.mkdir()
    (other / LOCK).touch()
    own = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: own + 1)
    with practice_folder(tmp_path):
        assert other.is_dir()
