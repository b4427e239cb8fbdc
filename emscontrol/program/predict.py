"""Which pulses a program will make, counted without any device: the promise that the oscilloscope is held against."""

from collections.abc import Mapping
from dataclasses import dataclass

from emscontrol.program.program import Program
from emscontrol.program.tally import Delivery, Tally


@dataclass(frozen=True, slots=True)
class ChannelTotals:
    """What one channel is to get in a whole session; `charge_pc` is the charge of first phases."""

    pulses: int
    contractions: int
    peak_ua: int
    charge_pc: int
    on_us: int
    runs: tuple[Delivery, ...]


def totals(program: Program, keep_runs: bool = True) -> Mapping[int, ChannelTotals]:
    """Totals by channel, and runs of equal pulses unless they are not needed."""
    tally = tally_for(program, keep_runs)
    for step in program.planned:
        tally.set(step.at_us, step.outputs)
    tally.stop(program.end_us)
    sums = tally.sums()
    return {
        plan.channel: ChannelTotals(
            pulses=sums[plan.channel].pulses if plan.channel in sums else 0,
            contractions=sum(plan.channel in c.channels for c in program.contractions),
            peak_ua=sums[plan.channel].peak_ua if plan.channel in sums else 0,
            charge_pc=sums[plan.channel].charge_pc if plan.channel in sums else 0,
            on_us=sums[plan.channel].on_us if plan.channel in sums else 0,
            runs=tuple(tally.runs(plan.channel)),
        )
        for plan in program.channels
    }


def tally_for(program: Program, keep_runs: bool = False) -> Tally:
    """A tally that counts as this program's device times its pulses."""
    prepared = program.trains if program.capabilities.common_grid else {}
    return Tally(prepared, program.slot_delays_us, program.capabilities.amplitude_step_ua, keep_runs)


def on_time_us(program: Program) -> int:
    """Time with current on at least one channel."""
    ends = [step.at_us for step in program.planned[1:]] + [program.end_us]
    return sum(end - step.at_us for step, end in zip(program.planned, ends, strict=True) if not step.outputs.is_zero)
