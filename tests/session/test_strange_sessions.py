"""A thousand strange sessions: random operators, random faults, in virtual time.

Whatever happens: the oscilloscope never passes a limit, no current flows after the bound of a stop, and the journal verifies
and tells the state that the session ended in.
"""

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from emscontrol.core import budget
from emscontrol.core.errors import EmsError
from emscontrol.core.events import make
from emscontrol.record.replay import final_state
from emscontrol.record.verify import verify_lines
from emscontrol.session.inputs import Adjust, Arm, Clear, Close, Connect, Halt, Input, Pause, Resume, Start, Stop
from emscontrol.session.states import State
from firmware_sim.faults import parse_fault
from tests.session.rig import MODELS, Rig

COMFORT_UA = 20_000
CAP_UA = 25_000  # 1.25 × comfort, worked out by hand
WATCHDOG_US = {"p24": 2_000_000, "rehastim2": 1_200_000, "reference": 500_000}  # the devices' own, from their sheets
BOUND_US = (budget.T_LINK_LOST + budget.T_ACK + budget.T_STOP_DEV) * 1_000
FAULTS = (
    "drop_reply:1",
    "drop_reply:4",
    "garble:0.01",
    "garble:0.3",
    "late:20",
    "late:150",
    "late:400",
    "reboot",
    "electrode_off:1",
    "electrode_off:2",
    "dead_link",
    "dead_uplink",
    "dead_downlink",
    "unplug",
    "deaf",
    "nak:1",
)


class StrangeSession(RuleBasedStateMachine):
    """One session; each rule is something that somebody or something does."""

    @initialize(model=st.sampled_from(MODELS), seed=st.integers(0, 10_000), quick=st.booleans())
    def begin(self, model: str, seed: int, quick: bool) -> None:
        self.model = model
        self.rig = Rig(model, seed=seed)
        self.stopped_at_us: int | None = None
        self.faulted = False
        if quick:
            self.rig.to_running(after_us=600_000)

    def give(self, given: Input) -> None:
        try:
            self.rig.run.give(given)
        except EmsError:
            return

    @rule(request=st.sampled_from([Connect(), Arm(), Start(), Pause(), Resume(), Clear()]))
    def operator_asks(self, request: Input) -> None:
        if isinstance(request, Start | Resume) and self.rig.engine.state in (State.ARMED, State.PAUSED):
            self.stopped_at_us = None
        self.give(request)

    @rule(channel=st.integers(1, 3), delta_ua=st.sampled_from([-5_000, -1_000, 500, 1_000, 2_000]), times=st.integers(1, 8))
    def operator_turns_the_knob(self, channel: int, delta_ua: int, times: int) -> None:
        for _ in range(times):
            self.give(Adjust(channel, delta_ua))

    @rule(who=st.sampled_from(["operator", "emscontrol stop"]))
    def somebody_stops(self, who: str) -> None:
        self.give(Stop(who, "test"))
        self.stopped_at_us = self.rig.now_us if self.stopped_at_us is None else self.stopped_at_us

    @rule()
    def the_client_is_gone(self) -> None:
        if not self.rig.engine.closed:
            self.give(Halt(make("client_gone", client="test"), "test is gone", fault=False))
            self.stopped_at_us = self.rig.now_us if self.stopped_at_us is None else self.stopped_at_us

    @rule(text=st.sampled_from(FAULTS))
    def something_breaks(self, text: str) -> None:
        self.faulted = True
        self.rig.port.inject(parse_fault(text), self.rig.now_us)

    @rule(time_us=st.sampled_from([1_000, 20_000, 90_000, 300_000, 1_000_000, 2_500_000]))
    def time_passes(self, time_us: int) -> None:
        self.rig.run.advance(self.rig.now_us + time_us)

    @precondition(lambda self: self.rig.engine.state is State.FAULT)
    @rule()
    def operator_closes(self) -> None:
        self.give(Close())

    @invariant()
    def no_limit_is_passed(self) -> None:
        if not hasattr(self, "rig"):
            return
        for line in self.rig.lines:
            assert line.amplitude_ua <= CAP_UA, line
            assert line.width_us in (0, 300), line
            assert line.period_us in (0, 20_000), line
            assert line.channel in (1, 2), line

    @invariant()
    def current_ends_within_the_bound_of_a_stop(self) -> None:
        if not hasattr(self, "rig") or self.stopped_at_us is None:
            return
        bound_us = (WATCHDOG_US[self.model] if self.faulted else 0) + BOUND_US
        if self.rig.now_us - self.stopped_at_us > bound_us:
            zero_us = self.rig.zero_since_us()
            assert zero_us is not None
            assert zero_us <= self.stopped_at_us + bound_us

    def teardown(self) -> None:
        if not hasattr(self, "rig"):
            return
        rig = self.rig
        if not rig.engine.closed:
            self.give(Stop("test", "over"))
            rig.finish()
        stage: Any = rig.port.stage
        rig.port.read(rig.now_us + WATCHDOG_US[self.model] + BOUND_US)
        assert stage.is_zero
        report = verify_lines(list(rig.journal.lines))
        assert report.ok
        assert report.ended
        told = final_state(list(rig.journal.lines))
        assert told.result == rig.engine.result
        assert told.state == rig.engine.state.value
        assert {str(c): dict(t) for c, t in told.totals.items()} == rig.engine.totals()
        if not self.faulted:
            for channel, total in rig.engine.totals().items():
                assert total["pulses"] == stage.pulses(int(channel))


StrangeSession.TestCase.settings = settings(
    max_examples=int(os.environ.get("EMS_STRANGE", "400")),
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestStrangeSessions = StrangeSession.TestCase
