"""What one channel puts out: a waveform, repeated as a train, at an amplitude.

The words are the field's: a *pulse* is one stimulus, a *train* repeats it at a rate, an *output* is a train on a channel at
an amplitude. All figures are integers (µA, µs).
"""

from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """The waveforms a protocol may ask for; all of them carry no net charge by construction."""

    SYMMETRIC = "symmetric"  # rectangular, second phase equal and opposite
    ASYMMETRIC = "asymmetric"  # rectangular, second phase `recovery_ratio` times longer and weaker
    TRIANGULAR = "triangular"  # both phases triangular, equal and opposite
    LONG_BIPHASIC = "long_biphasic"  # rectangular, for denervated muscle; needs a device declared for it


class PhaseForm(StrEnum):
    """How the current runs inside one phase."""

    RECTANGLE = "rectangle"
    TRIANGLE = "triangle"


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of a pulse: `peak_ua` is signed, `duration_us` above zero."""

    form: PhaseForm
    peak_ua: int
    duration_us: int


@dataclass(frozen=True, slots=True)
class Waveform:
    """The shape of one pulse without its amplitude.

    `width_us` is the first phase, `gap_us` the pause between the phases (no current), `recovery_ratio` how many times longer
    and weaker the second phase of an asymmetric pulse is (1 for all others).
    """

    shape: Shape
    width_us: int
    gap_us: int = 100
    recovery_ratio: int = 1

    def phases(self, amplitude_ua: int) -> tuple[Phase, Phase]:
        """Both phases at this amplitude (µA, peak of the first phase)."""
        form = PhaseForm.TRIANGLE if self.shape is Shape.TRIANGULAR else PhaseForm.RECTANGLE
        ratio = self.recovery_ratio
        return (
            Phase(form, amplitude_ua, self.width_us),
            Phase(form, -(amplitude_ua // ratio), self.width_us * ratio),
        )

    def charge_pc(self, amplitude_ua: int) -> int:
        """Charge of the first phase at this peak, rounded up: a triangle has half of a rectangle's."""
        rectangle_pc = amplitude_ua * self.width_us
        return -(-rectangle_pc // 2) if self.shape is Shape.TRIANGULAR else rectangle_pc

    @property
    def duration_us(self) -> int:
        """From the start of the first phase to the end of the last."""
        return self.width_us * (1 + self.recovery_ratio) + self.gap_us


@dataclass(frozen=True, slots=True)
class Train:
    """A waveform repeated every `period_us`.

    With `burst_pulses` above 1, each period has that many pulses, `burst_interval_us` apart.
    """

    waveform: Waveform
    period_us: int
    burst_pulses: int = 1
    burst_interval_us: int = 0


@dataclass(frozen=True, slots=True)
class Swell:
    """A contraction that the device makes by itself: up over `rise_us`, on the plateau for `hold_us`, down over `fall_us`.

    After that the channel is at zero, without another command. `number` tells one contraction of a session from the next that
    is just like it.
    """

    number: int
    rise_us: int
    hold_us: int
    fall_us: int

    @property
    def end_us(self) -> int:
        """How long it lasts."""
        return self.rise_us + self.hold_us + self.fall_us

    def amplitude_ua(self, plateau_ua: int, at_us: int) -> int:
        """The amplitude of a pulse that begins `at_us` after the contraction, rounded down; zero outside it."""
        if at_us < 0 or at_us >= self.end_us:
            return 0
        if at_us < self.rise_us:
            return plateau_ua * at_us // self.rise_us
        left_us = self.end_us - at_us
        return plateau_ua if left_us >= self.fall_us else plateau_ua * left_us // self.fall_us

    def plateau_time_us(self, until_us: int) -> int:
        """How long its plateau alone would take to deliver as much as it does in its first `until_us`, rounded up."""
        until_us = min(max(0, until_us), self.end_us)
        rising_us = min(until_us, self.rise_us)
        falling_us = max(0, until_us - self.rise_us - self.hold_us)
        whole_us = until_us - rising_us - falling_us
        up_us = -(-rising_us * rising_us // (2 * self.rise_us)) if rising_us else 0
        down_us = -(-falling_us * (2 * self.fall_us - falling_us) // (2 * self.fall_us)) if falling_us else 0
        return up_us + whole_us + down_us


@dataclass(frozen=True, slots=True)
class Output:
    """What one channel is to put out from now on. `channel` counts from 1.

    With a `swell`, `amplitude_ua` is its plateau and the contraction begins when the command takes effect.
    """

    channel: int
    train: Train
    amplitude_ua: int
    swell: Swell | None = None


@dataclass(frozen=True, slots=True)
class Outputs:
    """The complete set of channels with current, in ascending order; a channel that is missing is off.

    Set points are absolute, never increments, so a repeated one changes nothing.
    """

    channels: tuple[Output, ...] = ()

    @property
    def is_zero(self) -> bool:
        """True when no channel carries current."""
        return not self.channels or all(output.amplitude_ua == 0 for output in self.channels)

    def amplitude_ua(self, channel: int) -> int:
        """The amplitude on a channel, 0 when it is off."""
        for output in self.channels:
            if output.channel == channel:
                return output.amplitude_ua
        return 0


NOTHING = Outputs()
