"""`emscontrol stop` as the help shows it; the work is done by cli/stop.py without click."""

import click

from emscontrol.cli.stop import main


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print facts as JSON.")
@click.pass_context
def stop(ctx: click.Context, as_json: bool) -> None:
    """Stop whatever this user's engines are doing."""
    arguments = ["--home", ctx.obj] if ctx.obj else []
    ctx.exit(main(arguments + (["--json"] if as_json else [])))
