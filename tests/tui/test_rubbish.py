"""The collector of rubbish does not go through the whole program while a session is open."""

import gc
import time
from pathlib import Path

import pytest
from textual.pilot import Pilot

from emscontrol.tui.app import EmsApp
from emscontrol.tui.house import Errand
from tests.tui.engine_stub import EngineStub, view
from tests.tui.stage import SPEC, play, session_of, until

GREAT_ROUND_MS = 60  # without it: 130 to 190 ms on the machine where it was found


def test_a_great_round_is_short_while_a_session_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aside: list[int] = []
    took_ms: list[float] = []

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        before = gc.get_freeze_count()
        stub = EngineStub(monkeypatch)
        app.begin_session(Errand(SPEC, lambda _: None))
        stub.greet()
        stub.say(view("running"))
        await until(pilot, lambda: session_of(app).engine_state == "running")
        aside.append(gc.get_freeze_count() - before)
        for _ in range(3):
            began_s = time.monotonic()
            gc.collect()
            took_ms.append((time.monotonic() - began_s) * 1_000)
        stub.close_session()
        await until(pilot, lambda: session_of(app).engine_state == "closed")
        await pilot.press("n")
        await until(pilot, lambda: app.session is None)
        aside.append(gc.get_freeze_count())

    play(tmp_path, act)
    assert aside[0] > 10_000
    assert aside[1] == 0
    assert min(took_ms) < GREAT_ROUND_MS
