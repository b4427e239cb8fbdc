"""Whom and where something is measured: what the book knows of it, as plain values."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emscontrol.desk.desk import AtWork
from emscontrol.tui.choices import is_simulated

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from emscontrol.clinic.tables.plans import Plan
    from emscontrol.protocol.model import Protocol

UP_TO_PERCENT: Final = 125
"""Of the last comfort level: so far a session can be raised by hand, and a measurement is offered to go [D]."""


@dataclass(frozen=True, slots=True)
class Place:
    """`code` is "" where no patient is known; `stimulators` are (name, MODEL@PORT), the plan's own first.

    `protocol` is that of the plan on its prescribed sides, None without a plan. `practice` is None without a book.
    `comfort_ua` is the last comfort level by channel.
    """

    code: str = ""
    called: str = ""
    practice: bool | None = None
    stimulators: tuple[tuple[str, str], ...] = ()
    protocol: "Protocol | None" = None
    comfort_ua: tuple[tuple[int, int], ...] = ()

    @property
    def who(self) -> str:
        """The patient as shown, "" for nobody."""
        return f"{self.code} {self.called}".strip()

    def last_comfort_ua(self, channel: int) -> int | None:
        """The last comfort level of a channel of the plan."""
        return dict(self.comfort_ua).get(channel)


def place_of(at_work: AtWork, code: str, plan: int | None, practice: bool) -> Place:
    """Look it up. Raises UsageError for a patient or plan that is not there, BookError for a protocol that was changed."""
    from emscontrol.clinic.book.rows import by_id
    from emscontrol.clinic.patients.called import called
    from emscontrol.clinic.patients.patients import find_patient
    from emscontrol.clinic.plans.steps import prescribed_now
    from emscontrol.clinic.tables.plans import Plan

    session = at_work.session
    patient = find_patient(session, code)
    prescribed = by_id(session, Plan, plan, "plan") if plan is not None else None
    protocol = None if prescribed is None else prescribed_now(session, prescribed).protocol
    return Place(
        code=patient.code,
        called=called(session, [patient.id]).get(patient.id, ""),
        practice=practice,
        stimulators=_stimulators(session, prescribed, practice),
        protocol=protocol,
        comfort_ua=_comfort_ua(session, patient.id, protocol),
    )


def _stimulators(session: "Session", plan: "Plan | None", practice: bool) -> tuple[tuple[str, str], ...]:
    """Those that this book is for, the plan's own first."""
    from emscontrol.clinic.stations.stimulators import list_stimulators

    own = plan.stimulator if plan is not None else ""
    rows = [row for row in list_stimulators(session) if is_simulated(row.device) == practice]
    return tuple((row.name, row.device) for row in sorted(rows, key=lambda row: (row.name != own, row.name)))


def _comfort_ua(session: "Session", patient_id: int, protocol: "Protocol | None") -> tuple[tuple[int, int], ...]:
    """Of the same muscle, side and pads, whatever the pulse: only for what is offered as the most."""
    from emscontrol.clinic.patients.thresholds import COMFORT, newest_thresholds

    if protocol is None:
        return ()
    known = [row for row in newest_thresholds(session, patient_id) if row.kind == COMFORT]
    found = []
    for number, channel in protocol.channels.items():
        wanted = (channel.muscle, channel.side.value, channel.electrode.area_mm2)
        same = [row for row in known if (row.muscle, row.side, row.area_mm2) == wanted]
        if same:
            found.append((number, max(same, key=lambda row: row.measured_at).amplitude_ua))
    return tuple(found)
