"""Options that several verbs of the book have."""

from typing import Final

import click

from emscontrol.cli.clinic.typed import DAY, day

WHY: Final = click.option("--why", required=True, help="Why, in a few words.")
SEEN: Final = click.option(
    "--seen",
    type=click.IntRange(1),
    default=None,
    metavar="VERSION",
    help="The version you looked at; a conflict if somebody has changed it since.",
)
NOTE: Final = click.option("--note", default="", help="A remark, on one line.")
ON: Final = click.option("--on", "on", type=day, default=None, metavar=DAY, help="The day; today if left out.")
SIDE: Final = click.option("--side", type=click.Choice(["left", "right"]), required=True, help="Side of the body.")
MUSCLE: Final = click.option("--muscle", required=True, metavar="ID", help="Muscle, as docs/muscles.md lists them.")
