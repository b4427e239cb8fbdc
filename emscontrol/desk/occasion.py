"""What is to be given at an appointment: from the book, or from the day that was kept when the book cannot be reached."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from emscontrol.clinic.prescription.on_its_day import is_today, require_today, words_for
from emscontrol.clinic.prescription.prescription import Prescription
from emscontrol.clinic.prescription.resting import require_rest
from emscontrol.core.arguments import printable
from emscontrol.core.errors import BookUnreachable, EmsError, UsageError
from emscontrol.desk.desk import StationDesk
from emscontrol.desk.handing_in import hand_in, require_new
from emscontrol.desk.wanted import Attendant, Wanted
from emscontrol.desk.wording import in_words, worded
from emscontrol.safety.screening import (
    GivenAnswer,
    ScreeningFacts,
    ScreeningVerdict,
    Standing,
    judge_screening,
)

if TYPE_CHECKING:
    from emscontrol.clinic.book.actor import Actor


@dataclass(frozen=True, slots=True)
class Occasion:
    """One appointment about to be run on `device`. `actor` is who runs it by the book, None when that was not to be had.

    He hands the journal in afterwards too, however long the session was. `lifted` is what speaks against the session and was
    overridden or acknowledged, a sentence each with its condition. `moved_why` is why one of another day is given now: it is
    moved in the book when its stimulator is held, and not before. "" where it stays where it is.
    """

    prescription: Prescription
    device: str
    actor: "Actor | None"
    lifted: tuple[str, ...] = ()
    moved_why: str = ""

    @property
    def online(self) -> bool:
        """Whether the book was there to say so."""
        return self.actor is not None


def occasion(desk: StationDesk, wanted: Wanted, attendant: Attendant) -> Occasion:
    """Find it, and refuse it with every reason that can be known before a stimulator is touched. Nothing is changed.

    One of another day that is wanted all the same is judged as if it were of now.
    Raises UsageError, BookConflict, SafetyRefusal and what opening the book raises.
    """
    why = " ".join(wanted.not_today.split())
    if wanted.not_today and not why:
        raise UsageError("--not-today needs a reason.", "Say in a few words why it is run today.")

    def fit(found: Prescription, actor: "Actor | None") -> Occasion:
        return _fit(found, actor, wanted, attendant, desk.now())

    try:
        return _from_the_book(desk, wanted, attendant, why, fit)
    except BookUnreachable as problem:
        found = _from_the_kept_day(desk, wanted.number, problem, attendant)
    _same_person(wanted, found.booking.patient, attendant)
    if why and not is_today(found.starts_at, found.zone, desk.now()):
        found = _with_words(found, words_for(found.starts_at, found.zone, why))
    else:
        require_today(wanted.number, found.starts_at, found.zone, desk.now())
    try:
        return fit(found, None)
    except EmsError as problem:
        worded(problem, ZoneInfo(found.zone))
        raise


def _fit(found: Prescription, actor: "Actor | None", wanted: Wanted, attendant: Attendant, now: datetime) -> Occasion:
    """The same on its stimulator, when nothing speaks against it. Without the book (no actor) what is due is asked here."""
    chosen = wanted.device or found.device
    if not chosen:
        raise UsageError(
            "No stimulator is settled for this appointment.", "Choose one with --device, or settle it in the plan."
        )
    if found.estimated and not wanted.accept_estimated:
        words = " ".join(level.words for level in found.estimated)
        raise UsageError(f"{words}", "Measure it with these pulses, or accept the estimate with --accept-estimated.")
    require_rest(found.worked, found.zone, now)
    facts = replace(found.facts(), device_denervation=attendant.denervation(chosen))
    asked: tuple[GivenAnswer, ...] = ()
    if actor is None:
        asked = _asked_here(facts, attendant, now)
        facts = replace(facts, answers=(*facts.answers, *asked))
    verdict = judge_screening(facts, now)
    verdict.raise_if_standing()
    told = ", ".join(f"{answer.rule} {answer.answer.value}" for answer in asked)
    given = _with_words(found.with_facts(facts), f"asked without the book: {told}" if told else "")
    given = _with_words(given, wanted.checks)
    zone = ZoneInfo(found.zone)
    return Occasion(given, chosen, actor, tuple(in_words(each, zone) for each in lifted_of(facts, verdict)))


def lifted_of(facts: ScreeningFacts, verdict: ScreeningVerdict) -> Iterator[str]:
    """What was overridden or acknowledged: said again before current flows, because its condition still holds."""
    conditions = {rule.id: rule.override for rule in facts.rules}
    for finding in verdict.findings:
        if finding.refuses:
            continue
        overridden = finding.standing is Standing.OVERRIDDEN
        condition = f" Condition: {conditions[finding.rule]}." if overridden and conditions[finding.rule] else ""
        yield f"{finding.rule} ({finding.standing}): {finding.reason}{f' {finding.remedy}' if overridden else ''}{condition}"


def announcement(chosen: Occasion, zone_words: str) -> Iterator[str]:
    """Whose session it is, and by which levels: to be said before anything is connected."""
    given, booking = chosen.prescription, chosen.prescription.booking
    born = f", born {given.birth_year}" if given.birth_year else ""
    yield printable(f"Patient {booking.patient}{born}: session {booking.number} of plan {booking.plan}, {given.title}")
    for channel, place in sorted(booking.channels.items()):
        yield f"  channel {channel}: {place.muscle}, {place.side.upper()}, {place.area_mm2 / 100:g} cm²"
    for level in given.levels:
        yield f"  channel {level.channel}: {level.words}"
    for words in chosen.lifted:
        yield printable(f"  MIND {words}")
    yield f"  on {chosen.device}, appointment of {zone_words}"
    if booking.asked:
        yield printable(f"  {booking.asked}")


def _from_the_book(
    desk: StationDesk, wanted: Wanted, attendant: Attendant, why: str, fit: Callable[[Prescription, "Actor"], Occasion]
) -> Occasion:
    """What waits here is handed in first: the book has to know what was given before it says what is to be given.

    Who it is comes before everything, and whether this patient may be stimulated before any level is asked for. What is
    moved to now, with this reason, is moved only when all of it `fit`s.
    """
    from emscontrol.clinic.appointments.changing import bring_to_now
    from emscontrol.clinic.prescription.prescribe import patient_code, planned_at, prescription_for

    number, device = wanted.number, wanted.device
    desk.require("run")
    hand_in(desk, attendant.say)
    require_new(desk, desk.book.about.uuid, number)
    with desk.reading("run") as (session, actor, now):
        _same_person(wanted, patient_code(session, number), attendant)
        planned = planned_at(session, number)
    about = desk.book.about
    elsewhen = bool(why) and not is_today(planned, about.time_zone, now)
    with (desk.writing if elsewhen else desk.reading)("run") as (session, actor, now):
        if elsewhen:
            bring_to_now(session, number, why, now)

        def clear(facts: ScreeningFacts) -> None:
            declared = attendant.denervation(device) if device else True  # the plan's own: later
            judge_screening(replace(facts, device_denervation=declared), now).raise_if_standing()

        found = prescription_for(session, number, now, about, actor.code, clear)
        if not elsewhen:
            return fit(found, actor)
        session.rollback()  # looked at as if it were of now; it is moved with the hold of its stimulator
        return replace(fit(_with_words(found, words_for(planned, about.time_zone, why)), actor), moved_why=why)


def _from_the_kept_day(desk: StationDesk, number: int, problem: BookUnreachable, attendant: Attendant) -> Prescription:
    from emscontrol.desk.kept import kept_day

    attendant.say(f"{problem.what} Working from the day that was kept.")
    day = kept_day(desk, "run")
    require_new(desk, day.book, number)
    entry = next((entry for entry in day.entries if entry.appointment == number), None)
    if entry is None:
        raise UsageError(f"The day that was kept has no appointment {number}.", "Look at it: emscontrol agenda --offline.")
    if not entry.prescription:
        why = entry.told.get("why") or f"it is {entry.told.get('status')}"
        raise UsageError(f"Appointment {number} cannot be run from the day that was kept: {why}.", "Wait for the book.")
    return Prescription.from_json(entry.prescription)


def _same_person(wanted: Wanted, code: str, attendant: Attendant) -> None:
    """Codes that differ in capitals only are one code, as everywhere in the book."""
    patient = wanted.patient or attendant.code()
    if patient.strip().casefold() != code.casefold():
        raise UsageError(
            f"Appointment {wanted.number} is not that of {printable(patient)}.",
            "Look at the agenda, and at the patient's card.",
        )


def _asked_here(facts: ScreeningFacts, attendant: Attendant, now: datetime) -> tuple[GivenAnswer, ...]:
    """Without the book, what is due is asked here. What is asked last counts, so its ids are above every other."""
    asked: list[GivenAnswer] = []
    last = max((answer.id for answer in facts.answers), default=0)
    for finding in judge_screening(facts, now).standing:
        if not finding.unasked:
            continue
        rule = next(rule for rule in facts.rules if rule.id == finding.rule)
        said = attendant.answer(rule)
        due_at = now + timedelta(hours=rule.asked_h)
        asked.append(GivenAnswer(last + 1 + len(asked), rule.id, said, (), now, due_at))
    return tuple(asked)


def _with_words(found: Prescription, words: str) -> Prescription:
    """The same, whose journal tells this as well."""
    asked = "; ".join(filter(None, (found.booking.asked, words)))
    return replace(found, booking=replace(found.booking, asked=asked))
