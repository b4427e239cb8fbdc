"""Every appointment that is over and every session in one table, with what was found of its record; what went wrong. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from emscontrol.clinic.course.course import Course, Performed
from emscontrol.clinic.course.progress import value, where_of
from emscontrol.clinic.course.weeks import Kept, State
from emscontrol.clinic.course.words import UNKNOWN, day, listed, minute
from emscontrol.clinic.patients.outcomes import SeriesOf
from emscontrol.clinic.patients.trends import Point
from emscontrol.clinic.sessions.settling import COMPLETED
from emscontrol.core.units import counted
from emscontrol.record.reports.blocks import Block, Section, Table, Text
from emscontrol.record.reports.words import ma

SKIN: Final = "skin"
MARKS: Final = {1: "red for less than 30 min", 2: "red for longer", 3: "a blister or a burn"}
DIGEST: Final = 12  # hexadecimal digits that are shown of the hash of a record
_HEADER: Final = ("when", "no.", "what became of it", "contr.", "min", "mC", "peak, mA", "record", "digest")
_FIGURES: Final = frozenset({1, 3, 4, 5, 6})
_US_PER_MIN: Final = 60_000_000
_PC_PER_MC: Final = 1_000_000_000

Row = tuple[datetime, tuple[str, ...]]


def sessions_section(course: Course, appointments: Mapping[int, Sequence[Kept]]) -> Section:
    """The table, with a column for the plan where its rows are of more than one, or of one and of none."""
    rows = sorted(_rows(course, appointments), key=lambda row: row[0])
    if not rows:
        return Section("Sessions", (Text("No session was given, and no appointment is over."),))
    caption = (
        "Contractions and the peak of each channel as commanded, charge worked out from them. Each record was looked at again "
        f"for this report; {_signed(course)} Digest: the first {DIGEST} digits of its last hash, as verify --json has it."
    )
    several = len({row[0] for _, row in rows}) > 1
    header = ("plan", *_HEADER) if several else _HEADER
    figures = frozenset({0, *(figure + 1 for figure in _FIGURES)}) if several else _FIGURES
    return Section("Sessions", (Table(caption, header, tuple(row if several else row[1:] for _, row in rows), figures),))


def _signed(course: Course) -> str:
    kept = [session.record for session in course.sessions if session.record.digest]
    return f"signed: {sum(record.signed for record in kept)} of {counted(len(kept), 'record')}."


def _rows(course: Course, appointments: Mapping[int, Sequence[Kept]]) -> Iterator[Row]:
    zone, told = course.about.zone, set[int]()
    for plan, kept in appointments.items():
        for each in kept:
            mine = [session for session in course.sessions if session.appointment_id == each.occasion.appointment]
            told |= {session.id for session in mine}
            for session in mine:
                yield session.opened_at, _session(str(plan), _number(each), _outcome(each, session), session, zone)
            if not mine and each.state is not State.AHEAD:
                words = ": ".join(filter(None, (each.state.value, each.occasion.reason)))
                blank = (UNKNOWN,) * (len(_HEADER) - 3)
                yield each.occasion.starts_at, (str(plan), minute(each.occasion.starts_at, zone), _number(each), words, *blank)
    for session in course.sessions:
        if session.id not in told:
            plan_number = UNKNOWN if session.plan_id is None else str(session.plan_id)
            yield session.opened_at, _session(plan_number, UNKNOWN, _alone(session), session, zone)


def _number(each: Kept) -> str:
    return UNKNOWN if each.occasion.number is None else str(each.occasion.number)


def _outcome(each: Kept, session: Performed) -> str:
    if not session.counts:
        return _alone(session)
    if each.state in (State.WHOLE, State.SHORT):
        whole = session.contractions >= session.contractions_prescribed
        return (
            State.WHOLE.value if whole and session.result == COMPLETED else f"{State.SHORT}: {session.result}, {session.reason}"
        )
    return f"{each.state}, yet: {session.result}, {session.reason}"


def _alone(session: Performed) -> str:
    if session.counts:
        return f"{session.result}, {session.reason}"
    return f"does not count{' (simulated)' if session.simulated else ''}: {session.result}, {session.reason}"


def _session(plan: str, number: str, outcome: str, session: Performed, zone: ZoneInfo) -> tuple[str, ...]:
    return (
        *(plan, minute(session.opened_at, zone), number, outcome),
        f"{session.contractions} of {session.contractions_prescribed}",
        f"{session.duration_us / _US_PER_MIN:.1f}",
        f"{session.charge_pc / _PC_PER_MC:.1f}",
        " / ".join(ma(got.peak_ua, unit=False) for got in session.channels) or UNKNOWN,
        session.record.standing.value,
        session.record.digest[:DIGEST] or UNKNOWN,
    )


def trouble_section(course: Course) -> Section:
    """Marks of the skin, and sessions that did not run to their end."""
    return Section("Skin and interruptions", tuple(_trouble(course)))


def _trouble(course: Course) -> Iterator[Block]:
    zone = course.about.zone
    skin = [(of, point) for of, points in course.results.items() if of.measure == SKIN for point in points]
    for milli in sorted({point.value_milli for _, point in skin if point.value_milli}, reverse=True):
        found = [_where_on(of, point, zone) for of, point in skin if point.value_milli == milli]
        yield Text(f"Skin {value(skin[0][0], milli)}, {MARKS.get(milli // 1000, 'a mark')}: {listed(found)}.")
    if not skin:
        yield Text("How the skin was, was never entered.")
    elif not any(point.value_milli for _, point in skin):
        yield Text(f"No mark of the skin: {counted(len(skin), 'look')}.")
    broken = [session for session in course.sessions if session.result != COMPLETED]
    for session in broken:
        yield Text(f"{minute(session.opened_at, zone)}: {_alone(session)}.")
    counting = [session for session in course.sessions if session.counts]
    if counting and all(session.result == COMPLETED for session in counting):
        yield Text(f"Every session{'' if len(counting) == len(course.sessions) else ' that counts'} ran to its end.")


def _where_on(of: SeriesOf, point: Point, zone: ZoneInfo) -> str:
    return " ".join(filter(None, (day(point.taken_at, zone), where_of(of))))
