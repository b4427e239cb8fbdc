"""`emscontrol run`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from emscontrol.cli.thresholds import read_thresholds
from emscontrol.core.errors import UsageError
from emscontrol.session.spec import SessionSpec

MAX_SPEED = "max"
SPEED_TOP = 1000.0


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--device", required=True, metavar="MODEL@PORT", help="Stimulator, for example p24@sim or p24@/dev/ttyACM0.")
@click.option("--comfort", multiple=True, required=True, metavar="CH=MA", help="Comfort level of each channel.")
@click.option("--motor", multiple=True, metavar="CH=MA", help="Motor threshold, where the protocol asks for it.")
@click.option("--speed", default="1", show_default=True, help="Simulators only: so many times real time, or max.")
@click.option("--scope", type=click.Path(dir_okay=False), default="", help="Simulators only: write the oscilloscope here.")
@click.option("--fault", "faults", multiple=True, help="Simulators only: a fault, as in emssim --help (repeatable).")
@click.option("--seed", default=0, help="Simulators only: seed of random faults.")
@click.option("--watchdog-ms", type=int, default=None, help="Simulators only: the device's own watchdog.")
@click.option("--journal", type=click.Path(dir_okay=False, path_type=Path), default=None, help="Where to keep the record.")
@click.option("--plain", is_flag=True, help="One line an event: for screen readers, bad lines and scripts.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def run(
    ctx: click.Context,
    file: Path,
    device: str,
    comfort: tuple[str, ...],
    motor: tuple[str, ...],
    speed: str,
    scope: str,
    faults: tuple[str, ...],
    seed: int,
    watchdog_ms: int | None,
    journal: Path | None,
    plain: bool,
    as_json: bool,
) -> None:
    """Run the session in FILE on a stimulator. Ctrl+C, Space or `emscontrol stop` stop it."""
    from emscontrol.cli.outcome import Outcome, print_outcome
    from emscontrol.protocol.load import load_file
    from emscontrol.protocol.travel import to_line
    from emscontrol.record.place import journal_folder, journal_name, room_for_journal

    loaded = load_file(file)
    home: str = ctx.obj
    path = journal or journal_folder(Path(home) if home else None) / journal_name(loaded.protocol.id, datetime.now(UTC))
    room_for_journal(path.parent)
    spec = SessionSpec(
        device=device,
        protocol=to_line(loaded.protocol),
        protocol_text=loaded.text,
        sha256=loaded.sha256,
        comfort_ua=read_thresholds(comfort, "--comfort"),
        motor_ua=read_thresholds(motor, "--motor"),
        journal=str(path.absolute()),
        home=home,
        speed=1.0 if speed == MAX_SPEED else _speed(speed),
        scope=scope,
        faults=faults,
        seed=seed,
        watchdog_ms=watchdog_ms,
    )
    outcome: Outcome
    if speed == MAX_SPEED:
        from emscontrol.cli.run_fast import run_fast

        outcome = run_fast(spec, plain)
    else:
        from emscontrol.cli.run_live import run_live

        outcome = run_live(spec, plain)
    print_outcome(outcome, as_json)
    ctx.exit(outcome.exit_code)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= SPEED_TOP:
        raise UsageError(f"--speed {text!r} is no speed.", f"Give a number from 0.1 to {SPEED_TOP:g}, or max.")
    return speed
