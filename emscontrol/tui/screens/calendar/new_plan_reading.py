"""What a new plan begins with, and what would come of it: read from the book, nothing is written but by `made`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING

from emscontrol.desk.desk import AtWork
from emscontrol.protocol.load import LoadedProtocol
from emscontrol.tui.station import Station

if TYPE_CHECKING:
    from emscontrol.clinic.appointments.placing import NotPlaced, Placed
    from emscontrol.clinic.plans.suggest import Examined


@dataclass(frozen=True, slots=True)
class Beginning:
    """Whose plan it is and who and what there is to choose from."""

    patient: str
    called: str
    conditions: tuple[str, ...]
    examined: "tuple[Examined, ...]"
    staff: tuple[str, ...]
    stimulators: tuple[str, ...]
    me: str
    today: date
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A plan as it is typed, each part read."""

    loaded: LoadedProtocol
    sides: Mapping[int, str]
    goal: str
    per_week: int
    weeks: int
    starts_on: date
    weekdays: tuple[int, ...]
    times: tuple[time, ...]
    therapist: str
    stimulator: str
    progression: str


async def beginning(station: Station, code: str) -> Beginning:
    """Raises what the book raises."""
    about = await station.about()

    def read(work: AtWork) -> Beginning:
        from emscontrol.clinic.appointments.wall_time import on_clock
        from emscontrol.clinic.patients.page import patient_page
        from emscontrol.clinic.patients.patients import find_patient
        from emscontrol.clinic.plans.rules import progression
        from emscontrol.clinic.plans.suggest import Examined
        from emscontrol.clinic.staff.keep import list_staff
        from emscontrol.clinic.stations.stimulators import list_stimulators

        page = patient_page(work.session, find_patient(work.session, code).id, work.now, about)
        return Beginning(
            patient=page.code,
            called=f"{page.given} {page.family}".strip(),
            conditions=tuple(row.condition for row in page.conditions),
            examined=tuple(Examined(row.muscle, row.side, row.lmn, row.sensation) for row in page.muscles),
            staff=tuple(row.code for row in list_staff(work.session) if row.role != "reader"),
            stimulators=tuple(row.name for row in list_stimulators(work.session)),
            me=work.actor.code,
            today=on_clock(work.now, about.zone).date(),
            rules=tuple(progression().sets),
        )

    return await station.read("look", read)


async def laid_out(station: Station, patient: str, wanted: Wanted) -> "Sequence[Placed | NotPlaced]":
    """A time for each session, or why it has none. Raises UsageError for a week that cannot be."""
    about = await station.about()

    def read(work: AtWork) -> "Sequence[Placed | NotPlaced]":
        from emscontrol.clinic.appointments.preview import Draft, draft_wish, lay_out
        from emscontrol.clinic.plans.rules import rule_set
        from emscontrol.clinic.plans.slots import usual_slot_min

        rules = rule_set(wanted.progression)
        channels = wanted.loaded.protocol.channels
        muscles = [(channel.muscle, wanted.sides.get(number, channel.side.value)) for number, channel in channels.items()]
        wish = draft_wish(work.session, patient, muscles, rules.rest_min_h, wanted.therapist, wanted.stimulator)
        slot_min = usual_slot_min(wanted.loaded, rules.room_min)
        draft = Draft(wish, wanted.per_week, wanted.per_week * wanted.weeks, slot_min, wanted.starts_on)
        return lay_out(work.session, draft, wanted.weekdays, wanted.times, work.now, about)

    return await station.read("look", read)


async def made(station: Station, patient: str, wanted: Wanted) -> int:
    """The plan with all of its appointments, or nothing at all. Returns its number. Raises every reason why not."""
    about = await station.about()

    def write(work: AtWork) -> int:
        from emscontrol.clinic.appointments.booking import book_plan
        from emscontrol.clinic.plans.prescribe import Order, prescribe
        from emscontrol.clinic.staff.roles import require

        order = Order(
            patient=patient,
            goal=wanted.goal,
            sessions_per_week=wanted.per_week,
            weeks=wanted.weeks,
            starts_on=wanted.starts_on,
            therapist=wanted.therapist,
            stimulator=wanted.stimulator,
            sides=wanted.sides,
            progression=wanted.progression,
        )
        require(work.actor, "appointments")
        plan = prescribe(work.session, work.actor, wanted.loaded, order)
        book_plan(work.session, plan.id, wanted.weekdays, wanted.times, work.now, about)
        return plan.id

    return await station.write("plans", write)
