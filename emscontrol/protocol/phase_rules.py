"""What must hold between the keys of one phase, and how long a phase is.

A rule is a generator of findings. It reads the file's own keys only, never derived figures, so that it also runs on a file that
is partly wrong (`draft.py`).
"""

from decimal import Decimal
from typing import Final

from emscontrol.core.units import US_PER_S
from emscontrol.protocol.bounds import BOUNDS
from emscontrol.protocol.findings import Finding, Findings, plain
from emscontrol.protocol.parts import Contract, Group, PhaseSpec


def contractions_or_duration(phase: PhaseSpec) -> Findings:
    """A phase is as long as its contractions or as its duration."""
    given = [key for key in ("contractions", "duration_s") if getattr(phase, key) is not None]
    if len(given) != 1:
        yield Finding(
            (), f"found {' and '.join(given) or 'neither contractions nor duration_s'}", "give exactly one of the two"
        )


def stagger_of_staggered(phase: PhaseSpec) -> Findings:
    """Only staggered groups have a stagger, and they need one."""
    staggered = phase.contract == Contract.STAGGERED
    if staggered and phase.stagger_s is None:
        right = f"add stagger_s, {BOUNDS['stagger_s'].expects}"
        yield Finding(("contract",), "found staggered without stagger_s", right)
    if not staggered and phase.stagger_s is not None:
        found = f"found with contract {Contract(phase.contract)}"
        yield Finding(("stagger_s",), found, "leave it out; only staggered groups have it", on_key=True)


def several_groups(phase: PhaseSpec) -> Findings:
    """One group alone neither alternates nor is staggered."""
    if phase.contract != Contract.TOGETHER and len(phase.groups) < 2:
        yield Finding(("contract",), f"found {Contract(phase.contract)} with one group", "two groups or more, or together")


def equal_cycles(phase: PhaseSpec) -> Findings:
    """Groups that take turns, or keep a distance, share one cycle; else they drift into each other."""
    if phase.contract == Contract.TOGETHER:
        return
    first = _cycle_s(phase.groups[0])
    for number, group in enumerate(phase.groups[1:], 1):
        if _cycle_s(group) != first:
            found = f"found a cycle (on and off) of {plain(_cycle_s(group))} s after one of {plain(first)} s"
            right = f"equal cycles for groups that contract {Contract(phase.contract)}"
            yield Finding(("groups", number, "off_s"), found, right)


def turns_fit(phase: PhaseSpec) -> Findings:
    """Alternating groups get an equal share of the cycle each, and are off when the next one's begins."""
    if phase.contract != Contract.ALTERNATELY:
        return
    turns = len(phase.groups)
    for number, group in enumerate(phase.groups):
        if group.on_s * turns > _cycle_s(group):
            found = f"found {plain(group.on_s)} in a cycle (on and off) of {plain(_cycle_s(group))} s"
            yield Finding(("groups", number, "on_s"), found, f"{turns} groups take turns: at most 1/{turns} of the cycle on")


def stagger_fits(phase: PhaseSpec) -> Findings:
    """The last group has begun before the first begins again."""
    if phase.contract != Contract.STAGGERED or phase.stagger_s is None:
        return
    cycle = _cycle_s(phase.groups[0])
    last = phase.stagger_s * (len(phase.groups) - 1)
    if last >= cycle:
        found = f"found {plain(phase.stagger_s)}: the last group starts {plain(last)} s after the first"
        yield Finding(("stagger_s",), found, f"the last group starts within the cycle, before {plain(cycle)} s")


def duration_holds_a_contraction(phase: PhaseSpec) -> Findings:
    """A phase with a duration has room for one whole contraction of each group."""
    if phase.duration_s is None:
        return
    needed = max((start + group.on_s for group, start in zip(phase.groups, starts_s(phase), strict=True)), default=Decimal())
    if needed > phase.duration_s:
        right = f"at least {plain(needed)} s, when the last first contraction ends"
        yield Finding(("duration_s",), f"found {plain(phase.duration_s)}", right)


def channel_once(phase: PhaseSpec) -> Findings:
    """A channel is in one group of a phase at most."""
    seen: set[int] = set()
    for number, group in enumerate(phase.groups):
        for position, channel in enumerate(group.channels):
            if channel in seen:
                found = f"found channel {channel} a second time"
                yield Finding(("groups", number, "channels", position), found, "each channel once in a phase")
            seen.add(channel)


def starts_s(phase: PhaseSpec) -> list[Decimal]:
    """When each group's first contraction begins (s after the phase), cut to whole µs."""
    groups = phase.groups
    if phase.contract == Contract.ALTERNATELY:
        cycle = _cycle_s(groups[0])
        return [Decimal(cycle * US_PER_S * number // len(groups)) / US_PER_S for number in range(len(groups))]
    step = phase.stagger_s if phase.contract == Contract.STAGGERED and phase.stagger_s is not None else Decimal()
    return [Decimal(step * number) for number in range(len(groups))]


def length_s(phase: PhaseSpec) -> Decimal:
    """The length of a phase (s): its duration, or until the last group has had all its cycles."""
    if phase.duration_s is not None:
        return Decimal(phase.duration_s)
    count = phase.contractions or 0
    ends = (start + _cycle_s(group) * count for group, start in zip(phase.groups, starts_s(phase), strict=True))
    return max(ends, default=Decimal())


def _cycle_s(group: Group) -> Decimal:
    return group.on_s + group.off_s


PHASE_RULES: Final = (
    contractions_or_duration,
    stagger_of_staggered,
    several_groups,
    equal_cycles,
    turns_fit,
    stagger_fits,
    duration_holds_a_contraction,
    channel_once,
)
