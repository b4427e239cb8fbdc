"""`emscontrol agenda`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import PRACTICE_NOTICE, AtWork, Desk
from emscontrol.cli.clinic.printing import Paper
from emscontrol.cli.clinic.typed import DAY
from emscontrol.cli.clinic.typed import day as a_day
from emscontrol.clinic.agenda.agenda import agenda_of
from emscontrol.clinic.agenda.entry import (
    ELECTRODES,
    INTERRUPTED,
    PROGRESSION,
    SCREENING,
    SKIN,
    STANDING,
    THRESHOLD,
    AgendaEntry,
)
from emscontrol.clinic.appointments.status import BOOKED
from emscontrol.clinic.prescription.prescribe import prescription_for
from emscontrol.clinic.staff.roles import may
from emscontrol.clinic.stations.day import FILE, Day, DayEntry, keep_day
from emscontrol.clinic.stations.outbox import FOLDER, require_not_waiting
from emscontrol.core.errors import EmsError, UsageError
from emscontrol.desk.kept import kept_day
from emscontrol.desk.token import kept_token

STEPS: Final[Mapping[str, str]] = {
    SKIN: "emscontrol outcome add {patient} skin 0, by a specialist",
    INTERRUPTED: "emscontrol patient show {patient}",
    STANDING: "emscontrol screen show {patient}",
    SCREENING: "emscontrol screen ask {patient}",
    THRESHOLD: "emscontrol threshold, then emscontrol patient threshold {patient} comfort MA",
    ELECTRODES: "emscontrol patient electrodes {patient} LABEL --pads WxH",
    PROGRESSION: "emscontrol plan accept {plan}, or emscontrol plan refuse {plan} --why …",
}
"""What to do about each kind of thing that is due."""

RUN: Final = "emscontrol run --appointment {appointment}"
_TIMES: Final = ("starts_at", "ends_at")


@book_command
@click.argument("day", type=a_day, required=False, metavar=f"[{DAY}]")
@click.option("--therapist", default=None, metavar="CODE", help="Only of this therapist.")
@click.option("--offline", is_flag=True, help="The day that was kept on this station; the book is not asked.")
@click.option("--keep", is_flag=True, help="Keep today on this station; done by itself where the book is on a server.")
def agenda(desk: Desk, day: date | None, therapist: str | None, offline: bool, keep: bool) -> None:
    """The appointments of a day, today if none is named, with what is due before each and what to do about it."""
    if offline:
        if day is not None or keep:
            raise UsageError("Only today is kept on this station.", "Leave the day and --keep out.")
        _offline(desk, therapist)
        return
    today = desk.today()
    wanted = day or today
    with desk.reading("look") as at:
        entries = agenda_of(at.session, wanted, at.now, desk.book.about, therapist)
        rows = [_facts(entry) for entry in entries]
        if wanted == today and therapist is None and may(at.actor, "run") and (keep or desk.settings.book_url):
            _keep(desk, at, entries)
    _print(desk.paper, wanted.isoformat(), rows)


def _offline(desk: Desk, therapist: str | None) -> None:
    """The kept day, for who has kept it and is still logged in."""
    kept = kept_day(desk, "look")
    if kept.practice:
        click.echo(PRACTICE_NOTICE, err=True)
    zone = ZoneInfo(kept.time_zone)
    rows = [_read_back(entry.told) for entry in kept.entries]
    for row in rows:
        row["next"] = "" if row["why"] and not row["due"] else row["next"]
    paper = Paper(desk.as_json, zone)
    click.echo(f"As it was kept on {paper.shown(kept.taken_at)}.", err=True)
    _print(paper, kept.day, [row for row in rows if therapist in (None, row["therapist"])])


def _keep(desk: Desk, at: AtWork, entries: Sequence[AgendaEntry]) -> None:
    """Keep today on this station, with what each session needs; of one that may not be run, why."""
    about, outbox = desk.book.about, desk.settings.state / FOLDER
    kept = []
    for entry in entries:
        prescription, why = "", ""
        if entry.status == BOOKED:
            try:
                require_not_waiting(outbox, about.uuid, entry.appointment)
                prescription = prescription_for(at.session, entry.appointment, at.now, about, at.actor.code).to_json()
            except EmsError as problem:
                why = str(problem)
        told = {key: value.isoformat() if key in _TIMES else value for key, value in _facts(entry).items()}
        kept.append(DayEntry(entry.appointment, told | {"why": why}, prescription))
    day = Day(
        book=about.uuid,
        place=desk.place().words,
        practice=about.practice,
        station=desk.station,
        staff=at.actor.code,
        role=at.actor.role,
        idle_lock_min=about.idle_lock_min,
        day=desk.today().isoformat(),
        time_zone=about.time_zone,
        taken_at=at.now,
        entries=tuple(kept),
    )
    keep_day(desk.settings.state / FILE, day, kept_token(desk.home, about.uuid))


def _read_back(told: Mapping[str, Any]) -> dict[str, Any]:
    """What was kept, with its times as times."""
    return {key: datetime.fromisoformat(value) if key in _TIMES else value for key, value in told.items()}


def _facts(entry: AgendaEntry) -> dict[str, Any]:
    facts = {name: getattr(entry, name) for name in AgendaEntry.__dataclass_fields__ if name not in ("patient_id", "due")}
    due = [{"kind": each.kind, "sentence": each.sentence, "step": STEPS[each.kind].format(**facts)} for each in entry.due]
    return facts | {"due": due, "next": _next(facts, due)}


def _next(facts: Mapping[str, Any], due: Sequence[Mapping[str, str]]) -> str:
    """The first thing to do: what is due first, else the session itself; "" for what is over or has no plan."""
    if facts["status"] != BOOKED or facts["plan"] is None:
        return ""
    return due[0]["step"] if due else RUN.format(**facts)


def _print(paper: Paper, day: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if paper.as_json:
        paper.facts({"day": day, "appointments": rows})
        return
    if not rows:
        click.echo(f"Nobody comes on {day}.", err=True)
        return
    paper.lines([line for row in rows for line in _lines(paper, row)], {})


def _lines(paper: Paper, row: Mapping[str, Any]) -> list[str]:
    """One appointment: when, who, what, with whom; then what is due and what to do about it."""
    begins, ends = (f"{row[name].astimezone(paper.zone):%H:%M}" for name in _TIMES)
    session = f", session {row['number']} of {row['whole']}" if row["number"] and row["whole"] else ""
    plan = f", plan {row['plan']}{session}, {row['title']}" if row["plan"] else ""
    needs = ", ".join(filter(None, (row["therapist"], row["stimulator"])))
    why = f": {row['reason']}" if row["reason"] else ""
    status = "" if row["status"] == BOOKED else f" {row['status'].upper()}{why}"
    head = f"{begins}-{ends}  {row['appointment']}  {row['patient']}{status}{plan}; {needs}".rstrip("; ")
    due = [f"    {each['sentence']} → {each['step']}" for each in row["due"]]
    ready = [f"    ready → {row['next']}"] if row["next"] and not row["due"] else []
    closed = [f"    not to be run without the book: {row['why']}"] if row.get("why") else []
    return [head, *due, *closed, *ready]
