"""What is typed for the book: days, times, amplitudes, sizes. One way to write each; anything else is refused, not guessed.

Each function is the `type` of an option: it takes the text and raises click.BadParameter, which names the option.
"""

import re
from datetime import date, time
from typing import Final, TypeAlias

import click

from emscontrol.cli.figures import read_area_mm2, read_ua
from emscontrol.core.errors import UsageError

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_TIME: Final = re.compile(r"[0-9]{1,2}:[0-9]{2}", re.ASCII)

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Hours: TypeAlias = tuple[int, int]
"""From when to when, minutes from midnight."""

DAY: Final = "YYYY-MM-DD"
TIME: Final = "HH:MM"
MA: Final = "MA"
PADS: Final = "WxH"
"""What help calls them."""


def day(text: str) -> date:
    """A day, as 2026-03-02."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError as problem:
        raise click.BadParameter(f"{text!r} is in no calendar.") from problem
    raise click.BadParameter(f"{text!r} is no day. Write it like 2026-03-02: year, month, day.")


def time_of_day(text: str) -> time:
    """A time of day, as 10:00."""
    try:
        if _TIME.fullmatch(text):
            return time.fromisoformat(text.zfill(5))
    except ValueError as problem:
        raise click.BadParameter(f"{text!r} is on no clock.") from problem
    raise click.BadParameter(f"{text!r} is no time. Write it like 10:00, with hours from 0 to 23.")


def amplitude_ua(text: str) -> int:
    """µA from milliamperes, as 22.5."""
    try:
        return read_ua(text, "The amplitude")
    except UsageError as problem:
        raise click.BadParameter(str(problem)) from problem


def area_mm2(text: str) -> int:
    """mm² from width and height in cm, as 5x9."""
    try:
        return read_area_mm2(text, "--pads")
    except UsageError as problem:
        raise click.BadParameter(str(problem)) from problem


def weekdays(text: str) -> tuple[int, ...]:
    """Weekdays, 0 is Monday, as mon,wed,fri."""
    found = []
    for word in filter(None, text.split(",")):
        number = next((place for place, name in enumerate(_WEEKDAYS) if len(word) >= 2 and name.startswith(word.lower())), None)
        if number is None or number in found:
            raise click.BadParameter(f"{text!r} are no weekdays. Write them like mon,wed,fri.")
        found.append(number)
    return tuple(found)


def hours_of_day(text: str) -> Hours:
    """A stretch of a day in minutes from midnight, as 08:00-12:30; 24:00 is its end."""
    begin, _, end = text.partition("-")
    opens = time_of_day(begin)
    closes = time_of_day(end) if end != "24:00" else time()
    return opens.hour * 60 + opens.minute, (closes.hour * 60 + closes.minute) or 24 * 60
