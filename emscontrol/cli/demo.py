"""`emscontrol demo`."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click

from emscontrol.core.units import format_ma
from emscontrol.session.spec import SessionSpec

DEMO_DEVICE = "p24@sim"
TOLD = frozenset({"connected", "armed", "started", "phase_started", "paused", "stop_confirmed", "session_ended"})


@click.command()
@click.option("--protocol", type=click.Path(path_type=Path), default=None, help="Another protocol file.")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), default=None, help="Folder for journal and scope.")
@click.pass_context
def demo(ctx: click.Context, protocol: Path | None, keep: Path | None) -> None:
    """A whole session on a simulated stimulator in virtual time, with a report at the end. Nobody is stimulated."""
    from emscontrol.cli.outcome import print_outcome
    from emscontrol.cli.run_fast import run_fast
    from emscontrol.devices.registry import profile
    from emscontrol.program.predict import totals
    from emscontrol.protocol.library import load_named
    from emscontrol.protocol.load import load_file
    from emscontrol.protocol.travel import to_line
    from emscontrol.record.place import journal_name
    from emscontrol.record.verify import verify
    from emscontrol.wiring.examine import examine, example_patient

    loaded = load_file(protocol) if protocol else load_named("acl-quadriceps")
    folder = keep or Path(tempfile.mkdtemp(prefix="emscontrol-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    patient = example_patient(loaded.protocol, profile("p24"))
    spec = SessionSpec(
        device=DEMO_DEVICE,
        protocol=to_line(loaded.protocol),
        protocol_text=loaded.text,
        sha256=loaded.sha256,
        comfort_ua={str(c): p.comfort_ua for c, p in patient.items()},
        motor_ua={str(c): p.motor_ua or 0 for c, p in patient.items()},
        journal=str((folder / journal_name(loaded.protocol.id, datetime.now(UTC))).absolute()),
        scope=str(folder / "scope.jsonl"),
    )
    click.echo(f"SIMULATION: {loaded.protocol.title} on {DEMO_DEVICE}, nobody is stimulated.")
    for channel, plan in sorted(patient.items()):
        click.echo(
            f"  channel {channel}: {loaded.protocol.channels[channel].label}, comfort level {format_ma(plan.comfort_ua)}"
        )
    examination = examine(loaded, "p24", spec.comfort_ua, spec.motor_ua)
    outcome = run_fast(spec, plain=False, only=TOLD)
    print_outcome(outcome, as_json=False)
    for channel, promised in totals(examination.program).items():
        got = outcome.totals.get(str(channel), {}).get("pulses", 0)
        verdict = "as announced" if got == promised.pulses else f"{promised.pulses} were announced"
        click.echo(f"  channel {channel}: {got} pulses, {verdict}")
    click.echo(f"Journal: {verify(Path(outcome.journal)).sentence()}")
    click.echo(f"Oscilloscope: {folder / 'scope.jsonl'}")
    ctx.exit(outcome.exit_code)
