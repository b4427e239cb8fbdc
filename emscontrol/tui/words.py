"""A protocol in plain words, for the person who is about to run it."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from emscontrol.core.units import counted, format_ma
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Contract, Group, PhaseSpec, Reference, Use

_USE = {
    Use.STANDARD: "standard use",
    Use.SPECIALIST: "for a specialist only",
    Use.NOT_RECOMMENDED: "NOT RECOMMENDED",
}
_HOW = {
    Contract.TOGETHER: "all groups start together",
    Contract.ALTERNATELY: "the groups take turns",
    Contract.STAGGERED: "each group starts {stagger} s after the one before",
}


def needs_motor(protocol: Protocol) -> frozenset[int]:
    """The channels whose intensity is a fraction of the motor threshold."""
    groups = [group for phase in protocol.phases for group in phase.groups]
    return frozenset(c for group in groups if group.intensity.of is Reference.MOTOR for c in group.channels)


def describe(protocol: Protocol, comfort_ua: Mapping[int, int]) -> Iterator[str]:
    """Lines: what it is for, then each phase. With a channel's comfort level known, the current it will reach."""
    yield protocol.title
    yield f"{protocol.indication} Evidence {protocol.evidence.value}, {_USE[protocol.use]}."
    yield ""
    for phase in protocol.phases:
        yield _phase(phase)
        for group in phase.groups:
            yield from _group(group, protocol, comfort_ua)
    caps = [(n, c.amplitude_cap_ua) for n, c in sorted(protocol.channels.items()) if c.amplitude_cap_ua]
    for number, cap_ua in caps:
        yield f"Channel {number}: never above {format_ma(cap_ua)}, says the protocol."


def _phase(phase: PhaseSpec) -> str:
    length = (
        counted(phase.contractions, "contraction") if phase.contractions else f"{_clock(phase.duration_s or Decimal(0))} min"
    )
    how = "" if len(phase.groups) == 1 else ", " + _HOW[phase.contract].format(stagger=_plain(phase.stagger_s or Decimal(0)))
    return f"{phase.name}: {length}{how}"


def _group(group: Group, protocol: Protocol, comfort_ua: Mapping[int, int]) -> Iterator[str]:
    names = ", ".join(f"{c} {protocol.channels[c].label}" for c in group.channels)
    yield f"  {names}"
    yield (
        f"    {_plain(group.on_s)} s on (rising {_plain(group.ramp_up_s)} s, falling {_plain(group.ramp_down_s)} s), "
        f"{_plain(group.off_s)} s off"
    )
    burst = f" in bursts of {group.burst.pulses}" if group.burst else ""
    yield f"    {_plain(group.rate_hz)} Hz{burst}, {group.pulse_width_us} µs {group.waveform.value.replace('_', ' ')}"
    percent = _plain(group.intensity.fraction * 100)
    yield f"    {percent} % of the {group.intensity.of.value} level{_reached(group, comfort_ua)}"


def _reached(group: Group, comfort_ua: Mapping[int, int]) -> str:
    known = [c for c in group.channels if c in comfort_ua] if group.intensity.of is Reference.COMFORT else []
    figures = [f"channel {c} {format_ma(int(comfort_ua[c] * group.intensity.fraction))}" for c in known]
    return f": {', '.join(figures)}" if figures else ""


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _clock(time_s: Decimal) -> str:
    minutes, rest = divmod(int(time_s), 60)
    return f"{minutes}:{rest:02d}"
