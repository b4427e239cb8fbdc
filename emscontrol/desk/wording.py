"""From the words of book and engine to those that people at this clinic are shown: its own time, and no shorthand."""

import re
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from emscontrol.core.errors import EmsError

_UTC: Final = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2}) (?:at )?(?P<time>\d{2}:\d{2}(?P<seconds>:\d{2})?) UTC", re.ASCII)


def worded(problem: EmsError, zone: ZoneInfo) -> EmsError:
    """The same problem, which says what happened and what to do in the words of `in_words` from now on."""
    problem.what, problem.remedy = in_words(problem.what, zone), in_words(problem.remedy, zone)
    return problem


def in_words(text: str, zone: ZoneInfo) -> str:
    """A text with its moments in this zone, and what it has of the screening's list in plain words. Twice is as once."""
    from emscontrol.clinic.screening.plain import in_plain_words

    return in_zone(in_plain_words(text), zone)


def in_zone(text: str, zone: ZoneInfo) -> str:
    """A text with its moments in UTC as moments in this zone, which is named behind each."""
    return _UTC.sub(lambda found: _local(found, zone), text)


def _local(found: re.Match[str], zone: ZoneInfo) -> str:
    try:
        moment = datetime.fromisoformat(f"{found['day']} {found['time']}").replace(tzinfo=UTC).astimezone(zone)
    except (ValueError, OverflowError):  # something that only looks like a moment
        return found[0]
    shape = "%Y-%m-%d %H:%M:%S" if found["seconds"] else "%Y-%m-%d %H:%M"
    return f"{moment:{shape}} ({zone.key})"
