"""What the device measures of the pulses of one channel, and when it takes the electrodes to be faulty."""

from typing import TYPE_CHECKING, Final

from firmware_sim.body.pulse import Pulse
from firmware_sim.output import OutputStage
from firmware_sim.reference.pulse import STEP_UA
from firmware_sim.reference.tables import UNKNOWN_OHM, Bit

if TYPE_CHECKING:
    from firmware_sim.body.circuit import Flow

USUAL_OHM: Final = 1_000
"""What a channel is taken to have that takes any current, because nothing was put on it."""
OPEN_VOLTAGE: Final = 95
"""Percent of the full voltage, above which …"""
OPEN_CHARGE: Final = 0.5
"""… less than this share of the charge means open."""
SHORT_OHM: Final = 60
SHORT_FROM_UA: Final = 1_000
OVER_UA: Final = 1_000
CLIPPED_CHARGE: Final = 0.9
BAD_PULSES: Final = {Bit.ELECTRODE_OPEN: 3, Bit.ELECTRODE_SHORT: 3, Bit.OVERCURRENT: 1}
"""So many of the last `OF_PULSES` are a fault: a contact that comes and goes is one too."""
OF_PULSES: Final = 10
NO_BIT: Final = Bit(0)


class Meter:
    """The meter of one channel. `set`, `measured` are in 0.1 mA, of the last pulse; `ohm` is 65 535 when it is not known."""

    def __init__(self, stage: OutputStage, number: int) -> None:
        self.set = 0
        self.measured = 0
        self.ohm = UNKNOWN_OHM
        self.clipped = False
        self.trip_us: int | None = None
        """When the first phase of the pulse is over that makes it a fault."""
        self.bit = NO_BIT
        """What is wrong with the last pulse."""
        self._given = 0
        self._bad: list[int] = []
        self._kind = NO_BIT
        self._stage: Final = stage
        self._number: Final = number

    def forget(self) -> None:
        """No pulse has been given."""
        self.set = self.measured = 0
        self._bad.clear()
        self.ohm, self.clipped, self.bit, self.trip_us = UNKNOWN_OHM, False, NO_BIT, None

    def gave(self, amplitude: int, pulses: int, judged_us: int) -> None:
        """So many pulses of this amplitude (0.1 mA) were given; the first phase of the last one is over at `judged_us`."""
        flow = self._stage.flow(self._number)
        flowing_ua = self._stage.amplitude_ua(self._number)
        self.set = amplitude
        self.measured = (flowing_ua + STEP_UA // 2) // STEP_UA
        self.ohm = ohm(flow, flowing_ua)
        self.clipped = flowing_ua == 0 if flow is None else flow.fraction < CLIPPED_CHARGE
        bit = judge(flow, flowing_ua, amplitude * STEP_UA, self._stage.voltage_mv)
        self._given += pulses
        if bit:
            recent = self._bad if bit == self._kind else []
            self._bad = [*(number for number in recent if number > self._given - OF_PULSES), self._given]
            self._kind = bit
            if len(self._bad) >= BAD_PULSES[bit]:
                self.trip_us = judged_us
        self.bit = bit

    def would_be(self, peak: int, width_us: int) -> Bit:
        """What would be wrong with a pulse of this amplitude (0.1 mA) as things are."""
        stage, number = self._stage, self._number
        pulse = Pulse(peak * STEP_UA, width_us)
        flow = stage.measure(number, pulse) if peak else None
        flowing_ua = flow.peak_ua if flow is not None else 0 if number in stage.open_channels else pulse.amplitude_ua
        return judge(flow, flowing_ua, pulse.amplitude_ua, stage.voltage_mv)


def ohm(flow: "Flow | None", flowing_ua: int) -> int:
    """End voltage ÷ current as the line says it."""
    value = USUAL_OHM if flow is None else flow.impedance_ohm
    return UNKNOWN_OHM if value is None or not flowing_ua or value > UNKNOWN_OHM - 1 else round(value)


def judge(flow: "Flow | None", flowing_ua: int, set_ua: int, voltage_mv: int) -> Bit:
    """What is wrong with one pulse; no bit when nothing is."""
    if not set_ua or (flow is None and flowing_ua == set_ua):
        return NO_BIT
    if flow is None:
        if not flowing_ua:
            return Bit.ELECTRODE_OPEN
    elif flow.peak_mv * 100 > OPEN_VOLTAGE * voltage_mv and flow.fraction < OPEN_CHARGE:
        return Bit.ELECTRODE_OPEN
    elif flowing_ua >= SHORT_FROM_UA and flow.peak_mv * 1000 < SHORT_OHM * flowing_ua:
        return Bit.ELECTRODE_SHORT
    return Bit.OVERCURRENT if flowing_ua * 5 > set_ua * 6 and flowing_ua - set_ua > OVER_UA else NO_BIT
