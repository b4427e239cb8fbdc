"""Is an appointment of today? A session is given on its day, or on another one with a reason that is kept. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from emscontrol.core.errors import BookConflict

SHOWN = "%a %Y-%m-%d %H:%M"


def is_today(starts_at: datetime, zone: str, now: datetime) -> bool:
    """Whether it is of the day that it is now at the clinic, at whatever hour."""
    here = ZoneInfo(zone)
    return starts_at.astimezone(here).date() == now.astimezone(here).date()


def require_today(appointment: int, starts_at: datetime, zone: str, now: datetime) -> None:
    """Nothing, when it is of today. Raises BookConflict that says when it is, and both ways to give it now all the same."""
    if is_today(starts_at, zone, now):
        return
    here = ZoneInfo(zone)
    today = now.astimezone(here)
    raise BookConflict(
        f"Appointment {appointment} is on {starts_at.astimezone(here):{SHOWN}}, and today is {today:%a %Y-%m-%d}.",
        f"Move it: emscontrol appointment move {appointment} --day {today:%Y-%m-%d} --at HH:MM --why …; or run it now with "
        "--not-today and the reason, which is kept.",
    )


def words_for(starts_at: datetime, zone: str, reason: str) -> str:
    """What the record says of a session on another day than its own."""
    return f"not on its day, which was {starts_at.astimezone(ZoneInfo(zone)):{SHOWN}}: {reason}"
