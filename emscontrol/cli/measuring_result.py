"""What a procedure has found, for people and for programs: worked out from its record, so that it is what the record says."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from emscontrol.cli.measuring_entry import entries
from emscontrol.cli.outcome import Outcome
from emscontrol.core.errors import JournalBroken, UsageError
from emscontrol.core.events import JSON, Event
from emscontrol.core.units import format_ma
from emscontrol.measure.plot import plot, table
from emscontrol.measure.rebuild import rebuild
from emscontrol.measure.strength_duration import CurvePoint
from emscontrol.measure.suggestion import Assessment, assess
from emscontrol.record.replay import read_events
from emscontrol.session.spec import ProcedureSpec


@dataclass(frozen=True, slots=True)
class Found:
    """The findings of one record, with the points of a curve. `over` is False where the procedure was left before its end."""

    findings: tuple[Event, ...]
    over: bool
    points: tuple[CurvePoint, ...] = ()

    @property
    def thresholds(self) -> list[Event]:
        """Thresholds that were found or are absent."""
        return [event for event in self.findings if event.kind in ("threshold_found", "threshold_absent")]

    @property
    def nothing_felt(self) -> bool:
        """Nobody felt a step, so that no step can be called comfortable: where it ended, somebody who looked on ended it."""
        return any(event.kind == "threshold_absent" and event.args["threshold"] == "sensory" for event in self.findings)

    def facts(self) -> dict[str, Any]:
        """As plain values, with mA and µs."""
        facts: dict[str, Any] = {"finished": self.over}
        if self.thresholds:
            facts["thresholds"] = {
                str(event.args["threshold"]): _threshold_facts(event, self.nothing_felt) for event in self.thresholds
            }
        if self.points:
            assessment = assess(self.points)
            facts["points"] = [_point_facts(point) for point in self.points]
            facts["curves"] = [fit.facts() for fit in assessment.fits]
            facts["suggestion"] = assessment.suggestion.value
            facts["reason_for_it"] = assessment.reason
        return facts


def found_in(journal: str) -> Found:
    """The findings of a record; none where there is no record that can be read."""
    try:
        rebuilt = rebuild(record.event for record in read_events(Path(journal)))
    except (JournalBroken, UsageError):
        return Found((), False)
    return Found(rebuilt.findings, rebuilt.over, rebuilt.points)


def print_measured(outcome: Outcome, as_json: bool, plain: bool, place: ProcedureSpec, pads: str) -> None:
    """The result on standard output; an unknown output in capitals on standard error whatever else is asked for.

    `place` is where it was measured and `pads` under which electrodes, as --pads takes them.
    """
    found = found_in(outcome.journal) if outcome.journal else Found((), False)
    commands = entries(found.thresholds, found.nothing_felt, place, pads)
    if as_json:
        click.echo(json.dumps(outcome.facts() | found.facts() | ({"enter": commands} if commands else {})))
    else:
        click.echo(f"{'SIMULATION: measurement' if outcome.simulated else 'Measurement'} {outcome.result}: {outcome.cause}.")
        for event in found.thresholds:
            click.echo(f"  {_threshold_line(event, found.nothing_felt, outcome.simulated)}")
        if levels := _levels(found.thresholds):
            click.echo(f"  for run: {levels}")
        if commands:
            click.echo(f"  for {'a practice book' if outcome.simulated else 'the book'}:")
        for command in commands:
            click.echo(f"    {command}")
        for line in _curve_lines(found.points, plain):
            click.echo(f"  {line}".rstrip())
        click.echo(f"  {outcome.duration_us / 1e6:.1f} s; record: {outcome.journal}")
    if outcome.output_unknown:
        click.echo("*** OUTPUT UNKNOWN. Pull the leads off the stimulator now. ***", err=True)


def _curve_lines(points: Sequence[CurvePoint], plain: bool) -> list[str]:
    if not points:
        return []
    assessment: Assessment = assess(points)
    picture = [] if plain else plot(points, assessment.fits)
    return [*picture, *table(points), f"Suggestion: {assessment.suggestion.value}. {assessment.reason}"]


def _levels(thresholds: Sequence[Event]) -> str:
    """The options of `run` that carry these thresholds; empty without a comfort level, and where nothing contracted."""
    found = {str(event.args["threshold"]): event for event in thresholds if event.kind == "threshold_found"}
    if not {"comfort", "motor"} <= found.keys():
        return ""
    named = ("comfort", "motor")
    return " ".join(f"--{name} {found[name].args['channel']}={_in_ma(found[name].args['amplitude_ua']):g}" for name in named)


def _threshold_line(event: Event, nothing_felt: bool, simulated: bool) -> str:
    head = f"{event.args['threshold']} at {event.args['width_us']} µs: "
    if event.kind == "threshold_absent":
        return head + _absent(event, nothing_felt)
    if event.args["threshold"] != "comfort":
        return f"{head}{_ma(event, 'amplitude_ua')}, not at {_ma(event, 'below_ua')}"
    stopped = "the simulated clinician stopped" if simulated else "whoever looked on stopped"
    unfelt = f" (nothing was felt: this is where {stopped}, not a comfort level)" if nothing_felt else ""
    return f"{head}{_ma(event, 'amplitude_ua')}{unfelt}"


def _absent(event: Event, nothing_felt: bool) -> str:
    """What is known of a threshold that was not found."""
    too_much = "" if event.args.get("too_much_ua") is None else f", too much at {_ma(event, 'too_much_ua')}"
    if not event.args["up_to_ua"]:
        return f"not measured{too_much}"
    if event.args["threshold"] != "comfort":
        return f"none up to {_ma(event, 'up_to_ua')}{too_much}"
    if nothing_felt:
        return f"nothing was felt up to {_ma(event, 'up_to_ua')}"
    return f"comfortable up to {_ma(event, 'up_to_ua')}{too_much or ', the limit was not reached'}"


def _threshold_facts(event: Event, nothing_felt: bool) -> dict[str, JSON]:
    args, comfort = event.args, event.args["threshold"] == "comfort"
    facts: dict[str, JSON] = {"width_us": args["width_us"]}
    if event.kind == "threshold_absent":
        up_to_ma = _in_ma(args["up_to_ua"]) or None
        facts |= {"found_ma": None, "comfortable_up_to_ma" if comfort else "none_up_to_ma": up_to_ma}
        return facts if args.get("too_much_ua") is None else facts | {"too_much_ma": _in_ma(args["too_much_ua"])}
    facts["found_ma"] = _in_ma(args["amplitude_ua"])
    return facts | ({"nothing_felt": nothing_felt} if comfort else {"not_at_ma": _in_ma(args["below_ua"])})


def _point_facts(point: CurvePoint) -> dict[str, JSON]:
    return {
        "width_us": point.width_us,
        "found_ma": None if point.at_ua is None else point.at_ua / 1_000,
        "not_at_ma": point.below_ua / 1_000 if point.below_ua or point.at_ua is not None else None,
        **({} if point.too_much_ua is None else {"too_much_ma": point.too_much_ua / 1_000}),
    }


def _ma(event: Event, name: str) -> str:
    value = event.args[name]
    return format_ma(value) if isinstance(value, int) else "unknown"


def _in_ma(value: JSON) -> float | None:
    return value / 1_000 if isinstance(value, int) else None
