"""What a session hands over to the device before it arms it: the limits of one channel."""

from typing import Final

from emscontrol.core.pulse import Shape, Train
from emscontrol.core.stimulator import Capabilities, ChannelLimits
from emscontrol.devices.fit import DENERVATED_WIDTH_US
from emscontrol.devices.reference.profile import DENERVATION_BIT, SHAPE_CODES, STEP_UA

CHARGE_MAX_NC: Final = 24_000_000
RISE_MAX: Final = 12_000  # 0.1 mA in a second
PC_PER_NC: Final = 1_000


def limit_params(channel: int, train: Train, limits: ChannelLimits, able: Capabilities) -> dict[str, int]:
    """The parameters of `LIMITS`: each figure rounded so that it is tighter, never wider, and within what the device reports.

    Only the shapes and bursts that the session has are allowed, and long pulses only where it has them.
    """
    shapes = limits.shapes | {train.waveform.shape}
    long = Shape.LONG_BIPHASIC in shapes or limits.width_max_us > DENERVATED_WIDTH_US
    return {
        "channel": channel,
        "flags": DENERVATION_BIT if long else 0,
        "shapes": sum(1 << SHAPE_CODES[shape] for shape in shapes),
        "burst_max": max(limits.burst_max, train.burst_pulses),
        "amplitude_max": min(limits.amplitude_max_ua, able.amplitude_max_ua) // STEP_UA,
        "width_max_us": min(limits.width_max_us, able.width_max_us),
        "period_min_us": max(limits.period_min_us, able.period_min_us),
        "charge_max_nc": min(limits.charge_max_pc // PC_PER_NC, CHARGE_MAX_NC),
        "rise_max": min(limits.rise_max_ua_per_s // STEP_UA, RISE_MAX),
    }
