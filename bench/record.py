"""A journal of a million records: how long `verify` takes on one core, and in how much memory.

    .venv/bin/python bench/record.py [RECORDS]

The journal is signed, of a session as long as it takes: four channels in ramps of 50 ms, set points and their acknowledgements,
contractions, state changes, checkpoints, totals. Verifying checks hashes, signatures and totals. Each size is verified in a
process of its own, pinned to one core where the system can; its peak of memory is that of the whole process, Python included.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from emscontrol.core.events import Event, make
from emscontrol.record.journal import Journal
from emscontrol.record.reckon import Reckoner
from emscontrol.record.signing import Signer
from tests.unit.record.sample import opened
from tests.unit.record.stations import key

RECORDS = 1_000_000
AIM_S = 30
AIM_MB = 300
RAMP_US = 50_000
SET_POINTS = 60  # of a contraction: 1 s up, hold told again twice a second, 1 s down
WALL = "2026-11-22T10:10:40.123+01:00"
VERIFY = """
import json, resource, sys, time
from pathlib import Path
from emscontrol.cli.garbage import look_seldom
from emscontrol.record.verify import verify
look_seldom()  # as the verb does
begun = time.perf_counter()
report = verify(Path(sys.argv[1]))
took = time.perf_counter() - begun
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([took, peak, report.ok and report.ended and report.totals_checked, report.lines, report.signature_sentence()]))
"""


def course(records: int) -> Iterator[tuple[int, Event]]:
    """About so many events with their times."""
    now_us = number = told = 0
    while told < records:
        channels = [1, 2] if told % 4 else [3, 4]
        yield now_us, make("contraction_started", phase=1, index=1, of=1, channels=channels)
        for place in range(SET_POINTS):
            number += 1
            now_us += RAMP_US
            level_ua = 1_000 * min(20, place + 1, SET_POINTS - place)
            outputs = [{"channel": c, "amplitude_ua": level_ua, "width_us": 300, "period_us": 28_572} for c in channels]
            yield now_us, make("set_point", number=number, outputs=outputs, cause="ramp")
            yield now_us + 3_000, make("acked", number=number)
        yield now_us + RAMP_US, make("contraction_ended", phase=1, index=1, of=1, channels=channels)
        now_us += 2 * RAMP_US
        yield now_us, make("set_point", number=number, outputs=[], cause="off")
        told += 2 * SET_POINTS + 3


def write(path: Path, records: int) -> float:
    """Write the journal; returns µs a record."""
    public, _ = key(1)
    journal = Journal.create(path, lambda: WALL, threaded=False, sync=False, signer=Signer(public, (b"\x01" * 32).hex()))
    reckoner = Reckoner()
    begun = time.perf_counter()
    last_us = 0
    for last_us, event in chain([(0, opened())], course(records - 5)):
        journal.append(event, last_us)
        journal.tend(last_us)
        reckoner.take(event.kind, event.args, last_us)
    totals = {str(channel): row for channel, row in reckoner.channels().items()}
    ended = make("session_ended", result="completed", reason="over", duration_us=last_us)
    journal.close([make("stop_sent"), make("totals", channels=totals), ended], last_us)
    return (time.perf_counter() - begun) / journal.last[0] * 1e6


def main() -> int:
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        for records in (asked // 10, asked):
            path = Path(folder) / f"{records}.jsonl"
            each_us = write(path, records)
            core = ["taskset", "-c", "0"] if hasattr(os, "sched_setaffinity") and sys.platform == "linux" else []
            done = subprocess.run([*core, sys.executable, "-c", VERIFY, path], capture_output=True, text=True, check=True)
            took_s, peak_mb, whole, lines, sentence = json.loads(done.stdout)
            met = whole and took_s < AIM_S * max(1, asked / RECORDS) and peak_mb < AIM_MB
            missed += not met
            print(
                f"{lines:9,} records, {path.stat().st_size / 2**20:6.0f} MiB, written in {each_us:.1f} µs each: verified in "
                f"{took_s:5.1f} s ({lines / took_s:,.0f}/s), {peak_mb:.0f} MB: {'met' if met else 'MISSED'}"
            )
            print(f"    {sentence}")
    print(f"aim: a million under {AIM_S} s on one core and under {AIM_MB} MB")
    return missed


if __name__ == "__main__":
    sys.exit(main())
