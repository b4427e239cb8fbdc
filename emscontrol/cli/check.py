"""`emscontrol check`."""

import json
from pathlib import Path
from typing import Any

import click

from emscontrol.cli.app import tell
from emscontrol.core.errors import EmsError, ExitCode, ProtocolFileError


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
@click.option("--device", "model", default=None, help="Check for this model only; otherwise for every known one.")
@click.option("--json", "as_json", is_flag=True, help="Print facts as JSON, one object a file.")
@click.pass_context
def check(ctx: click.Context, files: tuple[Path, ...], model: str | None, as_json: bool) -> None:
    """Are these protocol FILES right, and what may they do? Exit 0 fine, 1 refused by a rule, 2 unreadable."""
    worst = ExitCode.FINE
    for file in files:
        facts = _facts(file, model)
        worst = max(worst, ExitCode(facts["exit_code"]))
        if as_json:
            click.echo(json.dumps(facts))
        else:
            _print(file, facts)
    ctx.exit(int(worst))


def _facts(file: Path, model: str | None) -> dict[str, Any]:
    from emscontrol.devices.registry import MODELS, profile
    from emscontrol.protocol.load import load_file

    models = list(MODELS) if model is None else [model]
    for name in models:
        profile(name)
    try:
        loaded = load_file(file)
    except ProtocolFileError as problem:
        return {"file": str(file), "exit_code": 2, "problems": list(problem.problems), "remedy": problem.remedy}
    devices = {name: _on_device(loaded, name) for name in models}
    runs_somewhere = any(not device["reasons"] for device in devices.values())
    return {
        "file": str(file),
        "exit_code": int(ExitCode.FINE if runs_somewhere else ExitCode.REFUSED),
        "protocol": loaded.protocol.id,
        "title": loaded.protocol.title,
        "sha256": loaded.sha256,
        "devices": devices,
    }


def _on_device(loaded: Any, model: str) -> dict[str, Any]:
    from emscontrol.cli.facts import ceiling_facts, verdict_facts
    from emscontrol.core.errors import DeviceMisfit
    from emscontrol.wiring.examine import examine

    try:
        examination = examine(loaded, model, {}, {})
    except DeviceMisfit as misfit:
        return {"reasons": list(misfit.reasons), "warnings": [], "ceilings": []}
    except EmsError as problem:
        return {"reasons": [problem.what], "warnings": [], "ceilings": []}
    judgement = examination.judgement
    return {
        "reasons": [verdict.sentence() for _, verdict in judgement.refused],
        "warnings": [verdict_facts(c, v) for c, v in judgement.warned],
        "ceilings": [ceiling_facts(c) for c in judgement.ceilings],
    }


def _print(file: Path, facts: dict[str, Any]) -> None:
    if "problems" in facts:
        tell(ProtocolFileError(f"{file} cannot be used.", tuple(facts["problems"]), facts["remedy"]))
        return
    click.echo(f"{file}: {facts['title']} ({facts['protocol']}), file is well formed")
    for name, device in facts["devices"].items():
        if device["reasons"]:
            click.echo(f"  {name}: not possible")
            for reason in device["reasons"]:
                click.echo(f"    {reason}")
            continue
        click.echo(f"  {name}: possible")
        for ceiling in device["ceilings"]:
            train, binding = ceiling["train"], ceiling["binding"]
            click.echo(
                f"    channel {ceiling['channel']}, {train['pulse_width_us']} µs at {train['rate_hz']:g} Hz: at most "
                f"{ceiling['allowed_ma']:g} mA (binding: {binding['quantity']}, {binding['source']}, {binding['certainty']})"
            )
