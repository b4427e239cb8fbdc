"""What the impedance of a pair of electrodes says of their contact, measured at rest with a test pulse nobody feels."""

from enum import StrEnum
from typing import Final

SHORT_OHM: Final = 60  # less is a short: the pads touch, or wet skin joins them (simulator-physiology §3.4) [D]
GOOD_OHM: Final = 734  # 5×5 cm pads on prepared skin at 0.5 mA and 100 µs, from the circuit of simulator-physiology §3.1 [D]
HIGH_OHM: Final = 3 * GOOD_OHM  # three times the usual is the sheet's warning (§3.4) [D]


class Contact(StrEnum):
    """How a pair of electrodes sits."""

    GOOD = "good"
    HIGH = "high"
    OPEN = "open"
    SHORT = "short"


ADVICE: Final = {
    Contact.GOOD: "",
    Contact.HIGH: "Poor contact, dry gel or small pads: press them on, moisten or replace them.",
    Contact.OPEN: "Nothing is connected: look at lead and pads.",
    Contact.SHORT: "The pads touch each other, or the skin between them is wet.",
}


def contact(ohm: int | None) -> Contact:
    """The contact that an impedance stands for; None is an open circuit."""
    if ohm is None:
        return Contact.OPEN
    if ohm < SHORT_OHM:
        return Contact.SHORT
    return Contact.HIGH if ohm > HIGH_OHM else Contact.GOOD
