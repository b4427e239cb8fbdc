"""What somebody has to know of a patient before the session of an appointment, as plain values."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from emscontrol.core.errors import EmsError
from emscontrol.desk.desk import AtWork, StationDesk
from emscontrol.desk.wording import in_words, worded

if TYPE_CHECKING:
    from emscontrol.clinic.book.book import About
    from emscontrol.clinic.tables.people import Patient
    from emscontrol.clinic.tables.plans import Appointment
    from emscontrol.protocol.load import LoadedProtocol
    from emscontrol.protocol.parts import Electrode
    from emscontrol.safety.screening import ScreeningVerdict


@dataclass(frozen=True, slots=True)
class Due:
    """A question that is to be asked. `each_session` is one of those that are asked before every session."""

    rule: str
    question: str
    each_session: bool
    last: str


@dataclass(frozen=True, slots=True)
class PlaceOfPads:
    """Where the pads of a channel are; `uses` of its electrode set, None where none is kept. `name` is the muscle's in the
    catalogue, `size` that of a pad in words.
    """

    channel: int
    label: str
    muscle: str
    side: str
    area_mm2: int
    width_us: int
    uses: int | None
    name: str
    size: str


@dataclass(frozen=True, slots=True)
class Visit:
    """One appointment about to be kept. `in_the_way` are sentences of what forbids a session, `missing` what else is lacking.
    `lifted` are sentences of what speaks against it and was overridden or acknowledged, each with its condition.

    `on_its_day` is False for an appointment of another day. `first_here` when one of its muscles was never stimulated on this
    side. `estimated` when a level was carried over and not measured. `protocol_sha256` is that of the plan's protocol as it has
    become by this session.
    """

    appointment: int
    patient: str
    called: str
    birth_year: int | None
    plan: int
    number: int
    whole: int
    title: str
    protocol_sha256: str
    starts_at: datetime
    on_its_day: bool
    device: str
    first_here: bool
    news: tuple[str, ...]
    due: tuple[Due, ...]
    in_the_way: tuple[str, ...]
    lifted: tuple[str, ...]
    missing: str
    estimated: bool
    levels: tuple[str, ...]
    places: tuple[PlaceOfPads, ...]
    flags: tuple[str, ...]


DAY_H: Final = 24
"""An answer that holds for less is asked for before each session."""

FLAGS: Final = ("AD_T6", "HEART", "RHABDO")
"""Rules whose yes asks for more before a session: blood pressure and heart rate, creatine kinase (checks.yaml, PC9)."""


def visit_of(desk: StationDesk, number: int, given_now: bool = False) -> Visit:
    """Look it up; one of another day that is to be `given_now` as the session that it would be then, for its place among those
    of its plan decides what it gives. Nothing is changed.

    Raises UsageError where there is no such appointment or it has no plan, and what the book raises.
    """
    from emscontrol.clinic.appointments.changing import bring_to_now
    from emscontrol.clinic.prescription.on_its_day import is_today
    from emscontrol.clinic.prescription.prescribe import planned_at

    about = desk.book.about
    with desk.reading("run") as at_work:
        planned = planned_at(at_work.session, number)
        if not given_now or is_today(planned, about.time_zone, at_work.now):
            return _visit(at_work, number, about)
    with desk.writing("run") as at_work:
        bring_to_now(at_work.session, number, "looked at as if it were of now", at_work.now)
        found = replace(_visit(at_work, number, about), starts_at=planned, on_its_day=False)
        at_work.session.rollback()  # it is moved with the hold of its stimulator
    return found


def _visit(at_work: AtWork, number: int, about: "About") -> Visit:
    from emscontrol.clinic.book.rows import by_id
    from emscontrol.clinic.plans.steps import protocol_now
    from emscontrol.clinic.prescription.on_its_day import is_today
    from emscontrol.clinic.sessions.sites import sites_given
    from emscontrol.clinic.tables.people import Patient
    from emscontrol.clinic.tables.plans import Appointment, Plan
    from emscontrol.core.errors import UsageError

    session, _, now = at_work
    appointment = by_id(session, Appointment, number, "appointment")
    if appointment.plan_id is None:
        raise UsageError(f"Appointment {number} belongs to no plan.", "Nothing is prescribed for it.")
    plan, patient = session.get_one(Plan, appointment.plan_id), session.get_one(Patient, appointment.patient_id)
    loaded = protocol_now(session, plan, appointment.number or 1)
    news, called = _news(at_work, patient, about)
    places = _places(at_work, patient, loaded)
    due, in_the_way, lifted, flags = _screening(at_work, patient, loaded, about)
    levels, estimated, device, missing = _prescribed(at_work, appointment, about)
    return Visit(
        appointment=number,
        patient=patient.code,
        called=called,
        birth_year=patient.birth_year,
        plan=plan.id,
        number=appointment.number or 1,
        whole=plan.sessions_per_week * plan.weeks,
        title=loaded.protocol.title,
        protocol_sha256=loaded.sha256,
        starts_at=appointment.starts_at,
        on_its_day=is_today(appointment.starts_at, about.time_zone, now),
        device=device,
        first_here=not {(place.muscle, place.side) for place in places} <= sites_given(session, patient.id),
        news=news,
        due=due,
        in_the_way=in_the_way,
        lifted=lifted,
        missing=missing,
        estimated=estimated,
        levels=levels,
        places=places,
        flags=flags,
    )


def _news(at_work: AtWork, patient: "Patient", about: "About") -> tuple[tuple[str, ...], str]:
    """What is to be known since the last session, and how the patient is called."""
    from emscontrol.clinic.appointments.wall_time import on_clock
    from emscontrol.clinic.patients.page import patient_page

    page = patient_page(at_work.session, patient.id, at_work.now, about)
    called = f"{page.given} {page.family}".strip()
    if not page.last_sessions:
        return ("The first session here.", *page.alerts), called
    last = page.last_sessions[0]
    when = on_clock(last.opened_at, about.zone)
    told = (
        f"Last session {when:%a %Y-%m-%d}: {last.result}, {last.contractions} of {last.contractions_prescribed} contractions."
    )
    return (told, *page.alerts), called


def _screening(
    at_work: AtWork, patient: "Patient", loaded: "LoadedProtocol", about: "About"
) -> tuple[tuple[Due, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """(what is to be asked, what is in the way, what was lifted with its condition, flags)."""
    from emscontrol.clinic.prescription.prescribe import facts_for
    from emscontrol.clinic.screening.answering import due_questions, newest_answers
    from emscontrol.desk.occasion import lifted_of
    from emscontrol.safety.screening import judge_screening
    from emscontrol.safety.screening_facts import Answer

    session, _, now = at_work
    facts = facts_for(session, patient.id, loaded)
    verdict: ScreeningVerdict = judge_screening(replace(facts, device_denervation=True), now)
    due = tuple(
        Due(q.rule.id, q.rule.question, q.rule.asked_h < DAY_H, q.last.answer if q.last else "")
        for q in due_questions(session, patient.id, now, facts.types)
    )
    standing = tuple(
        in_words(f"{each.reason} {each.remedy}".strip(), about.zone) for each in verdict.standing if not each.unasked
    )
    newest = newest_answers(session, patient.id)
    flags = tuple(rule for rule in FLAGS if rule in newest and newest[rule].answer != Answer.NO)
    lifted = tuple(in_words(each, about.zone) for each in lifted_of(facts, verdict))
    return due, standing, lifted, flags


def _prescribed(at_work: AtWork, appointment: "Appointment", about: "About") -> tuple[tuple[str, ...], bool, str, str]:
    """(levels in words, whether one is estimated, MODEL@PORT, what is missing) if it were given now, whatever its day."""
    from emscontrol.clinic.prescription.prescribe import prescription_for

    try:
        found = prescription_for(at_work.session, appointment.id, at_work.now, about, at_work.actor.code, any_day=True)
    except EmsError as problem:
        return (), False, "", str(worded(problem, about.zone))
    missing = "" if found.device else "No stimulator is settled for this appointment. Settle it in the plan."
    return tuple(level.words for level in found.levels), bool(found.estimated), found.device, missing


def _places(at_work: AtWork, patient: "Patient", loaded: "LoadedProtocol") -> tuple[PlaceOfPads, ...]:
    from emscontrol.clinic.patients.electrode_sets import set_in_use, sets_of
    from emscontrol.safety.sites import described_site

    session, _, now = at_work
    uses = {each.id: each.uses for each in sets_of(session, [patient.id], now.date()).get(patient.id, ())}
    widths = {c: group.pulse_width_us for phase in loaded.protocol.phases for group in phase.groups for c in group.channels}
    found = []
    for number, channel in sorted(loaded.protocol.channels.items()):
        area_mm2 = channel.electrode.area_mm2
        pads = set_in_use(session, patient.id, area_mm2, channel.muscle, channel.side.value)
        place = (channel.label, channel.muscle, channel.side.value, area_mm2, widths.get(number, 0))
        used = uses.get(pads) if pads is not None else None
        found.append(PlaceOfPads(number, *place, used, described_site(channel.muscle).name, _size(channel.electrode)))
    return tuple(found)


def _size(electrode: "Electrode") -> str:
    """As it stands on the pads: 7 × 12.7 cm."""
    if electrode.diameter_cm is not None:
        return f"{electrode.diameter_cm.normalize():f} cm across"
    sides = (side for side in (electrode.width_cm, electrode.height_cm) if side is not None)
    return " × ".join(f"{side.normalize():f}" for side in sides) + " cm"
