"""What must hold across a whole protocol, and the walk that puts every rule to every part it is about."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Protocol

from emscontrol.protocol.bounds import BOUNDS
from emscontrol.protocol.findings import Finding, Findings, NotKnown, Place, plain
from emscontrol.protocol.part_rules import CHANNEL_RULES, ELECTRODE_RULES, GROUP_RULES, LONG_SHAPES
from emscontrol.protocol.parts import Channel, Group, LmnStatus, PhaseSpec
from emscontrol.protocol.phase_rules import PHASE_RULES, length_s


class Whole(Protocol):
    """What the rules read of a whole protocol."""

    @property
    def lmn_status(self) -> LmnStatus:
        """The state of the lower motor neuron it is written for."""

    @property
    def channels(self) -> Mapping[int, Channel]:
        """Channels by number."""

    @property
    def phases(self) -> Sequence[PhaseSpec]:
        """Phases in order."""


def channels_declared(protocol: Whole) -> Findings:
    """Each channel that is used is declared."""
    known = ", ".join(map(str, sorted(protocol.channels)))
    for place, group in _groups(protocol):
        for position, channel in enumerate(group.channels):
            if channel not in protocol.channels:
                found = f"found channel {channel}, which is not declared"
                yield Finding((*place, "channels", position), found, f"one of {known}, or declare it under channels")


def channels_used(protocol: Whole) -> Findings:
    """Each channel that is declared is used."""
    used = {channel for _, group in _groups(protocol) for channel in group.channels}
    for channel in protocol.channels:
        if channel not in used:
            yield Finding(("channels", channel), "found in no phase", "use the channel in a group, or remove it", on_key=True)


def long_pulses_for_denervated(protocol: Whole) -> Findings:
    """Long pulses are for muscle whose nerve is gone; on others they hurt and burn."""
    limit = BOUNDS["short_pulse_width_us"].high
    for place, group in _groups(protocol):
        long = group.waveform in LONG_SHAPES and group.pulse_width_us > limit
        if long and protocol.lmn_status != LmnStatus.DAMAGED:
            found = f"found {group.pulse_width_us} with lmn_status {LmnStatus(protocol.lmn_status)}"
            yield Finding((*place, "pulse_width_us"), found, f"above {limit} µs only with lmn_status damaged")


def session_length(protocol: Whole) -> Findings:
    """The phases together stay within the longest session."""
    bound = BOUNDS["session_s"]
    total = sum(map(length_s, protocol.phases), Decimal())
    if total > bound.high:
        yield Finding(("phases",), f"found {plain(total)} s in all", f"at most {bound.high} s, {bound.high // 3600} h")


PROTOCOL_RULES: Final = (channels_declared, channels_used, long_pulses_for_denervated, session_length)


def findings(protocol: Whole) -> list[Finding]:
    """All that does not hold between the keys of a protocol; rules whose values are not known are passed over."""
    return [finding for rules, part, place in _parts(protocol) for rule in rules for finding in _judged(rule, part, place)]


def _parts(protocol: Whole) -> Iterator[tuple[tuple[Any, ...], Any, Place]]:
    """Each part with the rules that are about it and its place."""
    yield PROTOCOL_RULES, protocol, ()
    for at, channel in _members(protocol, "channels"):
        yield CHANNEL_RULES, channel, at
        for below, electrode in _members(channel, "electrode"):
            yield ELECTRODE_RULES, electrode, (*at, *below)
    for at, phase in _members(protocol, "phases"):
        yield PHASE_RULES, phase, at
        for below, group in _members(phase, "groups"):
            yield GROUP_RULES, group, (*at, *below)


def _members(part: Any, key: str) -> list[tuple[Place, Any]]:
    """What stands under a key, each with its place; nothing where that is not known."""
    try:
        value = getattr(part, key)
    except NotKnown:
        return []
    if isinstance(value, Mapping):
        return [((key, number), member) for number, member in value.items()]
    if isinstance(value, Sequence):
        return [((key, number), member) for number, member in enumerate(value)]
    return [((key,), value)]


def _judged(rule: Any, part: Any, place: Place) -> list[Finding]:
    try:
        return [finding.below(place) for finding in rule(part)]
    except NotKnown:
        return []


def _groups(protocol: Whole) -> Iterator[tuple[Place, Group]]:
    for number, phase in enumerate(protocol.phases):
        for position, group in enumerate(phase.groups):
            yield ("phases", number, "groups", position), group
