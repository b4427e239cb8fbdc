"""The limits of one channel, which the host hands over and the device keeps."""

from dataclasses import asdict, dataclass

from firmware_sim.reference.layout import Params
from firmware_sim.reference.pulse import Train
from firmware_sim.reference.tables import DENERVATION, Refused, Result

MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """As `LIMITS` says them: amplitudes in 0.1 mA, charge of one phase in nC, rise in 0.1 mA in a second."""

    channel: int
    flags: int
    shapes: int
    burst_max: int
    amplitude_max: int
    width_max_us: int
    period_min_us: int
    charge_max_nc: int
    rise_max: int

    def as_params(self) -> Params:
        """For reading back."""
        return asdict(self)

    def within(self, other: "Limits") -> bool:
        """Whether these are as tight as the others, or tighter, in every field."""
        masks = not (self.flags & ~other.flags or self.shapes & ~other.shapes)
        highest = (self.burst_max, self.amplitude_max, self.width_max_us, self.charge_max_nc, self.rise_max)
        theirs = (other.burst_max, other.amplitude_max, other.width_max_us, other.charge_max_nc, other.rise_max)
        return masks and self.period_min_us >= other.period_min_us and all(a <= b for a, b in zip(highest, theirs, strict=True))

    def check_train(self, train: Train) -> None:
        """Refuses a train that is wider, faster or of another shape."""
        if train.width_us > self.width_max_us:
            raise Refused(Result.OVER_WIDTH, self.channel)
        if train.period_us < self.period_min_us:
            raise Refused(Result.OVER_RATE, self.channel)
        shape_allowed = self.shapes >> train.shape & 1 and train.burst_pulses <= self.burst_max
        if not shape_allowed or (train.is_long and not self.flags & DENERVATION):
            raise Refused(Result.OVER_SHAPE, self.channel)

    def check_amplitude(self, train: Train, amplitude: int) -> None:
        """Refuses an amplitude that is too high, that the phases cannot balance, or that carries too much charge."""
        if amplitude > self.amplitude_max:
            raise Refused(Result.OVER_AMPLITUDE, self.channel)
        if amplitude % train.recovery_ratio:
            raise Refused(Result.NO_BALANCE, self.channel)
        if train.charge_pc(amplitude) > self.charge_max_nc * 1000:
            raise Refused(Result.OVER_CHARGE, self.channel)

    def check_contraction(self, amplitude: int, rise_us: int) -> None:
        """Refuses a rise (amplitude ÷ rise time) that is too fast."""
        if amplitude * MICRO > self.rise_max * rise_us:
            raise Refused(Result.OVER_RISE, self.channel)
