"""How a plan stands, how long its sessions are, and what fits a week and a slot."""

from typing import Final

from emscontrol.core.errors import SafetyRefusal, UsageError
from emscontrol.core.units import US_PER_S
from emscontrol.program.timing import schedule
from emscontrol.protocol.load import LoadedProtocol
from emscontrol.safety.rules import judge_session

ACTIVE: Final = "active"
PAUSED: Final = "paused"
FINISHED: Final = "finished"

SETUP_MIN: Final = 20  # pads, checks and talk around a session
SLOT_STEP_MIN: Final = 5
SLOT_MAX_MIN: Final = 24 * 60
SESSIONS_PER_WEEK_MAX: Final = 14
WEEKS_MAX: Final = 104
REST_MAX_H: Final = 7 * 24
_WEEK_H: Final = 7 * 24


def session_us(loaded: LoadedProtocol) -> int:
    """How long a session is (µs), to the end of its last rest."""
    spans, _ = schedule(loaded.protocol)
    return spans[-1].end_us


def session_min(loaded: LoadedProtocol) -> int:
    """How long a session is (min), rounded up."""
    return -(-session_us(loaded) // (60 * US_PER_S))


def too_long(loaded: LoadedProtocol) -> str:
    """The sentence of the rule that forbids so long a session, "" where none does."""
    refused = judge_session(session_us(loaded)).refused
    return refused[0].sentence() if refused else ""


def usual_slot_min(loaded: LoadedProtocol, room_min: int) -> int:
    """The slot that a session wants (min), with its set-up and room for longer ones, in whole steps."""
    return -(-(session_min(loaded) + SETUP_MIN + room_min) // SLOT_STEP_MIN) * SLOT_STEP_MIN


def require_slot(loaded: LoadedProtocol, slot_min: int) -> None:
    """Nothing, when a session and its set-up fit the slot.

    Raises UsageError, and SafetyRefusal for a session that is longer than any may be.
    """
    words = too_long(loaded)
    if words:
        raise SafetyRefusal(words, "Shorten it, or give it more often.", ("SESSION_LENGTH",))
    needed = session_min(loaded) + SETUP_MIN
    if not needed <= slot_min <= SLOT_MAX_MIN:
        raise UsageError(
            f"A slot of {slot_min} min does not fit: the session lasts {session_min(loaded)} min, and {SETUP_MIN} min are "
            "for setting up.",
            f"Give the plan a slot of {needed} min or more.",
        )


def require_week(sessions_per_week: int, weeks: int, rest_min_h: int) -> None:
    """Nothing, when so many sessions fit a week with that rest between them. Raises UsageError."""
    for value, low, high, what in (
        (sessions_per_week, 1, SESSIONS_PER_WEEK_MAX, "sessions a week"),
        (weeks, 1, WEEKS_MAX, "weeks"),
        (rest_min_h, 0, REST_MAX_H, "hours of rest"),
    ):
        if type(value) is not int or not low <= value <= high:
            raise UsageError(f"A plan cannot have {value} {what}.", f"Choose a whole number from {low} to {high}.")
    if sessions_per_week * rest_min_h > _WEEK_H:
        raise UsageError(
            f"{sessions_per_week} sessions a week do not leave {rest_min_h} h of rest between them.",
            f"Plan {_WEEK_H // rest_min_h} sessions a week at most, or a rest of {_WEEK_H // sessions_per_week} h at most.",
        )
