"""A random operator: what is done in each state, how often, and how long before the next deed.

Looks at the state as a person looks at the screen, so now and then asks for what is impossible.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from emscontrol.session.inputs import Adjust, Arm, Clear, Close, Connect, Input, Pause, Resume, Start, Stop
from emscontrol.session.states import State

MS: Final = 1_000
S: Final = 1_000_000

Make = Callable[[Random, Sequence[int]], Input]

DEEDS: Final[Mapping[str, Make]] = {
    "connect": lambda random, channels: Connect(),
    "arm": lambda random, channels: Arm(),
    "start": lambda random, channels: Start(),
    "pause": lambda random, channels: Pause(),
    "resume": lambda random, channels: Resume(),
    "clear": lambda random, channels: Clear(),
    "close": lambda random, channels: Close(),
    "stop": lambda random, channels: Stop("operator", "key"),
    "stop from elsewhere": lambda random, channels: Stop("emscontrol stop", "asked for"),
    "raise": lambda random, channels: Adjust(random.choice(channels), random.choice((500, 1_000, 1_000, 1_000))),
    "lower": lambda random, channels: Adjust(random.choice(channels), -random.choice((500, 1_000, 5_000))),
    "raise too far": lambda random, channels: Adjust(random.choice(channels), random.choice((2_000, 20_000))),
    "adjust nothing there": lambda random, channels: Adjust(9, 1_000),
}
"""Everything an operator can ask for, by name."""

IMPOSSIBLE: Final = {
    "pause": 1,
    "resume": 1,
    "clear": 1,
    "close": 1,
    "raise": 1,
    "adjust nothing there": 1,
    "arm": 1,
    "start": 1,
}


@dataclass(frozen=True, slots=True)
class Habit:
    """In one state: the weights of deeds, and the shortest and longest wait before the next (µs)."""

    weights: Mapping[str, int]
    shortest_us: int
    longest_us: int


HABITS: Final[Mapping[State, Habit]] = {
    State.IDLE: Habit({**IMPOSSIBLE, "connect": 300, "stop": 1}, 100 * MS, 3_000 * MS),
    State.CONNECTED: Habit({**IMPOSSIBLE, "connect": 1, "arm": 300, "stop": 1}, 100 * MS, 2_000 * MS),
    State.ARMED: Habit({**IMPOSSIBLE, "start": 300, "stop": 2}, 100 * MS, 3_000 * MS),
    State.RUNNING: Habit(
        {
            "raise": 150, "lower": 50, "pause": 50, "raise too far": 8, "adjust nothing there": 2, "stop": 1,
            "stop from elsewhere": 1, "start": 2, "arm": 2, "connect": 2, "clear": 2, "close": 2, "resume": 2,
        },
        100 * MS, 16 * S,
    ),
    State.PAUSED: Habit({**IMPOSSIBLE, "resume": 120, "raise": 5, "stop": 2}, 50 * MS, 6 * S),
    State.STOPPING: Habit({**IMPOSSIBLE, "stop": 5}, 50 * MS, 1 * S),
    State.FAULT: Habit({"clear": 10, "close": 6, "start": 2, "resume": 1, "arm": 1, "stop": 2, "connect": 1}, 200 * MS, 5 * S),
    State.ENDED: Habit({"stop": 1, "start": 1}, 1 * S, 2 * S),
}  # fmt: skip
"""What people do in each state. In FAULT some clear and begin again, some leave."""

EAGER_SHARE: Final = 0.25  # operators who turn the knob again and again
EAGER_US: Final = 400 * MS
AWAY_US: Final = ((0.0005, 3_600 * S, 10_800 * S), (0.01, 60 * S, 900 * S))
"""Pauses that last for long: (their share, shortest, longest)."""


class Operator:
    """One person at the controls. The same seed does the same."""

    def __init__(self, seed: int, channels: Sequence[int]) -> None:
        self._random = Random(seed)  # noqa: S311 - a person that can be repeated, not a secret
        self._channels = tuple(channels)
        self._eager = self._random.random() < EAGER_SHARE
        self.deeds = 0

    def wait_us(self, state: State) -> int:
        """How long until the next deed, when this is the state."""
        random, habit = self._random, HABITS[state]
        for share, shortest_us, longest_us in AWAY_US if state is State.PAUSED else ():
            if random.random() < share:
                return random.randrange(shortest_us, longest_us)
        longest_us = EAGER_US if self._eager and state is State.RUNNING else habit.longest_us
        return random.randrange(habit.shortest_us, longest_us)

    def next(self, state: State) -> tuple[str, Input]:
        """What is done now, in this state: its name, and the request."""
        self.deeds += 1
        weights = HABITS[state].weights
        name = self._random.choices(tuple(weights), tuple(weights.values()))[0]
        if self._eager and state is State.RUNNING and self._random.random() < 0.95:
            name = "raise"
        return name, DEEDS[name](self._random, self._channels)
