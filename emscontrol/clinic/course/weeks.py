"""How each appointment of a plan stands, week by week, and what was delivered in it. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from emscontrol.clinic.appointments.between import Occasion
from emscontrol.clinic.appointments.status import BOOKED, CANCELLED, DONE, MISSED
from emscontrol.clinic.course.course import Performed
from emscontrol.clinic.plans.plan_page import PlanPage
from emscontrol.clinic.sessions.settling import COMPLETED

_DAYS: Final = 7
DOUBT: Final = "!"


class State(StrEnum):
    """How an appointment stands, in the order in which a report tells them."""

    WHOLE = "given whole"
    SHORT = "cut short"
    MISSED = "missed"
    UNKNOWN = "no record"  # over without a word of why, or done by a session that the book no longer has
    AHEAD = "to come"
    CANCELLED = "called off"


@dataclass(frozen=True, slots=True)
class Kept:
    """One appointment and how it stands."""

    occasion: Occasion
    state: State


@dataclass(frozen=True, slots=True)
class Week:
    """One week of a plan, the first is 1. `states` are those of its appointments that were not called off, in order.

    Sums are over the sessions of the week that count and gave something; `prescribed` is what those sessions were to give.
    `doubted` is how many of them have no record that bears them out.
    """

    number: int
    begins: date
    states: tuple[State, ...]
    sessions: int
    contractions: int
    prescribed: int
    duration_us: int
    charge_pc: int
    doubted: int

    @property
    def name(self) -> str:
        """Its number, with a mark where its sums are in doubt."""
        return f"{self.number}{DOUBT if self.doubted else ''}"


def kept(plan: PlanPage, sessions: Sequence[Performed], now: datetime) -> list[Kept]:
    """The plan's appointments, each with how it stands at `now`."""
    given: defaultdict[int, list[Performed]] = defaultdict(list)
    for session in sessions:
        if session.appointment_id is not None and session.counts:
            given[session.appointment_id].append(session)
    return [Kept(each, state_of(each, given.get(each.appointment, []), now)) for each in plan.appointments]


def state_of(occasion: Occasion, given: Sequence[Performed], now: datetime) -> State:
    """How one appointment stands; `given` are its sessions that count. Cut short: less than all contractions, together."""
    if occasion.status == DONE:
        did = [session for session in given if session.contractions or session.result == COMPLETED]
        if not did:
            return State.UNKNOWN
        whole = sum(session.contractions for session in did) >= max(session.contractions_prescribed for session in did)
        return State.WHOLE if whole else State.SHORT
    if occasion.status == BOOKED:
        return State.UNKNOWN if occasion.ends_at <= now else State.AHEAD
    return {MISSED: State.MISSED, CANCELLED: State.CANCELLED}.get(occasion.status, State.UNKNOWN)


def week_of(moment: datetime, starts_on: date, zone: ZoneInfo) -> int:
    """Which week of a plan a moment is in, by the clinic's days; 0 and below are before it."""
    return (moment.astimezone(zone).date() - starts_on).days // _DAYS + 1


def weeks(plan: PlanPage, appointments: Sequence[Kept], sessions: Sequence[Performed], zone: ZoneInfo) -> list[Week]:
    """Every week from the first of the plan, or of what came before it, to the last that was prescribed, or came to pass."""
    starts_on = date.fromisoformat(plan.starts_on)
    states: defaultdict[int, list[State]] = defaultdict(list)
    for each in appointments:
        if each.state is not State.CANCELLED:
            states[week_of(each.occasion.starts_at, starts_on, zone)].append(each.state)
    dose: defaultdict[int, list[Performed]] = defaultdict(list)
    for session in sessions:
        if session.delivers:
            dose[week_of(session.opened_at, starts_on, zone)].append(session)
    first, last = min((1, *states, *dose)), max((plan.weeks, *states, *dose))
    return [_week(number, starts_on, states[number], dose[number]) for number in range(first, last + 1)]


def _week(number: int, starts_on: date, states: Sequence[State], dose: Sequence[Performed]) -> Week:
    return Week(
        number=number,
        begins=starts_on + timedelta(days=_DAYS * (number - 1)),
        states=tuple(states),
        sessions=len(dose),
        contractions=sum(session.contractions for session in dose),
        prescribed=sum(session.contractions_prescribed for session in dose),
        duration_us=sum(session.duration_us for session in dose),
        charge_pc=sum(session.charge_pc for session in dose),
        doubted=sum(not session.borne_out for session in dose),
    )
