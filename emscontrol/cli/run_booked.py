"""`run --appointment`: the planned session, with everything that the book knows."""

from collections.abc import Callable
from pathlib import Path

import click

from emscontrol.cli.clinic.command import on_a_terminal
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.outcome import Outcome
from emscontrol.clinic.prescription.prescription import Prescription
from emscontrol.core.arguments import printable
from emscontrol.core.errors import EmsError, UsageError
from emscontrol.desk.handing_in import hand_in
from emscontrol.desk.next_time import what_comes_next
from emscontrol.desk.occasion import Occasion, announcement
from emscontrol.desk.running import prepare
from emscontrol.desk.wanted import Attendant, Wanted
from emscontrol.devices.registry import profile
from emscontrol.protocol.load import LoadedProtocol, load_text
from emscontrol.safety.screening import Answer
from emscontrol.safety.screening_rules import ScreeningRule
from emscontrol.session.spec import SessionSpec
from emscontrol.wiring.address import parse_address

Play = Callable[[SessionSpec], Outcome]
MakeSpec = Callable[[LoadedProtocol, str, dict[str, int], dict[str, int], str], SessionSpec]
"""(protocol, device, comfort and motor levels in µA by channel, booking) to the session that the command line asks for."""

_ANSWERS = {"y": Answer.YES, "n": Answer.NO, "?": Answer.UNKNOWN}


def run_booked(home: str, wanted: Wanted, make: MakeSpec, play: Play) -> Outcome:
    """Run an appointment's session. Raises what stands in its way; after it the journal is handed in, or waits."""
    desk = Desk(home)
    try:
        running = prepare(desk, wanted, AT_THE_TERMINAL, lambda chosen: _announced(desk, chosen, make))
        chosen, given = running.chosen, running.chosen.prescription
        began = True
        try:
            outcome = play(running.spec)
            began = bool(outcome.journal)
        except EmsError:
            began = False
            raise
        finally:
            running.let_go(began)
        if began and hand_in(desk, _say, chosen.actor, Path(outcome.journal)):
            _tell_next(desk, given)
        return outcome
    finally:
        desk.close()


def _announced(desk: Desk, chosen: Occasion, make: MakeSpec) -> SessionSpec:
    """The session of this occasion, after it was said whose it is."""
    given = chosen.prescription
    zone = desk.zone if chosen.online else None
    for line in announcement(chosen, f"{given.starts_at.astimezone(zone):%Y-%m-%d %H:%M}"):
        _say(line)
    loaded = load_text(given.protocol_text, f"plan {given.booking.plan}")
    return make(loaded, chosen.device, given.amplitudes_ua("comfort"), given.amplitudes_ua("motor"), given.booking.to_json())


def _tell_next(desk: Desk, given: Prescription) -> None:
    """On standard error. Nothing is raised: the session is over, and its record is handed in."""
    add = f"emscontrol outcome add {given.booking.patient}"
    _say(f"Now enter: {add} nrs 0-10, … skin 0-3, … rpe --scale cr10; doms the day after.")
    try:
        for line in what_comes_next(desk, given):
            _say(printable(line))
    except EmsError as problem:
        _say(f"What comes next cannot be told: {problem}")


def _say(text: str) -> None:
    click.echo(text, err=True)


def _code() -> str:
    if not on_a_terminal():
        raise UsageError("Who is the patient?", "Give the code on the patient's own card with --patient.")
    return str(click.prompt("Code on the patient's card", err=True))


def _answer(rule: ScreeningRule) -> Answer:
    if not on_a_terminal():
        raise UsageError(f"To be asked before this session: {rule.question}", "Run it on a terminal, where it is asked.")
    return _ANSWERS[click.prompt(rule.question, type=click.Choice(list(_ANSWERS)), err=True)]


def _denervation(device: str) -> bool:
    return profile(parse_address(device).model).capabilities.denervation


AT_THE_TERMINAL = Attendant(_say, _code, _answer, _denervation)
"""Who ran the command."""
