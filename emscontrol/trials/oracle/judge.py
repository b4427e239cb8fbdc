"""All checks, one after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from emscontrol.trials.oracle import balance, calm, ends, ledger, limits, order, plan, record, rise, told, zero
from emscontrol.trials.oracle.read import Case
from emscontrol.trials.oracle.violation import Violation
from emscontrol.trials.oracle.zero import Timed


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant: its name, what it says, and the function that looks for what contradicts it."""

    name: str
    says: str
    look: Callable[[Case], Iterator[Violation]]


CHECKS: Final = (
    Check(limits.CHECK, "The output never passes the envelope of body, device, protocol and person.", limits.within_limits),
    Check(
        zero.CHECK, "After every stop, pause and fault the output is zero within its bound, until the next start.", zero.in_time
    ),
    Check(ledger.CHECK, "Nothing flows that the journal does not know of, or marks as unknown.", ledger.known),
    Check(plan.CHECK, "No set point is above what the plan has at that moment.", plan.as_planned),
    Check(plan.ON_TIME, "No channel has current for longer than the plan has it on, and its spare.", plan.not_too_long),
    Check(rise.CHECK, "No rise is faster than the protocol's ramps.", rise.slow_enough),
    Check(
        rise.SOFT,
        "After start, resume and fault the current begins at zero; after a pause or fault it takes 2 s.",
        rise.from_zero,
    ),
    Check(order.ORDER, "Clearing needs a confirmed zero, starting a fresh arming, resuming the same device.", order.in_order),
    Check(order.HAND, "By hand the current rises by 1 mA a step, 5 mA a second, to 1.25 times comfort.", order.by_hand),
    Check(record.CHECK, "The journal verifies; its final state and totals are those of the session.", record.whole),
    Check(balance.CHECK, "Pulses carry no net charge.", balance.balanced),
    Check(told.CHECK, "What ends a session is named in its record.", told.said),
    Check(calm.CHECK, "Where nothing is wrong nothing alarms, and as much comes out as is told.", calm.as_told),
    Check(calm.REFUSED, "The gate never has to refuse what the program and accepted requests lead to.", calm.never_refused),
    Check(ends.ENDS, "The session ends, at zero.", ends.ended),
    Check(ends.CRASH, "Nothing raises what nobody handles.", ends.no_exception),
)
"""The invariants."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in one trial, and how long each stop took."""

    violations: tuple[Violation, ...]
    timed: tuple[Timed, ...]


def judge(case: Case) -> Verdict:
    """Apply every check."""
    violations = tuple(violation for check in CHECKS for violation in check.look(case))
    return Verdict(violations, tuple(zero.timed(case)))
