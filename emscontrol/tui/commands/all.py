"""All commands of the program."""

from collections.abc import Mapping
from typing import Final

from textual.binding import BindingType

from emscontrol.tui.commands.bedside import AFTER, CHECKS
from emscontrol.tui.commands.calendar import CALENDAR, NEW_PLAN, PLAN
from emscontrol.tui.commands.devices import DEVICES
from emscontrol.tui.commands.door import TOUR
from emscontrol.tui.commands.everywhere import EVERYWHERE, PAGES
from emscontrol.tui.commands.measure import MEASURE, STEPS
from emscontrol.tui.commands.patients import PATIENT, PATIENTS, QUESTIONS
from emscontrol.tui.commands.protocols import PROTOCOL, PROTOCOLS
from emscontrol.tui.commands.records import RECORDS
from emscontrol.tui.commands.replay import REPLAY
from emscontrol.tui.commands.session import SESSION, SETUP
from emscontrol.tui.commands.settings import SETTINGS
from emscontrol.tui.commands.table import Command, Where, bindings_of
from emscontrol.tui.commands.today import TODAY

COMMANDS: Final = (
    *EVERYWHERE,
    *PAGES,
    *PROTOCOLS,
    *PROTOCOL,
    *TODAY,
    *PATIENTS,
    *PATIENT,
    *QUESTIONS,
    *RECORDS,
    *REPLAY,
    *DEVICES,
    *SETTINGS,
    *TOUR,
    *CALENDAR,
    *PLAN,
    *NEW_PLAN,
    *SETUP,
    *SESSION,
    *CHECKS,
    *AFTER,
    *MEASURE,
    *STEPS,
)
BY_PLACE: Final[Mapping[Where, Mapping[str, Command]]] = {
    where: {command.name: command for command in COMMANDS if command.where is where} for where in Where
}


def bindings(*places: Where) -> list[BindingType]:
    """The bindings of these places."""
    return bindings_of(command for command in COMMANDS if command.where in places)
