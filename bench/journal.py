"""What the journal costs the engine, a set point of four channels each time.

    .venv/bin/python bench/journal.py

"queued" is what the engine waits for: making the event, formatting, chaining, handing over to the writer thread. It is timed
back to back and with pauses as in a session, where the processor's caches have gone cold. Peers, on the same disk in the same
run: a plain line of JSON appended and flushed (no chain), the same with fdatasync, and a row in SQLite (WAL). Times are µs.
"""

import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from emscontrol.core.events import Event, make
from emscontrol.record.clock import local_wall_clock
from emscontrol.record.journal import Journal
from emscontrol.record.verify import verify

COUNT = 2000
PAUSE_S = 0.001
AIM_US = 40


def set_point(number: int) -> Event:
    outputs = [{"channel": channel, "amplitude_ua": 12_500, "width_us": 300, "period_us": 28_572} for channel in (1, 2, 3, 4)]
    return make("set_point", number=number, outputs=outputs, cause="ramp")


def timed(call: Callable[[int], object], pause_s: float = 0.0, count: int = COUNT) -> list[float]:
    """Sorted times of the calls in µs."""
    times = []
    for number in range(count):
        if pause_s:
            time.sleep(pause_s)
        begun = time.perf_counter_ns()
        call(number)
        times.append((time.perf_counter_ns() - begun) / 1000)
    return sorted(times)


def show(name: str, times: list[float], note: str = "") -> None:
    count = len(times)
    print(f"{name:44} p50 {times[count // 2]:8.1f}   p99 {times[count * 99 // 100]:8.1f}   max {times[-1]:9.1f}   {note}")


def plain_lines(folder: Path, sync: bool) -> Callable[[int], None]:
    """The peer without a chain: json.dumps, write, flush."""
    file = (folder / f"plain-{sync}.jsonl").open("w")

    def write(number: int) -> None:
        event = set_point(number)
        file.write(json.dumps({"n": number, "wall": local_wall_clock(), "event": event.kind, **event.args}) + "\n")
        file.flush()
        if sync:
            os.fdatasync(file.fileno())

    return write


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journal = Journal.create(folder / "journal.jsonl", local_wall_clock)
        back_to_back = timed(lambda number: journal.append(set_point(number), number))
        paused = timed(lambda number: journal.append(set_point(number), number), PAUSE_S)
        journal.close()
        verdict = "met" if back_to_back[COUNT // 2] < AIM_US else "MISSED"
        show("queued, back to back", back_to_back, f"aim p50 < {AIM_US}: {verdict}")
        show("queued, a pause of 1 ms before each", paused)
        memory = Journal.in_memory()
        show("in memory (virtual time)", timed(lambda number: memory.append(set_point(number), number)))
        show("peer: plain line, flushed, 1 ms pauses", timed(plain_lines(folder, False), PAUSE_S))
        show("peer: plain line, fdatasync, 1 ms pauses", timed(plain_lines(folder, True), PAUSE_S, 500))
        with closing(sqlite3.connect(folder / "rows.db", isolation_level=None)) as rows:
            rows.execute("pragma journal_mode=wal")
            rows.execute("create table event (n integer, kind text, args text)")
            insert = "insert into event values (?, ?, ?)"
            show(
                "peer: SQLite row, WAL, 1 ms pauses",
                timed(
                    lambda number: rows.execute(insert, (number, "set_point", json.dumps(set_point(number).args))), PAUSE_S, 500
                ),
            )
        begun = time.perf_counter()
        report = verify(folder / "journal.jsonl")
        print(f"verify: {report.lines / (time.perf_counter() - begun):,.0f} lines/s ({report.sentence()})")


if __name__ == "__main__":
    main()
