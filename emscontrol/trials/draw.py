"""From a seed to a trial: the seed alone decides, on every machine and in every process."""

from collections.abc import Sequence
from random import Random
from typing import Final

from emscontrol.core.errors import DeviceMisfit, SafetyRefusal
from emscontrol.devices.registry import MODELS as DRIVERS
from emscontrol.devices.registry import profile
from emscontrol.trials.protocols import Drawn, draw_protocol
from emscontrol.trials.spec import spec_of
from emscontrol.trials.trial import Trial
from emscontrol.trials.troubles import draw_troubles, kinds_of
from emscontrol.wiring.assembly import Assembly, assemble
from firmware_sim.body.library import names as bodies
from firmware_sim.registry import MODELS as SIMULATORS

US_PER_S: Final = 1_000_000
SHORTEST_S: Final = 60.0
TAIL: Final = 0.95  # exponent of the Pareto distribution of lengths: most sessions are short, a few last an hour
LONGEST_S: Final = 3_300.0
TRIES: Final = 40
TEXT_EVERY: Final = 10  # so often the protocol is written as YAML and read back
BODY_SHARE: Final = 0.3  # the others are leads with any resistance
STARTLED_SHARE: Final = 0.3  # operators who press STOP when something happens
STARTLED_US: Final = (200_000, 1_500_000)  # at once, or after a moment of doubt


def models() -> tuple[str, ...]:
    """Every model that has both a driver and a simulator."""
    return tuple(model for model in DRIVERS if model in SIMULATORS)


def draw(seed: int, only: Sequence[str] = (), longest_s: float = LONGEST_S) -> tuple[Trial, Assembly]:
    """The trial of this seed, on one of the models `only` (all when empty), and its session, ready to be run once."""
    random = Random(seed)  # noqa: S311 - a session that can be repeated, not a secret
    model = random.choice(tuple(only) or models())
    length_s = min(longest_s, SHORTEST_S * (1.0 - random.random()) ** (-1.0 / TAIL))
    drawn, assembly = _runnable(random, model, length_s, seed % TEXT_EVERY == 0)
    length_us = round(length_s * US_PER_S)
    device_faults, host_faults = draw_troubles(
        random, kinds_of(seed), model, profile(model).capabilities.channels, sorted(drawn.comfort_ua), length_us
    )
    trial = Trial(
        seed=seed,
        model=model,
        protocol=drawn.protocol,
        from_text=seed % TEXT_EVERY == 0,
        comfort_ua=drawn.comfort_ua,
        motor_ua=drawn.motor_ua,
        device_faults=device_faults,
        host_faults=host_faults,
        operator_seed=random.getrandbits(32),
        body=random.choice(bodies()) if random.random() < BODY_SHARE else None,
        patience_us=2 * length_us + 120 * US_PER_S,
        startled_us=random.randrange(0, random.choice(STARTLED_US)) if random.random() < STARTLED_SHARE else None,
    )
    return trial, assembly


def _runnable(random: Random, model: str, length_s: float, from_text: bool) -> tuple[Drawn, Assembly]:
    """The first protocol drawn that this model and the rules accept."""
    capabilities = profile(model).capabilities
    for _ in range(TRIES):
        drawn = draw_protocol(random, capabilities, length_s)
        try:
            return drawn, assemble(spec_of(model, drawn.protocol, drawn.comfort_ua, drawn.motor_ua, from_text))
        except (DeviceMisfit, SafetyRefusal):
            continue
    raise RuntimeError(f"{TRIES} protocols in a row do not run on a {model}")
