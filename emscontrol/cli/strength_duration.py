"""`emscontrol strength-duration`."""

from typing import Unpack

import click

from emscontrol.cli.measuring import Asked, measuring_options
from emscontrol.cli.measuring_play import measure
from emscontrol.cli.whole import Whole


@click.command(name="strength-duration")
@click.option("--width-us", "widths_us", type=Whole(1), multiple=True, help="A pulse width (repeatable); else all usual ones.")
@click.option("--rate-hz", default="", metavar="HZ", help="Pulses a second; else single ones every 2 s, or as far as can be.")
@measuring_options
@click.pass_context
def strength_duration(
    ctx: click.Context, widths_us: tuple[int, ...], plain: bool, as_json: bool, **asked: Unpack[Asked]
) -> None:
    """Measure the motor threshold at one pulse width after another, the longest first, and what that suggests of the nerve.

    After each step say what was seen: n nothing, f felt only, c contracts, x contracts but is not felt, l or t that is enough
    at this width, + up, - down, a again, d done. Space or Ctrl+C stop everything. A suggestion, no diagnosis.
    """
    from emscontrol.wiring.address import parse_address
    from emscontrol.wiring.procedures import usual_widths_us

    chosen = widths_us or usual_widths_us(parse_address(asked["device"]).model)
    measure(ctx, "strength-duration", chosen, plain, as_json, asked)
