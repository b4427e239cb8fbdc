"""The stimulator restarts, sticks or finds an electrode off while current flows."""

import signal
import subprocess

from emscontrol.record.verify import verify
from tests.pty.models import P24, REHASTIM2, Model
from tests.pty.rig import EMSCONTROL
from tests.pty.scenarios import STUCK, alarm_after_ms, staged
from tests.pty.timed import ended, every_model
from tests.pty.waiting import wait_for

AT_FAULT = 4


@every_model
def test_current_on_every_channel_ends_when_one_electrode_comes_off(model: Model) -> None:
    with ended("electrode_off", model) as scene:
        assert scene.session.wait_exit() == AT_FAULT
        [off] = scene.session.records("electrode_fault")
        assert off["channel"] == (None if model is REHASTIM2 else 1), "a RehaStim 2 does not say which"
        assert scene.session.result["result"] == "fault"


@every_model
def test_current_ends_when_the_stimulator_restarts_and_does_not_come_back_by_itself(model: Model) -> None:
    with ended("reboot", model) as scene:
        assert scene.session.wait_exit() == AT_FAULT
        assert scene.session.records("device_fault")
        assert len(scene.session.records("armed")) == 1


def test_the_person_is_told_in_time_to_pull_the_leads_off_when_the_output_sticks_on() -> None:
    """A P24 tells that it still runs; that is all the host can know."""
    with staged(STUCK, P24) as scene:
        session = scene.session
        assert alarm_after_ms(scene) <= STUCK.limit_ms(P24)
        wait_for(lambda: "*** OUTPUT UNKNOWN" in session.errors, "the client shows the alarm")
        other = subprocess.run([*EMSCONTROL, "stop", "--home", str(session.home)], capture_output=True, text=True, timeout=20)
        assert other.returncode == AT_FAULT
        assert "OUTPUT UNKNOWN" in other.stderr
        assert session.wait_exit() == AT_FAULT
        assert session.errors.endswith("*** OUTPUT UNKNOWN. Pull the leads off the stimulator now. ***\n")
        assert session.result["result"] == "fault", "a session that could not be stopped is no stopped one"
        assert session.result["output_unknown"] is True
        assert session.records("stop_confirmed") == []
        assert session.scope.flowing, "the simulated output is really stuck"
        assert verify(session.journal).ended


def test_a_rehastim2_whose_output_sticks_and_that_says_it_has_stopped_is_believed() -> None:
    """The limit of a device that reports its mode and no current: only a switch or pulled leads help. SAFETY.md must say so."""
    with staged(STUCK, REHASTIM2) as scene:
        STUCK.strike(scene)
        scene.session.signal_client(signal.SIGTERM)
        assert scene.session.wait_exit() == 128 + signal.SIGTERM
        assert scene.session.result["output_unknown"] is False
        assert scene.session.scope.flowing
