"""`emscontrol demo`."""

import contextlib
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emscontrol.cli.places import new_file
from emscontrol.core.errors import UsageError
from emscontrol.core.units import format_ma
from emscontrol.devices.registry import DEFAULT_MODEL
from emscontrol.session.spec import SessionSpec
from emscontrol.wiring.address import DEFAULT_DEVICE

if TYPE_CHECKING:
    from emscontrol.cli.outcome import Outcome
    from emscontrol.protocol.load import LoadedProtocol

SCOPE = "scope.jsonl"
TOLD = frozenset({"connected", "armed", "started", "phase_started", "paused", "stop_confirmed", "session_ended"})


@click.command()
@click.option("--protocol", type=click.Path(path_type=Path, readable=False), default=None, help="Another protocol file.")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), default=None, help="Folder for what is made.")
@click.option("--book", is_flag=True, help="A practice clinic instead: thirty invented patients and two months of sessions.")
@click.option("--screen", is_flag=True, help="A practice session on the screen instead: you give it, to a simulated patient.")
@click.option("--patients", type=click.IntRange(1, 30), default=None, help="With --book: only so many of them.")
@click.option("--jobs", type=click.IntRange(1, 64), default=os.cpu_count() or 1, help="With --book: so many at once.")
@click.pass_context
def demo(
    ctx: click.Context,
    protocol: Path | None,
    keep: Path | None,
    book: bool,
    screen: bool,
    patients: int | None,
    jobs: int,
) -> None:
    """A whole session on a simulated stimulator in virtual time, with a report at the end. Nobody is stimulated."""
    if screen:
        from emscontrol.cli.bench import workbench
        from emscontrol.tui.app import Begin, open_screen
        from emscontrol.tui.practice_folder import practice_folder

        with contextlib.nullcontext(keep) if keep else practice_folder() as home:
            code = open_screen(str(home), workbench(), Begin.PRACTICE)
        ctx.exit(code)
    if book:
        from emscontrol.cli.demo_book import demo_book

        demo_book(ctx.obj or "", keep, patients, jobs)
        return
    if patients is not None:
        raise UsageError("--patients belongs to --book.", "Leave it out.")
    from emscontrol.cli.outcome import print_outcome
    from emscontrol.cli.run_fast import run_fast
    from emscontrol.protocol.library import load_named
    from emscontrol.protocol.load import load_file

    loaded = load_file(protocol) if protocol else load_named("acl-quadriceps")
    spec = _session(loaded, _folder(keep))
    click.echo(f"SIMULATION: {loaded.protocol.title} on {DEFAULT_DEVICE}, nobody is stimulated.")
    for number, channel in sorted(loaded.protocol.channels.items()):
        click.echo(f"  channel {number}: {channel.label}, comfort level {format_ma(spec.comfort_ua[str(number)])}")
    outcome = run_fast(spec, plain=False, only=TOLD, signed=False)
    print_outcome(outcome, as_json=False)
    _report(loaded, spec, outcome)
    ctx.exit(outcome.exit_code)


def _folder(keep: Path | None) -> Path:
    """Where journal and oscilloscope go. The oscilloscope of an earlier demo there makes room."""
    folder = keep or Path(tempfile.mkdtemp(prefix="emscontrol-demo-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SCOPE).unlink(missing_ok=True)
    except OSError as problem:
        raise UsageError(f"{folder} cannot be used: {problem.strerror}.", "Choose another folder with --keep.") from problem
    new_file(folder / SCOPE, "--keep")
    return folder


def _session(loaded: "LoadedProtocol", folder: Path) -> SessionSpec:
    from emscontrol.devices.registry import profile
    from emscontrol.protocol.travel import to_line
    from emscontrol.record.place import journal_name
    from emscontrol.wiring.examine import example_patient

    patient = example_patient(loaded.protocol, profile(DEFAULT_MODEL))
    return SessionSpec(
        device=DEFAULT_DEVICE,
        protocol=to_line(loaded.protocol),
        protocol_text=loaded.text,
        sha256=loaded.sha256,
        comfort_ua={str(c): p.comfort_ua for c, p in patient.items()},
        motor_ua={str(c): p.motor_ua or 0 for c, p in patient.items()},
        journal=str((folder / journal_name(loaded.protocol.id, datetime.now(UTC))).absolute()),
        scope=str(folder / SCOPE),
    )


def _report(loaded: "LoadedProtocol", spec: SessionSpec, outcome: "Outcome") -> None:
    """Was it as announced, and is the record intact?"""
    from emscontrol.program.predict import totals
    from emscontrol.record.verify import verify
    from emscontrol.wiring.examine import examine

    announced = examine(loaded, DEFAULT_MODEL, spec.comfort_ua, spec.motor_ua).program
    for channel, promised in totals(announced).items():
        got = outcome.totals.get(str(channel), {}).get("pulses", 0)
        verdict = "as announced" if got == promised.pulses else f"{promised.pulses} were announced"
        click.echo(f"  channel {channel}: {got} pulses, {verdict}")
    click.echo(f"Journal: {verify(Path(outcome.journal)).sentence()}")
    click.echo(f"Oscilloscope: {spec.scope}")
