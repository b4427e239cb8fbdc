"""No net charge: the pulses in the commands themselves, read with the simulator's codec, add up to nothing."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from emscontrol.trials.oracle.read import Case
from emscontrol.trials.oracle.violation import Violation
from firmware_sim.registry import codec

CHECK = "balance"


def _p24(params: Mapping[str, Any]) -> Decimal:
    sums = [sum(Decimal(str(point[1])) * point[0] for point in train["points"]) for train in params["channels"]]
    return Decimal(max((abs(total) for total in sums), default=0))


NET: Final[Mapping[str, tuple[str, Callable[[Mapping[str, Any]], Decimal]]]] = {"p24": ("ml_update", _p24)}
"""Model: the command that says the shape of each pulse, and its net charge. Other devices balance pulses themselves."""


def balanced(case: Case) -> Iterator[Violation]:
    """Each pulse of the first set points."""
    if case.trial.model not in NET:
        return
    command, net = NET[case.trial.model]
    reader = codec(case.trial.model)
    for data in case.evidence.written:
        for frame in reader.decode(data, "host"):
            if frame.error is None and frame.command == command and net(frame.params):
                yield Violation(CHECK, case.evidence.ended_us, f"a pulse carries {float(net(frame.params)):g} mA·µs one way")
                return
