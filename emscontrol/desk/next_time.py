"""What comes next for a patient whose session is over: the next appointment, how much it gives, and what the rules say."""

from emscontrol.clinic.prescription.prescription import Prescription
from emscontrol.core.units import counted
from emscontrol.desk.desk import StationDesk


def what_comes_next(desk: StationDesk, given: Prescription) -> list[str]:
    """The lines to be told. Raises what the book raises; nothing depends on it, for the session is over and handed in."""
    from emscontrol.clinic.agenda.agenda import next_for
    from emscontrol.clinic.appointments.wall_time import on_clock
    from emscontrol.clinic.patients.patients import find_patient
    from emscontrol.clinic.plans.progression import what_ends
    from emscontrol.clinic.plans.steps import is_first, outlook, protocol_now
    from emscontrol.clinic.sessions.adherence import given_at, given_words
    from emscontrol.clinic.sessions.read_journal import prescribed_contractions
    from emscontrol.clinic.tables.plans import Plan

    patient = given.booking.patient
    with desk.reading("look") as (session, _, now):
        plan = session.get_one(Plan, given.booking.plan)
        found = outlook(session, plan, now)
        coming = next_for(session, find_patient(session, patient).id, now, desk.book.about)
        entry = given_at(session, given.booking.appointment)
        again = ", fewer than three quarters: the next session is a first one again" if is_first(session, plan) else ""
        lines = [] if entry is None else [f"This session: {given_words(entry)}{again}."]
        if coming is not None and coming.plan == plan.id:
            loaded = protocol_now(session, plan, coming.number or 1)
            amount = counted(prescribed_contractions(loaded.protocol), "contraction")
            when = on_clock(coming.starts_at, desk.zone)
            lines.append(
                f"Next: {when:%a %Y-%m-%d %H:%M}, appointment {coming.appointment}, session {coming.number} of "
                f"{coming.whole}: {amount}; this time {given.booking.contractions} were prescribed."
            )
        if found is not None and found.is_step:
            lines.append(f"Proposed: {found.changes.words()}. {found.reason} Decide it: emscontrol plan propose {plan.id}")
        elif found is not None:
            lines.append(f"The plan stays as it is: {found.reason} {what_ends(found, patient)}")
    return lines
