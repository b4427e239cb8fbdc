"""How states and alarms appear: always a word and a mark, with a colour besides and never alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Look:
    """`style` names a class of the style sheet."""

    mark: str
    word: str
    meaning: str
    style: str


STARTING: Final = "starting"
UNKNOWN: Final = "unknown"
CLOSED: Final = "closed"

STATE_LOOKS: Final[Mapping[str, Look]] = {
    STARTING: Look("..", "STARTING", "the engine is being started; nobody has spoken to the stimulator yet", "quiet"),
    "idle": Look("..", "CONNECTING", "looking for the stimulator and bringing it to zero", "quiet"),
    "connected": Look("--", "CONNECTED", "the stimulator answers; no current", "quiet"),
    "armed": Look("<>", "ARMED", "ready at zero; start within a minute", "ready"),
    "running": Look(">>", "RUNNING", "the program runs; current may flow", "active"),
    "paused": Look("||", "PAUSED", "all channels at zero; the clock stands", "ready"),
    "stopping": Look("vv", "STOPPING", "stop sent; zero is being read back", "active"),
    "fault": Look("!!", "FAULT", "stopped by a fault", "alarm"),
    "ended": Look("##", "ENDED", "the session is over", "quiet"),
    CLOSED: Look("##", "ENDED", "the session is over", "quiet"),
    UNKNOWN: Look("??", "UNKNOWN", "nobody knows whether current flows", "alarm"),
}
"""A look for each state of the engine, and for what only a screen can be in."""


@dataclass(frozen=True, slots=True)
class AlarmLook:
    """One priority. `half_period_s` is half of its flash rhythm, 0 = constant."""

    mark: str
    word: str
    style: str
    half_period_s: float


# Flash rates of IEC 60601-1-8 table 2 (high 1.4-2.8 Hz, medium 0.4-0.8 Hz, low constant), half of the time on: 2.0 and 0.6 Hz.
ALARM_LOOKS: Final[Mapping[str, AlarmLook]] = {
    "alarm_low": AlarmLook("*", "LOW", "alarm-low", 0.0),
    "alarm_medium": AlarmLook("**", "MEDIUM", "alarm-medium", 1 / 0.6 / 2),
    "alarm_high": AlarmLook("***", "HIGH", "alarm-high", 1 / 2.0 / 2),
}
ALARM_ORDER: Final = tuple(ALARM_LOOKS)

THEN: Final[Mapping[str, str]] = {"rest": "ramp up", "ramp up": "hold", "hold": "ramp down", "ramp down": "rest"}
"""What usually follows what inside a contraction; shown as what comes next."""

RESULT_WORDS: Final = ("completed", "stopped", "fault", "refused")
"""How a session ends, in the engine's words."""
