"""The client or the engine is killed, hangs or loses its terminal while current flows."""

import signal

from emscontrol.record.verify import verify
from tests.pty.models import P24, REHASTIM2, Model
from tests.pty.scenarios import SCENARIOS, staged
from tests.pty.timed import ended, every_model, in_turn
from tests.pty.waiting import now_us, wait_for

UNKNOWN = "OUTPUT UNKNOWN. Pull the leads off the stimulator now."
AT_FAULT = 4
STOPPED = 6


@in_turn(P24)
def test_current_ends_when_the_client_is_killed(model: Model) -> None:
    with ended("client_killed", model) as scene:
        wait_for(lambda: scene.session.records("session_ended"), "the engine closes the record by itself")
        assert scene.session.records("client_gone")
        [over] = scene.session.records("session_ended")
        assert over["result"] == "stopped"
        assert over["reason"].endswith("is gone")
        wait_for(lambda: verify(scene.session.journal).ended, "the record is whole")


def test_current_ends_when_the_terminal_window_is_closed() -> None:
    with ended("window_closed", P24) as scene:
        assert scene.session.wait_exit() in (128 + signal.SIGHUP, STOPPED), "the end of the keys may be seen first"
        wait_for(lambda: verify(scene.session.journal).ended, "the record is closed")


@in_turn(P24)
def test_current_ends_when_the_client_is_suspended(model: Model) -> None:
    with ended("client_frozen", model) as scene:
        wait_for(lambda: scene.session.records("session_ended"), "the engine closes the record by itself")
        [lost] = scene.session.records("lease_lost")
        assert lost["silent_us"] <= SCENARIOS["client_frozen"].limit_ms(model) * 1_000
        scene.session.signal_client(signal.SIGCONT)
        assert scene.session.wait_exit() == STOPPED
        assert "has been silent" in scene.session.result["reason"]


def test_current_ends_when_the_terminal_takes_no_more_output() -> None:
    with ended("terminal_frozen", REHASTIM2) as scene:
        wait_for(lambda: scene.session.records("lease_lost"), "the lease of the blocked client runs out")


def test_current_ends_when_the_engine_is_told_to_terminate() -> None:
    with ended("engine_sigterm", REHASTIM2) as scene:
        assert scene.session.wait_exit() == STOPPED
        assert scene.session.result["reason"] == "ended by SIGTERM"
        assert verify(scene.session.journal).ended


@every_model
def test_current_ends_by_the_stimulators_own_watchdog_when_the_engine_is_killed(model: Model) -> None:
    with ended("engine_killed", model) as scene:
        assert scene.session.wait_exit() == AT_FAULT
        assert UNKNOWN in scene.session.errors
        assert scene.session.result["output_unknown"] is True
        assert not verify(scene.session.journal).ended, "a record that was not closed must not look closed"


@every_model
def test_current_ends_by_the_stimulators_own_watchdog_while_the_engine_is_frozen_and_stays_away_when_it_wakes(
    model: Model,
) -> None:
    with ended("engine_frozen", model) as scene:
        session = scene.session
        wait_for(lambda: UNKNOWN in session.errors, "the client tells that the engine is silent")
        woken_us = session.signal_engine(signal.SIGCONT)
        assert session.wait_exit() == AT_FAULT
        assert session.records("tick_gap") or session.records("link_lost"), "frozen in a write, it finds the write late instead"
        sent = scene.the_cable().heard(since_us=woken_us)
        assert sent, "a stop goes out at least"
        assert model.amplitude_frames(sent) == []


@every_model
def test_current_ends_when_an_engine_that_stood_still_for_a_moment_goes_on(model: Model) -> None:
    """Longer than T_TICK_GAP, shorter than a vendor's watchdog: the engine itself ends it, and catches up on nothing. The lease
    of the reference stimulator has ended it before.
    """
    with staged(SCENARIOS["engine_frozen"], model) as scene:
        session = scene.session
        frozen_us = session.signal_engine(signal.SIGSTOP)
        wait_for(lambda: now_us() - frozen_us > 600_000, "0.6 s")
        woken_us = session.signal_engine(signal.SIGCONT)
        assert session.scope.wait_zero(3) - woken_us <= 100_000
        assert session.wait_exit() == AT_FAULT
        assert session.records("tick_gap") or session.records("link_lost"), "frozen in a write, it finds the write late instead"
        assert model.amplitude_frames(scene.the_cable().heard(since_us=woken_us)) == []
