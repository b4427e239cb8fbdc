"""Faults of what is joined to a device, whatever model it is: electrodes, leads, output sockets, battery."""

import random
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from firmware_sim.device import earliest
from firmware_sim.faults import Fault, FaultKind, FaultSchedule
from firmware_sim.output import OutputStage

if TYPE_CHECKING:
    from firmware_sim.body.load import Load

SHORT_OHM: Final = 20
USUAL_OHM: Final = 1_000
"""Taken for a channel whose load nobody has given; the load of the manuals' figures."""
LOOK_US: Final = 50_000
"""How often an impedance that changes steadily is set anew."""

_CONTACT: Final = (FaultKind.ELECTRODE_OFF, FaultKind.ELECTRODE_FLAP, FaultKind.BROKEN_LEAD)
_LOAD: Final = (FaultKind.ELECTRODE_HALF, FaultKind.ELECTRODE_DRY, FaultKind.SHORT)
_COURSES: Final = {FaultKind.ELECTRODE_HALF: 2_000_000, FaultKind.ELECTRODE_DRY: 60_000_000}
"""Faults that raise the impedance steadily, and how long that takes (µs)."""


def _times(fault: Fault) -> float:
    """To how many times its value the impedance rises."""
    return 1.0 if fault.second is None else fault.second


class Strikes:
    """Brings the output stage into the state that the faults in force put it into. The same seed gives the same course."""

    def __init__(self, stage: OutputStage, faults: FaultSchedule, seed: int) -> None:
        self._stage: Final = stage
        self._faults: Final = faults
        self._chance: Final = random.Random(seed)  # noqa: S311 - a course that can be repeated, not a secret
        self._toggles: Final[dict[int, tuple[int, bool]]] = {}
        self._healthy_ohm: Final[dict[int, int | None]] = {}
        self._named: Final[defaultdict[tuple[FaultKind, ...], set[int]]] = defaultdict(set)
        self._told: Final[set[tuple[FaultKind, int]]] = set()
        self._crossed: tuple[int, int] | None = None
        self._due_us: int | None = None

    def due_us(self) -> int | None:
        """When something changes between the edges of the faults."""
        return self._due_us

    def pass_time(self, now_us: int) -> None:
        """Sets contact, load, gain and sockets as they are now."""
        self._due_us = None
        for channel in self._channels(*_CONTACT):
            self._stage.set_contact(channel, self._contact(channel, now_us), now_us)
        for channel in self._channels(*_LOAD):
            self._set_load(channel, now_us)
        for channel in self._channels(FaultKind.GAIN):
            gain = self._faults.active(FaultKind.GAIN, now_us, channel)
            self._stage.set_gain(channel, gain.factor if gain else 1.0, now_us)
        if self._faults.has(FaultKind.SWAP_CHANNELS):
            self._cross(now_us)

    def _channels(self, *kinds: FaultKind) -> list[int]:
        """The channels that such a fault is about, or was before it was cleared."""
        named = self._named[kinds]
        named.update(int(argument) for kind in kinds if self._faults.has(kind) for argument in self._faults.arguments(kind))
        return [channel for channel in self._stage.channels if channel in named] if named else []

    def _contact(self, channel: int, now_us: int) -> bool:
        faults = self._faults
        on = faults.active(FaultKind.ELECTRODE_OFF, now_us, channel) is None
        if flap := faults.active(FaultKind.ELECTRODE_FLAP, now_us, channel):
            half_us = max(1, round(500_000 / (flap.second or 1)))
            since_us = faults.since_us(flap) or 0
            halves = (now_us - since_us) // half_us
            self._look_at(since_us + (halves + 1) * half_us)
            on = on and halves % 2 == 1
        if lead := faults.active(FaultKind.BROKEN_LEAD, now_us, channel):
            on = self._lead(channel, lead, now_us) and on
        else:
            self._toggles.pop(channel, None)
        return on

    def _lead(self, channel: int, lead: Fault, now_us: int) -> bool:
        """Contact through a lead that is broken: open at first, then now this, now that."""
        until_us, on = self._toggles.get(channel, (now_us, True))
        while until_us <= now_us:
            until_us += 1 + round(self._chance.expovariate(1 / ((lead.second or 1) * 1000)))
            on = not on
        self._toggles[channel] = (until_us, on)
        self._look_at(until_us)
        return on

    def _set_load(self, channel: int, now_us: int) -> None:
        load = self._stage.load(channel)
        if load is None or load.plain_ohm is not None:
            self._set_resistor(channel, now_us)
        else:
            self._set_skin(channel, load, now_us)

    def _set_resistor(self, channel: int, now_us: int) -> None:
        """A plain resistance, or none at all, follows the fault in small steps."""
        healthy = self._healthy_ohm.setdefault(channel, self._stage.load_ohm(channel))
        usual = float(USUAL_OHM if healthy is None else healthy)
        ohm = usual
        for kind, over_us in _COURSES.items():
            if fault := self._faults.active(kind, now_us, channel):
                done = min(1.0, (now_us - (self._faults.since_us(fault) or 0)) / over_us)
                ohm *= 1 + (_times(fault) - 1) * done
                self._look_at(now_us + LOOK_US if done < 1 else None)
        if self._faults.active(FaultKind.SHORT, now_us, channel):
            ohm = SHORT_OHM
        self._stage.set_load(channel, healthy if ohm == usual else round(ohm), now_us)

    def _set_skin(self, channel: int, load: "Load", now_us: int) -> None:
        """A person's skin under real electrodes knows what becomes of it; it is told once when a fault begins or ends."""
        short = self._faults.active(FaultKind.SHORT, now_us, channel) is not None
        if self._changed(FaultKind.SHORT, channel, short):
            load.set_short(SHORT_OHM if short else None, now_us)
        for kind, over_us in _COURSES.items():
            fault = self._faults.active(kind, now_us, channel)
            if self._changed(kind, channel, fault is not None):
                load.set_contact_fraction(1 / _times(fault) if fault else 1.0, now_us, over_us if fault else 0)

    def _changed(self, kind: FaultKind, channel: int, in_force: bool) -> bool:
        was = (kind, channel) in self._told
        if was != in_force:
            self._told.symmetric_difference_update({(kind, channel)})
        return was != in_force

    def _cross(self, now_us: int) -> None:
        swap = self._faults.active(FaultKind.SWAP_CHANNELS, now_us)
        wanted = (int(swap.argument or 0), int(swap.second or 0)) if swap else None
        if wanted != self._crossed:
            for pair in (self._crossed, wanted):
                if pair is not None:
                    self._stage.cross(*pair, now_us)
            self._crossed = wanted

    def _look_at(self, at_us: int | None) -> None:
        self._due_us = earliest(self._due_us, at_us)
