"""Faults of what is joined to a device, whatever model it is: electrodes, leads, output sockets, battery."""

import random
from typing import Final

from firmware_sim.device import earliest
from firmware_sim.faults import Fault, FaultKind, FaultSchedule
from firmware_sim.output import OutputStage

SHORT_OHM: Final = 20
USUAL_OHM: Final = 1_000
"""Taken for a channel whose load nobody has given; the load of the manuals' figures."""
HALF_OFF_US: Final = 2_000_000
HALF_OFF_RISE: Final = 0.5
LOOK_US: Final = 50_000
"""How often an impedance that changes steadily is set anew."""
MINUTE_US: Final = 60_000_000

_CONTACT: Final = (FaultKind.ELECTRODE_OFF, FaultKind.ELECTRODE_FLAP, FaultKind.BROKEN_LEAD)
_LOAD: Final = (FaultKind.ELECTRODE_HALF, FaultKind.ELECTRODE_DRY, FaultKind.SHORT)


class Strikes:
    """Brings the output stage into the state that the faults in force put it into. The same seed gives the same course."""

    def __init__(self, stage: OutputStage, faults: FaultSchedule, seed: int) -> None:
        self._stage: Final = stage
        self._faults: Final = faults
        self._chance: Final = random.Random(seed)  # noqa: S311 - a course that can be repeated, not a secret
        self._toggles: Final[dict[int, tuple[int, bool]]] = {}
        self._healthy_ohm: Final[dict[int, int | None]] = {}
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
        named = {int(argument) for kind in kinds for argument in self._faults.arguments(kind)}
        return [channel for channel in self._stage.channels if channel in named]

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
        healthy = self._healthy_ohm.setdefault(channel, self._stage.load_ohm(channel))
        faults = self._faults
        usual = float(USUAL_OHM if healthy is None else healthy)
        ohm = usual
        if half := faults.active(FaultKind.ELECTRODE_HALF, now_us, channel):
            done = min(1.0, (now_us - (faults.since_us(half) or 0)) / HALF_OFF_US)
            ohm *= 1 + HALF_OFF_RISE * done
            self._look_at(now_us + LOOK_US if done < 1 else None)
        if dry := faults.active(FaultKind.ELECTRODE_DRY, now_us, channel):
            minutes = (now_us - (faults.since_us(dry) or 0)) / MINUTE_US
            ohm *= 1 + ((dry.second or 1) - 1) * minutes
            self._look_at(now_us + LOOK_US)
        if faults.active(FaultKind.SHORT, now_us, channel):
            ohm = SHORT_OHM
        self._stage.set_load(channel, healthy if ohm == usual else round(ohm), now_us)

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
