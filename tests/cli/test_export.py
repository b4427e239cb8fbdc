"""`emscontrol export`: which sessions, in which format, to where."""

import json
from pathlib import Path

import pytest

from emscontrol.core.errors import ExitCode
from tests.cli.command import USAGE, Command
from tests.cli.files import QUICK
from tests.exports.reading import from_csv
from tests.exports.sessions import ran
from tests.unit.record.stations import GOLDEN


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The folder of journals with three of them."""
    folder = tmp_path / "home" / "sessions"
    folder.mkdir(parents=True)
    ran("p24").write(folder / "2026-11-20T09-00-00.000Z_a.jsonl")
    ran("p24 booked").write(folder / "2026-11-22T09-00-00.000Z_b.jsonl")
    ran("reference").write(folder / "2026-11-24T09-00-00.000Z_c.jsonl")
    return folder


def sessions(folder: Path) -> list[str]:
    return [row["session"].rpartition("_")[2] for row in from_csv(folder / "sessions.csv")]


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        (("--since", "2026-11-01"), ["a", "b", "c"]),
        (("--since", "2026-11-22T09:00+00:00"), ["b", "c"]),
        (("--patient", "P-17"), ["b"]),
        (("--since", "2026-11-22", "--patient", "P-17"), ["b"]),
    ],
)
def test_records_are_chosen_by_day_and_patient(
    emscontrol: Command, kept: Path, tmp_path: Path, words: tuple[str, ...], chosen: list[str]
) -> None:
    said = emscontrol("export", "--format", "csv", "--to", tmp_path / "out", *words)
    assert (said.code, said.out) == (0, "")
    assert f"Wrote {len(chosen)} session" in said.err
    assert sessions(tmp_path / "out") == chosen


def test_what_chooses_nothing_or_makes_no_sense_is_told(emscontrol: Command, kept: Path, tmp_path: Path) -> None:
    journal = next(kept.iterdir())
    to = ("--to", tmp_path / "out")
    for words, told in (
        (("--format", "csv", *to), "Which sessions?"),
        (("--format", "csv", *to, journal, "--since", "2026-11-01"), "Which sessions?"),
        (("--format", "csv", *to, "--since", "2027-01-01"), f"None of the 3 records in {kept} is from 2027-01-01 on."),
        (("--format", "csv", *to, "--patient", "P-18"), f"None of the 3 records in {kept} is of patient P-18."),
        (("--format", "csv", *to, "--all", journal), "--all is for appointments"),
        (("--format", "csv", *to, "--since", "yesterday"), "is no day"),
        (("--format", "json", *to, journal), "A folder takes csv"),
        (("--format", "csv", *to, "-o", "x", journal), "no -o"),
        (("--format", "parquet", journal), "--to FOLDER"),
        (("--format", "csv", journal, "--anonymous"), "--anonymous wants a folder."),
        (("--format", "csv"), "--to FOLDER"),
    ):
        said = emscontrol("export", *words)
        assert (said.code, told in said.err) == (USAGE, True), said.err
    assert not (tmp_path / "out").exists()


def test_damaged_records_are_named_and_left_out_when_that_is_asked_for(emscontrol: Command, kept: Path, tmp_path: Path) -> None:
    damaged = sorted(kept.iterdir())[0]
    damaged.write_bytes(damaged.read_bytes().replace(b'"amplitude_ua":16000', b'"amplitude_ua":15000'))
    words = ("export", "--format", "csv", "--since", "2026-11-01", "--to", tmp_path / "out")
    said = emscontrol(*words)
    assert (said.code, damaged.name in said.err) == (ExitCode.JOURNAL, True)
    assert not (tmp_path / "out").exists()
    said = emscontrol(*words, "--skip-damaged")
    assert (said.code, damaged.name in said.err) == (ExitCode.JOURNAL, True)
    assert sessions(tmp_path / "out") == ["b", "c"]


def test_a_key_that_is_not_trusted_any_more_is_told(emscontrol: Command, tmp_path: Path) -> None:
    assert emscontrol("key", "trust", GOLDEN / "golden-keys.json").code == 0
    assert emscontrol("key", "distrust", "fe4494118e2a9bc2", "--why", "the laptop was stolen").code == 0
    assert emscontrol("export", GOLDEN / "format-2-p24.jsonl", "--format", "csv", "--to", tmp_path / "out").code == 0
    [row] = from_csv(tmp_path / "out" / "sessions.csv")
    assert "the laptop was stolen" in row["distrusted"]
    said = emscontrol("export", GOLDEN / "format-2-p24.jsonl", "--format", "csv", "-o", tmp_path / "log.csv")
    assert (said.code, "the laptop was stolen" in (tmp_path / "log.csv").read_text("utf-8")) == (0, True)
    assert "the laptop was stolen" in emscontrol("export", GOLDEN / "format-2-p24.jsonl", "--format", "json").out


def test_nothing_is_replaced_without_being_told(emscontrol: Command, kept: Path, tmp_path: Path) -> None:
    words = ("export", "--format", "csv", "--patient", "P-17", "--to", tmp_path / "out")
    assert emscontrol(*words).code == 0
    said = emscontrol(*words)
    assert (said.code, "--overwrite" in said.err) == (USAGE, True)
    assert emscontrol(*words, "--force").code == 0


def test_without_names_the_key_is_among_the_users_data(emscontrol: Command, kept: Path, tmp_path: Path) -> None:
    words = ("export", "--format", "csv", "--since", "2026-11-01", "--anonymous", "--to")
    assert emscontrol(*words, tmp_path / "one").code == 0
    assert emscontrol(*words, tmp_path / "two").code == 0
    assert (tmp_path / "one" / "sessions.csv").read_text() == (tmp_path / "two" / "sessions.csv").read_text()
    assert (tmp_path / "home" / "pseudonyms.key").stat().st_mode & 0o777 == 0o600
    assert json.loads((tmp_path / "one" / "dictionary.json").read_text("utf-8"))["without_names"] is True


def test_a_session_that_was_run_here_opens_in_every_format(emscontrol: Command, tmp_path: Path) -> None:
    assert emscontrol("run", QUICK, "--comfort", "1=20", "--comfort", "2=20", "--speed", "max").code == 0
    for kind in ("csv", "jsonl", "parquet", "edf", "bids", "fhir"):
        assert emscontrol("export", "--format", kind, "--since", "2000-01-01", "--to", tmp_path / kind).code == 0
        assert any((tmp_path / kind).iterdir())


def test_a_library_that_is_missing_is_named_with_what_installs_it(
    emscontrol: Command, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "edfio", None)
    said = emscontrol("export", "--format", "edf", "--patient", "P-17", "--to", tmp_path / "out")
    assert (said.code, "emscontrol[export]" in said.err) == (USAGE, True)
    assert not (tmp_path / "out").exists()
