"""The status block: what the device measured, as the line says it."""

from collections.abc import Iterable
from typing import Final

from firmware_sim.faults import FaultKind, FaultSchedule
from firmware_sim.output import OutputStage
from firmware_sim.reference.channel import Channel
from firmware_sim.reference.commands import STATUS_BLOCK
from firmware_sim.reference.tables import State

COUNT_32: Final = 1 << 32
NEAR_MAX: Final = 5
"""How far below their largest value counters begin under the fault `counters_near_max`."""
Head = tuple[int, ...]
"""State, faults, what is left of the lease, battery, temperature, clock: in the order of the table."""
Row = tuple[int, int, int, int, int, int]
"""Channel, flags, pulses, set, measured, ohm."""

CURRENT_ON: Final = 1
CLIPPED: Final = 2
CONTRACTION: Final = 4


class Telemetry:
    """Counts pulses since `ARM` and tells what the meters say, of the channels that were commanded since then."""

    def __init__(self, stage: OutputStage, faults: FaultSchedule, channels: Iterable[Channel]) -> None:
        self._stage: Final = stage
        self._faults: Final = faults
        self._channels: Final = {channel.number: channel for channel in channels}
        self._listed: Final[set[int]] = set()
        self._before: Final[dict[int, int]] = {}
        self._told: bytes | None = None

    def begin(self, now_us: int) -> None:
        """The device is armed: everything counts from here."""
        first = COUNT_32 - 1 - NEAR_MAX if self._faults.active(FaultKind.COUNTERS_NEAR_MAX, now_us) else 0
        self._listed.clear()
        for number, channel in self._channels.items():
            self._before[number] = self._stage.pulses(number) - first
            channel.meter.forget()

    def watch(self, numbers: Iterable[int]) -> None:
        """These channels are commanded."""
        self._listed.update(numbers)

    def block(self, head: Head, now_us: int) -> bytes:
        """The status block: `head` is what is not about channels."""
        if self._faults.planned:
            if self._told is not None and self._faults.active(FaultKind.FREEZE, now_us):
                return self._told
            if self._faults.active(FaultKind.FALSE_OFF, now_us):
                return self._keep(_nothing_on(head), [_off(row) for row in self._rows(now_us)])
        return self._keep(head, self._rows(now_us))

    def _keep(self, head: Head, rows: list[Row]) -> bytes:
        self._told = told = STATUS_BLOCK.pack_values(head, rows)
        return told

    def _rows(self, now_us: int) -> list[Row]:
        return [self._row(self._channels[number], now_us) for number in sorted(self._listed)]

    def _row(self, channel: Channel, now_us: int) -> Row:
        meter, number, flags = channel.meter, channel.number, 0
        if channel.amplitude(now_us):
            flags |= CURRENT_ON
        if meter.clipped:
            flags |= CLIPPED
        if channel.running_until_us(now_us) is not None:
            flags |= CONTRACTION
        pulses = (self._stage.pulses(number) - self._before[number]) % COUNT_32
        return self._stage.socket(number), flags, pulses, meter.set, meter.measured, meter.ohm


def _nothing_on(head: Head) -> Head:
    state, *rest = head
    return (State.ARMED if state == State.ACTIVE else state, *rest)


def _off(row: Row) -> Row:
    number, _, pulses, _, _, ohm = row
    return number, 0, pulses, 0, 0, ohm
