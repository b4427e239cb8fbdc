"""The models of a protocol's parts: electrode, channel, pulse group, phase. Fields are the keys of the file.

Figures are kept as the exact decimals that the file states; the properties beside them give the integers (µA, µs, mm²) that
everything after the file works with.
"""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from emscontrol.core.pulse import Shape
from emscontrol.core.units import mm2_from_cm2, period_us_from_hz, ua_from_ma, us_from_ms, us_from_s
from emscontrol.protocol.fields import Text, Within

_PI_FROM_BELOW: Final = Fraction(3_141_592_653_589_793, 10**15)  # below π, so that no area is overstated


class Side(StrEnum):
    """The side of the body; `either` leaves it to the prescription."""

    LEFT = "left"
    RIGHT = "right"
    EITHER = "either"


class LmnStatus(StrEnum):
    """State of the lower motor neuron that a protocol is written for."""

    INTACT = "intact"
    DAMAGED = "damaged"
    ANY = "any"


class Use(StrEnum):
    """Who may use a protocol: anyone trained, a named specialist, nobody without overriding a warning."""

    STANDARD = "standard"
    SPECIALIST = "specialist"
    NOT_RECOMMENDED = "not_recommended"


class Evidence(StrEnum):
    """A: several trials agree. B: trials, few or mixed. C: pilots and case series. D: opinion or extrapolation."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Contract(StrEnum):
    """How the groups of a phase share the time."""

    TOGETHER = "together"  # every group starts with the phase and keeps its own cycle
    ALTERNATELY = "alternately"  # one group at a time, spread evenly over the cycle they share
    STAGGERED = "staggered"  # each group starts `stagger_s` after the one before


class Reference(StrEnum):
    """The threshold, measured on the patient, that an intensity is a fraction of."""

    MOTOR = "motor"  # smallest amplitude with a visible contraction
    COMFORT = "comfort"  # largest amplitude the patient tolerates


class Part(BaseModel):
    """Base of all parts: unknown keys and converted types are refused, and nothing changes after loading."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Citation(Part):
    """One source, with the mark that says how well it was looked up."""

    text: Annotated[str, Text(400)] = Field(description="The source: author, year, journal, place in it.")
    mark: Annotated[
        str, Text(4, pattern=r"(S|S2|S/R|R[0-9]{2}|D|X)", spelt="one of S, S2, S/R, R95 (R and two digits), D, X")
    ] = Field(
        description="S read in the source; S2 second-hand; R80 from general knowledge, certain to 80 %; S/R partly read; "
        "D a decision; X extrapolated."
    )


class Electrode(Part):
    """The conductive area of the smaller electrode of the pair: `width_cm` and `height_cm`, or `diameter_cm`."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["width_cm", "height_cm"]}, {"required": ["diameter_cm"]}],
        }
    )

    width_cm: Annotated[Decimal, Within("electrode_side_cm")] | None = Field(
        None, description="Width (cm) of a rectangular pad."
    )
    height_cm: Annotated[Decimal, Within("electrode_side_cm")] | None = Field(
        None, description="Height (cm) of a rectangular pad."
    )
    diameter_cm: Annotated[Decimal, Within("electrode_diameter_cm")] | None = Field(
        None, description="Diameter (cm) of a round pad."
    )

    @property
    def area_mm2(self) -> int:
        """Area in whole mm², rounded down."""
        if self.diameter_cm is not None:
            return mm2_from_cm2(Fraction(self.diameter_cm) ** 2 * _PI_FROM_BELOW / 4)
        if self.width_cm is None or self.height_cm is None:
            raise ValueError("an electrode needs width_cm and height_cm, or diameter_cm")
        return mm2_from_cm2(Fraction(self.width_cm) * Fraction(self.height_cm))


class Channel(Part):
    """One output of the stimulator with its pair of electrodes on one muscle."""

    muscle: Annotated[str, Text(40, pattern="[a-z][a-z0-9_]*", spelt="the id of a muscle in the catalogue, as quad_rf")] = (
        Field(description="Id of the muscle in the catalogue, as quad_rf.")
    )
    side: Annotated[Side, Field(strict=False)] = Field(description="Side of the body: left, right, or either.")
    label: Annotated[str, Text(60)] = Field(description="What people read: on screens, in the record.")
    electrode: Electrode = Field(
        description="Conductive area of the smaller electrode: width_cm and height_cm, or diameter_cm."
    )
    amplitude_cap_ma: Annotated[Decimal, Within("amplitude_cap_ma")] | None = Field(
        None, description="Never more than this (mA) on the channel. It only tightens: other caps stay."
    )

    @property
    def amplitude_cap_ua(self) -> int | None:
        """The cap in µA, None where the protocol sets none."""
        return None if self.amplitude_cap_ma is None else ua_from_ma(self.amplitude_cap_ma)


class Burst(Part):
    """Several pulses close together in place of one: doublets, triplets."""

    pulses: Annotated[int, Within("burst_pulses")] = Field(description="Pulses of a burst: 2 is a doublet.")
    interval_ms: Annotated[Decimal, Within("burst_interval_ms")] = Field(
        description="From the start of one pulse of the burst to the start of the next (ms)."
    )


class Intensity(Part):
    """How strong: a fraction of a threshold measured on the patient, never a current."""

    of: Annotated[Reference, Field(strict=False)] = Field(
        description="motor: smallest amplitude with a visible contraction. comfort: largest amplitude the patient tolerates."
    )
    fraction: Annotated[Decimal, Within("fraction")] = Field(
        description="1 is the threshold itself. At most 1 of comfort, 1.5 of motor."
    )


class Group(Part):
    """Channels that contract at the same time with the same pulses."""

    channels: Annotated[tuple[Annotated[int, Within("channel")], ...], Field(strict=False, min_length=1, max_length=64)] = (
        Field(description="A list of the numbers of the channels that contract together, as [1, 2].")
    )
    waveform: Annotated[Shape, Field(strict=False)] = Field(
        description="symmetric, asymmetric: rectangular, charge-balanced. triangular, long_biphasic: for denervated muscle."
    )
    pulse_width_us: Annotated[int, Within("pulse_width_us")] = Field(
        description="Width of the first phase (µs). Above 1000 only triangular and long_biphasic, with lmn_status damaged."
    )
    interphase_gap_us: Annotated[int, Within("interphase_gap_us")] | None = Field(
        None, description="Pause between the two phases of a pulse (µs). Left out: the device's own."
    )
    recovery_ratio: Annotated[int, Within("recovery_ratio")] = Field(
        1, description="How many times longer and weaker the second phase of an asymmetric pulse is. Only with asymmetric."
    )
    rate_hz: Annotated[Decimal, Within("rate_hz")] = Field(description="Pulses (or bursts) per second while on (Hz).")
    burst: Burst | None = Field(None, description="Bursts in place of single pulses: pulses and interval_ms.")
    intensity: Intensity = Field(description="How strong: of (motor or comfort) and fraction.")
    on_s: Annotated[Decimal, Within("on_s")] = Field(description="Time on (s). Both ramps lie inside it.")
    off_s: Annotated[Decimal, Within("off_s")] = Field(description="Time off after it (s).")
    ramp_up_s: Annotated[Decimal, Within("ramp_up_s")] = Field(description="Rise from zero to full intensity (s), inside on.")
    ramp_down_s: Annotated[Decimal, Within("ramp_down_s")] = Field(
        description="Fall from full intensity to zero (s), inside on."
    )

    @property
    def period_us(self) -> int:
        """From one pulse (or burst) to the next, rounded up: never faster than the file asks."""
        return period_us_from_hz(self.rate_hz)

    @property
    def burst_pulses(self) -> int:
        """Pulses of a burst, 1 without bursts."""
        return self.burst.pulses if self.burst else 1

    @property
    def burst_interval_us(self) -> int:
        """From pulse to pulse inside a burst, 0 without bursts."""
        return us_from_ms(self.burst.interval_ms) if self.burst else 0

    @property
    def on_us(self) -> int:
        """Time on, ramps included."""
        return us_from_s(self.on_s)

    @property
    def off_us(self) -> int:
        """Time off."""
        return us_from_s(self.off_s)

    @property
    def cycle_us(self) -> int:
        """On and off together."""
        return self.on_us + self.off_us

    @property
    def ramp_up_us(self) -> int:
        """Rise, inside on."""
        return us_from_s(self.ramp_up_s)

    @property
    def ramp_down_us(self) -> int:
        """Fall, inside on."""
        return us_from_s(self.ramp_down_s)


class PhaseSpec(Part):
    """One stretch of the session: which groups contract, in what order, how often."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["contractions"]}, {"required": ["duration_s"]}]})

    name: Annotated[str, Text(60)] = Field(description="What people read, as warm-up.")
    contract: Annotated[Contract, Field(strict=False)] = Field(
        description="together: all start with the phase. alternately: one group at a time. staggered: each stagger_s later."
    )
    stagger_s: Annotated[Decimal, Within("stagger_s")] | None = Field(
        None, description="From the start of one group to the start of the next (s). Only with staggered."
    )
    contractions: Annotated[int, Within("contractions")] | None = Field(
        None, description="Contractions of each group. Either this or duration_s."
    )
    duration_s: Annotated[Decimal, Within("duration_s")] | None = Field(
        None, description="Length of the phase (s). Either this or contractions."
    )
    groups: Annotated[tuple[Group, ...], Field(strict=False, min_length=1, max_length=64)] = Field(
        description="A list of channel groups, each with its pulses and times."
    )

    @property
    def stagger_us(self) -> int:
        """From the start of one group to the start of the next; 0 unless staggered."""
        return 0 if self.stagger_s is None else us_from_s(self.stagger_s)

    @property
    def duration_us(self) -> int | None:
        """Length of the phase, None where contractions are counted instead."""
        return None if self.duration_s is None else us_from_s(self.duration_s)
