"""What stands above and below the calendar."""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING

from emscontrol.clinic.appointments.opening import clock, hours_of
from emscontrol.clinic.appointments.wall_time import DAY, on_clock
from emscontrol.tui.language import _
from emscontrol.tui.screens.calendar.days import MONTHS, Shown, Slot, closing, monday, weekday

if TYPE_CHECKING:
    from emscontrol.clinic.appointments.between import Occasion, Waits


def headline(shown: Shown, day: date, by_month: bool, therapist: str) -> str:
    """Which days, whose, how many wait."""
    first = monday(day)
    if by_month:
        span = f"{_(MONTHS[day.month - 1])} {day.year}"
    else:
        span = _("Week {number}: {first} to {last}").format(
            number=first.isocalendar().week, first=first, last=f"{first + 6 * DAY:%m-%d}"
        )
    whose = _("of {therapist}").format(therapist=therapist) if therapist else _("everybody")
    waits = _("{count} waiting (l)").format(count=len(shown.waits)) if shown.waits else ""
    return "   ".join(filter(None, (span, whose, waits)))


def about_slot(shown: Shown, day: date, slots: Sequence[Slot], slot: Slot | None) -> str:
    """The appointment under the cursor; without one, what the day is."""
    name = f"{weekday(day)} {day}{' ' + _('(today)') if day == shown.today else ''}"
    if slot is None:
        why = closing(shown.opening, day)
        hours = f"{_('open')} {hours_of(shown.opening, day)}" if shown.opening.stretches and not why else why
        empty = _("No appointment. To book: F3, the patient, Enter on the plan, then b; n there makes a new plan.")
        return f"{name}{': ' + hours if hours else ''}. {empty}"
    what = slot.what
    place = f"{slots.index(slot) + 1}/{len(slots)}" if len(slots) > 1 else ""
    when = f"{name} {clock(slot.begin)}-{clock(slot.end)} {place}".rstrip()
    who = what.patient if what.called == what.patient else f"{what.patient} {what.called}"
    return f"{when}  {who}  {_(what.status)}\n{needs(what)}"


def needs(what: "Occasion") -> str:
    """Which session of which plan, who treats, on what, and the reason that was given."""
    number = _("session {number} of {whole}").format(number=what.number, whole=what.whole) if what.number else ""
    plan = _("{title} (plan {plan})").format(title=what.title, plan=what.plan) if what.plan is not None else _("no plan")
    settled = [what.therapist or _("therapist not settled"), what.stimulator or _("stimulator not settled")]
    reason = f"{_(what.status)}: {what.reason}" if what.reason else ""
    return ", ".join(filter(None, (number, plan, *settled, reason, why_its_time(what))))


def why_its_time(what: "Occasion") -> str:
    """Why it is at this time, "" where nobody gave a reason."""
    if not what.time_why:
        return ""
    return (_("moved: {why}") if what.moved else _("booked so: {why}")).format(why=what.time_why)


def about_waits(each: "Waits", shown: Shown, fits: bool) -> tuple[str, ...]:
    """One who waits: from when to when."""
    who = each.patient if each.called == each.patient else f"{each.patient} {each.called}"
    note = f", {each.note}" if each.note else ""
    mark = f"{_('FITS')} " if fits else ""
    return f"{mark}{who}{note}", _day(each.not_before, shown.opening.zone), _day(each.not_after, shown.opening.zone)


def _day(moment: datetime, zone: tzinfo) -> str:
    return f"{on_clock(moment, zone):%m-%d}"
