"""A day's appointments in words: rows of the agenda, and everything about the one that is chosen."""

from datetime import date
from typing import TYPE_CHECKING

from rich.text import Text

from emscontrol.tui.language import _
from emscontrol.tui.places import named
from emscontrol.tui.screens.today.day import Day
from emscontrol.tui.widgets.listing import Column, Row

if TYPE_CHECKING:
    from emscontrol.clinic.agenda.entry import AgendaEntry

BOOKED = "booked"


def agenda_columns() -> tuple[Column, ...]:
    """What does not fit stands below, for the row that is chosen."""
    return (
        Column(_("TIME"), 5),
        Column(_("PATIENT"), 14, grow=3),
        Column(_("SESSION"), 8),
        Column(_("STATUS"), 9),
        Column(_("DUE"), 5),
        Column(_("PLAN"), 12, grow=4, from_width=68),
        Column(_("WITH"), 7, grow=1, from_width=76),
        Column(_("STIMULATOR"), 10, grow=1, from_width=92),
    )


def box_columns() -> tuple[Column, ...]:
    """The stimulators."""
    return Column(_("STIMULATOR"), 12, grow=1), Column(_("DEVICE"), 14, grow=1), Column(_("STATE"), 26, grow=3)


def agenda_rows(day: Day) -> list[Row]:
    """A row for each appointment."""
    return [_row(day, entry) for entry in day.entries]


def _row(day: Day, entry: "AgendaEntry") -> Row:
    over = entry.status != BOOKED
    due = str(len(entry.due)) if entry.due else ""
    status = Text(status_words(entry.status), style="" if not over else "dim")
    cells = (
        day.clock(entry.starts_at),
        day.who(entry),
        session_words(entry),
        status,
        Text(due and f"! {due}", style="bold"),
        entry.title,
        entry.therapist,
        entry.stimulator,
    )
    return Row(str(entry.appointment), cells)


def session_words(entry: "AgendaEntry") -> str:
    """Which session of how many."""
    return f"{entry.number} / {entry.whole}" if entry.number and entry.whole else ""


def status_words(status: str) -> str:
    """What became of an appointment."""
    known = {"booked": _("booked"), "done": _("done"), "missed": _("missed"), "cancelled": _("cancelled")}
    return known.get(status, status)


def about_entry(day: Day, entry: "AgendaEntry") -> Text:
    """Everything about one appointment: when, who, what, with whom, and what is due before it in full sentences."""
    when = f"{day.clock(entry.starts_at)}-{day.clock(entry.ends_at)}"
    needs = ", ".join(filter(None, (entry.title or _("without a plan"), entry.therapist, entry.stimulator)))
    told = Text(f"{when}  {day.who(entry)}", style="bold")
    told.append(f"  {needs}", style="not bold")
    if entry.time_why:
        words = _("Moved: {why}") if entry.moved else _("Booked so: {why}")
        told.append("\n" + words.format(why=entry.time_why), style="not bold")
    if entry.status != BOOKED:
        why = f": {entry.reason}" if entry.reason else ""
        told.append(f"\n{status_words(entry.status).upper()}{why}", style="not bold")
    elif entry.due:
        for each in entry.due:
            told.append(f"\n! {named(each.sentence)}", style="not bold")
    elif entry.plan is not None and day.is_today:
        told.append("\n" + _("Nothing is due: Enter begins."), style="not bold")
    return told


def day_words(day: date) -> str:
    """A day with its weekday."""
    names = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
    return f"{names[day.weekday()]} {day.isoformat()}"


def heading(day: Day) -> str:
    """The day, how many come and how many of them are still to come, and when this was looked up."""
    today = _("Today, {day}") if day.is_today else "{day}"
    booked = sum(entry.status == BOOKED for entry in day.entries)
    many = _("appointments: {count}, still booked: {booked}").format(count=len(day.entries), booked=booked)
    asof = _("as of {time}").format(time=day.clock(day.now))
    return "  ·  ".join((today.format(day=day_words(day.day)), many if day.entries else _("no appointments"), asof))


def nothing(day: Day) -> str:
    """What to do on a day without appointments."""
    if not day.anybody:
        return _(
            "Nobody is in this book yet. F3, then Ctrl+N enters the first patient; then n on the patient's page makes a plan, "
            "and with the plan come its appointments. To practise without any of it: F8."
        )
    if day.is_today:
        return _("No appointments today. To book: F3, the patient, Enter on the plan, then b; n there makes a new plan.")
    return _("No appointments on this day. To book: F3, the patient, Enter on the plan, then b. t goes back to today.")
