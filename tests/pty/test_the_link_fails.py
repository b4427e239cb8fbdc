"""The cable is pulled, goes silent in one or both directions, or takes no more bytes while current flows."""

from emscontrol.core import budget
from emscontrol.core.units import US_PER_MS
from emscontrol.session.realtime import VIEW_US
from tests.pty.models import Model
from tests.pty.scenarios import SCENARIOS, staged, zero_after_ms
from tests.pty.timed import ended, every_model
from tests.pty.waiting import wait_for
from tests.pty.watcher import Watcher

UNKNOWN = "OUTPUT UNKNOWN. Pull the leads off the stimulator now."
AT_FAULT = 4
SHOWN_UNKNOWN_MS = budget.T_LINK_LOST + budget.T_STOP_CONFIRM + VIEW_US // US_PER_MS + budget.T_TICK_GAP
"""From the last answer to a screen that says so: missed, stopped, not confirmed, the next view; and one standstill at most."""


@every_model
def test_current_ends_by_the_stimulators_own_watchdog_when_the_cable_is_pulled(model: Model) -> None:
    with ended("unplugged", model) as scene:
        session = scene.session
        assert session.wait_exit() == AT_FAULT
        assert UNKNOWN in session.errors
        assert session.result["output_unknown"] is True
        [lost] = session.records("link_lost")
        pulled_us = session.scope.first_us() + round(scene.strike_s * 1_000_000)
        assert lost["t_us"] - pulled_us <= 50_000, "the host sees a hang-up at once"
        assert session.records("stop_confirmed") == [], "never shown as off"


@every_model
def test_current_ends_by_the_stimulators_own_watchdog_when_the_link_falls_silent(model: Model) -> None:
    with ended("silence", model) as scene:
        assert scene.session.wait_exit() == AT_FAULT
        assert UNKNOWN in scene.session.errors
        assert scene.session.records("stop_confirmed") == []


@every_model
def test_current_ends_by_the_stimulators_own_watchdog_when_commands_no_longer_reach_it(model: Model) -> None:
    with ended("commands_lost", model) as scene:
        assert scene.session.records("link_lost")


@every_model
def test_current_ends_when_the_stimulators_answers_no_longer_come(model: Model) -> None:
    with ended("answers_lost", model) as scene:
        assert scene.session.wait_exit() == AT_FAULT
        assert UNKNOWN in scene.session.errors, "without a read-back nobody knows"


@every_model
def test_current_ends_by_the_stimulators_own_watchdog_when_it_stops_reading(model: Model) -> None:
    with ended("device_deaf", model) as scene:
        assert scene.session.records("link_lost")


@every_model
def test_current_ends_by_the_stimulators_own_watchdog_when_the_port_takes_no_bytes_and_the_engine_never_stands_still(
    model: Model,
) -> None:
    scenario = SCENARIOS["port_blocked"]
    with staged(scenario, model) as scene:
        watcher = Watcher(scene.session.engine)
        struck_us = scenario.strike(scene)
        took_ms = zero_after_ms(scenario, scene, struck_us)
        assert 0 <= took_ms <= scenario.limit_ms(model)
        # the stimulator's own watchdog may be quicker than the host is sure that it does not know
        shown_us = wait_for(watcher.first_unknown, "shown as unknown while the stop cannot get out")
        assert shown_us - struck_us <= SHOWN_UNKNOWN_MS * US_PER_MS
        watcher.close()
        # the watcher sees pictures, 100 ms apart by themselves: what is more than that, and not this busy computer, is the loop
        assert watcher.longest_gap_ms() - VIEW_US // US_PER_MS - watcher.starved_ms() < budget.T_TICK_GAP
        assert scene.session.records("tick_gap") == []
        assert scene.session.records("link_lost")
