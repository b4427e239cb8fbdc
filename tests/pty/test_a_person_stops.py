"""A person wants the current to end, in whatever way a person may say so."""

import signal
import subprocess

import pytest

from emscontrol.record.verify import verify
from tests.pty.models import P24, REFERENCE, REHASTIM2, Model
from tests.pty.rig import EMSCONTROL, short_folder
from tests.pty.scenarios import SCENARIOS, staged
from tests.pty.timed import ended, in_turn

STOPPED = 6


@in_turn(REHASTIM2)
def test_current_ends_when_emscontrol_stop_is_given_in_another_terminal(model: Model) -> None:
    with staged(SCENARIOS["stop_elsewhere"], model) as scene:
        session = scene.session
        stop = subprocess.run([*EMSCONTROL, "stop", "--home", str(session.home)], capture_output=True, text=True, timeout=20)
        assert (stop.returncode, stop.stderr) == (0, "")
        assert "stopped" in stop.stdout
        assert not session.scope.flowing, "the command came back before the current had ended"
        assert session.wait_exit() == STOPPED
        assert session.result["result"] == "stopped"
        assert verify(session.journal).ended


def test_current_ends_as_soon_as_the_stop_reaches_the_engine(model: Model) -> None:
    with ended("stop_elsewhere", model) as scene:
        assert scene.session.wait_exit() == STOPPED
        [confirmed] = scene.session.records("stop_confirmed")
        assert confirmed["after_us"] <= 200_000, "T_STOP_CONFIRM"


@in_turn(REFERENCE)
def test_current_ends_when_a_stop_key_is_pressed(model: Model) -> None:
    with ended("stop_key", model) as scene:
        assert scene.session.wait_exit() == STOPPED
        assert "key pressed" in scene.session.result["reason"]


def test_current_ends_when_stop_is_pressed_after_two_thousand_other_keys() -> None:
    with ended("stop_after_keys", REHASTIM2) as scene:
        assert scene.session.wait_exit() == STOPPED


def test_current_ends_on_ctrl_c() -> None:
    with ended("ctrl_c", P24) as scene:
        assert scene.session.wait_exit() == 128 + signal.SIGINT
        assert scene.session.result["reason"] == "stopped by signal: SIGINT"


def test_current_ends_when_the_client_is_told_to_terminate() -> None:
    with ended("client_sigterm", REHASTIM2) as scene:
        assert scene.session.wait_exit() == 128 + signal.SIGTERM
        assert verify(scene.session.journal).ended


def test_current_ends_when_the_client_is_hung_up_on() -> None:
    with ended("client_sighup", P24) as scene:
        assert scene.session.wait_exit() == 128 + signal.SIGHUP


def test_current_ends_even_if_whoever_asked_for_it_hangs_up_at_once() -> None:
    with staged(SCENARIOS["stop_elsewhere"], P24) as scene:
        session = scene.session
        session.signal_engine(signal.SIGSTOP)  # for a moment, so that the hang-up is there before the engine looks
        engine = session.engine.connect(5)
        engine.sendall(b"STOP\n")
        engine.close()
        at_us = session.signal_engine(signal.SIGCONT)
        assert scene.session.scope.wait_zero(5) - at_us <= SCENARIOS["stop_elsewhere"].limit_ms(P24) * 1_000
        assert session.wait_exit() == STOPPED
        assert session.records("tick_gap") == [], "the stop did it, not the pause"


@pytest.mark.parametrize("key", ["ctrl_z", "ctrl_q"])
def test_ctrl_z_does_not_leave_a_session_behind_that_nobody_watches(key: str) -> None:
    """Nor does Ctrl+Q, which a terminal usually keeps for itself: both are read as keys, and stop."""
    with ended(key, P24) as scene:
        assert scene.session.wait_exit() == STOPPED
        assert "key pressed" in scene.session.result["reason"]


def test_current_ends_when_the_client_is_told_to_suspend() -> None:
    with ended("client_sigtstp", P24) as scene:
        assert scene.session.wait_exit() == 128 + signal.SIGTSTP
        assert verify(scene.session.journal).ended


def test_stop_without_a_session_says_so_and_is_no_error() -> None:
    with short_folder() as home:
        stop = subprocess.run([*EMSCONTROL, "stop", "--home", str(home)], capture_output=True, text=True, timeout=20)
        assert (stop.returncode, stop.stdout.strip()) == (0, "No engine is running.")
