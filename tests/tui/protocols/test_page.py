"""Browsing the library, and looking into other files."""

from pathlib import Path

from textual.pilot import Pilot

from emscontrol.protocol.library import library_folder, library_ids
from emscontrol.tui.app import EmsApp
from tests.tui.protocols.opening import browse, write
from tests.tui.stage import picture, until


def test_the_library_stands_there_with_evidence_use_muscles_and_pulses_by_word(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        shown = picture(app)
        for words in ("Denervated quadriceps", "specialist", "standard", "short", "long", "rectus femoris", "STOP"):
            assert words in shown
        assert f"{len(library_ids())} of {len(library_ids())}" in shown

    browse(tmp_path, act, size=(120, 40))


def test_words_and_keys_narrow_the_list_and_one_that_fits_nothing_says_what_to_do(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await pilot.press("d")
        await pilot.pause()
        assert "2 of" in picture(app)
        assert "acl" not in picture(app).lower()
        await pilot.press("d", "e")
        await pilot.pause()
        assert "evidence A only" in picture(app)
        assert "specialist" not in picture(app)
        await pilot.press("slash")
        await write(app, pilot, "hamstrings acl")
        await pilot.pause()
        assert "1 of" in picture(app)
        assert "Quadriceps and hamstrings" in picture(app)
        await write(app, pilot, "zz")
        await pilot.pause()
        assert "None fits" in picture(app)
        await pilot.press("escape", "e")
        await pilot.pause()
        assert "evidence A, B only" in picture(app)

    browse(tmp_path, act)


def test_enter_opens_what_is_under_the_cursor_and_esc_comes_back(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await pilot.press("slash")
        await write(app, pilot, "tibialis after stroke")
        await pilot.press("enter", "enter")
        await until(pilot, lambda: "[w Words]" in picture(app))
        assert "Tibialis anterior after stroke" in picture(app)
        await pilot.press("escape")
        await until(pilot, lambda: "in the library" in picture(app))

    browse(tmp_path, act)


def test_a_file_that_is_wrong_is_told_with_line_and_column(tmp_path: Path) -> None:
    sound = (library_folder() / "acl-quadriceps.yaml").read_text("utf-8")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(sound.replace("rate_hz: 50", "rate_hz: 5000", 1), "utf-8")
    line = sound[: sound.index("rate_hz: 50")].count("\n") + 1

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await pilot.press("o")
        await write(app, pilot, str(wrong))
        await pilot.press("enter")
        await until(pilot, lambda: "cannot be used" in picture(app))
        assert f"wrong.yaml:{line}:18: phases.0.groups.0.rate_hz: found 5000" in picture(app).replace("\n", "")

    browse(tmp_path, act, size=(160, 40))


def test_a_folder_shows_sound_files_and_those_that_cannot_be_used(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    sound = (library_folder() / "acl-quadriceps.yaml").read_text("utf-8")
    (folder / "good.yaml").write_text(sound.replace("title: Quadriceps after", "title: My own after"), "utf-8")
    (folder / "bad.yaml").write_text("format: 1\n", "utf-8")

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await pilot.press("o")
        await write(app, pilot, str(folder))
        await pilot.press("enter")
        await until(pilot, lambda: "2 of 2" in picture(app))
        assert "My own after ACL" in picture(app)
        assert "CANNOT BE USED" in picture(app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: "bad.yaml cannot be used" in picture(app))
        await pilot.press("l")
        await until(pilot, lambda: "in the library" in picture(app))

    browse(tmp_path, act, size=(120, 40))


def test_a_path_that_is_nowhere_leaves_the_list_and_says_so(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await pilot.press("o")
        await write(app, pilot, "/nowhere/at/all")
        await pilot.press("enter")
        await until(pilot, lambda: "does not exist" in picture(app))
        assert "in the library" in picture(app)

    browse(tmp_path, act, size=(60, 16))
