"""`emscontrol threshold`."""

from typing import Unpack

import click

from emscontrol.cli.measuring import Asked, measuring_options
from emscontrol.cli.measuring_play import measure
from emscontrol.cli.whole import Whole


@click.command()
@click.option("--width-us", type=Whole(1), default=300, show_default=True, help="Pulse width of one phase.")
@click.option("--rate-hz", default="35", show_default=True, help="Pulses a second.")
@click.option(
    "--protocol",
    default="",
    metavar="NAME",
    help="Measure for this protocol, a file or an id of the library: muscle, pads and pulse of its channel.",
)
@measuring_options
@click.pass_context
def threshold(ctx: click.Context, width_us: int, protocol: str, plain: bool, as_json: bool, **asked: Unpack[Asked]) -> None:
    """Find where a muscle is felt, where it contracts, and what is comfortable: by steps from zero, on your word.

    Each step is a short contraction. Then say what was felt and seen: n nothing, f felt, c contracts, x contracts but is not
    felt, l comfortable limit, t too much, + up, - down, a again, d done. Space or Ctrl+C stop everything.
    """
    measure(ctx, "threshold", (width_us,), plain, as_json, asked, protocol)
