"""Options that several verbs of the book have."""

from typing import Final

import click

from emscontrol.cli.clinic.typed import DAY, TIME, day, time_of_day

WHY: Final = click.option("--why", required=True, help="Why, in a few words.")
SEEN: Final = click.option(
    "--seen",
    type=click.IntRange(1),
    default=None,
    metavar="VERSION",
    help="The version you looked at; a conflict if somebody has changed it since.",
)
NOTE: Final = click.option("--note", default="", help="A remark, on one line.")
ON: Final = click.option(
    "--on", "on", type=day, default=None, metavar=DAY, help="The day it was taken, with --at; now if left out."
)
AT: Final = click.option("--at", type=time_of_day, default=None, metavar=TIME, help="The time it was taken, as 10:00.")
SIDE: Final = click.option("--side", type=click.Choice(["left", "right"]), required=True, help="Side of the body.")
MUSCLE: Final = click.option("--muscle", required=True, metavar="ID", help="Muscle, as docs/muscles.md lists them.")
