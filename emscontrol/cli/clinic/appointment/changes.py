"""`emscontrol appointment move`, `cancel` and `missed`."""

from datetime import date, time

import click

from emscontrol.cli.clinic.appointment.facts import appointment_facts, sentence
from emscontrol.cli.clinic.appointment.options import AT, DAY_OPTION, LENGTH, OVERRULE, STIMULATOR, THERAPIST
from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.options import SEEN, WHY
from emscontrol.clinic.appointments.changing import cancel as call_off
from emscontrol.clinic.appointments.changing import mark_missed, settle_missed
from emscontrol.clinic.appointments.changing import move as move_to
from emscontrol.clinic.appointments.waiting import slot_of, who_fits
from emscontrol.core.errors import UsageError
from emscontrol.core.units import counted


@book_command
@click.argument("appointment", type=int)
@DAY_OPTION
@AT
@WHY
@LENGTH
@THERAPIST
@STIMULATOR
@OVERRULE
@SEEN
def move(
    desk: Desk,
    appointment: int,
    day: date,
    at: time,
    why: str,
    minutes: int | None,
    therapist: str | None,
    stimulator: str | None,
    overrule: str,
    seen: int | None,
) -> None:
    """Move APPOINTMENT to another time. What is left out stays; the old time is in the trace."""
    with desk.writing("appointments") as (session, _, now):
        row = move_to(
            session,
            appointment,
            desk.moment(day, at),
            why,
            now,
            desk.book.about,
            minutes=minutes,
            therapist=therapist,
            stimulator=stimulator,
            seen=seen,
            overrule=overrule,
        )
        [facts] = appointment_facts(session, [row])
    desk.paper.done(sentence(desk.paper, facts, "is moved"), facts)


@book_command
@click.argument("appointment", type=int)
@WHY
@SEEN
def cancel(desk: Desk, appointment: int, why: str, seen: int | None) -> None:
    """APPOINTMENT will not take place. Tells who waits for such a time."""
    with desk.writing("appointments") as (session, _, now):
        row = call_off(session, appointment, why, seen=seen)
        [facts] = appointment_facts(session, [row])
        fits = [each.id for each in who_fits(session, slot_of(row), now, desk.book.about)]
    desk.paper.done(sentence(desk.paper, facts, "is cancelled"), facts | {"who_fits": fits})
    if fits:
        click.echo(f"Somebody waits for such a time: emscontrol appointment waiting --slot {appointment}", err=True)


@book_command
@click.argument("appointment", type=int, required=False)
@click.option("--why", default="", help="Why, in a few words.")
@click.option("--overdue", is_flag=True, help="Everything that has been over for a day without a session.")
@SEEN
def missed(desk: Desk, appointment: int | None, why: str, overdue: bool, seen: int | None) -> None:
    """The patient did not come to APPOINTMENT. A record that is handed in later makes it done after all."""
    if (appointment is None) != overdue:
        raise UsageError("Which appointment was missed?", "Give its number and --why, or --overdue for all that are over.")
    with desk.writing("appointments") as (session, _, now):
        if appointment is None:
            settled = settle_missed(session, now)
            desk.paper.done(f"{counted(len(settled), 'appointment')} marked as missed.", {"missed": settled})
            return
        row = mark_missed(session, appointment, why, now, seen=seen)
        [facts] = appointment_facts(session, [row])
    desk.paper.done(sentence(desk.paper, facts, "was missed"), facts)
