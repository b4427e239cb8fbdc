"""Exports without names: nothing that a person typed or that leads back to one gets through, in any format."""

import gzip
import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from emscontrol.core.arguments import ArgType
from emscontrol.core.errors import StorageError, UsageError
from emscontrol.core.events import EVENTS, Event, make
from emscontrol.record.distrust import Distrust
from emscontrol.record.exports.formats import FORMATS
from emscontrol.record.exports.many import export_sessions
from emscontrol.record.exports.tables import TABLES, Veil
from emscontrol.record.exports.veil import KEY_FILE, Pseudonyms, pseudonyms_of
from emscontrol.record.journal import Journal
from emscontrol.record.verify import verify
from tests.exports.reading import from_csv, from_edf
from tests.exports.sessions import exported, ran
from tests.unit.record.sample import opened
from tests.unit.record.stations import GOLDEN

KEY = Pseudonyms(bytes(range(32)))
SECRET = "Erika Mustermann"
FIGURES: dict[ArgType, Any] = {
    ArgType.COUNT: 987654321,
    ArgType.INTEGER: 7,
    ArgType.FLAG: True,
    ArgType.CHANNEL: 1,
    ArgType.CHANNELS: [1, 2],
    ArgType.UA: 12_500,
    ArgType.US: 300,
    ArgType.MN: 5,
    ArgType.PERCENT: 50,
    ArgType.OUTPUTS: [{"channel": 1, "amplitude_ua": 9_000, "width_us": 300, "period_us": 20_000}],
    ArgType.TOTALS: {},
    ArgType.TEXT: SECRET,
    ArgType.OBJECT: {SECRET: SECRET},
}


def text_of(folder: Path) -> str:
    """Everything that stands in an export, names of files included."""
    told = []
    for path in sorted(folder.rglob("*")):
        told.append(str(path.relative_to(folder)))
        if path.suffix == ".parquet":
            told += [json.dumps(pq.read_table(path).to_pylist()), str(pq.read_schema(path).metadata)]
        elif path.is_file():
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            told.append(data.decode("latin-1"))
    return "\n".join(told)


def everything() -> list[Event]:
    """One event of every kind, with a secret wherever text can stand."""
    told = [opened(protocol_id=SECRET, port=f"{SECRET}@x", device={"model": SECRET}, comfort={"1": 1, SECRET: 2})]
    for kind, row in EVENTS.items():
        if kind not in ("session_opened", "session_ended"):
            told.append(make(kind, **{name: FIGURES[arg.type] for name, arg in row.args.items()}))
    return [*told, make("session_ended", result=SECRET, reason=SECRET, duration_us=1)]


def journal_of(events: Iterable[tuple[int, Event]], path: Path, wall: str = "2026-11-22T10:10:40.123+01:00") -> Path:
    journal = Journal.in_memory(lambda: wall)
    for t_us, event in events:
        journal.append(event, t_us)
    path.write_bytes(b"".join(journal.lines))
    return path


@pytest.mark.parametrize("kind", FORMATS)
def test_no_text_of_any_event_no_date_and_no_name_of_a_file_survives(tmp_path: Path, kind: str) -> None:
    journal = journal_of(enumerate(everything()), tmp_path / f"2026-11-22T09-10-40.123Z_{SECRET}.jsonl")
    exported([journal], kind, tmp_path / "plain")
    assert "Mustermann" in text_of(tmp_path / "plain")
    exported([journal], kind, tmp_path / "veiled", KEY)
    told = text_of(tmp_path / "veiled")
    for trace in ("Erika", "Mustermann", "2026-11", "22.11.26", "NOV-2026", "09-10-40", "10:10:40"):
        assert trace not in told


def test_the_numbers_of_the_book_are_left_out(tmp_path: Path) -> None:
    journal = ran("p24 booked").write(tmp_path / "one.jsonl")
    exported([journal], "csv", tmp_path / "out", KEY)
    [session] = from_csv(tmp_path / "out" / "sessions.csv")
    left_out = {column.name for column in TABLES["sessions"].columns if column.veil is Veil.LEFT_OUT}
    assert {name for name, value in session.items() if value is None} == left_out
    assert {"plan", "appointment", "staff", "journal", "last_hash"} <= left_out
    [args] = [json.loads(row["args"]) for row in from_csv(tmp_path / "out" / "events.csv") if row["event"] == "booked"]
    assert set(args) == {"number", "contractions"}


def test_that_a_key_is_not_trusted_is_told_without_whose_and_why(tmp_path: Path) -> None:
    golden = GOLDEN / "format-2-p24.jsonl"
    gone = Distrust(verify(golden).key, "2026-11-22", SECRET)
    told = {}
    for kind in ("csv", "edf", "bids", "fhir"):
        export_sessions([golden], FORMATS[kind], tmp_path / kind, pseudonyms=KEY, distrusted={gone.public: gone})
        told[kind] = text_of(tmp_path / kind)
        assert SECRET not in told[kind]
    [session] = from_csv(tmp_path / "csv" / "sessions.csv")
    assert (session["distrusted"], session["key_distrusted"]) == (None, True)
    assert "key_not_trusted: " in told["edf"]
    assert "key_not_trusted" in told["bids"]
    assert told["bids"].count('"KeyDistrusted": true') == 2
    assert "signed with a key that is not trusted" in told["fhir"]


def test_figures_are_the_same_with_and_without_names(name: str, journal: Path, tmp_path: Path) -> None:
    exported([journal], "csv", tmp_path / "plain")
    exported([journal], "csv", tmp_path / "veiled", KEY)
    for table, about in TABLES.items():
        kept = [column.name for column in about.columns if column.veil is Veil.KEPT and column.name not in ("session", "args")]
        plain, veiled = (from_csv(tmp_path / which / f"{table}.csv") for which in ("plain", "veiled"))
        assert [[row[name] for name in kept] for row in plain] == [[row[name] for name in kept] for row in veiled]
        assert len({row["session"] for row in veiled}) <= 1
    assert {row["muscle"] for row in from_csv(tmp_path / "veiled" / "channels.csv")} == {"quad_rf", "quad_vm"}
    exported([journal], "edf", tmp_path / "edf plain")
    exported([journal], "edf", tmp_path / "edf veiled", KEY)
    [file] = (tmp_path / "edf veiled").glob("*.edf")
    assert from_edf(file)[0] == from_edf(tmp_path / "edf plain" / "one.edf")[0]
    assert from_edf(file)[2]["startdate"].isoformat() == "1985-01-01T00:00:00"


def test_one_patient_is_one_pseudonym_and_time_between_sessions_is_kept(tmp_path: Path) -> None:
    events = ran("p24 booked").events
    first = journal_of(events, tmp_path / "a.jsonl", "2026-11-22T10:10:40.123+01:00")
    second = journal_of(events, tmp_path / "b.jsonl", "2026-11-29T11:10:40.123+01:00")
    alone = ran("p24").write(tmp_path / "c.jsonl")
    exported([first, second, alone], "csv", tmp_path / "out", KEY)
    one, two, three = from_csv(tmp_path / "out" / "sessions.csv")
    assert one["patient"] == two["patient"] == KEY.of("patient", "00000000-0000-4000-8000-000000000001", "P-17")
    assert three["patient"] is None
    assert one["session"] != two["session"]
    moved = [datetime.fromisoformat(row["opened"]) for row in (one, two, three)]
    assert (moved[1] - moved[0]).total_seconds() == 7 * 86400 + 3600
    assert min(moved).year >= 2126
    assert moved[2] - moved[0] != began(alone) - began(first)


def began(path: Path) -> datetime:
    return datetime.fromisoformat(json.loads(path.read_text("utf-8").splitlines()[0])["wall"])


def test_another_key_gives_other_pseudonyms_and_other_days(tmp_path: Path) -> None:
    other = Pseudonyms(bytes(32))
    assert KEY.of("patient", "b", "P-17") == Pseudonyms(bytes(range(32))).of("patient", "b", "P-17")
    assert KEY.of("patient", "b", "P-17") not in (other.of("patient", "b", "P-17"), KEY.of("patient", "c", "P-17"))
    assert KEY.of("patient", "ab", "c") != KEY.of("patient", "a", "bc")
    assert KEY.shift("b", "P-17") not in (other.shift("b", "P-17"), KEY.shift("b", "P-18"))


def test_the_key_is_made_once_for_its_owner_only_and_never_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    made = pseudonyms_of(folder)
    assert (folder / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert pseudonyms_of(folder).of("x") == made.of("x")
    assert pseudonyms_of(tmp_path / "other").of("x") != made.of("x")
    (folder / KEY_FILE).write_text("short")
    with pytest.raises(UsageError, match="is no key"):
        pseudonyms_of(folder)
    assert (folder / KEY_FILE).read_text() == "short"


def test_a_key_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot be made"):
        pseudonyms_of(tmp_path / "file")
    assert os.listdir(tmp_path) == ["file"]
