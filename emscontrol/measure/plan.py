"""A procedure as it is written into the record, and back: so that its words can be replayed without anything else."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from emscontrol.core.errors import JournalBroken
from emscontrol.measure.climb import Steps
from emscontrol.measure.curve import curve_search
from emscontrol.measure.procedure import Procedure
from emscontrol.measure.threshold import threshold_search


@dataclass(frozen=True, slots=True)
class Plan:
    """A procedure that is to be played: a name of `KINDS`, the channel, the pulse widths, and how it steps on this device."""

    kind: str
    channel: int
    widths_us: tuple[int, ...]
    steps: Steps

    def begin(self) -> Procedure:
        """The procedure before its first word."""
        return KINDS[self.kind].make(self)

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Kind:
    """One procedure by its name: its title, and how it is made."""

    title: str
    make: Callable[[Plan], Procedure]


KINDS: Final[Mapping[str, Kind]] = {
    "threshold": Kind("threshold search", lambda plan: threshold_search(plan.channel, plan.widths_us[0], plan.steps)),
    "strength-duration": Kind("strength–duration curve", lambda plan: curve_search(plan.channel, plan.widths_us, plan.steps)),
}


def plan_from_json(text: str) -> Plan:
    """Read a plan back. Raises JournalBroken when it is none."""
    try:
        data: dict[str, Any] = dict(json.loads(text))
        plan = Plan(str(data["kind"]), int(data["channel"]), tuple(map(int, data["widths_us"])), Steps(**data["steps"]))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as problem:
        raise JournalBroken(
            f"The record has no procedure that can be read: {problem}.", "Is it the record of a session?"
        ) from None
    if plan.kind not in KINDS or not plan.widths_us:
        raise JournalBroken(f"The record has a procedure {plan.kind!r}, which is not known.", "Use a newer release.")
    return plan
