"""What is signed, when, by whom in the process, and what happens when nothing can be signed."""

import json
import time
from pathlib import Path
from threading import Event as Flag
from threading import current_thread

from emscontrol.core.events import make
from emscontrol.core.units import US_PER_S
from emscontrol.record.journal import Journal
from emscontrol.record.line import CHECKPOINT_US, SIGNED
from emscontrol.record.signing import Signer
from emscontrol.record.verify import VerifyReport, verify, verify_lines
from tests.unit.record.sample import APART_US, WALL, opened, session, set_point, state
from tests.unit.record.stations import key, signed_lines, signer


def test_exactly_the_records_of_the_table_are_signed() -> None:
    lines = signed_lines(session())
    for line in lines:
        assert ("sig" in json.loads(line)) is (json.loads(line)["event"] in SIGNED)
    assert json.loads(lines[0])["key"] == key(1)[0]
    assert sum("key" in json.loads(line) for line in lines) == 1
    report = verify_lines(lines, {key(1)[0]: "Here"})
    assert (report.ok, report.ended, report.signer, report.signed_to) == (True, True, "Here", len(lines))


def test_a_signature_is_of_the_hash_and_anybody_can_check_it() -> None:
    line = json.loads(signed_lines(session())[1])
    _, secret = key(1)
    secret.public_key().verify(bytes.fromhex(line["sig"]), b"emscontrol journal record\0" + bytes.fromhex(line["hash"]))


def test_records_are_without_a_signature_for_a_minute_at_most() -> None:
    journal = Journal.in_memory(lambda: WALL, signer())
    journal.append(opened(), 0)
    journal.append(set_point(1, 1000), US_PER_S)
    for now_us in range(0, 3 * CHECKPOINT_US, US_PER_S):
        journal.tend(now_us)
    assert [json.loads(line)["event"] for line in journal.lines] == ["session_opened", "set_point", "checkpoint"]
    assert json.loads(journal.lines[2])["t_us"] == CHECKPOINT_US
    journal.append(set_point(2, 2000), 3 * CHECKPOINT_US)
    journal.append(state("running", "paused"), 3 * CHECKPOINT_US)
    journal.tend(9 * CHECKPOINT_US)
    assert len(journal.lines) == 5, "nothing is unsigned, so there is no checkpoint"
    assert verify_lines(journal.lines).signed_to == 5


def test_a_record_that_nobody_tended_before_gets_its_checkpoint_first() -> None:
    """As in a rehearsal above real time, whose turns are far apart."""
    journal = Journal.in_memory(lambda: WALL, signer())
    for number, t_us in enumerate((0, CHECKPOINT_US - 1, 2 * CHECKPOINT_US, 3 * CHECKPOINT_US, 3 * CHECKPOINT_US)):
        journal.append(set_point(number, 1000) if number else opened(), t_us)
    told = [json.loads(line)["event"] for line in journal.lines]
    assert told == ["session_opened", "set_point", "checkpoint", "set_point", "checkpoint", "set_point", "set_point"]
    assert verify_lines(journal.lines).ok


def late(*after_s: float, key_number: int = 1) -> VerifyReport:
    """Unsigned records so many seconds after the signed beginning, chained on by whoever has no key."""
    journal = Journal.in_memory(lambda: WALL, signer(key_number) if key_number else None)
    journal.append(opened(), 0)
    journal._signer = None
    for number, at_s in enumerate(after_s):
        journal.append(set_point(number, 1000), round(at_s * US_PER_S))
    return verify_lines(journal.lines)


def test_a_long_end_without_a_signature_is_not_what_a_crash_leaves() -> None:
    for crash in ((), (1, 59.9), (7200,), (7200, 7200.1, 7209), (30, 65, 70)):
        assert late(*crash).ok, crash
    report = late(1, 59, 65, 70, 70.1, 200)
    assert [(problem.line, problem.kind) for problem in report.problems] == [(6, "signature")]
    assert "Record 6 comes 70 seconds after the last signature" in report.problems[0].sentence
    assert (report.last_good, report.signed_to, report.exit_code) == (1, 1, 3)
    hours = late(1, 7200)  # current from the first to the second of these would be a made-up dose of two hours
    assert [(problem.line, problem.kind) for problem in hours.problems] == [(3, "signature")]
    assert late(1, 59, 65, 74, 80, 200, key_number=0).ok, "a journal without a key has no checkpoints"


def test_a_journal_that_is_not_signed_has_no_checkpoints() -> None:
    journal = Journal.in_memory(lambda: WALL)
    journal.append(set_point(1, 1000), 0)
    journal.tend(9 * CHECKPOINT_US)
    assert len(journal.lines) == 1


class SlowSigner(Signer):
    """Signs when it is allowed to, and tells in which thread it was."""

    def __init__(self, of: Signer) -> None:
        super().__init__(of.public, (bytes([1]) * 32).hex())
        self.go = Flag()
        self.threads: set[str] = set()

    def signed(self, line: bytes, digest: str) -> bytes:
        self.threads.add(current_thread().name)
        self.go.wait(10)
        return super().signed(line, digest)


def test_a_signature_is_made_by_the_writers_thread_and_nobody_waits_for_it(tmp_path: Path) -> None:
    slow = SlowSigner(signer())
    journal = Journal.create(tmp_path / "a.jsonl", lambda: WALL, signer=slow)
    begun = time.perf_counter()
    events = session()
    for number, event in enumerate(events):
        journal.append(event, number * APART_US)
    assert time.perf_counter() - begun < 5, "append waited"
    slow.go.set()
    journal.close()
    assert slow.threads == {"journal"}
    assert journal.failure is None
    assert verify(tmp_path / "a.jsonl").signed_to == len(events)


def test_a_key_that_cannot_sign_is_a_failure_of_the_journal_and_shows(tmp_path: Path) -> None:
    for number, broken in enumerate((Signer(key(1)[0], "00" * 32), Signer(key(1)[0], "no key"))):
        path = tmp_path / f"{number}.jsonl"
        journal = Journal.create(path, lambda: WALL, signer=broken)
        journal.append(opened(), 0)
        journal.close([make("session_ended", result="completed", reason="", duration_us=0)])
        assert "cannot be signed" in str(journal.failure)
        report = verify(path)
        assert [problem.kind for problem in report.problems] == ["signature", "signature"]
        assert report.last_good == 0
