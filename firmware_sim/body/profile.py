"""The figures that make one person different from another. All are factors on, or additions to, the reference muscle and skin.

The reference is the sheet's: Ding's quadriceps, a thigh under two pads of 5 × 5 cm, skin that was prepared, sensation intact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import exp
from random import Random
from typing import Final

FIBRES: Final = ("denervated", "degenerated")
FORCE_SPREAD: Final = 0.3
FATIGUE_SPREAD: Final = 0.25
RECOVERY_SPREAD: Final = 0.2
"""Standard deviations of the logarithms, between people (design figures)."""


def between(low: float, high: float, default: float) -> float:
    """A field that holds a number from `low` to `high`."""
    return field(default=default, metadata={"low": low, "high": high})


def between_or_none(low: float, high: float, default: float | None) -> float | None:
    """As `between`; `none` is allowed too."""
    return field(default=default, metadata={"low": low, "high": high, "none": True})


@dataclass(frozen=True, slots=True)
class MuscleProfile:
    """How the muscle answers.

    `force`, `fatigue`, `recovery`, `slowness`: times the reference's strength, fatigue rates (the sheet's k), time constant of
    fatigue, and times of contraction. `motor`: times the reference's motor threshold. `nerve`: times that of the fibres
    with a nerve, on top. `denervated`: fraction of the fibres without a nerve, which are `fibres`. `co_contraction`: share of
    the force that the antagonist takes away.
    """

    force: float = between(0.0, 5.0, 1.0)
    fatigue: float = between(0.0, 10.0, 1.0)
    recovery: float = between(0.1, 10.0, 1.0)
    slowness: float = between(0.5, 3.0, 1.0)
    motor: float = between(0.2, 10.0, 1.0)
    nerve: float = between(0.2, 10.0, 1.0)
    denervated: float = between(0.0, 1.0, 0.0)
    fibres: str = field(default=FIBRES[0], metadata={"choices": FIBRES})
    co_contraction: float = between(0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class SensationProfile:
    """Times the reference's thresholds of feeling and of pain; None = never felt, however strong it is."""

    sensory: float | None = between_or_none(0.2, 10.0, 1.0)
    pain: float | None = between_or_none(0.2, 10.0, 1.0)


@dataclass(frozen=True, slots=True)
class SkinProfile:
    """The electrodes and the skin under them.

    `pads`: area relative to two pads of 5 × 5 cm. `series`, `resistance`: times Rs and Rp. `into_body`: share of the current
    that reaches the muscle. `cold_and_dry_s`: so long after the first pulse Rp comes down from three times its value; 0 = not.
    `dries_in_min`: after so many minutes a third of the contact is left; None = it does not dry.
    """

    pads: float = between(0.1, 10.0, 1.0)
    series: float = between(0.1, 10.0, 1.0)
    resistance: float = between(0.1, 10.0, 1.0)
    into_body: float = between(0.05, 1.0, 1.0)
    cold_and_dry_s: float = between(0.0, 3600.0, 0.0)
    dries_in_min: float | None = between_or_none(0.1, 600.0, None)


@dataclass(frozen=True, slots=True)
class SpasmProfile:
    """Short bursts of force that nobody has asked for. `against`: the antagonist has them and pulls the other way."""

    per_hour: float = between(0.0, 3600.0, 0.0)
    force_n: float = between(0.0, 500.0, 40.0)
    length_s: float = between(0.1, 60.0, 1.5)
    against: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """One muscle with the skin over it."""

    muscle: MuscleProfile = MuscleProfile()
    sensation: SensationProfile = SensationProfile()
    skin: SkinProfile = SkinProfile()
    spasms: SpasmProfile = SpasmProfile()


@dataclass(frozen=True, slots=True)
class Profile:
    """One person. `usual` holds for every channel that `channels` does not name."""

    name: str
    about: str
    usual: Site = Site()
    channels: Mapping[int, Site] = field(default_factory=dict)

    def site(self, channel: int) -> Site:
        """What is under a channel."""
        return self.channels.get(channel, self.usual)

    def varied(self, rng: Random) -> "Profile":
        """Another person of this kind: strength, fatigue and recovery drawn around these."""
        factors = [exp(rng.gauss(0.0, spread)) for spread in (FORCE_SPREAD, FATIGUE_SPREAD, RECOVERY_SPREAD)]
        return replace(
            self,
            usual=_with(self.usual, factors),
            channels={channel: _with(site, factors) for channel, site in self.channels.items()},
        )


def _with(site: Site, factors: list[float]) -> Site:
    force, fatigue, recovery = factors
    old = site.muscle
    muscle = replace(old, force=old.force * force, fatigue=old.fatigue * fatigue, recovery=old.recovery * recovery)
    return replace(site, muscle=muscle)
