"""Has each muscle had its rest? Looked at again when a session is run, whatever was booked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.rest import Muscle, is_rested, shared
from emscontrol.clinic.tables.plans import Plan, PlanChannel
from emscontrol.clinic.tables.sessions import SessionChannel, SessionEntry
from emscontrol.core.errors import SafetyRefusal

LONGEST: Final = timedelta(days=14)  # no plan asks for a longer rest


@dataclass(frozen=True, slots=True)
class Worked:
    """A session after which the muscles of this plan rest: from when to when it was, and for how many hours they do."""

    begins_at: datetime
    ends_at: datetime
    rest_h: int

    def as_plain(self) -> dict[str, Any]:
        """The same for JSON."""
        return {"begins_at": self.begins_at.isoformat(), "ends_at": self.ends_at.isoformat(), "rest_h": self.rest_h}

    @classmethod
    def from_plain(cls, told: dict[str, Any]) -> "Worked":
        """Read it back. Raises ValueError, TypeError or KeyError when it is not one."""
        begins_at, ends_at = (datetime.fromisoformat(told[name]) for name in ("begins_at", "ends_at"))
        return cls(begins_at, ends_at, int(told["rest_h"]))


def worked(session: Session, plan: Plan, channels: Iterable[PlanChannel], now: datetime) -> tuple[Worked, ...]:
    """The patient's sessions of late that worked a muscle of this plan; of two rests the longer one holds."""
    mine = [Muscle(channel.muscle, channel.side) for channel in channels]
    query = (
        select(SessionEntry.opened_at, SessionEntry.duration_us, Plan.rest_min_h, SessionChannel.muscle, SessionChannel.side)
        .join(SessionChannel, SessionChannel.session_id == SessionEntry.id)
        .outerjoin(Plan, Plan.id == SessionEntry.plan_id)
        .where(
            SessionEntry.patient_id == plan.patient_id,
            SessionEntry.counts.is_(True),
            SessionEntry.opened_at > now - LONGEST,
            SessionChannel.contractions > 0,
        )
    )
    found = {
        Worked(opened_at, opened_at + timedelta(microseconds=duration_us), max(plan.rest_min_h, rest_h or 0))
        for opened_at, duration_us, rest_h, muscle, side in session.execute(query)
        if shared(mine, [Muscle(muscle, side)])
    }
    return tuple(sorted(found, key=lambda one: one.begins_at))


def require_rest(sessions: Sequence[Worked], zone: str, now: datetime) -> None:
    """Nothing, when every muscle has had its rest at `now`. Raises SafetyRefusal with when it will have.

    A session that is still to come by the clock of `now` took place all the same: a clock is wrong, and no rest is shown.
    """
    for one in sessions:
        if one.begins_at > now:
            raise SafetyRefusal(
                f"A muscle of this plan was worked on {one.begins_at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M}, which is "
                "still to come by this station's clock.",
                f"Set the clock, if it is wrong; else wait until {one.rest_h} h after that.",
                ("REST",),
            )
        if not is_rested((one.begins_at, one.ends_at), (now, now), one.rest_h, ZoneInfo(zone)):
            raise SafetyRefusal(
                f"A muscle of this plan was worked on {one.begins_at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M} and rests "
                f"for {one.rest_h} h.",
                "Wait until then, and move the appointment: emscontrol appointment move.",
                ("REST",),
            )
