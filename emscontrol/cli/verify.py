"""`emscontrol verify`."""

import json
from dataclasses import asdict
from pathlib import Path

import click


@click.command()
@click.argument("journal", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print facts as JSON.")
@click.pass_context
def verify(ctx: click.Context, journal: Path, as_json: bool) -> None:
    """Is this JOURNAL as it was written? Names every line that is not."""
    from emscontrol.record.verify import LIMIT_OF_A_CHAIN
    from emscontrol.record.verify import verify as verify_journal

    report = verify_journal(journal)
    if as_json:
        click.echo(json.dumps({"journal": str(journal), "exit_code": int(report.exit_code), **asdict(report)}))
    else:
        click.echo(report.sentence())
        for problem in report.problems:
            click.echo(f"line {problem.line}: {problem.kind}: {problem.sentence}")
        click.echo(LIMIT_OF_A_CHAIN, err=True)
    ctx.exit(int(report.exit_code))
