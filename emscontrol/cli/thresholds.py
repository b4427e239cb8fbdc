"""Reading CHANNEL=MA: amplitudes on the command line, exactly or not at all."""

import re
from decimal import Decimal

import click

from emscontrol.core.units import ua_from_ma

_FIGURE = re.compile(r"(?P<channel>[1-9][0-9]?)=(?P<ma>[0-9]{1,3}(\.[0-9]{1,3})?)", re.ASCII)


def read_thresholds(texts: tuple[str, ...], option: str) -> dict[str, int]:
    """{channel: µA}. One number format: a point for decimals, no thousands, no unit; anything else is refused."""
    found: dict[str, int] = {}
    for text in texts:
        match = _FIGURE.fullmatch(text)
        if match is None:
            raise click.BadParameter(
                f"{text!r} is not CHANNEL=MA. Write it like 1=22.5: channel, equals sign, milliamperes with a point, no unit.",
                param_hint=option,
            )
        channel = match["channel"]
        if channel in found:
            raise click.BadParameter(f"channel {channel} is given twice.", param_hint=option)
        found[channel] = ua_from_ma(Decimal(match["ma"]))
    return found
