"""What a command is told to write is looked at before anything begins: wrong places are wrong usage, and nothing is lost."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from firmware_sim.__main__ import cli as emssim
from tests.cli.command import USAGE, Command
from tests.cli.files import COMFORT, FAST, QUICK

SESSION = ("run", QUICK, *FAST, *COMFORT)


def _bad_places(folder: Path) -> dict[str, tuple[Path, str]]:
    (folder / "there").write_text("mine", "utf-8")
    (folder / "loose").symlink_to(folder / "nowhere at all")
    return {
        "exists": (folder / "there", "exists already"),
        "dangling link": (folder / "loose", "exists already"),
        "folder": (folder, "is a folder"),
        "below a file": (folder / "there" / "x", "is no folder"),
        "no files there": (Path("/proc/x.jsonl"), "cannot be written"),
        "name too long": (folder / ("x" * 300), "cannot be written"),
    }


PLACES = ["exists", "dangling link", "folder", "below a file", "no files there", "name too long"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("option", ["--journal", "--scope"])
@pytest.mark.parametrize("speed", ["max", "1"])
def test_a_wrong_place_is_wrong_usage_before_the_session(
    emscontrol: Command, tmp_path: Path, option: str, place: str, speed: str
) -> None:
    path, words = _bad_places(tmp_path)[place]
    before = sorted(os.listdir(tmp_path))
    said = emscontrol(*SESSION, "--speed", speed, option, path)
    assert (said.code, said.out) == (USAGE, "")
    assert words in said.err
    assert option in said.err
    assert (tmp_path / "there").read_text("utf-8") == "mine"
    assert [name for name in sorted(os.listdir(tmp_path)) if name != "home"] == before
    assert not (tmp_path / "home" / "run").exists(), "no engine was started"


def test_a_scope_in_no_folder_is_wrong_usage_but_a_journal_makes_its_folders(emscontrol: Command, tmp_path: Path) -> None:
    said = emscontrol(*SESSION, "--scope", tmp_path / "no" / "scope.jsonl")
    assert said.code == USAGE
    assert "is no folder" in said.err
    assert emscontrol(*SESSION, "--journal", tmp_path / "a" / "b" / "j.jsonl").code == 0
    assert (tmp_path / "a" / "b" / "j.jsonl").is_file()


def test_the_reserve_of_another_journal_is_not_taken(emscontrol: Command, tmp_path: Path) -> None:
    (tmp_path / "j.jsonl.rest").write_text("mine", "utf-8")
    said = emscontrol(*SESSION, "--journal", tmp_path / "j.jsonl")
    assert (said.code, "exists already" in said.err) == (USAGE, True)


def test_scope_and_journal_cannot_be_one_file(emscontrol: Command, tmp_path: Path) -> None:
    said = emscontrol(*SESSION, "--scope", tmp_path / "x", "--journal", tmp_path / "x")
    assert (said.code, "same file" in said.err) == (USAGE, True)
    assert not (tmp_path / "x").exists()


def test_a_journal_as_scope_is_refused_and_stays_whole(emscontrol: Command, tmp_path: Path) -> None:
    journal = tmp_path / "j.jsonl"
    assert emscontrol(*SESSION, "--journal", journal).code == 0
    whole = journal.read_bytes()
    assert emscontrol(*SESSION, "--scope", journal).code == USAGE
    served = CliRunner().invoke(emssim, ["serve", "p24", "--scope", str(journal)])
    assert (served.exit_code, "exists" in served.stderr) == (USAGE, True)
    assert journal.read_bytes() == whole


def test_export_says_what_to_do_and_never_replaces_a_record(emscontrol: Command, tmp_path: Path) -> None:
    journal, table = tmp_path / "j.jsonl", tmp_path / "t.csv"
    assert emscontrol(*SESSION, "--journal", journal).code == 0
    whole = journal.read_bytes()
    export = ("export", journal, "--format", "csv", "-o")
    assert emscontrol(*export, table).code == 0
    again = emscontrol(*export, table)
    assert (again.code, "--overwrite" in again.err) == (USAGE, True)
    assert emscontrol(*export, table, "--overwrite").code == 0
    folder = emscontrol(*export, tmp_path, "--overwrite")
    assert (folder.code, "is a folder" in folder.err) == (USAGE, True)
    itself = emscontrol(*export, journal, "--overwrite")
    assert (itself.code, "the journal itself" in itself.err) == (USAGE, True)
    assert emscontrol(*export, tmp_path / "no" / "t.csv").code == USAGE
    assert journal.read_bytes() == whole


def test_a_demo_replaces_its_own_oscilloscope_and_keeps_every_record(emscontrol: Command, tmp_path: Path) -> None:
    demo = ("demo", "--protocol", QUICK, "--keep", tmp_path / "kept")
    assert emscontrol(*demo).code == 0
    first = (tmp_path / "kept" / "scope.jsonl").read_text("utf-8")
    said = emscontrol(*demo)
    assert said.code == 0
    assert "as announced" in said.out
    assert (tmp_path / "kept" / "scope.jsonl").read_text("utf-8") == first
    assert len(list((tmp_path / "kept").glob("*_quick-two-channels.jsonl"))) == 2


def test_a_demo_in_no_folder_is_wrong_usage(emscontrol: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")
    assert emscontrol("demo", "--keep", tmp_path / "file" / "x").code == USAGE
    (tmp_path / "kept" / "scope.jsonl").mkdir(parents=True)
    assert emscontrol("demo", "--keep", tmp_path / "kept").code == USAGE
