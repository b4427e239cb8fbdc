"""A key that changes the state counts only when somebody can have seen what it acts on; STOP and less never wait."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from emscontrol.tui.app import EmsApp
from emscontrol.tui.commands.all import BY_PLACE
from emscontrol.tui.commands.measure import NEVER_WAIT, SAID
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import Errand
from emscontrol.tui.messages import EngineEvent, EngineView
from emscontrol.tui.screens.engine_screen import EngineScreen
from emscontrol.tui.screens.help import HelpScreen
from emscontrol.tui.seen_state import SEEN_S, StateSeen
from emscontrol.tui.widgets.channel_strip import StepKey
from tests.tui.engine_stub import EngineStub, view
from tests.tui.measure.measuring import asked_view, stubbed
from tests.tui.stage import SPEC, picture, play, session_of, until

LONG_S = 60.0


@pytest.fixture
def _true_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emscontrol.tui.seen_state.SEEN_S", SEEN_S)


InASession = Callable[[EmsApp, Pilot[None], EngineStub], Awaitable[None]]


def in_a_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, act: InASession) -> None:
    """Act in a session whose engine is in this state, and leave it."""

    async def whole(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        app.begin_session(Errand(SPEC, lambda _: None))
        stub.greet()
        await become(app, pilot, stub, state)
        await act(app, pilot, stub)
        stub.close_session()

    play(tmp_path, whole)


async def become(app: EmsApp, pilot: Pilot[None], stub: EngineStub, state: str) -> None:
    stub.say(view(state))
    await until(pilot, lambda: session_of(app).engine_state == state)


@pytest.mark.usefixtures("_true_time")
@given(st.lists(st.floats(0, SEEN_S * 0.99), min_size=1, max_size=50))
def test_mashed_keys_never_count_and_one_after_a_look_does(gaps_s: list[float]) -> None:
    seen, now_s = StateSeen(), 100.0
    assert not seen.counts(now_s)  # nothing was drawn yet
    seen.drawn(now_s)
    for gap_s in gaps_s:
        now_s += gap_s
        assert not seen.counts(now_s)
    assert seen.counts(now_s + SEEN_S)
    seen.gone()
    assert not seen.counts(now_s + 9)


def test_everything_that_changes_the_state_waits_for_a_look_and_what_makes_it_less_never_does() -> None:
    waits = {where: {name for name, each in BY_PLACE[where].items() if each.looked_at} for where in Where}
    assert waits.pop(Where.SESSION) == {"connect", "arm", "start", "resume", "clear", "close", "raise"}
    words = {name for name, word in SAID.items() if word not in NEVER_WAIT}
    assert waits.pop(Where.STEPS) == {"go", "resume", "close", *words}
    assert set().union(*waits.values()) == set()


def seen_for_long(screen: EngineScreen) -> None:
    """As if what is drawn now had stood there for some minutes."""
    screen._state_seen.drawn(0.0)
    screen._state_seen._since_s = time.monotonic() - 3 * LONG_S


def test_arm_and_start_do_not_happen_by_mashing_and_the_early_key_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emscontrol.tui.seen_state.SEEN_S", LONG_S)

    async def act(app: EmsApp, pilot: Pilot[None], stub: EngineStub) -> None:
        await pilot.press("a")
        assert "arm" not in stub.verbs()
        assert "Too quick: look first, then press a again." in picture(app)
        seen_for_long(session_of(app))
        await pilot.press("a")
        await until(pilot, lambda: "arm" in stub.verbs())
        assert "Too quick" not in picture(app)
        await become(app, pilot, stub, "armed")
        await pilot.press("s", "a", "s", "a", "s")
        assert "start" not in stub.verbs()
        assert "press s again" in picture(app)
        seen_for_long(session_of(app))
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("enter", "s")  # it was covered meanwhile
        assert "start" not in stub.verbs()
        await pilot.press("f12")
        await until(pilot, lambda: "stop" in stub.verbs())

    in_a_session(tmp_path, monkeypatch, "connected", act)


def test_plus_raises_no_channel_that_nobody_saw_chosen_and_minus_never_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emscontrol.tui.seen_state.SEEN_S", LONG_S)

    async def act(app: EmsApp, pilot: Pilot[None], stub: EngineStub) -> None:
        seen_for_long(session_of(app))
        await pilot.press("plus", "down", "plus", "minus")
        await until(pilot, lambda: stub.verbs().count("adjust") == 2)
        steps = [(line["channel"], line["delta_ua"] > 0) for line in stub.asked if line["do"] == "adjust"]
        assert steps == [(1, True), (2, False)]
        assert "Too quick: look first, then press + again." in picture(app)

    in_a_session(tmp_path, monkeypatch, "running", act)


def test_an_alarm_is_not_seen_behind_something_nor_when_a_graver_one_has_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emscontrol.tui.seen_state.SEEN_S", LONG_S)

    async def act(app: EmsApp, pilot: Pilot[None], stub: EngineStub) -> None:
        session = session_of(app)
        stub.event("warned", "alarm_low", "Warning: eighty percent.")
        await until(pilot, lambda: session._alarm_seen._since_s is not None)
        session._alarm_seen._since_s = 0.0  # it has stood there for long
        stub.event("electrode_fault", "alarm_high", "Electrode of channel 2 open.")
        await until(pilot, lambda: "ALARM HIGH" in picture(app) and session._alarm_seen._since_s)
        await pilot.press("k")
        await until(pilot, lambda: "Too quick" in picture(app))
        session._alarm_seen._since_s = 0.0
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert session._alarm_seen._since_s is None
        session._look_anew(session._alarm_seen)
        await pilot.pause(0.2)
        assert session._alarm_seen._since_s is None  # drawn, and covered
        await pilot.press("enter")
        await until(pilot, lambda: session._alarm_seen._since_s is not None)
        await pilot.press("k")
        assert "seen" not in stub.verbs()

    in_a_session(tmp_path, monkeypatch, "running", act)


def test_plus_by_mouse_waits_for_a_look_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emscontrol.tui.seen_state.SEEN_S", LONG_S)

    async def act(app: EmsApp, pilot: Pilot[None], stub: EngineStub) -> None:
        await until(pilot, lambda: len(app.screen.query(StepKey)) == 4)
        await pilot.pause()
        await pilot.click("#channel-1 .up")
        await until(pilot, lambda: "Too quick" in picture(app))
        await pilot.click("#channel-1 .down")
        await until(pilot, lambda: "adjust" in stub.verbs())
        assert [line["delta_ua"] > 0 for line in stub.asked if line["do"] == "adjust"] == [False]

    in_a_session(tmp_path, monkeypatch, "running", act)


def test_pause_and_minus_count_with_the_help_above_them_and_plus_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None], stub: EngineStub) -> None:
        for key, verb in (("minus", "adjust"), ("p", "pause")):
            await pilot.press("question_mark")
            await until(pilot, lambda: isinstance(app.screen, HelpScreen))
            await pilot.press("plus")
            assert isinstance(app.screen, HelpScreen)
            await pilot.press(key)
            await until(pilot, lambda verb=verb: app.screen is app.session and stub.verbs()[-1] == verb)
        assert [line["delta_ua"] > 0 for line in stub.asked if line["do"] == "adjust"] == [False]

    in_a_session(tmp_path, monkeypatch, "running", act)


def test_a_word_answers_only_for_a_step_that_was_seen_and_too_much_counts_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emscontrol.tui.seen_state.SEEN_S", LONG_S)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        live, stub = await stubbed(app, pilot, monkeypatch)
        seen_for_long(live)
        stub.say(asked_view(amplitude_ua=6_000))
        await until(pilot, lambda: live._view["question"]["amplitude_ua"] == 6_000)
        await pilot.press("c")
        assert "answer" not in stub.verbs()
        assert "Too quick" in picture(app)
        await pilot.press("t")
        await until(pilot, lambda: "answer" in stub.verbs())
        assert next(line for line in stub.asked if line["do"] == "answer")["word"] == "too-much"
        stub.close_session()

    play(tmp_path, act)


def test_what_leads_to_current_is_not_sent_to_an_engine_that_is_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emscontrol.tui.screens.engine_screen.SILENT_S", 0.3)
    monkeypatch.setattr("emscontrol.tui.screens.engine_screen.SILENT_ALARM_S", 60.0)

    async def act(app: EmsApp, pilot: Pilot[None], stub: EngineStub) -> None:
        stub.hush()
        await until(pilot, lambda: "?? UNKNOWN" in picture(app))
        await pilot.press("s")
        assert "start" not in stub.verbs()
        assert "Not sent: nobody knows what the stimulator does." in picture(app)
        await pilot.press("f12")
        await until(pilot, lambda: "stop" in stub.verbs())

    in_a_session(tmp_path, monkeypatch, "armed", act)


async def told_at_once(app: EmsApp, pilot: Pilot[None], stub: EngineStub, severity: str, sentence: str, state: str) -> None:
    """An alarm and the state that comes with it, in one busy moment."""
    args = {"t_us": 1_000_000, "event": "device_fault", "severity": severity, "sentence": sentence, "args": {}}
    session = session_of(app)
    stub.hush()
    await pilot.pause(0.2)  # what is on its way has come
    session.post_message(EngineEvent({"type": "event", **args}))
    session.post_message(EngineView(view(state)))
    await until(pilot, lambda: session.engine_state == state)
    stub.say(view(state))


def test_an_alarm_that_comes_with_another_state_can_be_acknowledged_after_a_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emscontrol.tui.seen_state.SEEN_S", 0.05)

    async def act(app: EmsApp, pilot: Pilot[None], stub: EngineStub) -> None:
        await told_at_once(app, pilot, stub, "alarm_high", "Electrode of channel 1 open.", "fault")
        seen = session_of(app)._alarm_seen  # only looked at: to ask whether a key counts begins the look anew
        await until(pilot, lambda: seen._since_s is not None and time.monotonic() - seen._since_s > 0.05)
        await pilot.press("k")
        await until(pilot, lambda: "seen" in stub.verbs())

    in_a_session(tmp_path, monkeypatch, "running", act)
