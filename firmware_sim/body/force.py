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
from math import ceil, exp
from typing import Final

QUIET_TAU_C: Final = 30.0
"""So many tau_c after a pulse the calcium is gone (3e-12 of a twitch's) and what is left has a closed form."""
STEEP_BELOW: Final = 0.25
"""CN below which a pulse makes q climb too steeply for long steps."""
DRIVEN_TAU_C: Final = 2.5
"""After a train the force is driven for about so many tau_c more; the middle values are those of this time."""
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
    """The muscle just after a pulse (or at rest), and the largest force up to then."""

    s: float = 0.0
    cn: float = 0.0
    force_n: float = 0.0
    a: float = 0.0
    tau_1: float = 0.0
    k_m: float = 0.0
    peak_n: float = 0.0

    def copy(self) -> "_State":
        """Another one, to look ahead with."""
        return _State(self.s, self.cn, self.force_n, self.a, self.tau_1, self.k_m, self.peak_n)


class Fibres:
    """One kind of fibres that answer together. Times are µs and never run backwards between pulses."""

    def __init__(self, constants: Constants = QUADRICEPS) -> None:
        self.constants: Final = constants
        self._state = _State(a=constants.a_rest, tau_1=constants.tau_1, k_m=constants.k_m)
        self._at_us: int | None = None
        self._quiet_after_us: Final = _quiet_after_us(constants.tau_c)
        self._quiet: tuple[int, _State] | None = None
        self._recruited = 0.0

    def pulses(self, first_us: int, period_us: int, count: int, recruited: float) -> None:
        """`count` pulses from `first_us` on, `period_us` apart, that each reach the fraction `recruited` of the fibres.

        A pulse that would begin before the last one counts as coming with it.
        """
        if self._at_us is None:
            self._state.s = 1.0
        else:
            first_us = max(first_us, self._at_us)
            elapsed_us = first_us - self._at_us
            if elapsed_us <= self._quiet_after_us:
                self._pass(self._state, elapsed_us)
            else:
                self._state = self._look(first_us)
            self._state.s += self._jump(elapsed_us)
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

    def peak_n(self, at_us: int) -> float:
        """The largest force up to a time, as seen at the steps of the solution (N); the ripple of twitches within 1 %."""
        return self._look(at_us).peak_n

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
        if self._at_us is None:
            return self._state
        quiet_us = self._at_us + self._quiet_after_us
        if at_us <= quiet_us:
            seen = self._state.copy()
            self._pass(seen, at_us - self._at_us)
            return seen
        if self._quiet is None or self._quiet[0] != quiet_us:
            state = self._state.copy()
            self._pass(state, self._quiet_after_us)
            self._quiet = quiet_us, state
        seen = self._quiet[1].copy()
        self._rest(seen, (at_us - quiet_us) * 1e-6)
        return seen

    def _pass(self, state: _State, elapsed_us: int) -> None:
        """Lets time pass without a pulse."""
        constants = self.constants
        way = _interval(elapsed_us, constants.tau_c, constants.tau_fat, state.cn < STEEP_BELOW)
        force, cn, s = state.force_n, state.cn, state.s
        # The middle values of the fatigue states in this interval.
        half_s, pushed, fat = way.middle_s / constants.tau_fat, way.middle_s * force, way.fat
        a = state.a + (constants.a_rest - state.a) * half_s + constants.alpha_a * pushed
        tau_1 = state.tau_1 + (constants.tau_1 - state.tau_1) * half_s + constants.alpha_tau_1 * pushed
        k_m = state.k_m + (constants.k_m - state.k_m) * half_s + constants.alpha_k_m * pushed
        force, cn, area, peak = _glide(force, cn, s, self._recruited * a, tau_1, constants.tau_2, k_m, way.steps)
        if peak > state.peak_n:
            state.peak_n = peak
        late = area * way.half_fat
        state.a = constants.a_rest + (state.a - constants.a_rest) * fat + constants.alpha_a * late
        state.tau_1 = constants.tau_1 + (state.tau_1 - constants.tau_1) * fat + constants.alpha_tau_1 * late
        state.k_m = constants.k_m + (state.k_m - constants.k_m) * fat + constants.alpha_k_m * late
        state.force_n, state.cn, state.s = force, cn, s * way.s_left
        if way.rest_s > 0.0:
            self._rest(state, way.rest_s)

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


@dataclass(frozen=True, slots=True)
class _Interval:
    """How to pass a time without a pulse: everything that depends on its length alone.

    `steps` through the part with calcium, `middle_s` from its start to its middle (or to the middle of the part that counts),
    `half_fat` and `fat` = exp(-half or all of that part / tau_fat), `s_left` = exp(-that part / tau_c), `rest_s` = the rest.
    """

    steps: tuple[Step, ...]
    middle_s: float
    half_fat: float
    fat: float
    s_left: float
    rest_s: float


@lru_cache(maxsize=4096)
def _interval(elapsed_us: int, tau_c: float, tau_fat: float, steep: bool) -> _Interval:
    quiet_us = _quiet_after_us(tau_c)
    spent_s = min(elapsed_us, quiet_us) * 1e-6
    return _Interval(
        tuple((h, h / 2, h / 6, exp(-h / (2 * tau_c)), h / (2 * tau_c)) for h in _lengths(spent_s, tau_c, steep)),
        min(spent_s, DRIVEN_TAU_C * tau_c) / 2,
        exp(-spent_s / (2 * tau_fat)),
        exp(-spent_s / tau_fat),
        exp(-spent_s / tau_c),
        max(0, elapsed_us - quiet_us) * 1e-6,
    )


def _lengths(spent_s: float, tau_c: float, steep: bool) -> list[float]:
    """Equal steps of at most half tau_c; after a pulse into a rested muscle steps that begin short and grow."""
    longest = tau_c / 2
    if not steep:
        count = ceil(spent_s / longest)
        return [spent_s / count] * count if count else []
    lengths: list[float] = []
    left, next_s = spent_s, tau_c / 24
    while left > next_s:
        lengths.append(next_s)
        left -= next_s
        if len(lengths) % 2 == 0:
            next_s = min(longest, 1.5 * next_s)
    return [*lengths, left] if left > 0.0 else lengths


def _quiet_after_us(tau_c: float) -> int:
    return round(QUIET_TAU_C * tau_c * 1e6)
