"""What one channel may put out: hard ceilings ∩ device ∩ site ∩ protocol ∩ patient.

An envelope is a list of bounds, each with the words of who set it. Every way of making a new one from an old one can only
tighten: a looser figure is ignored, a figure that makes no sense is refused. No envelope wider than the hard ceilings can
exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

from emscontrol.core.budget import T_DEADMAN_MAX
from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.stimulator import Capabilities
from emscontrol.core.units import US_PER_MS, US_PER_S
from emscontrol.safety.limits import LIMITS, Limit
from emscontrol.safety.sites import site

RULE: Final = "ENVELOPE"
"""The id under which an envelope that cannot be made is refused."""

MHZ_US: Final = 1_000 * US_PER_S  # a period in µs is this divided by a rate in mHz


class Origin(NamedTuple):
    """Who set a bound, in words, and how certain its figure is."""

    source: str
    mark: str


class Bound(NamedTuple):
    """One bound of an envelope: its hard ceiling, and whether values stay at or above it (`at_least`) or at or below."""

    name: str
    hard: int
    origin: Origin
    at_least: bool = False


def _bound(name: str, limit: Limit, hard: int | None = None, at_least: bool = False) -> Bound:
    return Bound(name, limit.value if hard is None else hard, Origin(limit.source, limit.mark), at_least)


BOUNDS: Final = (
    _bound("amplitude_max_ua", LIMITS["AMPLITUDE_CEILING"]),
    _bound("width_max_us", LIMITS["WIDTH_CEILING"]),
    _bound("width_min_us", LIMITS["WIDTH_MIN"], at_least=True),
    _bound("long_width_max_us", LIMITS["LONG_WIDTH_CEILING"]),
    _bound("period_min_us", LIMITS["RATE_CEILING"], -(-MHZ_US // LIMITS["RATE_CEILING"].value), at_least=True),
    _bound("charge_max_pc", LIMITS["NS4_CHARGE"]),
    _bound("rms_max_ua", LIMITS["IEC_RMS_400"]),
    _bound("energy_max_uj", LIMITS["IEC_E_PULSE"]),
    _bound("long_pulse_peak_max_ua", LIMITS["IEC_LONG_PULSE"]),
    _bound("dc_max_ua", LIMITS["IEC_RMS_DC"]),
    _bound("dc_density_max_na_per_cm2", LIMITS["J_DC"]),
    _bound("density_max_ua_per_cm2", LIMITS["DENSITY_BLOCK"]),
    _bound("density_warn_percent", LIMITS["WARN_PERCENT"]),
    _bound("power_density_max_uw_per_cm2", LIMITS["POWER_BLOCK"]),
    _bound("step_max_ua", LIMITS["STEP_KEY"]),
    _bound("hand_rise_max_ua_per_s", LIMITS["SLEW_HAND"]),
    _bound("ramp_min_us", LIMITS["RAMP_MIN"], at_least=True),
    _bound("resume_ramp_min_us", LIMITS["RESUME_RAMP_MIN"], at_least=True),
    _bound("rise_max_ua_per_s", LIMITS["RAMP_MIN"], LIMITS["AMPLITUDE_CEILING"].value * US_PER_S // LIMITS["RAMP_MIN"].value),
)
BOUND: Final[Mapping[str, Bound]] = {bound.name: bound for bound in BOUNDS}


@dataclass(frozen=True, slots=True)
class ChannelEnvelope:
    """The bounds of one channel. `area_mm2` is the conductive area of the smaller electrode.

    `rise_max_ua_per_s` bounds any rise: it is never more than the whole amplitude over the shortest ramp. By hand,
    `step_max_ua` for one key and `hand_rise_max_ua_per_s` hold besides. `origins` has one entry for each of `BOUNDS`.
    Raises SafetyRefusal for a figure that is not a whole number, or wider than its hard ceiling.
    """

    channel: int
    area_mm2: int
    amplitude_max_ua: int
    width_max_us: int
    width_min_us: int
    long_width_max_us: int
    period_min_us: int
    charge_max_pc: int
    rms_max_ua: int
    energy_max_uj: int
    long_pulse_peak_max_ua: int
    dc_max_ua: int
    dc_density_max_na_per_cm2: int
    density_max_ua_per_cm2: int
    density_warn_percent: int
    power_density_max_uw_per_cm2: int
    step_max_ua: int
    hand_rise_max_ua_per_s: int
    ramp_min_us: int
    resume_ramp_min_us: int
    rise_max_ua_per_s: int
    origins: tuple[Origin, ...]

    def __post_init__(self) -> None:
        _whole("channel", self.channel, least=1)
        _whole("area_mm2", self.area_mm2, least=1)
        for bound in BOUNDS:
            value = _whole(bound.name, self.bound(bound.name))
            if _tighter(bound, bound.hard, value):
                raise _refusal(f"{bound.name} {value} is wider than the hard ceiling {bound.hard}", "Nothing may widen it.")
        if len(self.origins) != len(BOUNDS):
            raise _refusal("an envelope does not say where each of its bounds comes from", "Make it with envelope_for.")

    def bound(self, name: str) -> int:
        """The value of a bound of `BOUNDS` by its name."""
        value: int = getattr(self, name)
        return value

    def set_by(self, name: str) -> Origin:
        """Who set a bound."""
        return self.origins[_INDEX[name]]

    def tightened(self, *, source: str, mark: str = "D", **bounds: int) -> "ChannelEnvelope":
        """This envelope with these bounds where they are tighter; looser ones change nothing.

        Raises SafetyRefusal for an unknown bound and for a value that is not a whole number of zero or more.
        """
        changes = {}
        for name, value in bounds.items():
            if name not in BOUND:
                raise _refusal(f"there is no bound named {name!r}", f"The bounds are: {', '.join(BOUND)}.")
            changes[name] = (_whole(name, value), Origin(source, mark))
        return _made(
            self.channel, self.area_mm2, {name: _tightest(BOUND[name], self._of(name), changes.get(name)) for name in BOUND}
        )

    def _of(self, name: str) -> tuple[int, Origin]:
        return self.bound(name), self.set_by(name)


_INDEX: Final = {bound.name: index for index, bound in enumerate(BOUNDS)}


def hard_envelope(channel: int, area_mm2: int, *, denervation: bool = False) -> ChannelEnvelope:
    """The ceilings that hold for everyone; long pulses are in it only where a device is declared for denervated muscle."""
    bounds = {bound.name: (bound.hard, bound.origin) for bound in BOUNDS}
    if denervation is not True:
        bounds["long_width_max_us"] = (0, Origin("no device declared for denervated muscle", "D"))
    return _made(channel, area_mm2, bounds)


def intersect(one: ChannelEnvelope, other: ChannelEnvelope) -> ChannelEnvelope:
    """What both allow: the tighter of each bound and the smaller area. Raises SafetyRefusal for two different channels."""
    if one.channel != other.channel:
        raise _refusal(f"channels {one.channel} and {other.channel} cannot share an envelope", "Make one for each.")
    bounds = {bound.name: _tightest(bound, one._of(bound.name), other._of(bound.name)) for bound in BOUNDS}
    return _made(one.channel, min(one.area_mm2, other.area_mm2), bounds)


def envelope_for(
    channel: int,
    *,
    area_mm2: int,
    capabilities: Capabilities,
    muscle: str | None,
    protocol_cap_ua: int | None,
    patient_cap_ua: int | None,
    halve_density_warning: bool = False,
    child: bool = False,
) -> ChannelEnvelope:
    """Hard ∩ device ∩ site ∩ protocol ∩ patient for one channel.

    `protocol_cap_ua` and `patient_cap_ua` are None where none is set; `halve_density_warning` belongs to devices that do not
    measure the electrodes. Raises SafetyRefusal for a missing area, a channel the device does not have, and a muscle that is
    missing, unknown or not offered: there are no defaults for these.
    """
    envelope = within_device(hard_envelope(channel, area_mm2, denervation=capabilities.denervation), capabilities)
    place = site(muscle)
    envelope = envelope.tightened(amplitude_max_ua=place.cap_ua, source=place.source, mark=place.mark)
    if child:
        envelope = envelope.tightened(amplitude_max_ua=LIMITS["CHILD"].value, source="cap for a child")
    if protocol_cap_ua is not None:
        envelope = envelope.tightened(amplitude_max_ua=protocol_cap_ua, source="cap of the protocol")
    if patient_cap_ua is not None:
        envelope = envelope.tightened(amplitude_max_ua=patient_cap_ua, source="cap of the patient")
    if halve_density_warning:
        envelope = envelope.tightened(
            density_warn_percent=LIMITS["PARTIAL_CONTACT"].value, source=LIMITS["PARTIAL_CONTACT"].source
        )
    return envelope


def within_device(envelope: ChannelEnvelope, device: Capabilities) -> ChannelEnvelope:
    """This envelope inside what a device can do. Raises SafetyRefusal for a channel that it does not have."""
    if envelope.channel > _whole("channels", device.channels):
        raise _refusal(
            f"{device.name} has {device.channels} channels, so there is no channel {envelope.channel}", "Choose another."
        )
    within = envelope.tightened(
        amplitude_max_ua=device.amplitude_max_ua,
        width_max_us=device.width_max_us,
        width_min_us=device.width_min_us,
        long_width_max_us=device.width_max_us,
        period_min_us=device.period_min_us,
        source=f"range of {device.name}",
        mark="S",
    )
    if device.voltage_max_mv:
        reach_ua = _whole("voltage_max_mv", device.voltage_max_mv) * 1_000 // LIMITS["SKIN_LOW"].value
        within = within.tightened(amplitude_max_ua=reach_ua, source=f"voltage of {device.name} into 1000 ohm", mark="S")
    if not 0 < device.watchdog_us <= T_DEADMAN_MAX * US_PER_MS:
        limit = LIMITS["NO_DEADMAN"]
        within = within.tightened(amplitude_max_ua=limit.value, source=f"no dead-man in {device.name}", mark=limit.mark)
    return within


def _made(channel: int, area_mm2: int, bounds: Mapping[str, tuple[int, Origin]]) -> ChannelEnvelope:
    """An envelope from its bounds; the rise is held to the whole amplitude over the shortest ramp."""
    amplitude_ua, ramp_us = bounds["amplitude_max_ua"][0], bounds["ramp_min_us"][0]
    steepest = (amplitude_ua * US_PER_S // ramp_us, BOUND["rise_max_ua_per_s"].origin)
    rise = _tightest(BOUND["rise_max_ua_per_s"], bounds["rise_max_ua_per_s"], steepest)
    settled = {**bounds, "rise_max_ua_per_s": rise}
    origins = tuple(settled[bound.name][1] for bound in BOUNDS)
    return ChannelEnvelope(channel, area_mm2, origins=origins, **{bound.name: settled[bound.name][0] for bound in BOUNDS})


def _tighter(bound: Bound, value: int, than: int) -> bool:
    return value > than if bound.at_least else value < than


def _tightest(bound: Bound, one: tuple[int, Origin], other: tuple[int, Origin] | None) -> tuple[int, Origin]:
    """The tighter of two; between equals the words decide, so that the order of tightening never shows."""
    if other is None:
        return one
    if one[0] == other[0]:
        return min(one, other)
    return one if _tighter(bound, one[0], other[0]) else other


def _whole(name: str, value: int, least: int = 0) -> int:
    if type(value) is not int or value < least:
        raise _refusal(f"{name} must be a whole number of {least} or more, not {value!r}", "Give the figure; none is assumed.")
    return value


def _refusal(what: str, remedy: str) -> SafetyRefusal:
    return SafetyRefusal(f"No envelope: {what}.", remedy, (RULE,))


if tuple(field.name for field in fields(ChannelEnvelope))[2:-1] != tuple(BOUND):
    raise SafetyRefusal("The fields of ChannelEnvelope are not the bounds of BOUNDS.", "Install emscontrol again.")
