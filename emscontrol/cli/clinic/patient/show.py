"""`emscontrol patient show`."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.outward import outward
from emscontrol.cli.clinic.printing import Paper
from emscontrol.cli.clinic.screen.brief import brief_line, screening_brief
from emscontrol.cli.clinic.screen.facts import looked_at
from emscontrol.clinic.agenda.skin import skin_in_the_way
from emscontrol.clinic.patients.page import patient_page
from emscontrol.clinic.patients.patients import find_patient

Row = Mapping[str, Any]


@book_command
@click.argument("patient")
def show(desk: Desk, patient: str) -> None:
    """Everything of PATIENT on one page, what is to be looked at first on top."""
    with desk.reading("look") as (session, _, now):
        found = find_patient(session, patient)
        page = outward(patient_page(session, found.id, now, desk.book.about))
        screening = screening_brief(session, found, now)
        skin = skin_in_the_way(session, found.id, desk.zone)
    page = {"code": page.pop("code"), **{key: value for key, value in page.items() if key != "id"}}
    page |= {"alerts": [*skin_alerts(patient, skin), *page["alerts"]], "screening": screening}
    desk.paper.lines(_lines(_in_words(desk.paper, page)), page)


def skin_alerts(patient: str, skin: str) -> list[str]:
    """What comes before everything else on the page, where the skin is in the way."""
    return [f"{skin} No session until it is well. {looked_at(patient)}"] if skin else []


def _in_words(paper: Paper, value: Any) -> Any:
    """The page with its times as people read them."""
    if isinstance(value, datetime):
        return paper.shown(value)
    if isinstance(value, Mapping):
        return {key: _in_words(paper, inner) for key, inner in value.items()}
    return [_in_words(paper, each) for each in value] if isinstance(value, list | tuple) else value


def _lines(page: Row) -> list[str]:
    called = " ".join(filter(None, (page["given"], page["family"])))
    head = ", ".join(filter(None, (page["code"], called, page["contact"], page["birth_year"] and f"born {page['birth_year']}")))
    lines = [f"{head}; version {page['version']}", *(f"  ! {alert}" for alert in page["alerts"])]
    if page["notes"]:
        lines += [f"  {line}" for line in page["notes"].splitlines()]
    for key, heading in _SECTIONS.items():
        if page[key]:
            lines += [heading, *(f"  {_LINES[key](row)}" for row in page[key])]
    return lines


def _condition(row: Row) -> str:
    since = f" since {row['since']}" if row["since"] else ""
    return f"{row['id']}  {row['words']} ({row['condition']}){since}{_note(row)}"


def _muscle(row: Row) -> str:
    found = f"nerve {row['lmn']}, feeling {row['sensation']}"
    return f"{row['id']}  {row['muscle']} {row['side']}: {found}; {row['how']}, {row['examined_at']}"


def _implant(row: Row) -> str:
    where = " ".join(filter(None, (row["region"], row["side"]))) or "everywhere or unknown"
    return f"{row['id']}  {row['kind']}, {where}, placed {row['placed_on'] or '–'}{_note(row)}"


def _threshold(row: Row) -> str:
    due = ", measure it again" if row["due"] else ""
    pulse = f"{row['amplitude_ma']:g} mA at {row['width_us']} µs on {row['area_cm2']:g} cm²"
    return f"{row['id']}  {row['muscle']} {row['side']} {row['kind']} {pulse}; {row['measured_at']}{due}"


def _outcome(row: Row) -> str:
    place = " ".join(filter(None, (row["measure"], row["muscle"], row["side"], row["landmark"], row["scale"])))
    way = row["trend"]
    slope = "" if way["per_week"] is None else f", {way['per_week']:+g} a week over {way['count']} values"
    return f"{place}: {row['shown']}, {way['last']['taken_at']}{slope}"


def _plan(row: Row) -> str:
    given = f"{row['given']} of {row['planned']} given, {row['booked']} booked, {row['missed']} missed"
    dose = f"{row['contractions']} of {row['contractions_prescribed']} contractions"
    return f"{row['id']}  {row['title']}, {row['status']}: {given}; {dose}; {'; '.join(row['channels'])}"


def _appointment(row: Row) -> str:
    needs = ", ".join(filter(None, (row["therapist"], row["stimulator"], row["reason"])))
    return f"{row['id']}  {row['starts_at']} {row['status']}, plan {row['plan_id'] or '–'}; {needs}"


def _session(row: Row) -> str:
    dose = f"{row['contractions']} of {row['contractions_prescribed']} contractions"
    counts = "" if row["counts"] else ", does not count"
    return f"{row['opened_at']} {row['result']}, {dose}, {row['duration_s'] / 60:.1f} min{counts}"


def _electrodes(row: Row) -> str:
    due = f"; {row['due']}" if row["due"] else ""
    used = f"{row['uses']} of {row['uses_max']} uses"
    return f"{row['id']}  {row['label']}, {row['area_cm2']:g} cm², opened {row['opened_on']}, {used}{due}"


def _note(row: Row) -> str:
    return f"; {row['note']}" if row["note"] else ""


_SECTIONS: Final[Mapping[str, str]] = {
    "screening": "Screening",
    "conditions": "Conditions",
    "muscles": "Muscles",
    "implants": "Implants",
    "thresholds": "Thresholds",
    "outcomes": "Outcomes",
    "plans": "Plans",
    "next_appointments": "Next appointments",
    "last_appointments": "Last appointments",
    "last_sessions": "Last sessions",
    "electrode_sets": "Electrodes",
}
_LINES: Final[Mapping[str, Callable[[Row], str]]] = {
    "screening": brief_line,
    "conditions": _condition,
    "muscles": _muscle,
    "implants": _implant,
    "thresholds": _threshold,
    "outcomes": _outcome,
    "plans": _plan,
    "next_appointments": _appointment,
    "last_appointments": _appointment,
    "last_sessions": _session,
    "electrode_sets": _electrodes,
}
"""The number that each line begins with is what `patient withdraw` takes."""
