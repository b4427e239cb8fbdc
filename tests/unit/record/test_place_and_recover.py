"""Where journals are, and what earlier sessions left behind."""

import os
import shutil
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.errors import StorageError, UsageError
from emscontrol.record.clock import WallWatch
from emscontrol.record.journal import Journal
from emscontrol.record.place import journal_folder, journal_name, opened_at, room_for_journal
from emscontrol.record.recover import clock_doubt, find_interrupted
from emscontrol.record.verify import verify
from tests.unit.record.sample import WALL, lines_of, session
from tests.unit.record.stations import chained_anew, signed_lines

WHEN = datetime(2026, 11, 22, 10, 10, 40, 123_456, tzinfo=timezone(timedelta(hours=1)))


def test_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMSCONTROL_HOME", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert journal_folder() == tmp_path / "state" / "emscontrol" / "sessions"
    monkeypatch.setenv("EMSCONTROL_HOME", str(tmp_path / "env"))
    assert journal_folder() == tmp_path / "env" / "sessions"
    assert journal_folder(tmp_path / "option") == tmp_path / "option" / "sessions"
    assert os.listdir(tmp_path) == []


def test_the_name() -> None:
    assert journal_name("quadriceps-strength", WHEN) == "2026-11-22T09-10-40.123Z_quadriceps-strength.jsonl"


@given(st.text(max_size=400) | st.sampled_from(["../../x", "/etc/passwd", "CON", "a\0b", "..", "", "-rf", "é" * 300]))
@settings(max_examples=200, deadline=None)
def test_no_protocol_id_leads_out_of_the_folder_or_to_a_name_no_system_takes(protocol_id: str) -> None:
    name = journal_name(protocol_id, WHEN)
    assert Path("folder", name).parent == Path("folder")
    assert name.isascii()
    assert not set(name) & set('<>:"/\\|?*\0 ')
    assert len(name) < 120
    assert name.endswith(".jsonl")
    assert opened_at(Path(name)) == datetime(2026, 11, 22, 9, 10, 40, 123_000, tzinfo=UTC)


def test_names_sort_as_the_sessions_were() -> None:
    names = [
        journal_name("b", WHEN),
        journal_name("a", WHEN + timedelta(milliseconds=1)),
        journal_name("a", WHEN + timedelta(days=40)),
    ]
    assert names == sorted(names)
    assert opened_at(Path("by-hand.jsonl")) is None


def test_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room_for_journal(tmp_path / "not" / "yet" / "made")
    assert os.listdir(tmp_path) == []
    with pytest.raises(StorageError):
        room_for_journal(Path("/proc/emscontrol"))
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=64 * 2**20 - 1))
    with pytest.raises(StorageError, match="Only 63 MiB"):
        room_for_journal(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=64 * 2**20))
    room_for_journal(tmp_path)


def put(folder: Path, name: str, closed: bool) -> Path:
    path = folder / name
    path.write_bytes(b"".join(lines_of(session())[: None if closed else -3]))
    return path


def test_what_a_crash_left_is_found_once_and_not_altered(tmp_path: Path) -> None:
    put(tmp_path, "2026-01-01T00-00-00.000Z_a.jsonl", False)
    put(tmp_path, "2026-01-02T00-00-00.000Z_a.jsonl", True)
    crashed = put(tmp_path, "2026-01-03T00-00-00.000Z_a.jsonl", False)
    damaged = put(tmp_path, "2026-01-04T00-00-00.000Z_a.jsonl", False)
    damaged.write_bytes(damaged.read_bytes().replace(b'"ramp"', b'"RAMP"', 1))
    (tmp_path / "2026-01-05T00-00-00.000Z_a.jsonl").mkdir()
    before = crashed.read_bytes()
    found = find_interrupted(tmp_path)
    assert [item.path for item in found] == [damaged, crashed]
    assert [item.report.ok for item in found] == [False, True]
    assert "interrupted" in found[1].event().sentence()
    assert crashed.read_bytes() == before
    assert find_interrupted(tmp_path / "nowhere") == []


def test_an_end_without_the_signature_that_is_due_hides_no_crash(tmp_path: Path) -> None:
    lines = signed_lines(session())
    whole, path = (tmp_path / f"2026-01-0{day}T00-00-00.000Z_a.jsonl" for day in (1, 2))
    whole.write_bytes(b"".join(lines))
    end = lines[-1].replace(b'"n":%d,' % len(lines), b'"n":16,')
    for sign in (None, lambda _digest, told: "" if told["n"] == 16 else str(told.get("sig", ""))):
        path.write_bytes(b"".join([*lines[:15], chained_anew([*lines[:15], end], sign)[-1]]))
        [found] = find_interrupted(tmp_path)
        assert (found.path, found.report.ok, found.report.ended) == (path, False, True)


def test_a_running_session_is_not_taken_for_a_crash(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "2026-01-03T00-00-00.000Z_a.jsonl", lambda: WALL, threaded=False)
    journal.append(session()[0], 0)
    assert find_interrupted(tmp_path) == []
    journal.close()
    assert len(find_interrupted(tmp_path)) == 1


@pytest.mark.parametrize(
    ("now", "doubtful"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), True),
        (datetime(2026, 6, 1, tzinfo=UTC), True),
        (datetime(2026, 11, 22, 9, 10, 41, tzinfo=UTC), False),
        (datetime(2099, 1, 1, tzinfo=UTC), False),
    ],
)
def test_a_clock_before_the_newest_record_is_doubted(now: datetime, doubtful: bool, tmp_path: Path) -> None:
    (tmp_path / journal_name("a", WHEN)).touch()
    (tmp_path / "by-hand.jsonl").touch()
    event = clock_doubt(tmp_path, now)
    assert (event is not None) is doubtful
    assert clock_doubt(tmp_path / "nowhere", datetime(2027, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("wall", "sentence"),
    [
        ("2026-10-25T02:00:00.000+01:00", None),
        ("2026-10-25T02:00:00.400+01:00", None),
        ("2026-10-25T02:00:00.600+01:00", "forward by 0.6 s"),
        ("2026-10-25T02:59:59.000+02:00", "back by 1.0 s"),
        ("2027-10-25T03:00:00.000+02:00", "forward by 31536000.0 s"),
    ],
)
def test_a_jump_of_the_wall_clock_is_told_and_summer_time_is_none(wall: str, sentence: str | None) -> None:
    watch = WallWatch()
    assert watch.look("2026-10-25T02:59:59.000+02:00", 5_000_000) is None
    event = watch.look(wall, 6_000_000)
    assert (event is None) is (sentence is None)
    if event is not None and sentence is not None:
        assert sentence in event.sentence()
    assert watch.look(wall, 6_000_000) is None


@pytest.mark.parametrize("path", ["/", "/dev/zero", "/no/such/file", "a\0b"])
def test_what_is_no_file_is_said_and_does_not_hang(path: str) -> None:
    with pytest.raises(UsageError):
        verify(Path(path))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="no file"):
        verify(tmp_path / "pipe")


def test_a_line_beyond_all_measure_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = lines_of(session())
    with path.open("wb") as file:
        file.write(b"".join(lines[:3]))
        for _ in range(20):
            file.write(b"x" * 2**20)
        file.write(b"\n" + b"".join(lines[3:]))
    report = verify(path)
    assert [problem[:2] for problem in report.problems] == [(4, "added")]
