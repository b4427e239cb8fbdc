"""A session in which nothing is wrong: no alarm, the result of its operator, and exactly as much as the record says."""

from collections.abc import Iterator
from typing import Final

from emscontrol.trials.oracle.read import Case
from emscontrol.trials.oracle.violation import Violation

CHECK = "calm"
REFUSED = "own set points"
ENDING: Final = frozenset({"stop", "stop from elsewhere", "pause"})
RESULTS: Final = ("completed", "stopped")


def as_told(case: Case) -> Iterator[Violation]:
    """Without faults, into plain leads: ended by the plan or a person, and pulses and charge as believed."""
    evidence = case.evidence
    if not case.trial.calm or case.trial.body is not None or evidence.crash:
        return
    if evidence.result not in RESULTS:
        yield Violation(CHECK, evidence.ended_us, f"nothing was wrong, and it ended as {evidence.result}: {evidence.reason}")
    for channel, (pulses, charge_pc) in evidence.delivered.items():
        believed = evidence.totals.get(str(channel), {"pulses": 0, "charge_pc": 0})
        if (believed["pulses"], believed["charge_pc"]) != (pulses, charge_pc) and not cut_burst(case, channel):
            came = f"channel {channel}: {pulses} pulses and {charge_pc} pC came"
            told = f"{believed['pulses']} and {believed['charge_pc']} are told"
            yield Violation(CHECK, evidence.ended_us, f"{came}, {told}")


def cut_burst(case: Case, channel: int) -> bool:
    """Whether the record tells a few pulses more than came, because it counts bursts that a stop or a pause has cut short."""
    place, told = case.places.get(channel), case.evidence.totals.get(str(channel))
    if place is None or told is None:
        return False
    most = max(pulses.burst for pulses in place.asked) - 1
    ends = 1 + sum(deed.name in ENDING for deed in case.evidence.deeds)
    return 0 < told["pulses"] - case.evidence.delivered[channel][0] <= most * ends


def never_refused(case: Case) -> Iterator[Violation]:
    """What the program and the operator's accepted requests lead to is never too much for the gate."""
    for record in case.of("refused_by_gate"):
        yield Violation(REFUSED, record.t_us, str(record.args["sentence"]))
