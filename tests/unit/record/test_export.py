"""The session log for spreadsheets and scripts."""

import csv
import errno
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.errors import JournalBroken, StorageError, UsageError
from emscontrol.core.events import make
from emscontrol.record.distrust import Distrust
from emscontrol.record.export import KEY_NOT_TRUSTED, NOT_CLOSED, cell, export, write_export
from emscontrol.record.keys import KeyRing
from emscontrol.record.rows import COLUMNS
from emscontrol.record.signing import key_id
from tests.unit.record.sample import lines_of, opened, session, set_point
from tests.unit.record.stations import key, signed_lines

NUMERIC = {
    "n", "t_s", "contraction", "channel", "amplitude_ma", "pulse_width_us", "rate_hz", "period_us",
    "pulses", "contractions", "peak_ma", "plateau_ma", "charge_mc", "on_s",
}  # fmt: skip


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(lines_of(session(2))))
    return path


def table(path: Path) -> list[dict[str, str]]:
    out = io.StringIO(newline="")
    export(path, "csv", out)
    return list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))


def document(path: Path) -> Any:
    out = io.StringIO()
    export(path, "json", out)
    return json.loads(out.getvalue())


def test_set_points_are_a_row_a_channel_in_the_units_of_the_header(journal: Path) -> None:
    rows = [row for row in table(journal) if row["event"] == "set_point"]
    shown = ("n", "t_s", "phase", "contraction", "channel", "amplitude_ma", "pulse_width_us", "rate_hz", "period_us")
    assert [tuple(row[name] for name in shown) for row in rows] == [
        ("6", "0.5", "work", "1", "1", "2", "300", "34.999", "28572"),
        ("6", "0.5", "work", "1", "2", "1", "300", "34.999", "28572"),
        ("8", "0.7", "work", "1", "1", "4", "300", "34.999", "28572"),
        ("8", "0.7", "work", "1", "2", "2", "300", "34.999", "28572"),
    ]
    assert rows[0]["wall"] == "2026-11-22T10:10:40.123+01:00"
    assert rows[0]["severity"] == "info"


def test_a_channel_that_is_turned_off_falls_to_zero(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(lines_of([opened(), set_point(1, 2000, 1000), set_point(2, 2500), set_point(3), set_point(4)])))
    rows = [(row["channel"], row["amplitude_ma"]) for row in table(path) if row["event"] == "set_point"]
    assert rows == [("1", "2"), ("2", "1"), ("1", "2.5"), ("2", "0"), ("1", "0"), ("", "")]


def test_totals_and_the_end(journal: Path) -> None:
    totals, second, end = table(journal)[-3:]
    assert (totals["channel"], totals["pulses"], totals["contractions"]) == ("1", "18", "1")
    assert (totals["peak_ma"], totals["charge_mc"], totals["on_s"]) == ("4", "0.0174", "0.5")
    assert totals["plateau_ma"] == "4"
    assert (second["channel"], second["peak_ma"]) == ("2", "2")
    assert (end["event"], end["sentence"]) == ("session_ended", "Session completed: programme over.")


def test_numbers_are_numbers_and_text_is_no_formula(journal: Path) -> None:
    for row in table(journal):
        assert list(row) == list(COLUMNS)
        for name, text in row.items():
            if name in NUMERIC and text:
                float(text)
            else:
                assert not text.startswith(("=", "+", "-", "@"))


@given(
    st.text(max_size=30)
    | st.sampled_from(["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", " =1", "＝1", '","', "\x1b[2J", "-5"])
)
@settings(max_examples=200, deadline=None)
def test_text_of_any_kind_stays_one_harmless_cell(text: str) -> None:
    shown = cell(text)
    assert shown.isprintable()
    assert not shown.lstrip().startswith(tuple("=+-@＝＋－＠"))
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow([shown, "next"])
    assert next(csv.reader(io.StringIO(out.getvalue(), newline=""))) == [shown, "next"]
    if text.isprintable() and not text.lstrip().startswith(tuple("=+-@＝＋－＠")):
        assert shown == text


def test_a_negative_number_is_no_formula() -> None:
    assert cell(-5) == "-5"


@given(st.text(max_size=30))
@settings(max_examples=50, deadline=None)
def test_hostile_text_comes_through_json_as_it_is_and_through_csv_on_one_line(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("x") / "a.jsonl"
    path.write_bytes(b"".join(lines_of([opened(), make("warned", rule=text, sentence=text)])))
    assert document(path)["records"][1]["args"] == {"rule": text, "sentence": text}
    out = io.StringIO(newline="")
    export(path, "csv", out)
    assert out.getvalue().count("\n") == 4
    assert out.getvalue().replace("\n", "").isprintable()


def test_json_holds_every_record_and_says_whether_it_is_whole(journal: Path) -> None:
    whole = document(journal)
    assert (whole["format"], whole["journal"], whole["ended"]) == (1, "a.jsonl", True)
    assert [(record["event"], record["args"]) for record in whole["records"]] == [(e.kind, dict(e.args)) for e in session(2)]
    assert whole["records"][-1]["sentence"] == "Session completed: programme over."


def test_an_interrupted_session_says_so(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes()[:-40])
    last = table(journal)[-1]
    assert last["event"] == NOT_CLOSED
    assert "interrupted" in last["sentence"]
    assert document(journal)["ended"] is False


class Growing(io.StringIO):
    """A place for an export; the session goes on as soon as something is written there."""

    def __init__(self, path: Path, whole: bytes) -> None:
        super().__init__(newline="")
        self._path, self._whole = path, whole

    def write(self, text: str) -> int:
        self._path.write_bytes(self._whole)
        return super().write(text)


@pytest.mark.parametrize(("fmt", "rows"), [("csv", 12), ("json", 9)])
def test_of_a_session_that_goes_on_no_record_is_told_that_was_not_verified(journal: Path, fmt: str, rows: int) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:9]))
    out = Growing(journal, b"".join(lines))
    export(journal, fmt, out)
    if fmt == "csv":
        told = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
        assert [row["n"] for row in told[-2:]] == ["9", ""]
        assert (told[-1]["event"], "9 records" in told[-1]["sentence"]) == (NOT_CLOSED, True)
    else:
        made = json.loads(out.getvalue())
        assert (made["ended"], len(made["records"])) == (False, rows)


def test_that_its_key_is_not_trusted_is_told(tmp_path: Path) -> None:
    signed = tmp_path / "signed.jsonl"
    signed.write_bytes(b"".join(signed_lines(session(2))))
    gone = Distrust(key(1)[0], "2026-03-09", "stolen")
    for ring, told in ((KeyRing(), ""), (KeyRing(distrusts=(gone,)), gone.meaning())):
        table_, made = io.StringIO(newline=""), io.StringIO()
        export(signed, "csv", table_, ring)
        export(signed, "json", made, ring)
        last = list(csv.DictReader(io.StringIO(table_.getvalue(), newline="")))[-1]
        assert (last["event"], last["sentence"]) == (KEY_NOT_TRUSTED, told) if told else last["event"] == "session_ended"
        assert json.loads(made.getvalue())["distrusted"] == told
        assert f"with key {key_id(gone.public)}" in json.loads(made.getvalue())["signature"]


@pytest.mark.parametrize("fmt", ["csv", "json"])
def test_a_damaged_journal_is_not_exported(journal: Path, fmt: str, tmp_path: Path) -> None:
    journal.write_bytes(journal.read_bytes().replace(b'"amplitude_ua":2000', b'"amplitude_ua":1000'))
    out = io.StringIO()
    with pytest.raises(JournalBroken, match="not exported"):
        export(journal, fmt, out)
    assert out.getvalue() == ""
    with pytest.raises(JournalBroken):
        write_export(journal, fmt, tmp_path / "out")
    assert os.listdir(tmp_path) == ["a.jsonl"]


def test_an_unknown_format(journal: Path) -> None:
    with pytest.raises(UsageError, match="csv, json"):
        export(journal, "xml", io.StringIO())


def test_an_export_appears_whole_private_and_never_over_another_file(journal: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    write_export(journal, "csv", target)
    assert target.stat().st_mode & 0o777 == 0o600
    assert target.read_text().startswith("n,t_s,wall,")
    target.write_text("mine")
    with pytest.raises(UsageError, match=r"exists.*--overwrite"):
        write_export(journal, "csv", target)
    assert target.read_text() == "mine"
    write_export(journal, "json", target, overwrite=True)
    assert json.loads(target.read_text())["ended"]
    assert sorted(os.listdir(tmp_path)) == ["a.jsonl", "out.csv"]


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_link_planted_at_the_target_is_not_followed(journal: Path, tmp_path: Path, overwrite: bool) -> None:
    victim = tmp_path / "victim"
    victim.write_text("keep")
    (tmp_path / "out.csv").symlink_to(victim)
    if overwrite:
        write_export(journal, "csv", tmp_path / "out.csv", overwrite=True)
    else:
        with pytest.raises(UsageError):
            write_export(journal, "csv", tmp_path / "out.csv")
    assert victim.read_text() == "keep"


def test_no_place_to_export_to(journal: Path, tmp_path: Path) -> None:
    for target in (tmp_path / "no" / "such" / "folder.csv", tmp_path / ("x" * 300), tmp_path / "nul\0.csv", tmp_path):
        with pytest.raises(UsageError):
            write_export(journal, "csv", target, overwrite=True)
    assert os.listdir(tmp_path) == ["a.jsonl"]


def test_a_folder_is_called_a_folder(journal: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        write_export(journal, "csv", tmp_path)


def test_a_disk_that_fails_is_no_wrong_usage(journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("emscontrol.record.export.os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        write_export(journal, "csv", tmp_path / "out.csv")
    assert os.listdir(tmp_path) == ["a.jsonl"]


@pytest.mark.parametrize("name", ["a.jsonl", "hard", "soft", "other.jsonl", "damaged.jsonl", "a.jsonl.rest"])
def test_a_record_is_never_replaced_whatever_may_be_overwritten(journal: Path, tmp_path: Path, name: str) -> None:
    whole = journal.read_bytes()
    (tmp_path / "hard").hardlink_to(journal)
    (tmp_path / "soft").symlink_to(journal)
    (tmp_path / "other.jsonl").write_bytes(b"".join(lines_of(session(3))))
    (tmp_path / "damaged.jsonl").write_bytes(whole.replace(b"quad", b"quod", 1)[:-30])
    (tmp_path / "a.jsonl.rest").write_bytes(bytes(512))
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(UsageError, match="journal"):
        write_export(journal, "csv", tmp_path / name, overwrite=True)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_file_that_is_no_journal_is_replaced_when_that_is_asked_for(journal: Path, tmp_path: Path) -> None:
    for name, text in (("old.csv", "n,t_s\n"), ("old.json", '{"n": 1}'), ("empty", ""), ("zeros.rest", "\0")):
        (tmp_path / name).write_text(text)
        write_export(journal, "csv", tmp_path / name, overwrite=True)
        assert (tmp_path / name).read_text().startswith("n,t_s,wall,")
