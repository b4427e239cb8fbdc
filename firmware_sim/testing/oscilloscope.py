"""What came out of a simulated stimulator, as a test sees it. Every look first lets the time pass that has gone by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from firmware_sim.output import OutputStage
from firmware_sim.scope import ScopeLine
from firmware_sim.serial_urls.live import LiveSimulator
from firmware_sim.server import clock_us
from firmware_sim.testing.waiting import wait_until

SHOWN_LINES: Final = 8


@dataclass(frozen=True, slots=True)
class Totals:
    """What a channel has delivered since the device was switched on. The charge (pC) is that of one phase of each pulse."""

    pulses: int
    charge_pc: int
    peak_ua: int


class Oscilloscope:
    """The output of one simulator. Channels count from 1; an unknown one raises ValueError. Times are `clock_us` (µs)."""

    def __init__(self, of: Callable[[], tuple[LiveSimulator, list[ScopeLine]]]) -> None:
        self.source: Final = of

    @property
    def now_us(self) -> int:
        """The machine's monotonic clock (µs), in which all times of the oscilloscope are."""
        return clock_us()

    @property
    def lines(self) -> list[ScopeLine]:
        """Every line up to now, oldest first: one at each change of a channel."""
        live, lines = self._looked()
        with live.changed:
            return list(lines)

    @property
    def is_zero(self) -> bool:
        """True when no channel carries current now."""
        return self._stage().is_zero

    @property
    def zero_since_us(self) -> int | None:
        """Since when no channel carries current: the moment the last one went off, or power-on. None while current flows."""
        live, lines = self._looked()
        with live.changed:
            if not live.port.stage.is_zero:
                return None
            return max((line.t_us for line in lines), default=live.switched_on_us)

    def current_now_ua(self, channel: int) -> int:
        """The peak current of the pulses now; 0 = off, or nothing can flow."""
        return self._stage(channel).amplitude_ua(channel)

    def width_now_us(self, channel: int) -> int:
        """The width of the first phase as set; 0 when off."""
        return self._stage(channel).width_us(channel)

    def period_now_us(self, channel: int) -> int:
        """The distance of the pulses as set; 0 when off."""
        return self._stage(channel).period_us(channel)

    def totals(self, channel: int) -> Totals:
        """Pulses, charge and largest current up to now."""
        stage = self._stage(channel)
        return Totals(stage.pulses(channel), stage.charge_pc(channel), stage.peak_ua(channel))

    def levels_ua(self, channel: int) -> list[int]:
        """The currents this channel went through, oldest first, repetitions left out: `[20_000, 31_500, 0]`."""
        levels: list[int] = []
        for line in self.lines:
            if line.channel == channel and levels[-1:] != [line.amplitude_ua]:
                levels.append(line.amplitude_ua)
        return levels

    def wait_for(self, condition: Callable[["Oscilloscope"], bool], within_s: float = 5.0, what: str = "") -> int:
        """Waits until `condition` holds and returns when that was seen (µs). Raises NotSeen after `within_s`."""
        return wait_until(self.source()[0], lambda: condition(self), within_s, what, self._shown)

    def _looked(self) -> tuple[LiveSimulator, list[ScopeLine]]:
        live, lines = self.source()
        live.run(clock_us())
        return live, lines

    def _stage(self, channel: int | None = None) -> OutputStage:
        live, _ = self._looked()
        live.check_channel(channel)
        return live.port.stage

    def _shown(self) -> str:
        lines = self.lines[-SHOWN_LINES:]
        if not lines:
            return "the oscilloscope shows that no current ever flowed"
        return "the oscilloscope's last lines:\n" + "\n".join(f"  {line}" for line in lines)
