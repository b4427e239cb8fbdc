"""Figures of the sheets: what bodies, devices and deadlines allow. Written here a second time on purpose."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MS: Final = 1_000
S: Final = 1_000_000

# ---- time budget (fault matrix, [budget])
T_ACK_US: Final = 60 * MS
T_LINK_LOST_US: Final = 250 * MS
T_TICK_GAP_US: Final = 300 * MS
T_STOP_DEV_US: Final = 20 * MS
T_STOP_CONFIRM_US: Final = 200 * MS
T_JOURNAL_US: Final = 1_000 * MS
DEADMAN_SLACK_US: Final = 50 * MS  # V-RC01-1 grants the dead-man 50 ms over its time

# ---- the body (limits sheet)
CHARGE_MAX_PC: Final = 75_000_000  # ANSI/AAMI NS4, read as one phase of a pulse up to 1 ms
RMS_MAX_UA: Final = 50_000  # IEC 60601-2-10 cl. 201.12.4.101, up to 400 Hz
DENSITY_MAX_UA_PER_CM2: Final = 2_000  # HASOMED RehaStim2 IFU 2.5c p. 9
POWER_MAX_UW_PER_CM2: Final = 100_000  # HASOMED RehaStim2 IFU 2.5c p. 9
LOAD_OHM: Final = 500  # IEC 60601-2-10: doses are reckoned into 500 ohm
PULSES_PER_S_MAX: Final = 150  # hard ceiling of the rate, bursts counted pulse by pulse
SHORT_WIDTH_MAX_US: Final = 1_000
LONG_WIDTH_MAX_US: Final = 600_000
ENERGY_MAX_UJ: Final = 300_000  # IEC 60601-2-10 (51.104), a pulse shorter than 0.1 s
LONG_PULSE_PEAK_MAX_UA: Final = 80_000  # IEC 60601-2-10, a pulse of 0.1 s or longer
LONG_PULSE_FROM_US: Final = 100_000
TOLERANCE_PERCENT: Final = 125  # cap against the comfort level
SOFT_START_US: Final = 2 * S  # RC-14: resume takes two seconds at least
HAND_STEP_UA: Final = 1_000  # RC-13
HAND_SLEW_UA_PER_S: Final = 5_000  # RC-13
SPARE_PERCENT: Final = 105  # RC-17: what a session may use up beyond its plan
RAMP_STEP_US: Final = 50 * MS  # a ramp made by the host is a stair with treads of this length
RISE_WINDOW_US: Final = 150 * MS  # how much of a ramp may come at once: two steps and one that was late

SITE_CAP_UA: Final[Mapping[str, int]] = {
    "quad_rf": 130_000, "quad_vm": 130_000, "quad_vl": 130_000, "ham": 130_000, "glut_max": 130_000, "ta": 80_000,
    "gastroc": 100_000, "soleus": 100_000, "delt_mid": 80_000, "biceps": 80_000, "ecr": 60_000, "rect_abd": 90_000,
}  # fmt: skip
"""Highest amplitude by muscle (muscle sheet, design choice)."""


@dataclass(frozen=True, slots=True)
class Device:
    """What is known of a model from its maker's papers.

    `watchdog_us` is how long it goes on without its host, `amplitude_max_ua` and `step_ua` its range and step, `clock_us` how
    much longer than asked a period may be. With `at_next_pulse` a set point takes effect with the channel's next pulse,
    otherwise at once.
    """

    watchdog_us: int
    amplitude_max_ua: int
    step_ua: int
    clock_us: int
    at_next_pulse: bool = False


DEVICES: Final[Mapping[str, Device]] = {
    "p24": Device(2_000 * MS, 130_000, 500, 500),  # ScienceMode 4 description; P24 IFU 1.1
    "rehastim2": Device(1_200 * MS, 130_000, 2_000, 500, at_next_pulse=True),  # protocol description 1.24; manual 2.5c
    "reference": Device(500 * MS, 120_000, 100, 500, at_next_pulse=True),  # docs/reference-protocol.md: lease 500 ms
}
