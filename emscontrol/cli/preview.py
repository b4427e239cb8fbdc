"""`emscontrol preview`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emscontrol.cli.refusal import refusal_as_json
from emscontrol.cli.thresholds import channels_by_motor, check_levels, read_thresholds
from emscontrol.core.errors import ExitCode, UsageError
from emscontrol.core.units import counted
from emscontrol.devices.registry import DEFAULT_MODEL

if TYPE_CHECKING:
    from emscontrol.wiring.examine import Examination


@click.command()
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option("--device", "model", default=DEFAULT_MODEL, show_default=True, help="Stimulator model.")
@click.option(
    "--comfort", multiple=True, metavar="CH=MA", help="Comfort level of a channel; examples are used if none is given."
)
@click.option("--motor", multiple=True, metavar="CH=MA", help="Motor threshold of a channel.")
@click.option("--json", "as_json", is_flag=True, help="Print facts as JSON.")
@click.pass_context
def preview(
    ctx: click.Context, file: Path, model: str, comfort: tuple[str, ...], motor: tuple[str, ...], as_json: bool
) -> None:
    """What FILE will do: timeline, totals, and the dose against every limit. Nothing is connected."""
    from emscontrol.cli.facts import preview_facts

    with refusal_as_json(as_json, lambda reasons, _: {"refused": True, "reasons": list(reasons)}):
        examination, by_motor = _examined(file, model, comfort, motor)
    facts = preview_facts(examination)
    if as_json:
        click.echo(json.dumps(facts))
    else:
        _print(facts, by_motor)
    ctx.exit(int(ExitCode.REFUSED if facts["refused"] else ExitCode.FINE))


def _examined(file: Path, model: str, comfort: tuple[str, ...], motor: tuple[str, ...]) -> tuple["Examination", list[int]]:
    """What would happen, and the channels whose motor threshold matters for it."""
    from emscontrol.protocol.load import load_file
    from emscontrol.wiring.examine import examine

    loaded = load_file(file)
    comfort_ua, motor_ua = read_thresholds(comfort, "--comfort"), read_thresholds(motor, "--motor")
    if comfort_ua:
        check_levels(loaded.protocol, comfort_ua, motor_ua)
    elif motor_ua:
        raise UsageError("--motor is given without --comfort.", "Give both, or neither for a look with examples.")
    shown = {*channels_by_motor(loaded.protocol), *map(int, motor_ua)}
    return examine(loaded, model, comfort_ua, motor_ua), sorted(shown)


def _print(facts: dict[str, Any], by_motor: list[int]) -> None:
    click.echo(f"{facts['title']}  ({facts['protocol']})  on {facts['device']}")
    of_motor = {str(c): f" (motor threshold {facts['motor_ma'][str(c)]:g} mA)" for c in by_motor}
    comfort = ", ".join(f"channel {c} {ma:g} mA{of_motor.get(c, '')}" for c, ma in facts["comfort_ma"].items())
    options = "--comfort and --motor" if by_motor else "--comfort"
    click.echo(f"Comfort levels{f' (examples; give {options} for the patient)' if facts['comfort_assumed'] else ''}: {comfort}")
    click.echo(f"Duration {_clock(facts['duration_s'])}, {counted(len(facts['contractions']), 'contraction')}")
    _print_timeline(facts)
    _print_totals(facts)
    _print_dose(facts)


def _print_timeline(facts: dict[str, Any]) -> None:
    click.echo("\nTimeline")
    for index, phase in enumerate(facts["phases"], start=1):
        mine = [c for c in facts["contractions"] if c["phase"] == index]
        count = counted(len(mine), "contraction")
        click.echo(f"  {_clock(phase['start_s'])}  {phase['name']}: {count}, until {_clock(phase['end_s'])}")
        for contraction in mine[:3]:
            channels = ", ".join(map(str, contraction["channels"]))
            click.echo(f"    {_clock(contraction['start_s'])} to {_clock(contraction['end_s'])}  channel {channels}")
        if len(mine) > 3:
            click.echo(f"    … and {len(mine) - 3} more")


def _print_totals(facts: dict[str, Any]) -> None:
    click.echo("\nTotals")
    for channel, total in facts["channels"].items():
        click.echo(
            f"  channel {channel}  {total['label']}: {counted(total['contractions'], 'contraction')}, "
            f"{counted(total['pulses'], 'pulse')}, "
            f"peak {total['peak_ma']:g} mA, {total['charge_mc']:.3f} mC, {_clock(total['on_s'])} with current"
        )


def _print_dose(facts: dict[str, Any]) -> None:
    click.echo("\nDose against every limit (at the plateau)")
    for verdict in facts["verdicts"]:
        where = f"channel {verdict['channel']}" if verdict["channel"] else "session"
        mark = {"ok": " ", "warn": "!", "refuse": "X"}[verdict["band"]]
        click.echo(f"  {mark} {where}  {verdict['rule']}: {verdict['sentence']} Margin {verdict['margin_percent']} %.")
    click.echo("\nMost that is allowed")
    for ceiling in facts["ceilings"]:
        click.echo(
            f"  channel {ceiling['channel']}: planned {ceiling['planned_ma']:g} mA, allowed {ceiling['allowed_ma']:g} mA; "
            f"binding: {ceiling['binding']['quantity']} ({ceiling['binding']['source']})"
        )


def _clock(time_s: float) -> str:
    minutes, seconds = divmod(time_s, 60)
    return f"{int(minutes):3d}:{seconds:04.1f}"
