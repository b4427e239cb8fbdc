"""What is typed into the fields of a plan: days, times, weekdays, numbers. Each says what was wrong and how it is written."""

from datetime import date, time

from emscontrol.core.errors import UsageError
from emscontrol.tui.language import _
from emscontrol.tui.screens.calendar.days import WEEKDAYS


def times_of(text: str) -> tuple[time, ...]:
    """`10:00`, or several with a space or comma between. Raises UsageError."""
    words = text.replace(",", " ").split()
    try:
        found = tuple(time.fromisoformat(word if ":" in word else f"{int(word):02}:00") for word in words)
    except ValueError:
        found = ()
    if not found or any(each.tzinfo is not None for each in found):
        raise UsageError(
            _("{text} is no time of day.").format(text=repr(text.strip())),
            _("Write 10:00, or 10:00 15:00 for two a day."),
        )
    return found


def weekdays_of(text: str) -> tuple[int, ...]:
    """`mon wed fri`, or nothing for days spread over the week. Raises UsageError."""
    known = {_(name)[:2].casefold(): number for number, name in enumerate(WEEKDAYS)}
    known |= {name[:2].casefold(): number for number, name in enumerate(WEEKDAYS)}
    words = text.replace(",", " ").split()
    wrong = [word for word in words if word[:2].casefold() not in known]
    if wrong:
        raise UsageError(_("{text} is no weekday.").format(text=repr(wrong[0])), _("Write mon wed fri."))
    return tuple(sorted({known[word[:2].casefold()] for word in words}))


def day_of(text: str, today: date) -> date:
    """`2026-03-02`, or a day and month of this year or the next. Raises UsageError."""
    try:
        if text.count("-") == 1:
            found = date.fromisoformat(f"{today.year}-{text.strip()}")
            return found if found >= today else found.replace(year=today.year + 1)
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(_("{text} is no day.").format(text=repr(text.strip())), _("Write it as 2026-03-02.")) from None


def number_of(text: str, what: str) -> int:
    """A whole number. Raises UsageError."""
    if not text.strip().isdecimal():
        raise UsageError(_("{what}: a whole number is needed.").format(what=what), _("As 3."))
    return int(text)
