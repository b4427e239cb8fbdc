"""A threshold at another pulse width than it was measured with, by the strength–duration relation.

Weiss: `I(t) = I(t0) · (1 + c/t) / (1 + c/t0)` with the chronaxie c; 250 µs for a muscle with its nerve (muscles.md, [D]).
What comes out is an estimate: it is rounded down, kept to narrow bounds, and never written into the book as a threshold.
"""

from typing import Final

from emscontrol.core.errors import SafetyRefusal

CHRONAXIE_US: Final = 250
WIDTH_MIN_US: Final = 50
WIDTH_MAX_US: Final = 1000
RATIO_MAX: Final = 2  # one width is at most twice the other [D]
CHRONAXIE_MIN_US: Final = 50
CHRONAXIE_MAX_US: Final = 1000  # of innervated muscle: 0.1 to 1 ms (Enraf manual) [S]
INNERVATED: Final = "intact"


def carried_ua(amplitude_ua: int, from_us: int, to_us: int, chronaxie_us: int = CHRONAXIE_US) -> int:
    """The amplitude (µA) that does at `to_us` what this one does at `from_us`, rounded down. Raises SafetyRefusal."""
    refused = why_not_widths(from_us, to_us, chronaxie_us)
    if refused:
        raise SafetyRefusal(refused, "Measure it with these pulses.")
    return amplitude_ua * from_us * (to_us + chronaxie_us) // (to_us * (from_us + chronaxie_us))


def why_not(from_us: int, to_us: int, from_mm2: int, to_mm2: int, lmn: str, chronaxie_us: int = CHRONAXIE_US) -> str:
    """Why a threshold is not carried over, in a sentence; "" where it may be. `lmn` is the nerve's state as examined."""
    if from_mm2 != to_mm2:
        return "Nothing is carried over to electrodes of another size."
    if lmn != INNERVATED:
        return f"Nothing is carried over on a muscle whose nerve is not known to be intact ({lmn})."
    return why_not_widths(from_us, to_us, chronaxie_us)


def why_not_widths(from_us: int, to_us: int, chronaxie_us: int) -> str:
    """Why not from one width to another; "" where it may be."""
    if not all(WIDTH_MIN_US <= width <= WIDTH_MAX_US for width in (from_us, to_us)):
        return f"Nothing is carried over to or from a pulse outside {WIDTH_MIN_US} to {WIDTH_MAX_US} µs."
    if max(from_us, to_us) > RATIO_MAX * min(from_us, to_us):
        return f"From {from_us} µs to {to_us} µs is too far: at most a factor of {RATIO_MAX}."
    if not CHRONAXIE_MIN_US <= chronaxie_us <= CHRONAXIE_MAX_US:
        return f"A chronaxie of {chronaxie_us} µs is not one of a muscle with its nerve."
    return ""
