"""A day of the clinic as plain values, fetched in the book's own thread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from emscontrol.desk.desk import AtWork
from emscontrol.tui.language import _

if TYPE_CHECKING:
    from emscontrol.clinic.agenda.entry import AgendaEntry
    from emscontrol.clinic.book.book import About


@dataclass(frozen=True, slots=True)
class Box:
    """A stimulator of the clinic; `state` says whether it is free, or who has it."""

    name: str
    device: str
    state: str


@dataclass(frozen=True, slots=True)
class Day:
    """`names` are those of the patients by their number; `anybody` is whether the book has any patient at all."""

    day: date
    now: datetime
    zone: ZoneInfo
    entries: Sequence["AgendaEntry"]
    names: Mapping[int, str]
    boxes: Sequence[Box]
    anybody: bool

    @property
    def is_today(self) -> bool:
        """Whether it is the day that it is now."""
        return self.day == self.now.astimezone(self.zone).date()

    def clock(self, at: datetime) -> str:
        """A time of day as the clinic's clock shows it."""
        return f"{at.astimezone(self.zone):%H:%M}"

    def who(self, entry: "AgendaEntry") -> str:
        """Code and name."""
        return " ".join(filter(None, (entry.patient, self.names.get(entry.patient_id, ""))))


def day_of(at: AtWork, about: "About", day: date | None) -> Day:
    """This day, today for None."""
    from emscontrol.clinic.agenda.agenda import agenda_of
    from emscontrol.clinic.patients.called import called
    from emscontrol.clinic.patients.patients import list_patients

    shown = day or at.now.astimezone(about.zone).date()
    entries = agenda_of(at.session, shown, at.now, about)
    return Day(
        day=shown,
        now=at.now,
        zone=about.zone,
        entries=entries,
        names=called(at.session, {entry.patient_id for entry in entries}),
        boxes=_boxes(at, about),
        anybody=bool(entries) or bool(list_patients(at.session, limit=1)),
    )


def _boxes(at: AtWork, about: "About") -> list[Box]:
    from emscontrol.clinic.stations.holds import held_now
    from emscontrol.clinic.stations.stimulators import list_stimulators

    held = {each.stimulator_id: each for each in held_now(at.session, at.now)}
    made = []
    for row in list_stimulators(at.session):
        hold = held.get(row.id)
        state = _("free")
        if hold is not None:
            since = f"{hold.since.astimezone(about.zone):%H:%M}"
            state = _("in use: {staff} at {station} since {since}").format(staff=hold.staff, station=hold.station, since=since)
        made.append(Box(row.name, row.device, state))
    return made


def end_appointment(at: AtWork, number: int, version: int, missed: bool, reason: str) -> None:
    """It was missed, or is called off. Raises what the book refuses."""
    from emscontrol.clinic.appointments.changing import cancel, mark_missed

    if missed:
        mark_missed(at.session, number, reason, at.now, seen=version)
    else:
        cancel(at.session, number, reason, seen=version)
