"""`emscontrol compare`."""

import json
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from emscontrol.cli.refusal import refusal_as_json
from emscontrol.core.errors import ExitCode
from emscontrol.core.events import printable
from emscontrol.core.units import US_PER_S

if TYPE_CHECKING:
    from emscontrol.record.comparison import Comparison, Line

PLACE = click.Path(path_type=Path, readable=False)
CELL: Final = 34  # columns of one session
NAME: Final = 25
SHOWN_AS: Final = {"µA": (1_000, "mA"), "µA/cm²": (1_000, "mA/cm²"), "pC": (10**9, "mC"), "µs": (US_PER_S, "s")}


@click.command()
@click.argument("first", type=PLACE)
@click.argument("second", type=PLACE)
@click.option("--json", "as_json", is_flag=True, help="Print facts as JSON, in the units of the record.")
@click.pass_context
def compare(ctx: click.Context, first: Path, second: Path, as_json: bool) -> None:
    """Two sessions side by side, from their journals: what, when, and what each channel was to get and got.

    = the same, + more and - less in the SECOND, ! something else, ? not known. Exit code 3 when a journal is not intact; it is
    then compared as far as it stands.
    """
    from emscontrol.record.comparison import compare as side_by_side
    from emscontrol.record.key_files import key_folder, known_keys
    from emscontrol.record.reports.session_read import read_session

    ring = known_keys(key_folder(ctx.obj))
    with refusal_as_json(as_json, lambda reasons, code: {"exit_code": code, "comparable": False, "obstacles": list(reasons)}):
        a, b = read_session(first, ring), read_session(second, ring)
    comparison = side_by_side(a, b)
    code = max(a.verified.exit_code, b.verified.exit_code, key=int)
    if as_json:
        click.echo(json.dumps(_facts(first, second, comparison, code)))
    else:
        _print(first, second, comparison)
    ctx.exit(int(code))


def _facts(first: Path, second: Path, comparison: "Comparison", code: ExitCode) -> dict[str, Any]:
    return {
        "a": str(first),
        "b": str(second),
        "exit_code": int(code),
        "comparable": not comparison.obstacles,
        "obstacles": list(comparison.obstacles),
        "lines": [asdict(line) for line in comparison.lines],
    }


def _print(first: Path, second: Path, comparison: "Comparison") -> None:
    for obstacle in comparison.obstacles:
        click.echo(f"Not comparable: {printable(obstacle)}")
    click.echo(_row(" ", "", first.name, second.name))
    channel = None
    for line in comparison.lines:
        if line.channel != channel:
            channel = line.channel
            click.echo(f"channel {channel}")
        click.echo(_told(line))


def _told(line: "Line") -> str:
    from emscontrol.record.comparison import SIGNS

    by = f"   {'+' if line.by > 0 else ''}{_figure(line.by, line.unit)}" if line.by else ""
    name = f"  {line.name}" if line.channel else line.name
    return _row(SIGNS[line.differs], name, _figure(line.a, line.unit), _figure(line.b, line.unit) + by)


def _row(sign: str, name: str, a: str, b: str) -> str:
    return f"{sign} {name:<{NAME}} {printable(a):<{CELL}} {printable(b)}".rstrip()


def _figure(value: int | str | None, unit: str) -> str:
    if value is None:
        return "not known"
    if isinstance(value, str) or not unit:
        return str(value)
    divisor, shown = SHOWN_AS[unit]
    return f"{Decimal(value) / divisor:f} {shown}"
