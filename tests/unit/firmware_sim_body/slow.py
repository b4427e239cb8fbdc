"""An independent solution: every state integrated by fourth-order steps of 0.1 ms, the sum over pulses kept as a list."""

from itertools import pairwise
from math import exp

from firmware_sim.body.force import Constants

STEP_S = 1e-4
S_PER_PULSE_KEPT = 30


def solve(constants: Constants, pulses_s: list[float], until_s: float, recruited: float = 1.0) -> list[float]:
    """Force at each step; element k is the force at k × STEP_S. Pulses lie on steps."""
    factors = [1.0]
    for before, at in pairwise(pulses_s):
        factors.append(1 + (constants.k_m + 1.04 - 1) * exp(-(at - before) / constants.tau_c))
    state = [0.0, 0.0, constants.a_rest, constants.tau_1, constants.k_m]  # CN, F, A, tau_1, Km
    forces = [0.0]
    for step in range(round(until_s / STEP_S)):
        t = step * STEP_S
        begun = [(at, r) for at, r in zip(pulses_s, factors, strict=True) if at <= t + 1e-9][-S_PER_PULSE_KEPT:]

        def slopes(s: list[float], at: float, begun: list[tuple[float, float]] = begun) -> list[float]:
            cn, force, a, tau_1, k_m = s
            drive = sum(r * exp(-(at - begin) / constants.tau_c) for begin, r in begun)
            q = cn / (k_m + cn)
            return [
                (drive - cn) / constants.tau_c,
                recruited * a * q - force / (tau_1 + constants.tau_2 * q),
                -(a - constants.a_rest) / constants.tau_fat + constants.alpha_a * force,
                -(tau_1 - constants.tau_1) / constants.tau_fat + constants.alpha_tau_1 * force,
                -(k_m - constants.k_m) / constants.tau_fat + constants.alpha_k_m * force,
            ]

        k1 = slopes(state, t)
        k2 = slopes([s + STEP_S / 2 * k for s, k in zip(state, k1, strict=True)], t + STEP_S / 2)
        k3 = slopes([s + STEP_S / 2 * k for s, k in zip(state, k2, strict=True)], t + STEP_S / 2)
        k4 = slopes([s + STEP_S * k for s, k in zip(state, k3, strict=True)], t + STEP_S)
        state = [s + STEP_S / 6 * (a + 2 * b + 2 * c + d) for s, a, b, c, d in zip(state, k1, k2, k3, k4, strict=True)]
        forces.append(state[1])
    return forces
