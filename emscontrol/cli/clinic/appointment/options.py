"""Options that several verbs of appointments have."""

from typing import Final

import click

from emscontrol.cli.clinic.typed import DAY, TIME, day, time_of_day
from emscontrol.cli.whole import Whole

DAY_OPTION: Final = click.option("--day", type=day, required=True, metavar=DAY, help="The day, as 2026-03-02.")
AT: Final = click.option("--at", type=time_of_day, required=True, metavar=TIME, help="The time of day, as 10:00.")
LENGTH: Final = click.option("--minutes", type=Whole(1), default=None, help="How long it takes.")
THERAPIST: Final = click.option("--therapist", default=None, metavar="CODE", help="Who treats.")
STIMULATOR: Final = click.option("--stimulator", default=None, metavar="NAME", help="The clinic's stimulator that is used.")
OVERRULE: Final = click.option("--overrule", default="", metavar="WHY", help="Why it may be outside opening hours.")
