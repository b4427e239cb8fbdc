"""The electrodes of one channel on the skin, as they change: contact, drying, sweat, a short, a broken lead.

Fault switches and bodies drive the same methods. Each takes the time of the change; pulses that began before it must have been
counted before. Slow changes are followed in small steps, so that a run of equal pulses stays a run.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from firmware_sim.body.circuit import Circuit, Flow
from firmware_sim.body.pulse import Pulse

if TYPE_CHECKING:
    from random import Random

LEAST_CONTACT: Final = 0.001
"""Less of the pads than this touches nothing."""
STEPS: Final = 100
"""A slow change is followed in so many steps, each of at least SHORTEST_STEP_US."""
SHORTEST_STEP_US: Final = 10_000
DRIED_TO: Final = 0.3
DRYING_US: Final = 30 * 60_000_000
SWEAT_RS: Final = 0.6
SWEAT_RP: Final = 0.3
SWEAT_INTO_BODY: Final = 0.8
DRY_SKIN_RP: Final = 3.0
DRY_SKIN_WARMS_US: Final = 90_000_000
_CACHED: Final = 512


class _Course:
    """A figure that goes evenly from one value to another."""

    __slots__ = ("_began_at", "_from_us", "_over_us", "_to", "next_us", "value")

    def __init__(self, value: float) -> None:
        self.value = self._began_at = self._to = value
        self.next_us: int | None = None
        self._from_us = self._over_us = 0

    def aim(self, to: float, now_us: int, over_us: int) -> None:
        """On its way to another value from now on."""
        self._began_at, self._to, self._from_us, self._over_us = self.value, to, now_us, over_us
        self.settle(now_us)

    def settle(self, now_us: int) -> None:
        """Where it is by now, and when it goes on."""
        passed_us = now_us - self._from_us
        if passed_us >= self._over_us:
            self.value, self.next_us = self._to, None
            return
        step_us = max(SHORTEST_STEP_US, self._over_us // STEPS)
        steps = max(0, passed_us) // step_us
        self.value = self._began_at + (self._to - self._began_at) * steps * step_us / self._over_us
        self.next_us = self._from_us + min(self._over_us, (steps + 1) * step_us)


class BrokenLead:
    """A lead that opens by itself: about `opens_per_s` times a second for 5 to 200 ms."""

    def __init__(self, opens_per_s: float, rng: "Random", now_us: int, open_us: tuple[int, int] = (5_000, 200_000)) -> None:
        self._mean_us: Final = 1e6 / opens_per_s
        self._open_us: Final = open_us
        self._rng: Final = rng
        self._opens_us = now_us
        self._closes_us = now_us
        self._draw(now_us)

    def is_open(self, at_us: int) -> bool:
        """Whether a pulse at this time goes nowhere. Times never run backwards."""
        while at_us >= self._closes_us:
            self._draw(self._closes_us)
        return at_us >= self._opens_us

    def _draw(self, from_us: int) -> None:
        self._opens_us = from_us + 1 + round(self._rng.expovariate(1.0) * self._mean_us)
        self._closes_us = self._opens_us + self._rng.randint(*self._open_us)


class Load:
    """Electrodes and skin under one channel.

    `pads` = area of the pads relative to two of 5 × 5 cm; `rs_factor`, `rp_factor` = times the usual resistances; `into_body` =
    share of the current that reaches the muscle.
    """

    plain_ohm: int | None = None
    """Of a plain resistor: how large it is."""

    def __init__(self, *, pads: float = 1.0, rs_factor: float = 1.0, rp_factor: float = 1.0, into_body: float = 1.0) -> None:
        self.changed: Callable[[int], object] | None = None
        """Called with the time after each change: the output stage listens."""
        self.lead: BrokenLead | None = None
        self.next_us: int | None = None
        """When something that goes on by itself changes next."""
        self._pads: Final = pads
        self._contact: Final = _Course(1.0)
        self._rp: Final = _Course(rp_factor)
        self._rs_factor = rs_factor
        self._usual: Final = (rs_factor, rp_factor, into_body)
        self._into_body = into_body
        self._short_ohm: float | None = None
        self._connected = True
        self._circuit = Circuit()
        self._flows: Final[dict[tuple[Pulse, int], Flow]] = {}
        self._rebuild()

    @property
    def restless(self) -> bool:
        """Whether it changes by itself."""
        return self.lead is not None or self.next_us is not None

    @property
    def is_open(self) -> bool:
        """Whether nothing at all is connected."""
        return self._circuit.area <= 0.0

    def looks_open(self, flow: Flow, voltage_mv: int) -> bool:
        """Whether a device would call this flow an open electrode."""
        return flow.looks_open(voltage_mv)

    @property
    def circuit(self) -> Circuit:
        """The circuit as it is now."""
        return self._circuit

    @property
    def contact_fraction(self) -> float:
        """How much of the pads touches the skin, 0 to 1; current density is up by one over it."""
        touching = self._contact.value if self._connected else 0.0
        return touching if touching >= LEAST_CONTACT else 0.0

    def flow(self, pulse: Pulse, voltage_mv: int) -> Flow:
        """What becomes of a pulse as things are."""
        key = (pulse, voltage_mv)
        found = self._flows.get(key)
        if found is None:
            if len(self._flows) >= _CACHED:
                self._flows.clear()
            found = self._flows[key] = self._circuit.flow(pulse, voltage_mv)
        return found

    def settle(self, now_us: int) -> None:
        """Follows what changes by itself up to now. The caller shows the new state; `changed` is not called."""
        self._contact.settle(now_us)
        self._rp.settle(now_us)
        self._rebuild()

    def set_contact_fraction(self, fraction: float, now_us: int, over_us: int = 0) -> None:
        """The pads touch with this fraction (0 = off) from now on, or slowly over a time: lift-off of an edge, drying."""
        if not 0.0 <= fraction <= 1.0:
            raise ValueError(f"a contact fraction is from 0 to 1, not {fraction:g}")
        self._contact.settle(now_us)
        self._contact.aim(fraction, now_us, over_us)
        self._tell(now_us)

    def dry_out(self, now_us: int, over_us: int = DRYING_US, to: float = DRIED_TO) -> None:
        """The gel dries: contact falls to 0.3 in half an hour, faster with worn pads."""
        self.set_contact_fraction(to, now_us, over_us)

    def set_connected(self, connected: bool, now_us: int) -> None:
        """The lead is in, or out (open)."""
        if connected != self._connected:
            self._connected = connected
            self._tell(now_us)

    def set_short(self, ohm: float | None, now_us: int) -> None:
        """The pads touch each other through so many ohms (20 to 50 is typical), or no longer (None)."""
        if ohm is not None and ohm <= 0:
            raise ValueError(f"a short has a resistance above 0 Ω, not {ohm:g}")
        self._short_ohm = ohm
        self._tell(now_us)

    def set_sweat(self, sweating: bool, now_us: int) -> None:
        """Sweat or lotion: less resistance, and a fifth of the current takes the way over the skin."""
        rs, rp, into_body = self._usual
        self._rs_factor = rs * (SWEAT_RS if sweating else 1.0)
        self._rp.aim(rp * (SWEAT_RP if sweating else 1.0), now_us, 0)
        self._into_body = into_body * (SWEAT_INTO_BODY if sweating else 1.0)
        self._tell(now_us)

    def set_dry_skin(self, now_us: int, warms_us: int = DRY_SKIN_WARMS_US) -> None:
        """Hair or cold dry skin: three times the resistance, back to the usual one while it warms up."""
        usual = self._usual[1]
        self._rp.aim(usual * DRY_SKIN_RP, now_us, 0)
        self._rp.aim(usual, now_us, warms_us)
        self._tell(now_us)

    def break_lead(self, opens_per_s: float, rng: "Random", now_us: int) -> None:
        """From now on the lead opens by itself 0.5 to 5 times a second, each time for 5 to 200 ms."""
        self.lead = BrokenLead(opens_per_s, rng, now_us)
        self._tell(now_us)

    def mend_lead(self, now_us: int) -> None:
        """The lead no longer opens."""
        self.lead = None
        self._tell(now_us)

    def _tell(self, now_us: int) -> None:
        self._rebuild()
        if self.changed is not None:
            self.changed(now_us)

    def _rebuild(self) -> None:
        area = self._pads * self.contact_fraction
        self.next_us = min((t for t in (self._contact.next_us, self._rp.next_us) if t is not None), default=None)
        self._circuit = Circuit(area, self._rs_factor, self._rp.value, self._into_body, self._short_ohm)
        self._flows.clear()


class Resistor(Load):
    """A plain resistor between the electrodes, as on a test bench. It is open only when it is taken off."""

    def __init__(self, ohm: int) -> None:
        super().__init__()
        self.plain_ohm = ohm
        self._ohm: Final = ohm

    def flow(self, pulse: Pulse, voltage_mv: int) -> Flow:
        """What becomes of a pulse as things are."""
        if self.is_open:
            return self.circuit.flow(pulse, voltage_mv)
        peak_ua = min(pulse.amplitude_ua, int(voltage_mv * 1000 // self._ohm))
        mv = round(peak_ua * self._ohm / 1000)
        return Flow(peak_ua / pulse.amplitude_ua, 1.0, peak_ua, mv, mv, mv, self._ohm, peak_ua < pulse.amplitude_ua)

    def looks_open(self, flow: Flow, voltage_mv: int) -> bool:
        """A resistor of any size is a load."""
        return flow.is_open
