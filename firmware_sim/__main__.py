"""`emssim`: simulated stimulators in real time, and their codec on the command line."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from firmware_sim.registry import MODELS

NOT_WHOLE = frozenset({"incomplete", "incomplete_frame", "no_frame"})
"""What the codecs call the bytes that no frame was found in."""
TOO_DEEP = "is nested too deeply: the parameters of a command are an object with plain values and lists"

_MODEL = click.Choice(sorted(MODELS))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(None, "--version", "-V", package_name="emscontrol", prog_name="emssim", message="%(prog)s %(version)s")
def cli() -> None:
    """Simulated muscle stimulators: nothing here puts out any current."""


@cli.command()
@click.argument("model", type=_MODEL)
@click.option("--pty", is_flag=True, help="Offer a pseudo-terminal (the default).")
@click.option("--tcp", metavar="HOST:PORT", help="Offer a TCP port instead; port 0 takes a free one.")
@click.option(
    "--scope", metavar="FILE", type=click.Path(path_type=Path), help="Write what comes out into this new file, as JSON lines."
)
@click.option(
    "--fault",
    "fault_texts",
    metavar="FAULT",
    multiple=True,
    help="NAME[:NUMBER[/NUMBER]][@START_S[+DURATION_S]]; may be repeated.",
)
@click.option("--watchdog-ms", type=click.IntRange(1, 3_600_000), help="Replaces the device's own watchdog time.")
@click.option("--seed", type=int, default=0, show_default=True, help="Repeats the same random damage and the same spasms.")
@click.option(
    "--body", "body_name", metavar="NAME", help="Who has the electrodes on: a name that `emssim bodies` lists, or a file."
)
@click.option(
    "--body-record",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write force and feeling into this new file, as JSON lines.",
)
def serve(
    model: str,
    pty: bool,
    tcp: str | None,
    scope: Path | None,
    fault_texts: tuple[str, ...],
    watchdog_ms: int | None,
    seed: int,
    body_name: str | None,
    body_record: Path | None,
) -> None:
    """Run a simulated MODEL until it is interrupted. The first line of standard output is what a host opens."""
    from firmware_sim.body.reading import BodyError
    from firmware_sim.bystander import Bystander
    from firmware_sim.endpoints import Endpoint, EndpointError, PtyEndpoint, TcpEndpoint
    from firmware_sim.faults import FaultTextError
    from firmware_sim.scope import Scope
    from firmware_sim.server import Server, stopped_by_signals
    from firmware_sim.world import make, plan_faults

    if pty and tcp:
        raise click.UsageError("--pty and --tcp exclude each other; give one of them")
    try:
        faults = plan_faults(model, fault_texts)
        bystander = Bystander.beside(body_name, seed, body_record)
        oscilloscope = Scope.to_file(scope) if scope else None
        endpoint: Endpoint = TcpEndpoint(*_place(tcp)) if tcp else PtyEndpoint()
    except (FaultTextError, BodyError, EndpointError) as error:
        raise click.UsageError(str(error.strerror if isinstance(error, EndpointError) and error.strerror else error)) from None
    except OSError as error:
        raise click.UsageError(f"cannot write {error.filename}: {error.strerror or error}") from None
    body = bystander.patient if bystander else None
    port = make(model, scope=oscilloscope, faults=faults, seed=seed, watchdog_ms=watchdog_ms, body=body)
    server = Server(port, endpoint, oscilloscope)
    with stopped_by_signals(server):
        server.run()
    if bystander:
        bystander.leave()


@cli.command()
def bodies() -> None:
    """List the bodies that --body takes."""
    from firmware_sim.body.library import find, names

    for name in names():
        click.echo(f"{name:16} {find(name).about}")


@cli.command()
@click.option("--markdown", is_flag=True, help="Print the tables of docs/faults.md instead.")
def faults(markdown: bool) -> None:
    """List the faults that --fault takes."""
    from firmware_sim.faults import KINDS, form

    if markdown:
        from firmware_sim.fault_page import tables

        click.echo("\n\n".join(tables().values()))
        return
    for kind, spec in KINDS.items():
        click.echo(f"{form(kind):48} {spec.about}")


@cli.group()
def wire() -> None:
    """The simulator's own codec."""


@wire.command()
@click.argument("model", type=_MODEL)
@click.option("--from", "sender", type=click.Choice(["host", "device"]), help="Who sent the bytes; found out when not given.")
@click.argument("hexadecimal", metavar="HEX...", nargs=-1, required=True)
def decode(model: str, sender: str | None, hexadecimal: tuple[str, ...]) -> None:
    """Decode frames: one JSON line each with command, params and error.

    A damaged frame has an error; its command is null where that cannot be told. Bytes of no whole frame are talked about only.
    """
    from firmware_sim.registry import Sender, codec, frame_cutter

    try:
        data = bytes.fromhex("".join(hexadecimal))
    except ValueError:
        raise click.UsageError(
            f"{_shown(' '.join(hexadecimal))} is not hexadecimal: two digits a byte, spaces allowed"
        ) from None
    senders: list[Sender] = ["host", "device"] if sender is None else ["host" if sender == "host" else "device"]
    readings = [codec(model).decode(data, each) for each in senders]
    best = min(readings, key=lambda frames: sum(frame.error is not None for frame in frames))
    whole = [frame for frame in best if frame.error not in NOT_WHOLE]
    if not whole:
        cutter = frame_cutter(model)
        begins = f"begins with {cutter.start:02x} and " if cutter.start != cutter.end else ""
        raise click.UsageError(
            f"no whole {model} frame in these {len(data)} bytes; a frame {begins}ends with {cutter.end:02x}."
        )
    for frame in whole:
        click.echo(json.dumps({"command": frame.command, "params": frame.params, "error": frame.error}))
    if len(whole) < len(best):
        click.echo("The last bytes belong to no whole frame.", err=True)


@wire.command()
@click.argument("model", type=_MODEL)
@click.argument("command")
@click.argument("params", metavar="JSON", default="{}")
def encode(model: str, command: str, params: str) -> None:
    """Encode COMMAND with the parameters of a JSON object and print its bytes."""
    from firmware_sim.registry import codec

    try:
        click.echo(codec(model).encode(command, _object(params)).hex(" "))
    except ValueError as error:
        raise click.UsageError(_brief(str(error))) from None
    except RecursionError:
        raise click.UsageError(f"{_shown(params)} {TOO_DEEP}") from None


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except RecursionError:
        raise click.UsageError(f"{_shown(text)} {TOO_DEEP}") from None
    except ValueError:  # as well for numbers of thousands of digits
        raise click.UsageError(f"{_shown(text)} is not JSON") from None
    if not isinstance(value, dict):
        raise click.UsageError(f'{_shown(text)} is not a JSON object such as {{"packet_number": 1}}')
    return value


def _brief(sentence: str) -> str:
    """A sentence that quotes what was given, without the middle of that when it is endless."""
    return sentence if len(sentence) <= 400 else f"{sentence[:200]} … {sentence[-100:]}"


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}...")


def _place(tcp: str) -> tuple[str, int]:
    host, colon, port = tcp.rpartition(":")
    if not colon or not port.isascii() or not port.isdecimal() or int(port) > 65_535:
        raise click.UsageError(f"--tcp {tcp!r} is not HOST:PORT with a port from 0 to 65535")
    return host.strip("[]") or "127.0.0.1", int(port)


def main() -> None:
    """Entry point of the `emssim` command. Exit codes: 0 fine, 2 wrong usage."""
    sys.exit(cli())


if __name__ == "__main__":
    main()
