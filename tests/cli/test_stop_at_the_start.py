"""A stop in the first moments of `run`, before there is anything to stop, is not lost."""

import signal

import pytest

from emscontrol.session.handle import running_engines
from tests.pty.models import P24
from tests.pty.rig import prepared
from tests.pty.terminal import Terminal
from tests.pty.waiting import wait_for


@pytest.mark.parametrize("keys", [b" ", b"xx\x1b"], ids=["space", "esc among others"])
def test_a_stop_key_that_was_pressed_before_the_engine_was_there_stops(keys: bytes) -> None:
    with prepared(P24) as (session, _):
        terminal = Terminal()
        try:
            terminal.press(keys)
            session.begin(terminal)
            assert session.wait_exit(30) == 6
            assert '"result": "stopped", "reason": "key pressed' in terminal.text
            assert not any(line.amplitude_ua for line in session.scope.lines())
            assert session.records("armed") == []
        finally:
            terminal.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_the_engine_starts_stops(number: signal.Signals) -> None:
    with prepared(P24) as (session, _):
        session.begin()
        wait_for(lambda: (session.home / "run" / "engine.log").exists(), "the client starts the engine")
        session.signal_client(number)
        assert session.wait_exit(30) == 128 + number
        assert number.name in session.result["reason"]
        assert session.records("armed") == []
        wait_for(lambda: not running_engines(str(session.home)), "no engine is left")
