"""`emscontrol wire`: frames of a stimulator's wire protocol to JSON and back, without a device."""

from importlib import import_module
from typing import Any, NoReturn

import click

from emscontrol.devices.codecs import FRAME_LOOKS, PAGE_MODULES, WIRE_MODULES, codec

_USAGE_EXIT = 2
_MODEL = click.Choice(sorted(WIRE_MODULES))

_TOO_DEEP = "JSON is nested too deeply: the parameters of a command are an object with plain values and lists."


class _BadInput(click.ClickException):
    exit_code = _USAGE_EXIT


@click.group()
def wire() -> None:
    """Take frames of a stimulator's wire protocol apart, or put them together."""


@wire.command()
@click.argument("model", type=_MODEL)
@click.option(
    "--from", "sender", type=click.Choice(["host", "device"]), help="Whose frames these are; both are told by default."
)
@click.argument("hex_bytes", metavar="HEX...", nargs=-1, required=True)
def decode(model: str, sender: str | None, hex_bytes: tuple[str, ...]) -> None:
    """Print one JSON line for each frame: command, params, error.

    HEX may have blanks or colons between the bytes and may hold several frames. A damaged frame has an error; its command is
    null where that cannot be told. Bytes of no whole frame are talked about only.
    """
    import json

    decoder = codec(model).Decoder(sender)
    frames = decoder.feed(_bytes_of(hex_bytes))
    for frame in frames:
        click.echo(json.dumps({"command": frame.command or None, "params": frame.params, "error": frame.error}))
    left = decoder.dropped + decoder.pending
    if not frames:
        raise _BadInput(f"no whole {model} frame in these {left} bytes; {FRAME_LOOKS[model]}.")
    if left:
        click.echo(f"{left} bytes belong to no whole frame.", err=True)


@wire.command()
@click.argument("model", type=_MODEL)
@click.argument("command")
@click.argument("params", metavar="JSON")
def encode(model: str, command: str, params: str) -> None:
    """Print the frame of COMMAND as hex. JSON is an object with its parameters, as `decode` prints them."""
    module = codec(model)
    try:
        frame: bytes = module.encode(command, _object_of(params))
    except module.BadParameter as bad:
        raise _BadInput(str(bad)) from None
    except RecursionError:
        raise _BadInput(_TOO_DEEP) from None
    click.echo(frame.hex(" "))


@wire.command()
@click.argument("model", type=click.Choice(sorted(PAGE_MODULES)))
def tables(model: str) -> None:
    """Print the tables of a published protocol as Markdown, made from the commands of its driver."""
    parts: dict[str, str] = import_module(PAGE_MODULES[model]).tables()
    click.echo("\n\n".join(parts.values()))


def _bytes_of(hex_bytes: tuple[str, ...]) -> bytes:
    digits = "".join("".join(hex_bytes).replace(":", " ").split())
    try:
        return bytes.fromhex(digits)
    except ValueError:
        wrong = next((c for c in digits if c not in "0123456789abcdefABCDEF"), None)
    reason = f"{wrong!r} is no hexadecimal digit" if wrong else f"{len(digits)} digits are no whole number of bytes"
    raise _BadInput(f"HEX cannot be read: {reason}; write two digits a byte, as f0 81 1d.")


def _object_of(text: str) -> dict[str, Any]:
    import json

    try:
        value = json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_no_number)
    except RecursionError:
        raise _BadInput(_TOO_DEEP) from None
    except ValueError as error:
        raise _BadInput(f"JSON cannot be read: {error}.") from None
    if not isinstance(value, dict):
        raise _BadInput('JSON must be an object with named parameters, as {"packet_number": 1}.')
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        double = next(key for i, (key, _) in enumerate(pairs) if key in dict(pairs[:i]))
        raise ValueError(f"{double!r} is given twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
