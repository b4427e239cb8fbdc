"""Random misfortune: faults of the simulator, of every kind that it knows, and mishaps of the computer beside it."""

from collections.abc import Sequence
from math import exp, log
from random import Random
from typing import Final

from emscontrol.trials.trial import DeviceFault, HostFault
from firmware_sim.fault_kinds import KINDS, Argument, FaultKind
from firmware_sim.faults import Fault
from firmware_sim.host_faults import HostKind
from firmware_sim.model_faults import refusal

HOW_MANY: Final = (0, 0, 1, 1, 1, 1, 1, 2, 2, 3)
HOST_SHARE: Final = 0.35
SHORT_US: Final = 20_000
LONGEST_US: Final = 30_000_000
STANDSTILLS_US: Final = (40_000, 120_000, 200_000, 290_000, 350_000, 700_000, 1_500_000, 5_000_000, 30_000_000)
LAGS_US: Final = (300_000, 900_000, 1_100_000, 5_000_000)
JUMPS_US: Final = tuple(sign * s * 1_000_000 for s in (1, 3_600, 86_400, 31_536_000) for sign in (1, -1))
HAPPENS: Final = tuple(kind for kind in HostKind if kind is not HostKind.HANG)  # in virtual time it is what KILLED is
WITH: Final = {FaultKind.OTHER_SERIAL: FaultKind.REBOOT, FaultKind.OTHER_FIRMWARE: FaultKind.REBOOT}
"""What comes along: another stimulator on the cable has just been switched on."""
PLACES: Final = ("read", "write", "append", "wall clock", "listener")
"""The calls around the engine that may raise: port read, port written, journal, time of day, a client told."""


def kinds_of(seed: int) -> tuple[FaultKind | HostKind, ...]:
    """The kinds of trouble that the trial of this seed is meant to have; a model that cannot have one goes without it."""
    random = Random(f"troubles of {seed}")  # noqa: S311 - troubles that can be repeated, not a secret
    kinds: list[FaultKind | HostKind] = []
    for _ in range(random.choice(HOW_MANY)):
        kinds.append(random.choice(HAPPENS) if random.random() < HOST_SHARE else random.choice(tuple(FaultKind)))
    return tuple(kinds)


def draw_troubles(
    random: Random,
    kinds: Sequence[FaultKind | HostKind],
    model: str,
    device_channels: int,
    channels: Sequence[int],
    length_us: int,
) -> tuple[tuple[DeviceFault, ...], tuple[HostFault, ...]]:
    """When and how these kinds strike in a session of about this length, as far as this model can have them."""
    device: list[DeviceFault] = []
    host: list[HostFault] = []
    for kind in kinds:
        if isinstance(kind, HostKind):
            host.append(_host_fault(random, kind, length_us))
            continue
        drawn = _device_fault(random, kind, range(1, device_channels + 1), channels, length_us)
        if refusal(model, device_channels, drawn.fault) is None:
            device.append(drawn)
            if kind in WITH:
                beside = Fault(WITH[kind], at_us=drawn.fault.at_us)
                device.append(DeviceFault(beside, drawn.after_us))
    return tuple(device), tuple(host)


def _device_fault(
    random: Random, kind: FaultKind, every: Sequence[int], channels: Sequence[int], length_us: int
) -> DeviceFault:
    spec = KINDS[kind]
    argument = None if spec.argument is None else _number(random, spec.argument, channels)
    others = tuple(channel for channel in every if channel != argument)
    second = None if spec.second is None else _number(random, spec.second, others)
    duration_us = None if random.random() < 0.4 else _span_us(random, SHORT_US, LONGEST_US)
    if random.random() < 0.85:
        return DeviceFault(Fault(kind, argument, _moment_us(random, length_us), duration_us, second))
    return DeviceFault(Fault(kind, argument, None, duration_us, second), after_us=random.randrange(0, 4_000_000))


def _number(random: Random, argument: Argument, channels: Sequence[int]) -> float | None:
    """A figure inside the range that the kind declares; small ones as likely as large ones."""
    if argument.meaning.endswith("channel"):
        return float(random.choice(channels))
    if argument.optional or (argument.default is not None and random.random() < 0.3):
        return argument.default
    low, high = argument.low, min(argument.high, 1_000.0)
    least = max(low, 1.0 if argument.whole else high / 1e5)
    drawn = exp(random.uniform(log(least), log(high)))
    return float(round(drawn)) if argument.whole else round(drawn, 6)


def _host_fault(random: Random, kind: HostKind, length_us: int) -> HostFault:
    lengths = {HostKind.STANDSTILL: STANDSTILLS_US, HostKind.JOURNAL_LAGS: LAGS_US, HostKind.CLOCK_JUMPS: JUMPS_US}
    length = random.choice(lengths[kind]) if kind in lengths else 0
    place = random.choice(PLACES) if kind is HostKind.EXCEPTION else ""
    if random.random() < 0.85:
        return HostFault(kind, _moment_us(random, length_us), True, length, place)
    return HostFault(kind, random.randrange(0, 4_000_000), False, length, place)


def _moment_us(random: Random, length_us: int) -> int:
    """Sometimes early, in the first ramp and plateau; else anywhere."""
    if random.random() < 0.35:
        return random.randrange(0, 4_000_000)
    return random.randrange(0, max(1, length_us))


def _span_us(random: Random, low_us: int, high_us: int) -> int:
    return round(exp(random.uniform(log(low_us), log(high_us))))
