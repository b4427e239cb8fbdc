"""What the calendar reads from the book and writes into it; every call is one piece of work in the book's own thread."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from emscontrol.desk.desk import AtWork
from emscontrol.tui.places import named
from emscontrol.tui.screens.calendar.days import Shown, slots_of
from emscontrol.tui.station import Station

if TYPE_CHECKING:
    from emscontrol.clinic.appointments.between import Occasion
    from emscontrol.clinic.appointments.conflicts import Conflict


class Looked(NamedTuple):
    """What would come of a move: everything in the way, and a remark on the clock."""

    conflicts: tuple["Conflict", ...]
    clock: str

    @property
    def possible(self) -> bool:
        """Whether nothing is in the way that a person could not overrule."""
        from emscontrol.clinic.appointments.conflicts import CONFLICTS

        return all(CONFLICTS[each.kind].overruled for each in self.conflicts)

    @property
    def sentences(self) -> str:
        """All of it for people."""
        return " ".join(filter(None, (*(named(each.sentence) for each in self.conflicts), self.clock)))


async def read_days(station: Station, first: date, last: date, therapist: str) -> Shown:
    """The appointments from one day to another, opening hours, who works here and who waits."""
    about = await station.about()

    def read(work: AtWork) -> Shown:
        from emscontrol.clinic.appointments.between import between, therapists, waits
        from emscontrol.clinic.appointments.hours import opening_of
        from emscontrol.clinic.appointments.wall_time import DAY, first_moment

        opening = opening_of(work.session, about)
        since, until = first_moment(first, about.zone), first_moment(last + DAY, about.zone)
        slots = slots_of(between(work.session, since, until, therapist), opening)
        return Shown(first, last, work.now, opening, slots, therapists(work.session), waits(work.session, work.now))

    return await station.read("look", read)


async def today(station: Station) -> date:
    """The day it is at the clinic."""
    return await station.call(lambda desk: desk.today())


async def read_one(station: Station, appointment: int) -> "Occasion | None":
    """One appointment."""

    def read(work: AtWork) -> "Occasion | None":
        from emscontrol.clinic.appointments.between import one

        return one(work.session, appointment)

    return await station.read("look", read)


async def look_at_move(station: Station, appointment: int, wall: datetime) -> Looked:
    """What would come of putting it there."""
    about = await station.about()

    def look(work: AtWork) -> Looked:
        from emscontrol.clinic.appointments.preview import in_the_way
        from emscontrol.clinic.appointments.wall_time import moment_of

        moment = moment_of(wall, about.zone)
        return Looked(in_the_way(work.session, appointment, moment.at, work.now, about), moment.moved)

    return await station.read("look", look)


async def put(station: Station, occasion: "Occasion", wall: datetime, why: str, overrule: bool) -> None:
    """Move it. Raises what the book raises."""
    about = await station.about()

    def write(work: AtWork) -> None:
        from emscontrol.clinic.appointments.changing import move
        from emscontrol.clinic.appointments.wall_time import moment_of

        move(
            work.session,
            occasion.appointment,
            moment_of(wall, about.zone).at,
            why,
            work.now,
            about,
            seen=occasion.version,
            overrule=why if overrule else "",
        )

    await station.write("appointments", write)


async def call_off(station: Station, occasion: "Occasion", why: str) -> tuple[int, ...]:
    """It will not take place. Returns who of the waiting list would fit its time."""
    about = await station.about()

    def write(work: AtWork) -> tuple[int, ...]:
        from emscontrol.clinic.appointments.changing import cancel
        from emscontrol.clinic.appointments.waiting import slot_of, who_fits

        row = cancel(work.session, occasion.appointment, why, seen=occasion.version)
        return tuple(each.id for each in who_fits(work.session, slot_of(row), work.now, about))

    return await station.write("appointments", write)


async def give_slot(station: Station, entry: int, freed: "Occasion") -> None:
    """The time of an appointment that was called off goes to one who waits."""
    about = await station.about()

    def write(work: AtWork) -> None:
        from emscontrol.clinic.appointments.conflicts import Span
        from emscontrol.clinic.appointments.waiting import Slot, take

        span = Span(freed.starts_at, freed.ends_at)
        take(work.session, entry, Slot(span, freed.therapist, freed.stimulator), work.now, about)

    await station.write("appointments", write)


def wall_of(day: date, minute: int) -> datetime:
    """A time of the clinic's clock."""
    return datetime.combine(day, time()) + timedelta(minutes=minute)
