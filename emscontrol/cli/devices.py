"""`emscontrol devices`."""

import json
from dataclasses import asdict

import click

from emscontrol.core.errors import ExitCode


@click.command()
@click.option("--port", "ports", multiple=True, help="Ask this port too (repeatable).")
@click.option("--no-probe", is_flag=True, help="List ports only; say nothing to what is on them.")
@click.option("--json", "as_json", is_flag=True, help="Print facts as JSON.")
@click.pass_context
def devices(ctx: click.Context, ports: tuple[str, ...], no_probe: bool, as_json: bool) -> None:
    """Ports, and what is on them. Whatever answers is brought to zero; nothing is armed."""
    from emscontrol.devices.registry import MODELS
    from emscontrol.session.runtime import runtime_folder
    from emscontrol.wiring.scan import scan

    found = list(scan(runtime_folder(ctx.obj), ports, probe=not no_probe))
    simulators = [{"device": f"{name}@sim", "about": model.about} for name, model in MODELS.items()]
    if as_json:
        click.echo(json.dumps({"ports": [asdict(port) for port in found], "simulators": simulators}))
    else:
        for port in found:
            what = f"{port.model}@{port.port}  {port.serial} {port.firmware}" if port.model else f"{port.port}  {port.note}"
            click.echo(f"{what.rstrip()}  [{port.description}]")
        if not found:
            click.echo("No serial port on this machine.", err=True)
        for simulator in simulators:
            click.echo(f"{simulator['device']}  simulated: {simulator['about']}")
    asked_in_vain = [port for port in found if port.port in ports and not port.model]
    ctx.exit(int(ExitCode.DEVICE if asked_in_vain else ExitCode.FINE))
