"""How a session ended, for people and for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from emscontrol.core.errors import RESULT_CODES, ExitCode
from emscontrol.core.units import counted


@dataclass(frozen=True, slots=True)
class Outcome:
    """`result` is completed, stopped, fault or refused; `totals` as the journal's `totals` event has them."""

    result: str
    reason: str
    duration_us: int
    totals: Mapping[str, Mapping[str, int]]
    journal: str
    output_unknown: bool = False
    simulated: bool = False
    forced_code: int | None = None
    pulls_mn: Mapping[str, int] = field(default_factory=dict)  # of a simulated body, by channel
    cries: Mapping[str, int] = field(default_factory=dict)  # how often it said that it hurts, by channel

    @property
    def exit_code(self) -> int:
        """What the command line ends with."""
        return int(RESULT_CODES.get(self.result, ExitCode.INTERNAL)) if self.forced_code is None else self.forced_code

    @property
    def cause(self) -> str:
        """The reason without a full stop of its own: some come as whole sentences, and all are put into one."""
        return self.reason.rstrip(".")

    def to_json(self) -> str:
        """The result as documented in the README."""
        return json.dumps(self.facts())

    def facts(self) -> dict[str, Any]:
        """The same as plain values."""
        channels = {
            channel: {
                "pulses": total["pulses"],
                "contractions": total["contractions"],
                "peak_ma": total["peak_ua"] / 1_000,
                "charge_mc": total["charge_pc"] / 1_000_000_000,
            }
            for channel, total in self.totals.items()
        }
        for channel, pull_mn in self.pulls_mn.items():
            channels[channel] |= {"pull_n": pull_mn / 1_000, "cries": self.cries.get(channel, 0)}
        return {
            "result": self.result,
            "reason": self.cause,
            "duration_s": self.duration_us / 1_000_000,
            "channels": channels,
            "simulated": self.simulated,
            "output_unknown": self.output_unknown,
            "journal": self.journal,
        }


def refused_run(reasons: Sequence[str], simulated: bool) -> Outcome:
    """A session that never began: nothing was connected, and there is no record of it."""
    return Outcome("refused", " ".join(reasons), 0, {}, "", simulated=simulated)


def print_outcome(outcome: Outcome, as_json: bool) -> None:
    """The result on standard output; an unknown output in capitals on standard error whatever else is asked for."""
    if as_json:
        click.echo(outcome.to_json())
    else:
        click.echo(f"{'SIMULATION: session' if outcome.simulated else 'Session'} {outcome.result}: {outcome.cause}.")
        for channel, total in outcome.totals.items():
            click.echo(
                f"  channel {channel}: {counted(total['contractions'], 'contraction')}, {counted(total['pulses'], 'pulse')}, "
                f"peak {total['peak_ua'] / 1_000:g} mA, {total['charge_pc'] / 1e9:.3f} mC{_pull(outcome.pulls_mn.get(channel))}"
            )
        for channel, times in outcome.cries.items():
            click.echo(
                f"  channel {channel}: IT HURT: the simulated patient cried out {counted(times, 'time')}. "
                "Find the comfort level first: emscontrol threshold."
            )
        click.echo(f"  {outcome.duration_us / 1e6:.1f} s; record: {outcome.journal}")
    if outcome.output_unknown:
        click.echo("*** OUTPUT UNKNOWN. Pull the leads off the stimulator now. ***", err=True)


def _pull(pull_mn: int | None) -> str:
    return "" if pull_mn is None else f"; the simulated muscle pulled with up to {pull_mn / 1_000:.1f} N"
