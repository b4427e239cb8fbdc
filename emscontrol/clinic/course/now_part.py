"""What stands above all else: what must not be overlooked, and where the treatment is now. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from emscontrol.clinic.course.course import UNPROVEN, Course, Performed, Standing
from emscontrol.clinic.course.progress import main_outcome, sentence
from emscontrol.clinic.course.weeks import Kept, State
from emscontrol.clinic.course.words import day, listed
from emscontrol.clinic.plans.plan_page import PlanPage
from emscontrol.clinic.sessions.adherence import Adherence
from emscontrol.core.units import counted
from emscontrol.record.reports.blocks import Facts, Notice, Section, Text, Weight

Appointments = Mapping[int, Sequence[Kept]]
"""By plan."""

DEFINED: Final = (
    "Adherence is what was delivered of the contractions prescribed so far; a missed session counts as an average one of which "
    "nothing was given."
)


def notices(course: Course, appointments: Appointments) -> Iterator[Notice]:
    """Practice, skin, records that bear nothing out, sessions that do not count, appointments of which nothing is known."""
    zone = course.about.zone
    if course.about.practice:
        yield Notice(
            "A practice book: nobody here is real, every session was played on a simulator.", Weight.CAUTION, "PRACTICE"
        )
    if course.skin:
        yield Notice(f"{course.skin} No session until it is well.", Weight.ALARM)
    yield from _records(course.sessions, zone)
    simulated = [session for session in course.sessions if session.simulated and not course.about.practice]
    if simulated:
        yield Notice(f"{_sessions(simulated, zone)} simulated: nothing of that counts here.")
    unknown = [each for kept in appointments.values() for each in kept if each.state is State.UNKNOWN]
    if unknown:
        days = listed([day(each.occasion.starts_at, zone) for each in unknown])
        yield Notice(
            f"Nobody knows what became of {counted(len(unknown), 'appointment')} ({days}): the book has no record of a session "
            "and no word of why there was none. What is over counts as missed until a record is handed in.",
            Weight.CAUTION,
        )
    for plan in course.plans:
        if plan.status == "withdrawn":
            yield Notice(f"Plan {plan.id} was taken back.", Weight.CAUTION)


def _records(sessions: Sequence[Performed], zone: ZoneInfo) -> Iterator[Notice]:
    bad = [session for session in sessions if not session.borne_out]
    counting = [session for session in bad if session.counts]
    if counting:
        yield Notice(
            f"{_sessions(counting, zone)} counted without a record that bears it out: {_why(counting)} "
            "Do not rely on adherence and dose below before the index of sessions is made again: emscontrol book rebuild.",
            Weight.ALARM,
        )
    doubted = [session for session in sessions if session.record.standing is Standing.DISTRUSTED]
    if doubted:
        yield Notice(f"{_sessions(doubted, zone)} signed with a key that is not trusted. {_why(doubted)}", Weight.CAUTION)
    unproven = [session for session in sessions if session.counts and session.record.standing in UNPROVEN]
    if unproven:
        yield Notice(
            f"{_sessions(unproven, zone)} counted without a signature of a station that is known here: {_why(unproven)} "
            "Whoever can write a file can write such a record. Keys of other stations: emscontrol key trust.",
            Weight.CAUTION,
        )
    others = [session for session in bad if not session.counts]
    if others:
        yield Notice(f"{_sessions(others, zone)} not counted, for want of an intact record: {_why(others)}", Weight.CAUTION)


def _sessions(sessions: Sequence[Performed], zone: ZoneInfo) -> str:
    days = listed([day(session.opened_at, zone) for session in sessions])
    return f"{counted(len(sessions), 'session')} ({days}) {'was' if len(sessions) == 1 else 'were'}"


def _why(sessions: Sequence[Performed]) -> str:
    return " ".join(dict.fromkeys(session.record.sentence for session in sessions))


def where_we_are(course: Course, appointments: Appointments) -> Section:
    """Sessions, adherence, the main outcome, and what is in the way."""
    rows = [row for plan in course.plans for row in _plan(course, plan, appointments[plan.id])]
    main = main_outcome(course.results)
    told = sentence(*main, course.about.zone) if main else "none was entered."
    way = " ".join(filter(None, (course.skin, *course.alerts))) or "nothing that the book knows of."
    words = (f"Main outcome: {told}", f"In the way: {way}", DEFINED if course.plans else "Nothing was prescribed.")
    return Section("Where we are", (Facts(tuple(rows)), *map(Text, words)))


def _plan(course: Course, plan: PlanPage, kept: Sequence[Kept]) -> Iterator[tuple[str, str]]:
    of = f" of plan {plan.id}" if len(course.plans) > 1 else ""
    yield f"Sessions{of}", sessions_words(plan, kept, course.about.zone)
    yield f"Adherence{of}", adherence_words(plan.given)


def sessions_words(plan: PlanPage, kept: Sequence[Kept], zone: ZoneInfo) -> str:
    """How many were given of those prescribed, and what became of the others."""
    counts = {state: sum(each.state is state for each in kept) for state in State}
    given = counts[State.WHOLE] + counts[State.SHORT]
    parts = [f"{counts[state]} {state}" for state in State if counts[state] and state is not State.WHOLE]
    ahead = [each.occasion.starts_at for each in kept if each.state is State.AHEAD]
    following = f"; next on {day(min(ahead), zone)}" if ahead else ""
    return f"{given} of {plan.whole} given{''.join(f', {part}' for part in parts)}{following}"


def adherence_words(given: Adherence) -> str:
    """Delivered of prescribed contractions."""
    if given.permille is None:
        return "nothing was due yet"
    return f"{given.permille / 10:g} %, {given.contractions} of {counted(given.prescribed, 'contraction')}"
