"""Where exports go: whole files or none, private, never over others unasked, and no journal is ever replaced."""

import csv
import errno
import json
import os
from pathlib import Path

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.errors import JournalBroken, StorageError, UsageError
from emscontrol.core.events import make
from emscontrol.record.exports.dictionary import dictionary
from emscontrol.record.exports.formats import FORMATS
from emscontrol.record.exports.many import export_sessions
from emscontrol.record.exports.tables import TABLES
from emscontrol.record.exports.veil import Pseudonyms
from emscontrol.record.keys import KeyRing
from emscontrol.record.reports.session_read import read_session
from emscontrol.record.verify import verify
from tests.exports.reading import from_bids, from_edf, from_jsonl, from_parquet
from tests.exports.sessions import exported, ran
from tests.unit.record.sample import lines_of, opened
from tests.unit.record.stations import chained_anew

TAMPERED = (b'"amplitude_ua":16000', b'"amplitude_ua":15000')


@pytest.fixture
def one(tmp_path: Path) -> Path:
    return ran("p24").write(tmp_path / "one.jsonl")


@pytest.mark.parametrize("kind", FORMATS)
def test_files_are_private_and_stay_when_they_are_there(one: Path, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "out"
    done = exported([one], kind, folder)
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    assert sorted(files) == sorted(done.files)
    assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o600}
    before = {name: path.read_bytes() for name, path in files.items()}
    with pytest.raises(UsageError, match=r"exists already.*--overwrite"):
        exported([one], kind, folder)
    assert {name: path.read_bytes() for name, path in files.items()} == before
    export_sessions([one], FORMATS[kind], folder, overwrite=True)
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()) == sorted(files)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_damaged_journal_leaves_nothing_behind_or_is_left_out_by_name(one: Path, tmp_path: Path, kind: str) -> None:
    damaged = tmp_path / "two.jsonl"
    damaged.write_bytes(one.read_bytes().replace(*TAMPERED))
    with pytest.raises(JournalBroken, match=r"two\.jsonl.*--skip-damaged"):
        exported([one, damaged], kind, tmp_path / "out")
    assert sorted(os.listdir(tmp_path)) == ["one.jsonl", "two.jsonl"]
    done = export_sessions([one, damaged], FORMATS[kind], tmp_path / "out", skip_damaged=True)
    assert (done.sessions, done.left_out) == (1, (damaged,))
    with pytest.raises(UsageError, match="no session"):
        export_sessions([damaged], FORMATS[kind], tmp_path / "none", skip_damaged=True)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("line", [1, 60, -1])
def test_damage_at_any_place_is_found_before_a_file_has_its_name(one: Path, tmp_path: Path, line: int) -> None:
    lines = list(ran("p24").lines)
    lines[line] = lines[line].replace(b'"t_us":', b'"t_us":1')
    one.write_bytes(b"".join(lines))
    with pytest.raises(JournalBroken, match="Not intact"):
        exported([one], "parquet", tmp_path / "out")
    assert os.listdir(tmp_path) == ["one.jsonl"]


@pytest.mark.parametrize("line", [1, 60, -1])
@pytest.mark.parametrize("how", ["changed", "missing", "twice"])
def test_of_what_comes_after_damage_no_record_is_told(one: Path, line: int, how: str) -> None:
    lines = list(ran("p24").lines)
    whole = len(lines)
    place = line % whole
    spoilt = lines[line].replace(b'"t_us":', b'"t_us":1')
    lines[place : place + 1] = {"changed": [spoilt], "missing": [], "twice": [lines[line]] * 2}[how]
    one.write_bytes(b"".join(lines))
    told: list[int] = []
    report = verify(one, heard=lambda record, _: told.append(record.n))
    stands = {"changed": place, "missing": place, "twice": place + 1}[how]
    assert told == list(range(1, stands + 1))
    assert report.last_good == stands


def test_a_record_that_is_in_no_vocabulary_is_told_and_nothing_is_left(one: Path, tmp_path: Path) -> None:
    one.write_bytes(
        b"".join(chained_anew([line.replace(b'"event":"started"', b'"event":"begun"') for line in ran("p24").lines]))
    )
    for pseudonyms in (None, Pseudonyms(bytes(32))):
        with pytest.raises(JournalBroken, match=r"Record \d+ cannot be read.*begun") as told:
            exported([one], "csv", tmp_path / "out", pseudonyms)
        assert "newer" in told.value.remedy
        assert pseudonyms or str(one) in told.value.what
        assert os.listdir(tmp_path) == ["one.jsonl"]


def test_the_bytes_of_the_journals_are_told_as_they_are_read(
    one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emscontrol.record.exports.many.TOLD_EVERY", 20)
    two = ran("reference").write(tmp_path / "two.jsonl")
    for skip, folder in ((False, "once"), (True, "twice")):
        told: list[int] = []
        export_sessions([one, two], FORMATS["csv"], tmp_path / folder, skip_damaged=skip, progress=told.append)
        assert len(told) > 5
        assert all(0 < size < one.stat().st_size / 2 for size in told)
        assert sum(told) == one.stat().st_size + two.stat().st_size
    assert (tmp_path / "once" / "events.csv").read_bytes() == (tmp_path / "twice" / "events.csv").read_bytes()
    assert (tmp_path / "once" / "sessions.csv").read_bytes() == (tmp_path / "twice" / "sessions.csv").read_bytes()


def test_a_disk_that_fails_leaves_no_file(one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("emscontrol.record.exports.place.os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        exported([one], "csv", tmp_path / "out")
    assert os.listdir(tmp_path) == ["one.jsonl"]


def test_a_name_taken_while_the_export_was_made_takes_back_what_was_moved(
    one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from emscontrol.record.exports import place

    real = place.move

    def race(part: Path, target: Path, overwrite: bool) -> None:
        if target.name == "measured.csv":
            target.write_text("mine")
        real(part, target, overwrite)

    monkeypatch.setattr(place, "move", race)
    with pytest.raises(UsageError):
        exported([one], "csv", tmp_path / "out")
    assert os.listdir(tmp_path / "out") == ["measured.csv"]
    assert (tmp_path / "out" / "measured.csv").read_text() == "mine"


def test_where_a_folder_cannot_be_made_nothing_is_replaced(one: Path, tmp_path: Path) -> None:
    two, folder = ran("p24 booked").write(tmp_path / "two.jsonl"), tmp_path / "out"
    folder.mkdir()
    (folder / "README").write_text("mine")
    (folder / "sub-P17").write_text("mine too")
    with pytest.raises(UsageError, match="File exists"):
        export_sessions([one, two], FORMATS["bids"], folder, overwrite=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"README": "mine", "sub-P17": "mine too"}


def test_no_journal_is_replaced_even_when_its_name_is_that_of_a_table(one: Path, tmp_path: Path) -> None:
    record = ran("reference").write(tmp_path / "events.jsonl")
    before = record.read_bytes()
    with pytest.raises(UsageError, match="is a journal"):
        export_sessions([one], FORMATS["jsonl"], tmp_path, overwrite=True)
    assert record.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["events.jsonl", "one.jsonl"]


def test_two_journals_of_one_name_are_not_mixed(one: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    other = ran("reference").write(tmp_path / "b" / "one.jsonl")
    with pytest.raises(UsageError, match="would be one session"):
        exported([one, other], "csv", tmp_path / "out")


def test_many_sessions_stand_in_one_table_and_apart_in_files(one: Path, tmp_path: Path) -> None:
    two = ran("reference").write(tmp_path / "two.jsonl")
    exported([one, two], "jsonl", tmp_path / "tables")
    assert [row["session"] for row in from_jsonl(tmp_path / "tables" / "sessions.jsonl")] == ["one", "two"]
    exported([one, two], "edf", tmp_path / "edf")
    assert sorted(os.listdir(tmp_path / "edf")) == ["one.edf", "two.edf"]


def test_the_record_of_a_crash_is_exported_as_such(one: Path, tmp_path: Path) -> None:
    one.write_bytes(b"".join(ran("p24").lines[:100]) + ran("p24").lines[100][:40])
    for kind in FORMATS:
        exported([one], kind, tmp_path / kind)
    [session] = from_parquet(tmp_path / "parquet" / "sessions.parquet")
    assert (session["closed"], session["result"], session["records"]) == (False, None, 100)
    last = from_jsonl(tmp_path / "jsonl" / "contractions.jsonl")[-1]
    assert (last["end_s"], last["whole"]) == (None, False)
    in_doubt = {"record_without_end", "output_not_known"}
    assert {text.split(":")[0] for _, _, text in from_edf(tmp_path / "edf" / "one.edf")[1][-2:]} == in_doubt
    assert {row["trial_type"] for row in from_bids(tmp_path / "bids")[1][-2:]} == in_doubt
    for sidecar in (tmp_path / "bids").rglob("*_task-*.json"):
        told = json.loads(sidecar.read_text("utf-8"))
        assert (told["Closed"], told["OffKnown"], told["KeyDistrusted"]) == (False, False, False)


def test_channels_that_no_stimulator_has_are_refused(tmp_path: Path) -> None:
    journal, phone = tmp_path / "one.jsonl", 4_915_112_345_678
    row = {"pulses": 0, "contractions": 0, "peak_ua": 0, "plateau_ua": 0, "charge_pc": 0, "on_us": 0}
    measured = make("measured", channel=phone, amplitude_ua=1, set_ua=1, pulses=1)
    output = {"channel": phone, "amplitude_ua": 1, "width_us": 300, "period_us": 20_000}
    for told in (
        [opened(comfort={str(phone): 5})],
        [opened(), measured],
        [opened(), make("set_point", number=1, outputs=[output], cause="")],
        [opened(), make("contraction_started", phase=1, index=1, of=1, channels=[phone])],
        [opened(), make("totals", channels={str(phone): row})],
    ):
        journal.write_bytes(b"".join(lines_of(told)))
        for kind, pseudonyms in (("parquet", None), ("edf", Pseudonyms(bytes(32)))):
            with pytest.raises(JournalBroken, match=f"names a channel {phone}"):
                exported([journal], kind, tmp_path / "out", pseudonyms)
    for told in ([opened(comfort={"9" * 5000: 5})], [opened(), make("totals", channels={"9" * 5000: row})]):
        journal.write_bytes(b"".join(lines_of(told)))
        for read in (lambda: exported([journal], "csv", tmp_path / "out"), lambda: read_session(journal, KeyRing())):
            with pytest.raises(JournalBroken, match="a channel with 5000 digits"):
                read()
    assert os.listdir(tmp_path) == ["one.jsonl"]


def test_the_dictionary_tells_every_column_with_its_unit(one: Path, tmp_path: Path) -> None:
    exported([one], "csv", tmp_path / "out")
    told = json.loads((tmp_path / "out" / "dictionary.json").read_text("utf-8"))
    assert told == dictionary(told["files"], False)
    assert set(told["files"]) == {f"{name}.csv" for name in TABLES} | {"dictionary.json"}
    for name in TABLES:
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == list(told["tables"][name]["columns"])
        for column, about in told["tables"][name]["columns"].items():
            for ending, unit in (("_ma", "mA"), ("_s", "s"), ("_us", "us"), ("_hz", "Hz"), ("_mc", "mC"), ("_cm2", "cm2")):
                assert not column.endswith(ending) or about["unit"] == unit


@given(st.text(max_size=30) | st.sampled_from(["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "\ud800", '"\x00', "\x14x"]))
@settings(max_examples=25, deadline=None)
def test_hostile_text_is_one_harmless_cell_and_opens_everywhere(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("x")
    journal = folder / "a.jsonl"
    events = [
        opened(protocol_id=text),
        make("phase_started", name=text, index=1, of=1),
        make("warned", rule=text, sentence=text),
        make("session_ended", result="stopped", reason=text, duration_us=0),
    ]
    journal.write_bytes(b"".join(lines_of(events)))
    for kind in FORMATS:
        exported([journal], kind, folder / kind)
    for name, count in (("events", 5), ("sessions", 2)):
        with (folder / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
        assert len(lines) == count
        cells = [cell for line in lines for cell in line]
        assert all(cell.isprintable() and not cell.lstrip().startswith(("=", "+", "-", "@")) for cell in cells)
    assert from_jsonl(folder / "jsonl" / "events.jsonl")[1]["phase_name"] == text
    assert len(from_parquet(folder / "parquet" / "events.parquet")) == 4
    assert len(from_edf(folder / "edf" / "a.edf")[1]) == 4
    assert Bundle.model_validate_json((folder / "fhir" / "a.fhir.json").read_text("utf-8")).type == "collection"
