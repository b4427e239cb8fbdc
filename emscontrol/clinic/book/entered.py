"""What people typed, in the shape that a column takes."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from emscontrol.clinic.tables.base import CODE, LINE
from emscontrol.core.errors import UsageError

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
EARLIEST_ZONE: Final = timedelta(hours=14)
"""The clocks that are ahead of all others: what guards against a wrong year must refuse no clinic's own today."""
_FORMATS: Final = {4: "%Y", 7: "%Y-%m", 10: "%Y-%m-%d"}


def code_of(typed: str, what: str) -> str:
    """A code: it stands in journals, file names and command lines. Raises UsageError; `what` is what people call its owner."""
    code = typed.strip()
    if len(code) > CODE or not _CODE.fullmatch(code):
        raise UsageError(
            f"{typed[:CODE]!r} is no code of a {what}.",
            f"Up to {CODE} letters from A to z, digits, - and _, a letter or a digit first.",
        )
    return code


def line_of(typed: str, what: str, needed: bool = False) -> str:
    """One line of text. Raises UsageError when it is too long, has a line break or another control character, or is missing."""
    line = typed.strip()
    if needed and not line:
        raise UsageError(f"The {what} is missing.", "Say it in a few words.")
    if len(line) > LINE or not line.isprintable():
        raise UsageError(f"The {what} is too long or is no plain line.", f"Up to {LINE} characters on one line.")
    return line


def day_of(typed: str, what: str, now: datetime) -> str:
    """A day as precise as it is known: 2026, 2026-03 or 2026-03-14. Raises UsageError for none, or one to come everywhere."""
    text = typed.strip()
    try:
        day = datetime.strptime(text, _FORMATS[len(text)]).date()  # noqa: DTZ007 -- a day, not a moment
    except (KeyError, ValueError) as problem:
        raise UsageError(f"{typed[:CODE]!r} is no day: {what}.", "Write 2026, 2026-03 or 2026-03-14.") from problem
    if day > (now.astimezone(UTC) + EARLIEST_ZONE).date():
        raise UsageError(f"{text} is still to come: {what}.", "Look at the year.")
    return text


def one_of(typed: str, known: tuple[str, ...], what: str) -> str:
    """One word of a list. Raises UsageError that names them."""
    if typed not in known:
        raise UsageError(f"There is no {what} {typed[:CODE]!r}.", f"Choose one of {', '.join(known)}.")
    return typed
