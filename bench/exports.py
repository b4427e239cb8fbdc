"""What it costs to export a long record: a million events to Parquet, CSV and a FHIR bundle, in time and in memory.

    .venv/bin/python bench/exports.py [EVENTS]

The journal has set points of four channels and their acknowledgements, as a session with ramps makes them. Each format runs in
a process of its own, once for a tenth of the events and once for all, so that memory which grows would show. Times are of the
processor, for one core, and of verifying alone beside them.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from emscontrol.core.events import make
from emscontrol.record.journal import Journal

EVENTS = 1_000_000
AIM_S, AIM_MB = 30, 300


def write(path: Path, events: int) -> None:
    """A journal of so many events, not closed: nobody runs a session of a week."""
    journal = Journal.create(path, lambda: "2026-11-22T10:10:40.123+01:00", threaded=False, sync=False)
    journal.append(opened(), 0)
    for number in range(1, events // 2 + 1):
        level_ua = 10_000 + number % 40 * 500
        outputs = [{"channel": c, "amplitude_ua": level_ua, "width_us": 300, "period_us": 28_572} for c in (1, 2, 3, 4)]
        journal.append(make("set_point", number=number, outputs=outputs, cause="program"), number * 50_000)
        journal.append(make("acked", number=number), number * 50_000)
    journal.close()


def opened() -> object:
    """The first record."""
    return make(
        "session_opened",
        protocol_id="long",
        protocol_text="",
        protocol_compiled="",
        protocol_sha256="",
        port="p24@sim",
        simulated=True,
        comfort={},
        envelope={},
        limits_sha256="",
        device={},
        capabilities={"amplitude_step_ua": 500},
        versions={},
    )


def one(kind: str, journal: Path, folder: Path) -> None:
    """In a process of its own: export, and print seconds, seconds of verifying, and the most memory in MB."""
    from emscontrol.cli.garbage import look_seldom
    from emscontrol.record.exports.formats import FORMATS
    from emscontrol.record.exports.many import export_sessions
    from emscontrol.record.verify import verify

    look_seldom()  # as the verb does
    begun = time.process_time()
    verify(journal)
    verified = time.process_time() - begun
    begun = time.process_time()
    export_sessions([journal], FORMATS[kind], folder)
    print(time.process_time() - begun, verified, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    with tempfile.TemporaryDirectory() as name:
        for count in (events // 10, events):
            journal = Path(name) / f"{count}.jsonl"
            write(journal, count)
            print(f"{count:,} events, {journal.stat().st_size / 2**20:.0f} MB")
            for kind in ("parquet", "csv", "fhir"):
                folder = Path(name) / f"{kind}-{count}"
                words = [sys.executable, __file__, "--one", kind, str(journal), str(folder)]
                said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
                whole_s, verify_s, memory_mb = map(float, said.split())
                size_mb = sum(path.stat().st_size for path in folder.iterdir()) / 2**20
                met = "met" if whole_s < AIM_S and memory_mb < AIM_MB else "MISSED"
                print(
                    f"  {kind:8} {whole_s:6.1f} s with verifying (alone {verify_s:5.1f} s); {memory_mb:4.0f} MB at most; "
                    f"{size_mb:4.0f} MB written; aim {AIM_S} s, {AIM_MB} MB: {met}"
                )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
