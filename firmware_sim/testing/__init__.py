"""Simulated stimulators for the tests of other people's programs: switched on, watched and broken from the test itself.

With pytest the fixtures of `firmware_sim.pytest_plugin` are all one needs. Elsewhere:

    with Bench() as bench:
        stimulator = bench.switch_on("p24", faults=["late:150@3"])
        program_under_test(stimulator.url)
        assert stimulator.scope.is_zero
"""

from firmware_sim.testing.bench import Bench
from firmware_sim.testing.oscilloscope import Oscilloscope
from firmware_sim.testing.person import Person
from firmware_sim.testing.simulator import Simulator
from firmware_sim.testing.waiting import NotSeen

__all__ = ["Bench", "NotSeen", "Oscilloscope", "Person", "Simulator"]
