"""A course as a report: what must not be overlooked, where it is, each plan, levels, outcomes, sessions. Pure."""

from datetime import date

from emscontrol import __version__
from emscontrol.clinic.course.course import Course
from emscontrol.clinic.course.levels_part import levels_section
from emscontrol.clinic.course.now_part import notices, where_we_are
from emscontrol.clinic.course.outcomes_part import outcomes_section
from emscontrol.clinic.course.plan_part import plan_section
from emscontrol.clinic.course.sessions_part import sessions_section, trouble_section
from emscontrol.clinic.course.weeks import kept, weeks
from emscontrol.clinic.course.words import minute
from emscontrol.clinic.patients.trends import Point
from emscontrol.record.reports.blocks import Report


def course_report(course: Course) -> Report:
    """The whole report. Nobody is named in it but by the codes of patient and staff."""
    zone = course.about.zone
    of_plan = {plan.id: [each for each in course.sessions if each.plan_id == plan.id] for plan in course.plans}
    appointments = {plan.id: kept(plan, of_plan[plan.id], course.made_at) for plan in course.plans}
    starts_on = _starts_on(course)
    sections = [where_we_are(course, appointments)]
    sections += [
        plan_section(plan, appointments[plan.id], weeks(plan, appointments[plan.id], of_plan[plan.id], zone), zone)
        for plan in course.plans
    ]
    sections += [levels_section(course, starts_on), outcomes_section(course, starts_on), trouble_section(course)]
    sections.append(sessions_section(course, appointments))
    return Report(
        title=f"Course of {course.patient}" + ("" if course.only is None else f", plan {course.only}"),
        subtitle=f"{', '.join(course.conditions) or 'no condition entered'}. {course.about.name}.",
        notices=tuple(notices(course, appointments)),
        sections=tuple(sections),
        made=f"Made on {minute(course.made_at, zone)} ({zone.key}) by emscontrol {__version__}. All times are of that zone.",
    )


def _starts_on(course: Course) -> date:
    """When week 1 of the pictures begins: with the first plan, else with the first value."""
    begun = [date.fromisoformat(plan.starts_on) for plan in course.plans]
    series: list[tuple[Point, ...]] = [*course.levels.values(), *course.results.values()]
    taken = [point.taken_at.astimezone(course.about.zone).date() for points in series for point in points]
    return min(begun, default=min(taken, default=course.made_at.astimezone(course.about.zone).date()))
