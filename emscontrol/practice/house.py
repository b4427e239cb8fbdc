"""The house of a practice clinic: who works there, when it is open, what stands in it."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.hours import set_hours
from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.staff.keep import add_staff, first_supervisor
from emscontrol.clinic.tables.facts import Stimulator

PIN: Final = "907351"
"""Everybody's PIN in a practice book. It is printed for all to see: nothing there is worth a secret."""

STATION: Final = "practice"
SUPERVISOR: Final = Actor("sofia", "supervisor", STATION)
SPECIALIST: Final = Actor("sven", "specialist", STATION)
THERAPISTS: Final = (Actor("anna", "therapist", STATION), Actor("ben", "therapist", STATION))
STIMULATORS: Final = ("blue", "green", "red", "yellow")
DEVICE: Final = "reference@sim"

_STAFF: Final = (
    (SPECIALIST, "Dr. Sven Lindgren", "physician, electrical stimulation"),
    (THERAPISTS[0], "Anna Becker", "physiotherapist"),
    (THERAPISTS[1], "Ben Adeyemi", "physiotherapist"),
)
_OPENS_MIN: Final = 7 * 60 + 30
_CLOSES_MIN: Final = 19 * 60
_DAYS: Final = 5


def furnish(session: Session, now: datetime) -> None:
    """Staff, opening hours and stimulators, into an empty practice book."""
    first_supervisor(session, code=SUPERVISOR.code, name="Sofia Marin", secret=PIN, qualification="head of the clinic")
    for actor, name, qualification in _STAFF:
        add_staff(session, SUPERVISOR, code=actor.code, name=name, role=actor.role, secret=PIN, qualification=qualification)
    for weekday in range(_DAYS):
        set_hours(session, SUPERVISOR, now, weekday, [(_OPENS_MIN, _CLOSES_MIN)])
    session.add_all(Stimulator(name=name, device=DEVICE, serial=f"SIM-{name.upper()}") for name in STIMULATORS)
