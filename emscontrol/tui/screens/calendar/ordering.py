"""A plan that is being made: what has to be known for it, what would come of it, and making it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING

from emscontrol.desk.desk import AtWork
from emscontrol.tui.station import Station

if TYPE_CHECKING:
    from emscontrol.clinic.appointments.opening import Opening
    from emscontrol.clinic.appointments.placing import NotPlaced, Placed
    from emscontrol.clinic.plans.prescribe import Order
    from emscontrol.clinic.plans.suggest import Examined, Suggestion
    from emscontrol.protocol.load import LoadedProtocol

Library = tuple[Mapping[str, "LoadedProtocol"], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Basis:
    """Of the patient, the clinic and the library; `devices` are the stimulators' MODEL@PORT by name.

    `supervisors` are the codes of those who may enter another stimulator, `may_add` whether who is logged in may.
    """

    patient: str
    called: str
    conditions: tuple[str, ...]
    examined: tuple["Examined", ...]
    suggestions: tuple["Suggestion", ...]
    library: Mapping[str, "LoadedProtocol"]
    unreadable: tuple[str, ...]
    therapists: tuple[str, ...]
    devices: Mapping[str, str]
    supervisors: tuple[str, ...]
    may_add: bool
    rules: Mapping[str, str]
    me: str
    today: date


@dataclass(frozen=True, slots=True)
class Ahead:
    """What would come of it: a time for each session or why it has none, how long an appointment is, the rest."""

    answers: Sequence["Placed | NotPlaced"]
    opening: "Opening"
    slot_min: int
    rest_min_h: int


async def read_library(station: Station) -> Library:
    """The library's protocols by name, and the names of the files that cannot be read. It takes a moment."""
    return await station.call(lambda desk: _library())


async def read_basis(station: Station, code: str, shelf: Library) -> Basis:
    """Everything that the form begins with."""
    day = await station.call(lambda desk: desk.today())

    def read(work: AtWork) -> Basis:
        from emscontrol.clinic.appointments.between import therapists
        from emscontrol.clinic.patients import page_parts
        from emscontrol.clinic.patients.patients import find_patient, name_of
        from emscontrol.clinic.plans.rules import progression
        from emscontrol.clinic.plans.suggest import Examined, suggested
        from emscontrol.clinic.staff.keep import list_staff
        from emscontrol.clinic.staff.roles import PERMISSIONS, may
        from emscontrol.clinic.stations.stimulators import list_stimulators

        patient = find_patient(work.session, code)
        name = name_of(work.session, patient.id)
        treated = page_parts.conditions(work.session, patient.id)
        muscles = page_parts.muscles(work.session, patient.id)
        examined = tuple(Examined(row.muscle, row.side, row.lmn, row.sensation) for row in muscles)
        library, unreadable = shelf
        protocols = {name: loaded.protocol for name, loaded in library.items()}
        return Basis(
            patient=patient.code,
            called=(f"{name.given} {name.family}".strip() if name else "") or patient.code,
            conditions=tuple(row.words for row in treated),
            examined=examined,
            suggestions=tuple(suggested(protocols, [row.condition for row in treated], examined)),
            library=library,
            unreadable=unreadable,
            therapists=tuple(therapists(work.session)),
            devices={row.name: row.device for row in list_stimulators(work.session)},
            supervisors=tuple(row.code for row in list_staff(work.session) if row.role in PERMISSIONS["book"].roles),
            may_add=may(work.actor, "book"),
            rules={each.name: each.title for each in progression().sets.values()},
            me=work.actor.code,
            today=day,
        )

    return await station.read("look", read)


async def look_ahead(
    station: Station, loaded: "LoadedProtocol", order: "Order", weekdays: Sequence[int], times: Sequence[time]
) -> Ahead:
    """What would come of it. Nothing is written. Raises what prescribing would raise, but for a goal that is missing."""
    about = await station.about()

    def look(work: AtWork) -> Ahead:
        from emscontrol.clinic.appointments.hours import opening_of
        from emscontrol.clinic.appointments.preview import Draft, draft_wish, lay_out
        from emscontrol.clinic.plans.prescribe import settle

        settled = settle(work.actor, loaded, order)
        muscles = [(each.muscle, each.side.value) for each in settled.loaded.protocol.channels.values()]
        wish = draft_wish(work.session, order.patient, muscles, settled.rest_min_h, order.therapist, order.stimulator)
        count = order.sessions_per_week * order.weeks
        draft = Draft(wish, order.sessions_per_week, count, settled.slot_min, order.starts_on)
        answers = lay_out(work.session, draft, weekdays, times, work.now, about)
        return Ahead(answers, opening_of(work.session, about), settled.slot_min, settled.rest_min_h)

    return await station.read("look", look)


async def make_plan(
    station: Station, loaded: "LoadedProtocol", order: "Order", weekdays: Sequence[int], times: Sequence[time]
) -> int:
    """Prescribe it and book all of it, or nothing. Returns the plan's number."""
    about = await station.about()

    def write(work: AtWork) -> int:
        from emscontrol.clinic.appointments.booking import book_plan
        from emscontrol.clinic.plans.prescribe import prescribe
        from emscontrol.clinic.staff.roles import require

        require(work.actor, "appointments")
        plan = prescribe(work.session, work.actor, loaded, order)
        book_plan(work.session, plan.id, weekdays, times, work.now, about)
        return plan.id

    return await station.write("plans", write)


def _library() -> Library:
    from emscontrol.core.errors import ProtocolFileError
    from emscontrol.protocol.library import library_ids, load_named

    library, unreadable = {}, []
    for name in library_ids():
        try:
            library[name] = load_named(name)
        except ProtocolFileError:
            unreadable.append(name)
    return library, tuple(unreadable)
