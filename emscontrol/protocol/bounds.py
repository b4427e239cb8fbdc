"""The range of every figure in a protocol file, with its unit and where it comes from.

These are bounds of plausibility: they catch the slipped decimal and the wrong unit while the file is read. What a body and a
device may get is decided later and tighter, by `emscontrol.safety`. Marks in the sources: [S] read in the source, [D] a
decision of this project from the reference sheets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class Bound:
    """Smallest and largest value, both allowed, and the finest step; `unit` is empty for a count."""

    low: Decimal
    high: Decimal
    step: Decimal
    unit: str
    source: str

    @property
    def expects(self) -> str:
        """The range in words, as error messages and the schema print it."""
        unit = f" {self.unit}" if self.unit else ""
        if self.low == self.high:
            return f"{self.low}{unit}"
        kind = "a whole number" if self.step == 1 else "a number"
        fine = "" if self.step == 1 else f", at most {-int(self.step.as_tuple().exponent)} decimals"
        return f"{kind} from {self.low} to {self.high}{unit}{fine}"

    def holds(self, value: Decimal | int) -> bool:
        """True for a value in the range and on the step. False for what is no finite number."""
        exact = Decimal(value)
        return exact.is_finite() and self.low <= exact <= self.high and exact % self.step == 0


def _bound(low: str, high: str, step: str, unit: str, source: str) -> Bound:
    return Bound(Decimal(low), Decimal(high), Decimal(step), unit, source)


BOUNDS: Final[Mapping[str, Bound]] = {
    # identity
    "format": _bound("1", "1", "1", "", "the only version of the file format so far"),
    "revision": _bound("1", "9999", "1", "", "[D] counts upward with each reviewed change"),
    # channels
    "channel": _bound("1", "64", "1", "", "[D] eight devices of eight channels; the chosen device has its own, smaller number"),
    "electrode_side_cm": _bound("1", "30", "0.01", "cm", "[D] smallest catalogue pad 2.1 cm disc; garments 10 x 20 cm"),
    "electrode_diameter_cm": _bound("1", "20", "0.01", "cm", "[D] catalogue discs 2.1 and 3.2 cm"),
    "amplitude_cap_ma": _bound(
        "1", "300", "0.1", "mA", "[D] above every device here (130 mA); published denervation output 250 mA [S]"
    ),
    # the pulse
    "rate_hz": _bound("0.2", "150", "0.001", "Hz", "[D] hard ceiling 150 Hz; slowest published train about one pulse in 2 s"),
    "pulses_per_s": _bound(
        "0.4", "150", "0.001", "pulses/s", "[D] the ceiling of rate_hz, with every pulse of a burst counted"
    ),
    "pulse_width_us": _bound(
        "20", "200000", "1", "µs", "20 µs: both devices; 200 ms: triangular pulses for denervated muscle [S]"
    ),
    "short_pulse_width_us": _bound("20", "1000", "1", "µs", "[D] hard ceiling of one phase for innervated muscle"),
    "interphase_gap_us": _bound("0", "1000", "1", "µs", "[D] published gaps are 100 µs; longer ones change the threshold"),
    "recovery_ratio": _bound("1", "10", "1", "", "[D] asymmetric pulses need 2 or more; published 4"),
    "burst_pulses": _bound("2", "10", "1", "", "[D] doublets and triplets; 8 in the worked examples"),
    "burst_interval_ms": _bound(
        "1", "1000", "0.001", "ms", "[D] doublets 5 to 10 ms; a device may need more (RehaStim 2: 8 ms)"
    ),
    # how strong
    "fraction": _bound("0.05", "1.5", "0.001", "", "[D] below a twentieth nothing contracts; the ceiling is that of `motor`"),
    "fraction_of_motor": _bound("0.05", "1.5", "0.001", "", "[D] first-session rule: at most motor threshold plus 50 %"),
    "fraction_of_comfort": _bound("0.05", "1", "0.001", "", "[D] never above what the patient tolerates"),
    # how long
    "on_s": _bound(
        "0.5", "3600", "0.001", "s", "[D] shorter than the shortest ramp cannot be; one hour without a pause at most"
    ),
    "off_s": _bound("0", "3600", "0.001", "s", "[D] 0 is continuous stimulation; longer pauses are another session"),
    "ramp_up_s": _bound("0.5", "30", "0.001", "s", "control RC-13: protocol ramps take at least 0.5 s"),
    "ramp_down_s": _bound("0", "30", "0.001", "s", "[D] downward is never limited (RC-13)"),
    "stagger_s": _bound("0.05", "600", "0.001", "s", "[D] below 50 ms groups contract together for all a person can feel"),
    "contractions": _bound("1", "5000", "1", "", "[D] one every 5 s through the longest session"),
    "duration_s": _bound("1", "28800", "0.001", "s", "[D] the longest session"),
    "session_s": _bound("1", "28800", "0.001", "s", "[D] 8 h, only for conditioning and pressure-relief protocols"),
}
"""Ranges by name. A field of the models carries the name of its own; the rules between keys use the others."""

DEPTH_MAX: Final = 16
"""Deepest nesting of a file (control RC-06); a protocol needs 6."""

SIZE_MAX_BYTES: Final = 256 * 1024
"""Largest file: a quarter of what RC-06 allows, so that reading stays under a second on a slow machine (RC-41)."""

NODES_MAX: Final = 4000
"""Most keys and values of a file: some 140 channel groups. Bounds the reading time (RC-41)."""

LINE_MAX: Final = 2000
"""Longest line in characters. Bounds the reading time: one endless tag costs seconds (RC-41)."""

LINES_MAX: Final = 8000
"""Most lines of a file: twice its keys and values. Bounds the reading time (RC-41): lines cost more than characters."""

DIGITS_MAX: Final = 15
"""Longest number in characters; keeps every conversion to µA and µs exact within 28 digits."""

PROBLEMS_MAX: Final = 100
"""Most problems listed for one file; the rest is counted."""
