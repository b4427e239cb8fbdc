"""Bounded waiting in real time, and the clock that all processes of one machine share."""

import time
from collections.abc import Callable
from typing import TypeVar

LIMIT_S = 20.0
STEP_S = 0.01
T = TypeVar("T")


def now_us() -> int:
    """The machine's monotonic clock (µs): the oscilloscope, the journal and the tests read the same one."""
    return time.monotonic_ns() // 1_000


def wait_for(look: Callable[[], T], what: str, limit_s: float = LIMIT_S) -> T:
    """The first true value that `look` gives. Raises TimeoutError that names `what` after a bounded time."""
    end = time.monotonic() + limit_s
    while not (found := look()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {limit_s:g} s: {what}")
        time.sleep(STEP_S)
    return found
