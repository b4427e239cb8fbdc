"""Force and fatigue of one kind of fibres: the model of Ding, Wexler and Binder-Macleod (2000, 2003), pulse by pulse.

    S: activation that decays with tau_c and jumps by R at each pulse; CN: calcium bound to the filaments
    dCN/dt = (S - CN) / tau_c                  q = CN / (Km + CN)
    dF/dt  = r A q - F / (tau_1 + tau_2 q)     r = recruited fraction of the fibres
    A, tau_1 and Km drift with the force and come back with tau_fat

S and CN have closed forms between pulses. F is linear once CN is known and takes fourth-order steps of at most half tau_c; only
the first milliseconds after a pulse into a rested muscle, where q climbs steeply, need shorter ones. The fatigue states move
so slowly that their middle value is enough for a whole interval. The state is kept at pulses only: a question about a time in
between looks forward from the last pulse and changes nothing, so the answers do not depend on how often one asks.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import exp
from typing import Final

QUIET_TAU_C: Final = 30.0
"""So many tau_c after a pulse the calcium is gone (3e-12 of a twitch's) and what is left has a closed form."""
STEEP_BELOW: Final = 0.25
"""CN below which a pulse makes q climb too steeply for long steps."""
R0_ABOVE_KM: Final = 1.04
"""R0 = Km + 1.04 (Ding 2003)."""

Step = tuple[float, float, float, float, float]
"""Length h (s), h/2, h/6, exp(-h/2 tau_c), h/2 tau_c."""


@dataclass(frozen=True, slots=True)
class Constants:
    """A rested muscle and how it tires. Times in s, forces in N; the defaults are the Ding 2003 set for healthy quadriceps."""

    a_rest: float = 3009.0
    tau_1: float = 0.050957
    tau_2: float = 0.060
    k_m: float = 0.103
    tau_c: float = 0.020
    alpha_a: float = -0.40
    alpha_tau_1: float = 2.1e-5
    alpha_k_m: float = 1.9e-5
    tau_fat: float = 127.0

    def scaled(self, *, force: float = 1.0, fatigue: float = 1.0, recovery: float = 1.0, slowness: float = 1.0) -> "Constants":
        """The same muscle with other force, other fatigue (all three alphas), other recovery time, or slower altogether."""
        return Constants(
            self.a_rest * force / slowness,
            self.tau_1 * slowness,
            self.tau_2 * slowness,
            self.k_m,
            self.tau_c * slowness,
            self.alpha_a * fatigue,
            self.alpha_tau_1 * fatigue,
            self.alpha_k_m * fatigue,
            self.tau_fat * recovery,
        )


QUADRICEPS: Final = Constants()
DENERVATED_SLOWNESS: Final = 2.0
DENERVATED_FATIGUE: Final = 1.3


@dataclass(slots=True)
class _State:
    """The muscle just after a pulse (or at rest)."""

    s: float = 0.0
    cn: float = 0.0
    force_n: float = 0.0
    a: float = 0.0
    tau_1: float = 0.0
    k_m: float = 0.0


class Fibres:
    """One kind of fibres that answer together. Times are µs and never run backwards between pulses."""

    def __init__(self, constants: Constants = QUADRICEPS) -> None:
        self.constants: Final = constants
        self._state = _State(a=constants.a_rest, tau_1=constants.tau_1, k_m=constants.k_m)
        self._at_us: int | None = None
        self._recruited = 0.0
        self._peak_n = 0.0

    def pulses(self, first_us: int, period_us: int, count: int, recruited: float) -> None:
        """`count` pulses from `first_us` on, `period_us` apart, that each reach the fraction `recruited` of the fibres."""
        if self._at_us is None:
            self._state.s = 1.0
        else:
            self._one(self._state, first_us - self._at_us)
        self._recruited = recruited
        self._at_us = first_us
        if count > 1:
            self._many(period_us, count - 1)
            self._at_us = first_us + (count - 1) * period_us

    def force_n(self, at_us: int) -> float:
        """The force at a time, not before the last pulse (N)."""
        return self._look(at_us).force_n

    def strength(self, at_us: int) -> float:
        """A, what a pulse can still do, as a fraction of its value at rest: 1 is rested."""
        return self._look(at_us).a / self.constants.a_rest

    @property
    def peak_n(self) -> float:
        """The largest force so far, as seen at the steps of the solution (N); the ripple of single twitches within 1 %."""
        return self._peak_n

    def forget_peak(self) -> None:
        """Begins a new search for the largest force."""
        self._peak_n = 0.0

    def _one(self, state: _State, elapsed_us: int) -> None:
        self._pass(state, elapsed_us)
        state.s += self._jump(elapsed_us)

    def _many(self, period_us: int, count: int) -> None:
        state = self._state
        jump = self._jump(period_us)
        for _ in range(count):
            self._pass(state, period_us)
            state.s += jump

    def _jump(self, elapsed_us: int) -> float:
        """R of a pulse so long after the one before."""
        constants = self.constants
        return 1.0 + (constants.k_m + R0_ABOVE_KM - 1.0) * exp(-elapsed_us * 1e-6 / constants.tau_c)

    def _look(self, at_us: int) -> _State:
        state = self._state
        seen = _State(state.s, state.cn, state.force_n, state.a, state.tau_1, state.k_m)
        if self._at_us is not None:
            self._pass(seen, at_us - self._at_us)
        return seen

    def _pass(self, state: _State, elapsed_us: int) -> None:
        """Lets time pass without a pulse."""
        constants = self.constants
        steps, spent_s, half_fat, fat, rest_s, s_left = _interval(
            elapsed_us, constants.tau_c, constants.tau_fat, state.cn < STEEP_BELOW
        )
        force, cn, s = state.force_n, state.cn, state.s
        # The middle values of the fatigue states in this interval.
        half_s = 0.5 * spent_s / constants.tau_fat
        pushed = 0.5 * spent_s * force
        a = state.a + (constants.a_rest - state.a) * half_s + constants.alpha_a * pushed
        tau_1 = state.tau_1 + (constants.tau_1 - state.tau_1) * half_s + constants.alpha_tau_1 * pushed
        k_m = state.k_m + (constants.k_m - state.k_m) * half_s + constants.alpha_k_m * pushed
        force, cn, area, peak = _glide(force, cn, s, self._recruited * a, tau_1, constants.tau_2, k_m, steps)
        if peak > self._peak_n:
            self._peak_n = peak
        late = area * half_fat
        state.a = constants.a_rest + (state.a - constants.a_rest) * fat + constants.alpha_a * late
        state.tau_1 = constants.tau_1 + (state.tau_1 - constants.tau_1) * fat + constants.alpha_tau_1 * late
        state.k_m = constants.k_m + (state.k_m - constants.k_m) * fat + constants.alpha_k_m * late
        state.force_n, state.cn, state.s = force, cn, s * s_left
        if rest_s > 0.0:
            self._rest(state, rest_s)

    def _rest(self, state: _State, rest_s: float) -> None:
        """No calcium is left: the force fades by itself, and what it still does to the fatigue states counts at once."""
        constants = self.constants
        faded = exp(-rest_s / state.tau_1)
        area = state.force_n * state.tau_1 * (1.0 - faded)
        fat = exp(-rest_s / constants.tau_fat)
        state.a = constants.a_rest + (state.a - constants.a_rest + constants.alpha_a * area) * fat
        state.k_m = constants.k_m + (state.k_m - constants.k_m + constants.alpha_k_m * area) * fat
        state.tau_1 = constants.tau_1 + (state.tau_1 - constants.tau_1 + constants.alpha_tau_1 * area) * fat
        state.force_n, state.cn, state.s = state.force_n * faded, 0.0, 0.0


def _glide(
    force: float, cn: float, s: float, drive: float, tau_1: float, tau_2: float, k_m: float, steps: tuple[Step, ...]
) -> tuple[float, float, float, float]:
    """Runge-Kutta 4 over these steps: force, CN, the area under the force (N s), and the largest force at a step."""
    area = peak = 0.0
    q = cn / (k_m + cn)
    gain, loss = drive * q, 1.0 / (tau_1 + tau_2 * q)
    for h, h2, h6, fall, rise in steps:
        s_half = s * fall
        cn = (cn + s * rise) * fall
        q = cn / (k_m + cn)
        gain_half, loss_half = drive * q, 1.0 / (tau_1 + tau_2 * q)
        s = s_half * fall
        cn = (cn + s_half * rise) * fall
        q = cn / (k_m + cn)
        k1 = gain - loss * force
        k2 = gain_half - loss_half * (force + h2 * k1)
        k3 = gain_half - loss_half * (force + h2 * k2)
        gain, loss = drive * q, 1.0 / (tau_1 + tau_2 * q)
        k4 = gain - loss * (force + h * k3)
        after = force + h6 * (k1 + 2.0 * (k2 + k3) + k4)
        area += h2 * (force + after + h6 * (k1 - k4))
        force = after
        if force > peak:
            peak = force
    return force, cn, area, peak


@lru_cache(maxsize=4096)
def _interval(
    elapsed_us: int, tau_c: float, tau_fat: float, steep: bool
) -> tuple[tuple[Step, ...], float, float, float, float, float]:
    """Steps through an interval, their sum (s), exp(-sum/2 tau_fat), exp(-sum/tau_fat), the rest (s), exp(-sum/tau_c)."""
    elapsed_s = elapsed_us * 1e-6
    spent_s = min(elapsed_s, QUIET_TAU_C * tau_c)
    longest = tau_c / 2
    lengths: list[float] = []
    left = spent_s
    next_s = tau_c / 24 if steep else longest
    while left > next_s:
        lengths.append(next_s)
        left -= next_s
        if len(lengths) % 2 == 0:
            next_s = min(longest, 1.5 * next_s)
    if not steep and lengths:
        lengths = [spent_s / (len(lengths) + 1)] * len(lengths)
        left = lengths[0]
    if left > 0.0:
        lengths.append(left)
    steps = tuple((h, h / 2, h / 6, exp(-h / (2 * tau_c)), h / (2 * tau_c)) for h in lengths)
    fat = exp(-spent_s / tau_fat)
    return steps, spent_s, exp(-spent_s / (2 * tau_fat)), fat, max(0.0, elapsed_s - spent_s), exp(-spent_s / tau_c)
