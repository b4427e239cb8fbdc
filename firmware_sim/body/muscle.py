"""One muscle: the fibres that have a nerve and those that have lost it, each with a force of its own."""

from collections import deque
from dataclasses import replace
from typing import Final

from firmware_sim.body.force import DENERVATED_FATIGUE, DENERVATED_SLOWNESS, QUADRICEPS, Fibres
from firmware_sim.body.profile import MuscleProfile
from firmware_sim.body.pulse import Pulse
from firmware_sim.body.recruitment import (
    DEGENERATED,
    DEGENERATED_FORCE,
    DENERVATED,
    DENERVATED_FORCE,
    NERVE,
    NO_FIBRE,
    Fibrous,
)

WITHOUT_NERVE: Final = {"denervated": (DENERVATED, DENERVATED_FORCE), "degenerated": (DEGENERATED, DEGENERATED_FORCE)}
WAITING: Final = 2048
"""So many runs of pulses may wait before the force is worked out although nobody has asked."""
REMEMBERED: Final = 1024
MOST_MA: Final = 100_000.0
BISECTIONS: Final = 60


class _Part:
    """Fibres of one kind: their share of the muscle, how they are reached, what they do."""

    def __init__(self, share: float, answer: Fibrous, fibres: Fibres) -> None:
        self.share: Final = share
        self.answer: Final = answer
        self.fibres: Final = fibres

    def pulses(self, first_us: int, period_us: int, count: int, recruited: float) -> None:
        if recruited > NO_FIBRE:
            self.fibres.pulses(first_us, period_us, count, self.share * recruited)


Run = tuple[int, int, int, tuple[float, ...]]
"""First pulse (µs), distance, count, and the fraction of each part that answers."""


class Muscle:
    """A muscle under a channel. Runs of pulses come in order of time; the force is worked out when somebody asks for it."""

    def __init__(self, profile: MuscleProfile) -> None:
        self._keeps: Final = 1.0 - profile.co_contraction
        self._parts: Final = _parts(profile)
        self._waiting: Final[deque[Run]] = deque()
        self._known: Final[dict[tuple[Pulse, float], tuple[float, ...]]] = {}
        self._seen_us: int | None = None

    def recruited(self, pulse: Pulse, current_ma: float) -> float:
        """The fraction of all fibres that answers this pulse with this effective current."""
        return sum(part.share * each for part, each in zip(self._parts, self._fractions(pulse, current_ma), strict=True))

    def current_for(self, fraction: float, pulse: Pulse) -> float:
        """The effective current at which this fraction of all fibres answers a pulse of this form (mA)."""
        low, high = 0.0, MOST_MA
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            if sum(part.share * part.answer.fraction(middle, pulse) for part in self._parts) < fraction:
                low = middle
            else:
                high = middle
        return high

    def receive(self, pulse: Pulse, current_ma: float, first_us: int, period_us: int, count: int) -> None:
        """Pulses that arrive in the muscle with this effective current."""
        self._waiting.append((first_us, period_us, count, self._fractions(pulse, current_ma)))
        if len(self._waiting) > WAITING:
            self._take(*self._waiting.popleft())

    def force_n(self, at_us: int) -> float:
        """The force at a time (N). Times never run backwards: an earlier time counts as the latest one seen."""
        at_us = self._bring_to(at_us)
        return self._keeps * sum(part.fibres.force_n(at_us) for part in self._parts)

    def strength(self, at_us: int) -> float:
        """What is left of the rested muscle: 1 is fresh, 0 exhausted."""
        at_us = self._bring_to(at_us)
        weights = [part.share * part.fibres.constants.a_rest * part.fibres.constants.tau_1 for part in self._parts]
        whole = sum(weights) or 1.0
        return sum(w / whole * part.fibres.strength(at_us) for w, part in zip(weights, self._parts, strict=True))

    def peak_n(self, at_us: int) -> float:
        """The largest force up to a time (N). Where parts of both kinds pull, the sum of their peaks."""
        at_us = self._bring_to(at_us)
        return self._keeps * sum(part.fibres.peak_n(at_us) for part in self._parts)

    def _bring_to(self, at_us: int) -> int:
        """Takes the pulses that come up to this time, and no others; the time that counts."""
        if self._seen_us is not None and at_us < self._seen_us:
            return self._seen_us
        while self._waiting:
            first_us, period_us, count, fractions = self._waiting.popleft()
            if first_us > at_us:
                self._waiting.appendleft((first_us, period_us, count, fractions))
                break
            due = count if period_us == 0 else min(count, (at_us - first_us) // period_us + 1)
            self._take(first_us, period_us, due, fractions)
            if due < count:
                self._waiting.appendleft((first_us + due * period_us, period_us, count - due, fractions))
                break
        self._seen_us = at_us
        return at_us

    def _take(self, first_us: int, period_us: int, count: int, fractions: tuple[float, ...]) -> None:
        for part, recruited in zip(self._parts, fractions, strict=True):
            part.pulses(first_us, period_us, count, recruited)
        last_us = first_us + (count - 1) * period_us
        self._seen_us = last_us if self._seen_us is None else max(self._seen_us, last_us)

    def _fractions(self, pulse: Pulse, current_ma: float) -> tuple[float, ...]:
        key = (pulse, current_ma)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            found = self._known[key] = tuple(part.answer.fraction(current_ma, pulse) for part in self._parts)
        return found


def _parts(profile: MuscleProfile) -> list[_Part]:
    own = QUADRICEPS.scaled(force=profile.force, fatigue=profile.fatigue, recovery=profile.recovery, slowness=profile.slowness)
    parts = []
    if profile.denervated < 1.0:
        parts.append(_Part(1.0 - profile.denervated, _shifted(NERVE, profile.motor * profile.nerve), Fibres(own)))
    if profile.denervated > 0.0:
        answer, force = WITHOUT_NERVE[profile.fibres]
        bare = own.scaled(force=force, fatigue=DENERVATED_FATIGUE, slowness=DENERVATED_SLOWNESS)
        parts.append(_Part(profile.denervated, _shifted(answer, profile.motor), Fibres(bare)))
    return parts


def _shifted(answer: Fibrous, motor: float) -> Fibrous:
    return replace(answer, median=replace(answer.median, rheobase_ma=answer.median.rheobase_ma * motor))
