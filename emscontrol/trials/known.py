"""What nobody can promise, and why: counted in every summary, never left out in silence.

The reasons are those of the fault matrix (`firmware_sim/fault_matrix.py`): a fault that a model's protocol does not show to its
host, or that only a switch in the hardware can end. Its time to zero is not judged on that model; all other checks are.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from emscontrol.trials.oracle.calm import cut_burst
from emscontrol.trials.oracle.facts import DEVICES
from emscontrol.trials.oracle.read import Case
from firmware_sim.bounds import bound
from firmware_sim.fault_kinds import FaultKind
from firmware_sim.fault_matrix import MATRIX, NO_STOP

GOES_ON: Final = frozenset(row.id for row in MATRIX if row.max_ms == NO_STOP)


@lru_cache(maxsize=1)
def limits() -> Mapping[tuple[str, str], str]:
    """(kind of fault, model): why its end cannot be promised."""
    found = {}
    for kind in FaultKind:
        rows = [row for row in MATRIX if kind in row.switches and row.id not in GOES_ON]
        for model in DEVICES:
            bounds = [bound(row.id, model) for row in rows]
            if bounds and all(each.ms is None for each in bounds):
                found[str(kind), model] = bounds[0].why
    return found


CUT_BURST: Final = "the record counts whole bursts: a burst that a stop or a pause cut short is told with all of its pulses"


def met(case: Case) -> tuple[str, ...]:
    """The limits that this trial ran into, each in words."""
    evidence, model = case.evidence, case.trial.model
    kinds = dict.fromkeys(struck.kind for struck in evidence.struck if (struck.kind, model) in limits())
    cut = case.trial.calm and case.trial.body is None and any(cut_burst(case, channel) for channel in case.places)
    return tuple(f"{kind} on {model}: {limits()[kind, model]}" for kind in kinds) + ((CUT_BURST,) if cut else ())
