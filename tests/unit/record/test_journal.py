"""Writing: what is on the disk, when, and what happens when the disk will not."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from emscontrol.core.budget import T_JOURNAL
from emscontrol.core.errors import StorageError
from emscontrol.core.events import make
from emscontrol.record.clock import local_wall_clock
from emscontrol.record.journal import QUEUE_MAX, Journal
from emscontrol.record.line import LINE_MAX
from emscontrol.record.replay import read_events
from emscontrol.record.sink import FileSink, MemorySink, is_being_written, rest_of
from emscontrol.record.verify import verify
from emscontrol.record.writer import SYNC_EVERY_S
from tests.unit.record.sample import APART_US, WALL, opened, session, set_point, state

WAIT_S = 5.0


def wall() -> str:
    return WALL


def until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.002)


class SlowSink(MemorySink):
    """A disk whose sync waits to be let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()
        self.syncs = 0

    def sync(self) -> None:
        self.let_go.wait(WAIT_S)
        self.syncs += 1


@pytest.mark.parametrize("threaded", [True, False])
def test_a_session_is_on_the_disk_as_it_happened(tmp_path: Path, threaded: bool) -> None:
    path = tmp_path / "records" / "sessions" / "a.jsonl"
    journal = Journal.create(path, wall, threaded=threaded)
    events = session()
    for number, event in enumerate(events[:-2]):
        journal.append(event, number * APART_US)
    journal.close(events[-2:], len(events) * APART_US)
    journal.close()
    assert journal.failure is None
    assert [record.event for record in read_events(path)] == events
    report = verify(path)
    assert (report.ok, report.ended, report.lines) == (True, True, len(events))
    assert journal.last == (report.last_good, report.last_hash)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == path.parent.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(path.parent) == ["a.jsonl"]


def test_an_existing_file_is_never_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("keep")
    with pytest.raises(StorageError, match="exists"):
        Journal.create(path, wall)
    (tmp_path / "b.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="exists"):
        Journal.create(tmp_path / "b.jsonl", wall)
    assert path.read_text() == "keep"
    assert sorted(os.listdir(tmp_path)) == ["a.jsonl", "b.jsonl"]


def test_a_foreign_reserve_is_not_touched_either(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rest_of(path).write_text("keep")
    with pytest.raises(StorageError):
        Journal.create(path, wall)
    assert os.listdir(tmp_path) == ["a.jsonl.rest"]
    assert rest_of(path).read_text() == "keep"


@pytest.mark.parametrize("place", ["/dev/null/x/a.jsonl", "/proc/a.jsonl"])
def test_no_place_no_journal(place: str) -> None:
    with pytest.raises(StorageError):
        Journal.create(Path(place), wall)


def test_each_line_reaches_the_system_without_being_asked(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "a.jsonl", wall)
    journal.append(set_point(1, 5000), 1)
    until(lambda: (tmp_path / "a.jsonl").stat().st_size > 0)
    journal.close()


def test_lag_is_the_age_of_the_oldest_record_not_on_the_disk() -> None:
    sink = SlowSink()
    journal = Journal(sink, wall, threaded=True)
    assert journal.lag_us(10**9) == 0
    journal.append(set_point(1, 5000), 1_000_000)
    journal.append(set_point(2, 5000), 1_100_000)
    assert journal.lag_us(1_500_000) == 500_000
    assert journal.lag_us(2_000_001) > T_JOURNAL * 1000
    sink.let_go.set()
    until(lambda: journal.lag_us(9_000_000) == 0)
    sink.let_go.clear()
    journal.append(set_point(3, 5000), 10_000_000)
    assert journal.lag_us(10_000_300) == 300
    sink.let_go.set()
    journal.close()


def test_a_hanging_disk_delays_neither_append_nor_close() -> None:
    sink = SlowSink()
    journal = Journal(sink, wall, threaded=True)
    begun = time.monotonic()
    for number in range(100):
        journal.append(state("armed", "running"), number)
    journal.close(timeout_s=0.05)
    assert time.monotonic() - begun < 0.5
    assert journal.failure is not None
    assert "disk" in journal.failure.what
    sink.let_go.set()


def test_a_state_change_is_synced_at_once_and_set_points_in_their_rhythm() -> None:
    sink = SlowSink()
    sink.let_go.set()
    journal = Journal(sink, wall, threaded=True)
    journal.append(state("armed", "running"), 1)
    begun = time.monotonic()
    until(lambda: sink.syncs == 1)
    assert time.monotonic() - begun < SYNC_EVERY_S
    journal.append(set_point(1, 5000), 2)
    until(lambda: sink.syncs == 2)
    assert SYNC_EVERY_S / 2 < time.monotonic() - begun < T_JOURNAL / 1000
    journal.close()


def test_the_queue_is_bounded_and_what_is_refused_leaves_no_hole() -> None:
    sink = SlowSink()
    journal = Journal(sink, wall, threaded=True)
    for number in range(QUEUE_MAX + 10):
        journal.append(make("acked", number=number), number)
    assert journal.failure is not None
    assert journal.last[0] == QUEUE_MAX
    sink.let_go.set()
    until(lambda: journal.lag_us(0) == 0)
    journal.append(make("acked", number=1), 1)
    journal.close()
    assert len(sink.lines) == journal.last[0]


def test_after_the_end_nothing_is_taken() -> None:
    journal = Journal.in_memory()
    journal.append(opened(), 0)
    journal.close()
    journal.append(make("started"), 1)
    assert len(journal.lines) == 1
    assert journal.failure is not None


def test_a_line_that_no_reader_would_take_is_refused() -> None:
    journal = Journal.in_memory()
    journal.append(opened(protocol_text="x" * LINE_MAX), 0)
    assert journal.failure is not None
    assert not journal.lines
    journal.append(opened(protocol_text="x" * 2**20), 0)
    assert len(journal.lines) == 1


LIMITED = """
import sys, time
from pathlib import Path
from tests.unit.record.sample import WALL, session
from emscontrol.record.journal import Journal
from resource import RLIMIT_FSIZE, setrlimit
path = Path(sys.argv[1])
journal = Journal.create(path, lambda: WALL, threaded=sys.argv[2] == "threaded")
setrlimit(RLIMIT_FSIZE, (70_000, 70_000))
events = session(400)
for number, event in enumerate(events[:-2]):
    journal.append(event, number * 100_000)
    if journal.failure:
        break
    if number % 20 == 0:
        time.sleep(0.005)  # a session leaves the disk time
journal.close(events[-1:], 100_000_000)
print(journal.failure)
"""


@pytest.mark.parametrize("threaded", ["threaded", "direct"])
def test_when_the_disk_is_full_the_last_records_are_in_the_reserve(tmp_path: Path, threaded: str) -> None:
    path = tmp_path / "a.jsonl"
    done = subprocess.run([sys.executable, "-c", LIMITED, path, threaded], capture_output=True, text=True, check=True)
    assert "can no longer be written: File too large" in done.stdout
    assert "a.jsonl.rest" in done.stdout
    report = verify(path)
    assert report.problems == ()
    assert (report.ended, report.in_reserve, report.torn_tail) == (True, True, False)
    assert "reserve" in report.sentence()
    records = list(read_events(path))
    assert [record.n for record in records] == list(range(1, len(records) + 1))
    assert records[-1].event.kind == "session_ended"
    assert path.stat().st_size <= 70_000 < path.stat().st_size + rest_of(path).stat().st_size


@pytest.mark.parametrize("whole_folder", [True, False])
def test_a_journal_that_vanished_is_a_failure(tmp_path: Path, whole_folder: bool) -> None:
    path = tmp_path / "sessions" / "a.jsonl"
    journal = Journal.create(path, wall)
    journal.append(opened(), 0)
    until(lambda: journal.lag_us(1) == 0)
    path.unlink()
    if whole_folder:
        rest_of(path).unlink()
        path.parent.rmdir()
    journal.append(state("armed", "running"), 1)
    until(lambda: journal.failure is not None)
    journal.close()
    assert ("lost" in str(journal.failure)) is whole_folder


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    told: list[bool] = []
    asking = threading.Thread(target=lambda: told.append(is_being_written(tmp_path / "pipe")), daemon=True)
    asking.start()
    asking.join(10)
    assert told == [False]


def test_a_folder_that_became_read_only_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sessions" / "a.jsonl"
    journal = Journal.create(path, wall)
    path.parent.chmod(0o500)
    for number, event in enumerate(session()):
        journal.append(event, number * APART_US)
    journal.close()
    path.parent.chmod(0o700)
    assert journal.failure is None
    assert verify(path).ended


class FullSink(FileSink):
    """A file on a disk that fills after some bytes, in the middle of a line, and takes no more in the reserve either."""

    room = 1000

    def _append(self, line: bytes) -> None:
        if not self._in_rest and self._written + len(line) > self.room:
            os.write(self._fd, line[: self.room - self._written])
            raise OSError(28, "No space left on device")
        super()._append(line)


def test_half_a_line_is_cut_off_again(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    sink = FullSink(path)
    journal = Journal(sink, wall, threaded=False, path=path)
    for number, event in enumerate(session()):
        journal.append(event, number)
    journal.close()
    assert "No space left" in str(journal.failure)
    assert path.read_bytes().endswith(b"}\n")
    assert verify(path).ended


def test_a_journal_and_a_reserve_that_are_both_full(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    journal = Journal(FullSink(path), wall, threaded=False, path=path)
    for number, event in enumerate(session(300)):
        journal.append(event, number)
    journal.close()
    assert "lost" in str(journal.failure)
    report = verify(path)
    assert report.ok
    assert not report.ended
    assert report.lines > 100


KILLED = """
import os, sys, time
from pathlib import Path
from tests.unit.record.sample import WALL, session
from emscontrol.record.journal import Journal
journal = Journal.create(Path(sys.argv[1]), lambda: WALL)
for number, event in enumerate(session()[:-3]):
    journal.append(event, number)
time.sleep(0.02)
os.kill(os.getpid(), 9)
"""


def test_a_killed_process_leaves_a_record_that_is_intact_and_says_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    assert subprocess.run([sys.executable, "-c", KILLED, path]).returncode == -9
    report = verify(path)
    assert report.problems == ()
    assert not report.ended
    assert report.exit_code == 0
    assert report.lines > 0
    assert "interrupted" in report.sentence()


def test_the_wall_clock_is_the_time_of_day_with_offset() -> None:
    said = datetime.fromisoformat(local_wall_clock())
    assert said.tzinfo is not None
    assert abs((datetime.now().astimezone() - said).total_seconds()) < 1
    assert said.utcoffset() == datetime.now().astimezone().utcoffset()
