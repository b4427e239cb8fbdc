"""One plan in a report: what was prescribed, what was kept and delivered week by week, and how the plan was changed. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from emscontrol.clinic.course.weeks import DOUBT, Kept, State, Week
from emscontrol.clinic.course.words import UNKNOWN, day
from emscontrol.clinic.plans.plan_page import PlanPage, Step
from emscontrol.clinic.plans.rules import rule_set
from emscontrol.core.units import counted
from emscontrol.record.knowledge import EVENT_FIGURES, TOTALS, Knowledge
from emscontrol.record.reports.axes import linear_axis
from emscontrol.record.reports.blocks import Block, Chart, Facts, Notice, Section, Table, Text, Weight
from emscontrol.record.reports.charts import chart
from emscontrol.record.reports.plots import Bar, BarPlot, Pattern, heights

KINDS: Final = (
    (State.WHOLE, Pattern.FULL),
    (State.SHORT, Pattern.MIDDLE),
    (State.MISSED, Pattern.HATCHED),
    (State.UNKNOWN, Pattern.LIGHT),
    (State.AHEAD, Pattern.EMPTY),
)
KNOWN: Final = {
    Knowledge.ASSUMED: "worked out, not measured",
    Knowledge.COMMANDED: "as commanded",
    Knowledge.ACKNOWLEDGED: "as the stimulator confirmed",
    Knowledge.MEASURED: "measured",
}
_NOT_GIVEN: Final = 1
_US_PER_MIN: Final = 60_000_000
_PC_PER_MC: Final = 1_000_000_000
_ROW: Final = 92.0
_TICKS: Final = 5


def plan_section(plan: PlanPage, appointments: Sequence[Kept], weeks: Sequence[Week], zone: ZoneInfo) -> Section:
    """The plan's own section."""
    blocks: tuple[Block, ...] = (Facts(tuple(_facts(plan))), *_places(plan), _by_week(plan, appointments, weeks))
    return Section(f"Plan {plan.id}: {plan.loaded.protocol.title}", (*blocks, *_changes(plan.steps, zone)))


def _facts(plan: PlanPage) -> Iterator[tuple[str, str]]:
    protocol = plan.loaded.protocol
    yield "Goal", plan.goal
    yield "Status", f"{plan.status}, first day {plan.starts_on}"
    yield "Rhythm", f"{plan.sessions_per_week} a week for {plan.weeks} weeks, {counted(plan.whole, 'session')}"
    yield "Protocol", f"{protocol.id}, revision {protocol.revision}"
    yield "Therapist", f"{plan.therapist}, prescribed by {plan.prescribed_by}"
    yield "Progression", rule_set(plan.progression).title


def _places(plan: PlanPage) -> Iterator[Text]:
    channels = [f"channel {' '.join(words.split())}" for words in plan.channels]
    yield Text(f"Where: {'; '.join(channels)}.")
    yield Text(f"Changed since it was prescribed: {plan.changed}.")


def _by_week(plan: PlanPage, appointments: Sequence[Kept], weeks: Sequence[Week]) -> Chart:
    counts = [(state, sum(each.state is state for each in appointments)) for state in State]
    told = ", ".join(f"{count} {state}" for state, count in counts if count) or "none was booked"
    contractions = sum(week.contractions for week in weeks)
    charge_mc, minutes = sum(map(_charge_mc, weeks)), sum(map(_minutes, weeks))
    drawing = chart(
        f"Plan {plan.id} by week",
        f"Sessions, a block for each appointment: {told}. By week {contractions} contractions as commanded, "
        f"{minutes:.0f} min of sessions as measured, and {charge_mc:.0f} mC, worked out and not measured.",
        [_sessions(plan, weeks), *_dose(weeks)],
        columns=2,
        row_height=_ROW,
    )
    header = ("week", "begins", *(state.value for state, _ in KINDS), "contr.", "of", "min", "mC")
    rows = tuple(
        (
            *(week.name, week.begins.isoformat()),
            *(str(week.states.count(state)) for state, _ in KINDS),
            *(_delivered(week) if week.sessions else (UNKNOWN,) * 4),
        )
        for week in weeks
    )
    caption = (
        "Appointments of each week by how they stand; what the sessions that took place delivered, all channels together: "
        "contractions as commanded, of those that they were to give, minutes as measured, charge as worked out."
    )
    if any(week.doubted for week in weeks):
        caption += f" {DOUBT} A session in the sums of this week has no record that bears it out: do not rely on them."
    return Chart(drawing, Table(caption, header, rows, frozenset({0, *range(2, len(header))})))


def _sessions(plan: PlanPage, weeks: Sequence[Week]) -> BarPlot:
    places = {state: number for number, (state, _) in enumerate(KINDS)}
    bars = [Bar(week.name, tuple((places[state], 1.0) for state in week.states)) for week in weeks]
    there = {state for week in weeks for state in week.states}
    kinds = [(state.value if state in there else "", pattern) for state, pattern in KINDS]
    highest = max(heights(bars), default=0.0)
    axis = linear_axis("", (highest,), reach=(0, 1), count=min(_TICKS, int(highest) + 1))
    return BarPlot("Sessions", "week of the plan", axis, bars, kinds, (f"of {plan.whole} prescribed",))


def _dose(weeks: Sequence[Week]) -> Iterator[BarPlot]:
    figures = (
        ("Contractions", TOTALS["contractions"], [_parts(week.contractions, week.prescribed) for week in weeks]),
        ("Minutes", EVENT_FIGURES["session_ended", "duration_us"], [_parts(_minutes(week)) for week in weeks]),
        ("Charge, mC", TOTALS["charge_pc"], [_parts(_charge_mc(week)) for week in weeks]),
    )
    for title, known, parts in figures:
        bars = [Bar(week.name, each) for week, each in zip(weeks, parts, strict=True)]
        short = any(len(each) > 1 for each in parts)
        kinds = (("given" if short else "", Pattern.FULL), ("prescribed, not given" if short else "", Pattern.EMPTY))
        yield BarPlot(title, "week of the plan", linear_axis("", heights(bars), reach=(0,)), bars, kinds, (KNOWN[known],))


def _delivered(week: Week) -> tuple[str, ...]:
    return str(week.contractions), str(week.prescribed), f"{_minutes(week):.1f}", f"{_charge_mc(week):.1f}"


def _minutes(week: Week) -> float:
    return week.duration_us / _US_PER_MIN


def _charge_mc(week: Week) -> float:
    return week.charge_pc / _PC_PER_MC


def _parts(given: float, prescribed: float = 0.0) -> tuple[tuple[int, float], ...]:
    rest = prescribed - given
    return ((0, float(given)), (_NOT_GIVEN, rest)) if rest > 0 else ((0, float(given)),)


def _changes(steps: Sequence[Step], zone: ZoneInfo) -> Iterator[Block]:
    if not steps:
        yield Text("Nothing was ever proposed to be changed.")
        return
    rows = tuple(
        (
            day(step.decided_at or step.proposed_at, zone),
            step.words,
            step.reason,
            _decision(step),
        )
        for step in steps
    )
    yield Table("Proposed changes, and what was decided.", ("day", "change", "why", "decision"), rows)
    if any(step.is_open for step in steps):
        yield Notice("A proposal waits for somebody to decide.", Weight.CAUTION)


def _decision(step: Step) -> str:
    if step.is_open:
        return step.decision
    return f"{step.decision} by {step.decided_by or 'the program'}{f': {step.decided_why}' if step.decided_why else ''}"
