"""`emscontrol export`."""

import sys
from pathlib import Path

import click


@click.command()
@click.argument("journal", type=click.Path(path_type=Path, readable=False))
@click.option("--format", "kind", type=click.Choice(["csv", "json"]), required=True, help="What to write.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, readable=False),
    default=None,
    help="File to write; standard output if left out.",
)
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there.")
def export(journal: Path, kind: str, output: Path | None, overwrite: bool) -> None:
    """The session log of a JOURNAL for a spreadsheet or a script."""
    from emscontrol.record.export import export as export_journal
    from emscontrol.record.export import write_export

    if output is None:
        export_journal(journal, kind, sys.stdout)
        return
    write_export(journal, kind, output, overwrite=overwrite)
    click.echo(f"Wrote {output}.", err=True)
