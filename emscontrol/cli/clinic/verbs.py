"""The verbs of the book, a table for each: where each is, and what it is for. Nothing of the book is imported for the list."""

from typing import Final

from emscontrol.cli.lazy import LazyGroup, Verbs

_HERE: Final = "emscontrol.cli.clinic"

PATIENT: Final[Verbs] = {
    "add": (f"{_HERE}.patient.people", "Enter a patient by code."),
    "show": (f"{_HERE}.patient.show", "Everything of one patient."),
    "list": (f"{_HERE}.patient.people:list_all", "All patients."),
    "change": (f"{_HERE}.patient.people", "Change code, year of birth or notes."),
    "name": (f"{_HERE}.patient.people", "Say who a code is; kept apart from everything else."),
    "forget-name": (f"{_HERE}.patient.people", "Take the name away for good."),
    "condition": (f"{_HERE}.patient.findings", "What the patient is treated for."),
    "conditions": (f"{_HERE}.patient.findings", "The conditions that there are."),
    "muscle": (f"{_HERE}.patient.findings", "Nerve and feeling of one muscle."),
    "implant": (f"{_HERE}.patient.findings", "Something in the body that current may disturb."),
    "threshold": (f"{_HERE}.patient.thresholds", "Enter a threshold that was measured."),
    "thresholds": (f"{_HERE}.patient.thresholds", "What holds today for one muscle, and from where."),
    "electrodes": (f"{_HERE}.patient.electrodes", "Open a new set of electrodes."),
    "withdraw": (f"{_HERE}.patient.withdraw", "Take back the patient, or one thing of his record."),
}
SCREEN: Final[Verbs] = {
    "rules": (f"{_HERE}.screen.rules", "The questions, and what each answer means."),
    "due": (f"{_HERE}.screen.show", "Which questions are to be asked."),
    "ask": (f"{_HERE}.screen.ask", "Ask every question that is due."),
    "answer": (f"{_HERE}.screen.ask", "Write down the answer to one question."),
    "show": (f"{_HERE}.screen.show", "What stands in the way of a session, and why."),
    "override": (f"{_HERE}.screen.clear", "Take a rule upon yourself, with a reason and an end."),
    "withdraw-override": (f"{_HERE}.screen.clear", "Take an override back, with a reason."),
    "acknowledge": (f"{_HERE}.screen.clear", "A caution was read."),
}
OUTCOME: Final[Verbs] = {
    "measures": (f"{_HERE}.outcome.measures", "What can be measured, in which unit and range."),
    "add": (f"{_HERE}.outcome.results", "Enter a result."),
    "list": (f"{_HERE}.outcome.results:list_all", "The results of a patient."),
    "trend": (f"{_HERE}.outcome.trend", "How one measure goes."),
    "withdraw": (f"{_HERE}.outcome.results", "Take a wrong result back."),
}
PLAN: Final[Verbs] = {
    "add": (f"{_HERE}.plan.prescribe", "Prescribe a protocol to a patient."),
    "show": (f"{_HERE}.plan.show", "One plan: what, how often, how far, and what is proposed."),
    "list": (f"{_HERE}.plan.show:list_all", "The plans, of one patient or all."),
    "change": (f"{_HERE}.plan.prescribe", "Change goal, frequency, length, therapist or stimulator."),
    "pause": (f"{_HERE}.plan.status", "Nothing is given until it is resumed."),
    "resume": (f"{_HERE}.plan.status", "Go on with a plan that was paused."),
    "finish": (f"{_HERE}.plan.status", "The plan is over."),
    "withdraw": (f"{_HERE}.plan.status", "Take a wrong plan back."),
    "rules": (f"{_HERE}.plan.steps", "How plans may go on: the rules of progression."),
    "propose": (f"{_HERE}.plan.steps", "Look whether a next step is due, and write it down as a proposal."),
    "accept": (f"{_HERE}.plan.steps", "Accept a proposal: from now on the plan is so."),
    "refuse": (f"{_HERE}.plan.steps", "Refuse a proposal, with a reason."),
    "adherence": (f"{_HERE}.plan.adherence", "What was delivered against what was prescribed."),
}
APPOINTMENT: Final[Verbs] = {
    "book": (f"{_HERE}.appointment.booking", "Book one appointment."),
    "plan": (f"{_HERE}.appointment.booking", "Book all appointments of a plan."),
    "list": (f"{_HERE}.appointment.show:list_all", "Appointments of a day, a patient, a plan."),
    "show": (f"{_HERE}.appointment.show", "One appointment."),
    "move": (f"{_HERE}.appointment.changes", "To another time, with a reason."),
    "cancel": (f"{_HERE}.appointment.changes", "It will not take place, with a reason."),
    "missed": (f"{_HERE}.appointment.changes", "The patient did not come, with a reason."),
    "wait": (f"{_HERE}.appointment.waiting", "Put a patient on the waiting list."),
    "waiting": (f"{_HERE}.appointment.waiting", "Who would take a slot that is free."),
    "take": (f"{_HERE}.appointment.waiting", "Give a slot that is free to somebody who waits."),
    "stop-waiting": (f"{_HERE}.appointment.waiting", "Take somebody off the waiting list."),
    "calendar": (f"{_HERE}.appointment.calendar", "Appointments as iCalendar."),
    "hours": (f"{_HERE}.appointment.hours", "When the clinic is open."),
    "holiday": (f"{_HERE}.appointment.hours", "A day on which the clinic is closed."),
    "stimulator": (f"{_HERE}.appointment.stimulators", "The clinic's stimulators: list them, or enter one."),
}
STAFF: Final[Verbs] = {
    "first": (f"{_HERE}.staff.entry", "The first supervisor of a new book."),
    "login": (f"{_HERE}.staff.entry", "Log in at this station."),
    "logout": (f"{_HERE}.staff.entry", "Log out."),
    "whoami": (f"{_HERE}.staff.entry", "Who is logged in here, and what he may do."),
    "list": (f"{_HERE}.staff.people:list_all", "Everybody who works here."),
    "add": (f"{_HERE}.staff.people", "Enter a member of staff."),
    "role": (f"{_HERE}.staff.people", "Give somebody another role."),
    "secret": (f"{_HERE}.staff.people", "A new PIN or passphrase."),
    "withdraw": (f"{_HERE}.staff.people", "Somebody does not work here any more."),
}
BOOK: Final[Verbs] = {
    "create": (f"{_HERE}.book.making", "Make a new book."),
    "show": (f"{_HERE}.book.making", "What this book is, and how much is in it."),
    "check": (f"{_HERE}.book.checking", "Is every row as it was written?"),
    "backup": (f"{_HERE}.book.keeping", "Write a copy of the whole book into one file."),
    "restore": (f"{_HERE}.book.keeping", "Make the book again from a backup."),
    "upgrade": (f"{_HERE}.book.keeping", "Bring an older book up to date."),
    "rebuild": (f"{_HERE}.book.journals", "Throw the index of sessions away and make it again from the journals."),
    "hand-in": (f"{_HERE}.book.journals", "Hand in journals that the book does not have yet."),
    "holds": (f"{_HERE}.book.journals", "Which stimulators are held right now, and by whom."),
}


def _group(name: str, table: Verbs, about: str) -> LazyGroup:
    return LazyGroup(name, table=table, help=about)


patient = _group("patient", PATIENT, "Patients: by code; a name is optional and kept apart.")
screen = _group("screen", SCREEN, "The screening: what was asked, what was answered, and what stands in the way of a session.")
outcome = _group("outcome", OUTCOME, "What was measured of a patient, and how it goes.")
plan = _group("plan", PLAN, "A protocol prescribed to a patient: how often, how long, and how it goes on.")
appointment = _group("appointment", APPOINTMENT, "Appointments; days as 2026-03-02 and times as 10:00, in the clinic's zone.")
staff = _group(
    "staff", STAFF, "Who works here. PINs are asked for, or read with --pin-stdin; they are no words of a command line."
)
book = _group("book", BOOK, "The clinic's book itself.")
