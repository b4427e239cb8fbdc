"""`emscontrol schema`."""

import json

import click


@click.command()
@click.argument("what", type=click.Choice(["protocol", "journal"]), default="protocol")
@click.option("--format", "format_", type=int, default=None, help="Format of the journal; by default the newest.")
def schema(what: str, format_: int | None) -> None:
    """JSON Schema of a protocol file or of one line of a journal, for editors and other programs."""
    if what == "journal":
        from emscontrol.record.line import FORMAT, FORMATS
        from emscontrol.record.schema.make import schema_text

        if format_ is not None and format_ not in FORMATS:
            raise click.UsageError(f"There is no format {format_}; known are {', '.join(map(str, sorted(FORMATS)))}.")
        click.echo(schema_text(FORMAT if format_ is None else format_), nl=False)
        return
    if format_ is not None:
        raise click.UsageError("--format is of journals.")
    from emscontrol.protocol.schema import schema as protocol_schema

    click.echo(json.dumps(protocol_schema(), indent=2, ensure_ascii=False))
