"""The pytest plugin: fixtures that put a simulated stimulator at the other end of the program under test.

Nothing of the simulators is imported before a test asks for one of the fixtures, and nothing happens by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware_sim.testing import Bench, Oscilloscope, Person, Simulator


@pytest.fixture
def _ems_bench() -> Iterator[Bench]:
    """The simulators of this test."""
    from firmware_sim.testing import Bench

    with Bench() as bench:
        yield bench


@pytest.fixture
def ems_simulator(_ems_bench: Bench) -> Callable[..., Simulator]:
    """Switches on a simulated muscle stimulator: ems_simulator("p24", body=…, faults=["late:150@3"], seed=…, watchdog_ms=…).

    What it returns has `.url` (for pyserial), `.pty` (a device path), `.scope`, `.body`, `.inject(fault)` and `.device`.
    All are switched off at the end of the test.
    """
    return _ems_bench.switch_on


@pytest.fixture
def ems_scope(_ems_bench: Bench) -> Oscilloscope:
    """The oscilloscope on this test's simulator: lines, current_now_ua(1), is_zero, zero_since_us, totals(1), wait_for(…)."""
    return _ems_bench.scope


@pytest.fixture
def ems_body(_ems_bench: Bench) -> Person:
    """The body on this test's simulator: force_n(1), contracts(1), feeling(1), said, thresholds(1, width_us), wait_for(…)."""
    return _ems_bench.body
