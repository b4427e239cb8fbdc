"""A session that is struck by one fault, and what became of the person's current and of what the host believed."""

from dataclasses import dataclass

from emscontrol.session.inputs import Stop
from firmware_sim.bounds import Bound, bound
from firmware_sim.faults import parse_fault
from tests.session.rig import SHORT, Rig

PLATEAU_US = 1_500_000
RAMP_US = 300_000


@dataclass
class Struck:
    """One session; `at_us` is when it was struck."""

    rig: Rig
    at_us: int

    @property
    def result(self) -> str | None:
        return self.rig.engine.result

    @property
    def reason(self) -> str:
        return self.rig.engine.reason

    def zero_ms(self, since_us: int | None = None) -> float:
        """How long after the strike (or another moment) the last current ended; infinite if it never did."""
        zero_us = self.rig.zero_since_us()
        return float("inf") if zero_us is None else (zero_us - (self.at_us if since_us is None else since_us)) / 1_000

    def gave_up_us(self) -> int:
        """When the session saw that it could not go on."""
        return self.rig.first_us("stop_sent")

    @property
    def believes_off(self) -> bool:
        """Whether the host, at the end, is sure that nothing flows."""
        return self.rig.engine.off_confirmed and not self.rig.engine.output_unknown

    @property
    def is_honest(self) -> bool:
        """Nothing flows, or the host does not claim so."""
        return self.rig.port.stage.is_zero or not self.believes_off

    def within(self, limit: Bound) -> bool:
        """Whether the current ended in time, or the session survived what may be survived."""
        if limit.ms is None:
            return True
        if self.result == "completed":
            return limit.survivable
        return self.zero_ms(self.gave_up_us() if limit.survivable else None) <= max(limit.ms, 0)


def struck(
    model: str,
    fault: str,
    *,
    after_us: int = PLATEAU_US,
    text: str = SHORT,
    seed: int = 0,
    stop_after_us: int | None = None,
    body: str | None = None,
) -> Struck:
    """A session that is struck so long after its start, followed to its end; STOP is pressed later where that is said."""
    rig = Rig(model, text=text, seed=seed, body=body).to_running(after_us=after_us)
    rig.port.inject(parse_fault(fault), rig.now_us)
    at_us = rig.now_us
    if stop_after_us is not None:
        rig.run.advance(at_us + stop_after_us)
        if not rig.engine.closed:
            rig.run.give(Stop("operator", "key"))
    rig.finish()
    rig.port.read(rig.now_us + 3_000_000)
    return Struck(rig, at_us)


def limit(fault_id: str, model: str) -> Bound:
    """The limit in force for a fault of the matrix."""
    return bound(fault_id, model)
