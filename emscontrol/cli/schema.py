"""`emscontrol schema`."""

import json

import click


@click.command()
def schema() -> None:
    """JSON Schema of protocol files, for editors and other programs."""
    from emscontrol.protocol.schema import schema as protocol_schema

    click.echo(json.dumps(protocol_schema(), indent=2, ensure_ascii=False))
