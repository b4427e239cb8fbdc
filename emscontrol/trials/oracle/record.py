"""The journal is whole, chained, and tells how the session ended: followed with nothing but SHA-256 and JSON."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from emscontrol.record.replay import final_state
from emscontrol.record.verify import verify_lines
from emscontrol.trials.oracle.read import Case
from emscontrol.trials.oracle.violation import Violation
from firmware_sim.host_faults import HostKind

CHECK = "journal verifies"
FIRST: Final = b"0" * 64
FULL_LINES: Final = 120  # a journal up to this length also goes through the program's own reader; of longer ones every tenth


def whole(case: Case) -> Iterator[Violation]:
    """Chain, order of time, closing line, final state and totals."""
    journal = case.evidence.journal
    broken = _chain(list(journal))
    if broken:
        yield Violation(CHECK, case.evidence.ended_us, broken)
        return
    if len(case.records) != len(journal):
        yield Violation(CHECK, case.evidence.ended_us, "a line is no record")
    times = [record.t_us for record in case.records]
    if times != sorted(times):
        yield Violation(CHECK, case.evidence.ended_us, "its times run backwards")
    if not case.evidence.engine_gone and not any(s.kind == HostKind.JOURNAL_LOST for s in case.evidence.struck):
        yield from _end(case)
    if len(journal) <= FULL_LINES or case.trial.seed % 10 == 0:
        yield from _read_back(case)


def _chain(journal: list[bytes]) -> str:
    before = FIRST
    for number, line in enumerate(journal, 1):
        body, _, rest = line.rpartition(b',"hash":"')
        digest = sha256(body).hexdigest().encode()
        if rest != digest + b'"}\n' or not body.endswith(b',"prev":"' + before + b'"'):
            return f"line {number} does not fit the one before it"
        if not body.startswith(b'{"n":%d,' % number):
            return f"line {number} has another number"
        before = digest
    return "" if journal else "there is no line"


def _end(case: Case) -> Iterator[Violation]:
    evidence = case.evidence
    last = case.records[-1]
    if last.event != "session_ended":
        yield Violation(CHECK, evidence.ended_us, f"its last line is {last.event}")
        return
    if (last.args["result"], last.args["reason"]) != (evidence.result, evidence.reason):
        yield Violation(CHECK, last.t_us, f"it says {last.args['result']}, the session {evidence.result}")
    states = case.of("state_changed")
    if states and states[-1].args["to_state"] != evidence.state:
        yield Violation(CHECK, last.t_us, f"it leaves the session {states[-1].args['to_state']}, which is {evidence.state}")
    totals = case.of("totals")
    if not totals or totals[-1].args["channels"] != json.loads(json.dumps(evidence.totals)):
        yield Violation(CHECK, last.t_us, "its totals are not those of the session")


def _read_back(case: Case) -> Iterator[Violation]:
    """What the program's own `verify` and replay say."""
    evidence = case.evidence
    lines = list(evidence.journal)
    report = verify_lines(lines)
    if not report.ok:
        yield Violation(CHECK, evidence.ended_us, f"verify says: {report.sentence()}")
        return
    told = final_state(lines)
    if told.ended and (told.result, told.state) != (evidence.result, evidence.state):
        yield Violation(CHECK, evidence.ended_us, f"its replay ends {told.state}, {told.result}")
    if told.ended and {str(channel): row for channel, row in told.totals.items()} != evidence.totals:
        yield Violation(CHECK, evidence.ended_us, "its replay has other totals")
