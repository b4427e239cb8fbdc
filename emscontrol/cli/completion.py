"""`emscontrol completion`."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Completion for SHELL; for bash: eval "$(emscontrol completion bash)"."""
    from emscontrol.cli.app import cli

    kind = get_completion_class(shell)
    if kind is None:
        raise click.ClickException(f"There is no completion for {shell}.")
    click.echo(kind(cli, {}, "emscontrol", "_EMSCONTROL_COMPLETE").source())
