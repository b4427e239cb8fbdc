"""`emscontrol verify`."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from emscontrol.cli.refusal import refusal_as_json

SHOWN_MAX = 10  # beyond that a file is no journal any more, or not ours


@click.command()
@click.argument("journal", type=click.Path(path_type=Path, readable=False))
@click.option("--json", "as_json", is_flag=True, help="Print facts as JSON.")
@click.pass_context
def verify(ctx: click.Context, journal: Path, as_json: bool) -> None:
    """Is this JOURNAL as it was written? Names every line that is not."""
    from emscontrol.record.verify import LIMIT_OF_A_CHAIN
    from emscontrol.record.verify import verify as verify_journal

    with refusal_as_json(as_json, lambda reasons, code: _unread(journal, reasons, code)):
        report = verify_journal(journal)
    if as_json:
        click.echo(json.dumps({"journal": str(journal), "exit_code": int(report.exit_code), **asdict(report)}))
    else:
        click.echo(report.sentence())
        for problem in report.problems[:SHOWN_MAX]:
            click.echo(f"line {problem.line}: {problem.kind}: {problem.sentence}")
        more = max(0, len(report.problems) - SHOWN_MAX) + report.more
        if more:
            click.echo(f"… and {more} more; --json lists them")
        click.echo(LIMIT_OF_A_CHAIN, err=True)
    ctx.exit(int(report.exit_code))


def _unread(journal: Path, reasons: Sequence[str], exit_code: int) -> dict[str, Any]:
    """A journal that could not be read, in the shape of one that was; line 0 is the file as a whole."""
    problems = [(0, "unreadable", reason) for reason in reasons]
    return {"journal": str(journal), "exit_code": exit_code, "ok": False, "problems": problems}
