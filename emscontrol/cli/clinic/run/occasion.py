"""What is to be given at an appointment: from the book, or from the day that was kept when the book cannot be reached."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import click

from emscontrol.cli.clinic.command import on_a_terminal
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.token import kept_token
from emscontrol.clinic.prescription.prescription import Prescription
from emscontrol.clinic.prescription.resting import require_rest
from emscontrol.core.arguments import printable
from emscontrol.core.errors import BookUnreachable, NotAllowed, UsageError
from emscontrol.devices.registry import profile
from emscontrol.safety.screening import Answer, GivenAnswer, ScreeningFacts, judge_screening
from emscontrol.wiring.address import parse_address

_ANSWERS: Final = {"y": Answer.YES, "n": Answer.NO, "?": Answer.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Occasion:
    """One appointment about to be run on `device`. `online` is whether the book was there to say so."""

    prescription: Prescription
    device: str
    online: bool


def occasion(desk: Desk, number: int, patient: str, device: str, accept_estimated: bool) -> Occasion:
    """Find it, and refuse it with every reason that can be known before a stimulator is touched.

    `patient` is the code as somebody read it off the patient's own card; `device` is "" where the plan's own is meant.
    Raises UsageError, BookConflict, SafetyRefusal and what opening the book raises.
    """
    try:
        found, online = _from_the_book(desk, number), True
    except BookUnreachable as problem:
        found, online = _from_the_kept_day(desk, number, problem), False
    _same_person(found, patient)
    chosen = device or found.device
    if not chosen:
        raise UsageError(
            "No stimulator is settled for this appointment.", "Choose one with --device, or settle it in the plan."
        )
    if found.estimated and not accept_estimated:
        words = " ".join(level.words for level in found.estimated)
        raise UsageError(f"{words}", "Measure it with these pulses, or accept the estimate with --accept-estimated.")
    now = desk.now()
    require_rest(found.worked, found.zone, now)
    facts = replace(found.facts(), device_denervation=profile(parse_address(chosen).model).capabilities.denervation)
    if not online:
        facts = _asked_here(facts, now)
    judge_screening(facts, now).raise_if_standing()
    return Occasion(found.with_facts(facts), chosen, online)


def announce(chosen: Occasion, zone_words: str) -> None:
    """Say whose session it is, and by which levels, before anything is connected."""
    given, booking = chosen.prescription, chosen.prescription.booking
    born = f", born {given.birth_year}" if given.birth_year else ""
    click.echo(
        printable(f"Patient {booking.patient}{born}: session {booking.number} of plan {booking.plan}, {given.title}"), err=True
    )
    for channel, place in sorted(booking.channels.items()):
        click.echo(f"  channel {channel}: {place.muscle}, {place.side.upper()}, {place.area_mm2 / 100:g} cm²", err=True)
    for level in given.levels:
        click.echo(f"  channel {level.channel}: {level.words}", err=True)
    click.echo(f"  on {chosen.device}, appointment of {zone_words}", err=True)


def _from_the_book(desk: Desk, number: int) -> Prescription:
    from emscontrol.clinic.prescription.prescribe import prescription_for

    with desk.reading("run") as (session, actor, now):
        return prescription_for(session, number, now, desk.book.about, actor.code)


def _from_the_kept_day(desk: Desk, number: int, problem: BookUnreachable) -> Prescription:
    from emscontrol.clinic.stations.day import FILE, read_day

    click.echo(f"{problem.what} Working from the day that was kept.", err=True)
    day = read_day(desk.settings.state / FILE, desk.now(), place=desk.place().words)
    if not kept_token(desk.home, day.book):
        raise NotAllowed("Nobody is logged in here, and the book cannot be asked.", "Wait for the book.")
    entry = next((entry for entry in day.entries if entry.appointment == number), None)
    if entry is None:
        raise UsageError(f"The day that was kept has no appointment {number}.", "Look at it: emscontrol agenda --offline.")
    if not entry.prescription:
        raise UsageError(f"Appointment {number} could not be run when the day was kept: {entry.told.get('why', '')}.")
    return Prescription.from_json(entry.prescription)


def _same_person(found: Prescription, patient: str) -> None:
    if not patient:
        if not on_a_terminal():
            raise UsageError("Who is the patient?", "Give the code on the patient's own card with --patient.")
        patient = click.prompt("Code on the patient's card", err=True)
    if patient.strip() != found.booking.patient:
        raise UsageError(
            f"Appointment {found.booking.appointment} is not that of {printable(patient)}.",
            "Look at the agenda, and at the patient's card.",
        )


def _asked_here(facts: ScreeningFacts, now: datetime) -> ScreeningFacts:
    """Without the book, what is due is asked on the terminal; the answers go into the record of the session."""
    for finding in judge_screening(facts, now).standing:
        if not finding.unasked:
            continue
        rule = next(rule for rule in facts.rules if rule.id == finding.rule)
        if not on_a_terminal():
            raise UsageError(f"To be asked before this session: {rule.question}", "Run it on a terminal, where it is asked.")
        said = click.prompt(rule.question, type=click.Choice(list(_ANSWERS)), err=True)
        given = GivenAnswer(0, rule.id, _ANSWERS[said], (), now, now + timedelta(hours=rule.asked_h))
        facts = replace(facts, answers=(*facts.answers, given))
    return facts
