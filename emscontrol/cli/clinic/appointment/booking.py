"""`emscontrol appointment book` and `plan`."""

from datetime import date, time

import click

from emscontrol.cli.clinic.appointment.facts import appointment_facts, sentence
from emscontrol.cli.clinic.appointment.options import AT, DAY_OPTION, LENGTH, OVERRULE, STIMULATOR, THERAPIST
from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.typed import TIME, time_of_day, weekdays
from emscontrol.clinic.appointments.booking import book as book_one
from emscontrol.clinic.appointments.booking import book_plan
from emscontrol.clinic.appointments.renewing import renew_plan
from emscontrol.clinic.patients.patients import find_patient
from emscontrol.core.units import counted


@book_command
@click.argument("patient")
@DAY_OPTION
@AT
@click.option("--plan", type=int, default=None, metavar="NUMBER", help="The plan that it is a session of.")
@LENGTH
@THERAPIST
@STIMULATOR
@OVERRULE
def book(
    desk: Desk,
    patient: str,
    day: date,
    at: time,
    plan: int | None,
    minutes: int | None,
    therapist: str | None,
    stimulator: str | None,
    overrule: str,
) -> None:
    """Book one appointment of PATIENT. What is left out is as the plan says."""
    with desk.writing("appointments") as (session, _, now):
        row = book_one(
            session,
            find_patient(session, patient).id,
            desk.moment(day, at),
            now,
            desk.book.about,
            plan_id=plan,
            minutes=minutes,
            therapist=therapist,
            stimulator=stimulator,
            overrule=overrule,
        )
        [facts] = appointment_facts(session, [row])
    desk.paper.done(sentence(desk.paper, facts, "is booked"), facts)


@book_command
@click.argument("plan", type=int)
@click.option("--days", type=weekdays, default="", metavar="mon,wed,fri", help="Weekdays; spread over the week if left out.")
@click.option("--at", "times", type=time_of_day, multiple=True, required=True, metavar=TIME, help="Time of day (repeatable).")
@click.option("--anew", default="", metavar="WHY", help="Call off those still to come first, with this reason.")
def plan(desk: Desk, plan: int, days: tuple[int, ...], times: tuple[time, ...], anew: str) -> None:
    """Book every session that PLAN still needs, all of them or none.

    Holidays, closed days and muscles that must rest are passed by to a later day, which is told.
    """
    with desk.writing("appointments") as (session, _, now):
        if anew:
            called_off, booked = renew_plan(session, plan, days, times, anew, now, desk.book.about)
        else:
            called_off, booked = [], book_plan(session, plan, days, times, now, desk.book.about)
        rows = appointment_facts(session, [each.appointment for each in booked])
    for row, each in zip(rows, booked, strict=True):
        row["note"] = each.note
    if desk.as_json:
        desk.paper.facts({"plan": plan, "called_off": [row.id for row in called_off], "appointments": rows})
        return
    if called_off:
        desk.paper.lines([f"{counted(len(called_off), 'appointment')} of plan {plan} called off: {anew}."], {})
    if not rows:
        desk.paper.lines([f"Plan {plan} needs no other."], {})
        return
    first, last = (desk.paper.shown(rows[place]["starts_at"]) for place in (0, -1))
    moved = [f"  {desk.paper.shown(row['starts_at'])}: {row['note']}" for row in rows if row["note"]]
    lines = [f"{counted(len(rows), 'appointment')} of plan {plan}: from {first} to {last}.", *moved]
    desk.paper.lines(lines, {})
