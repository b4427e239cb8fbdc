"""The session screen: it shows what the engine says, offers what the engine allows, and knows what it does not know."""

import threading
import time
from math import isnan
from pathlib import Path

import pytest
from textual.pilot import Pilot

from emscontrol.core.errors import SafetyRefusal
from emscontrol.tui.app import EmsApp
from emscontrol.tui.choices import Rehearsal
from emscontrol.tui.house import Errand
from emscontrol.tui.screens.unknown import UnknownScreen
from emscontrol.tui.widgets.channel_strip import StepKey
from emscontrol.tui.widgets.course_clock import CourseClock
from emscontrol.tui.widgets.live_chart import LiveChart
from tests.tui.engine_stub import EngineStub, view
from tests.tui.stage import SPEC, opened, picture, play, session_of, until


@pytest.fixture(autouse=True)
def _quick_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of a test come faster than a person reads, and are no held key."""
    monkeypatch.setattr("emscontrol.tui.screens.unknown.READ_S", 0.0)


async def begin(app: EmsApp, pilot: Pilot[None], stub: EngineStub, state: str = "running", **changes: object) -> None:
    app.begin_session(Errand(SPEC, lambda _: None))
    stub.greet()
    stub.say(view(state, **changes))
    await until(pilot, lambda: session_of(app).engine_state == state)
    await pilot.pause()
    stub.listen()


def test_a_whole_session_on_the_simulator(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        session = await opened(app, pilot)
        await until(pilot, lambda: "CONNECTED" in picture(app))
        assert "SIMULATION" in picture(app)
        await pilot.press("a")
        await until(pilot, lambda: "ARMED" in picture(app))
        await pilot.press("s")
        await until(pilot, lambda: "CURRENT ON" in picture(app))
        await until(pilot, lambda: "target 16.0 mA" in picture(app) and "cap 25.0 mA" in picture(app))
        await pilot.press("minus")
        await until(pilot, lambda: "target 15.0 mA" in picture(app))
        await pilot.press("p")
        await until(pilot, lambda: "|| PAUSED" in picture(app) and "no current" in picture(app))
        assert "SIMULATION" in picture(app)
        await pilot.press("r")
        await until(pilot, lambda: ">> RUNNING" in picture(app))
        await pilot.press("space")
        await until(pilot, lambda: "STOPPED" in picture(app))
        assert session.output_known
        assert "SIMULATION" in picture(app)
        await pilot.press("n")
        await until(pilot, lambda: app.session is None)

    play(tmp_path, act, Rehearsal(speed=2))


def test_a_stop_that_the_stimulator_does_not_confirm_fills_the_screen(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        session = await opened(app, pilot)
        await until(pilot, lambda: session.engine_state == "connected")
        await pilot.press("a")
        await until(pilot, lambda: session.engine_state == "armed")
        await pilot.press("s")
        await until(pilot, lambda: session.shown_state != "armed" and "CURRENT ON" in picture(app))
        await pilot.pause(0.7)
        await pilot.press("f12")
        await until(pilot, lambda: isinstance(app.screen, UnknownScreen))
        await until(pilot, lambda: "OUTPUT UNKNOWN" in picture(app))  # mounted before it is drawn
        for words in ("OUTPUT UNKNOWN", "PULL THE LEADS OFF THE STIMULATOR NOW", "STOP"):
            assert words in picture(app)
        assert app.screen.query_one("#unknown").size.height + app.screen.query_one("#foot").size.height == 24
        for _ in range(3):  # each reason is read once: not confirmed, still not, and the session is over so
            if app.screen is not session:
                await pilot.press("enter")
                await pilot.pause(0.5)
        await until(pilot, lambda: app.screen is session)
        assert "?? UNKNOWN" in picture(app)
        assert "CURRENT UNKNOWN" in picture(app)

    play(tmp_path, act, Rehearsal(faults=("stuck_on@0.5",)))


def test_an_engine_that_dies_leaves_the_output_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        stub.die()
        await until(pilot, lambda: "OUTPUT UNKNOWN" in picture(app))
        for words in ("PULL THE LEADS", "engine is gone", "/j.jsonl"):
            assert words in picture(app)
        await pilot.press("f12")
        await pilot.pause()
        assert "STOP reaches nothing" in picture(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.session)
        assert "?? UNKNOWN" in picture(app)
        assert "18.5" not in session_of(app).query_one("#channel-1").words  # type: ignore[attr-defined]
        await pilot.press("ctrl+q")

    app = play(tmp_path, act)
    assert app.ended_unknown


def test_an_engine_that_falls_silent_is_not_believed_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emscontrol.tui.screens.engine_screen.SILENT_S", 0.3)
    monkeypatch.setattr("emscontrol.tui.screens.engine_screen.SILENT_ALARM_S", 0.8)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        assert ">> RUNNING" in picture(app)
        points = session_of(app).query_one(LiveChart)._points
        assert not isnan(points[1][-1][1])
        stub.hush()
        await until(pilot, lambda: "?? UNKNOWN" in picture(app) and "CURRENT UNKNOWN" in picture(app))
        await until(pilot, lambda: isnan(points[1][-1][1]) and isnan(points[2][-1][1]))  # the line has ended
        await until(pilot, lambda: "fallen silent" in picture(app))
        stub.close_session()

    play(tmp_path, act)


def test_at_fault_and_unknown_nothing_is_to_be_called_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        stub.say(view("fault", latched="link lost"))
        await until(pilot, lambda: "link lost. c: cause seen and mended" in picture(app))
        session = session_of(app)
        shown: list[bool] = []
        monkeypatch.setattr(session.query_one(LiveChart), "take", lambda _view, known: shown.append(known))
        monkeypatch.setattr(session, "nobody_knows", lambda: None)
        stub.say(view("fault", latched="link lost", output_unknown=True))
        await until(pilot, lambda: shown[-3:] == [False, False, False])  # the chart takes what is unknown as unknown
        await until(pilot, lambda: not session.output_known and session.query_one(CourseClock).words.startswith("NOT KNOWN"))
        stub.close_session(unknown=True)

    play(tmp_path, act)


def test_a_confirmed_zero_takes_the_alarm_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub, "fault", output_unknown=True, reason="no answer")
        await until(pilot, lambda: "OUTPUT UNKNOWN" in picture(app))
        stub.say(view("fault", reason="no answer"))
        await until(pilot, lambda: "NO OUTPUT" in picture(app))
        assert "OUTPUT UNKNOWN" not in picture(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.session)
        assert "!! FAULT" in picture(app)
        stub.close_session()

    play(tmp_path, act)


def test_no_picture_of_before_the_stop_takes_its_alarm_back_and_the_read_back_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        stub.event("stop_unconfirmed", "alarm_high", "The stop was not confirmed.")
        await until(pilot, lambda: "OUTPUT UNKNOWN" in picture(app))
        await pilot.pause(0.3)  # some more views, of before the stop
        assert "OUTPUT UNKNOWN" in picture(app)
        stub.say(view("stopping"))
        await until(pilot, lambda: session_of(app).engine_state == "stopping")
        assert "OUTPUT UNKNOWN" in picture(app)
        stub.event("stop_confirmed", "info", "Zero was read back.")
        await until(pilot, lambda: "NO OUTPUT" in picture(app))
        stub.say(view("stopping", output_unknown=True))
        await until(pilot, lambda: "OUTPUT UNKNOWN" in picture(app) and "PULL THE LEADS" in picture(app))
        assert app.screen.query_one("#unknown").has_class("alarm")
        stub.close_session(unknown=True)

    play(tmp_path, act)


def test_an_engine_that_was_only_silent_confirms_no_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emscontrol.tui.screens.engine_screen.SILENT_S", 0.3)
    monkeypatch.setattr("emscontrol.tui.screens.engine_screen.SILENT_ALARM_S", 0.4)
    said: list[bool] = []
    monkeypatch.setattr(UnknownScreen, "over", lambda _: said.append(True))

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        stub.hush()
        await until(pilot, lambda: "fallen silent" in picture(app))
        stub.say(view("running"))
        await until(pilot, lambda: app.screen is app.session)
        await until(pilot, lambda: "The engine answers again: CURRENT IS ON." in picture(app))
        stub.hush()
        await until(pilot, lambda: "fallen silent" in picture(app))  # the next silence is an alarm again
        stub.close_session()

    play(tmp_path, act)
    assert said == []


@pytest.mark.parametrize("state", ["stopping", "fault"])
def test_a_stop_before_the_first_answer_is_no_zero_until_it_is_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub, "idle")
        stub.say(view(state))
        await until(pilot, lambda: f" {state.upper()} " in picture(app))
        assert "current not known yet" in picture(app)
        assert "output unknown" in picture(app)
        stub.event("stop_confirmed", "info", "Zero was read back.")
        await until(pilot, lambda: "no current" in picture(app))
        stub.close_session()

    play(tmp_path, act)


def test_only_what_the_state_allows_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"a": "a", "s": "s", "p": "p", "r": "r", "c": "c", "x": "x", "-": "minus", "+": "plus"}
    verbs = {"a": "arm", "s": "start", "p": "pause", "r": "resume", "c": "clear", "x": "close", "-": "adjust", "+": "adjust"}
    offers = {"connected": "a", "armed": "s-", "running": "p-+", "paused": "r-", "stopping": "", "fault": "cx"}

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub, "connected")
        for state, offered in offers.items():
            stub.say(view(state))
            await until(pilot, lambda state=state: session_of(app).engine_state == state)
            before = len(stub.verbs())
            await pilot.press(*keys.values(), "n")
            await until(pilot, lambda before=before, offered=offered: len(stub.verbs()) >= before + len(offered))
            assert sorted(stub.verbs()[before:]) == sorted(verbs[key] for key in offered), state
            assert app.screen is app.session
        stub.close_session()

    play(tmp_path, act)


def test_steps_are_1_ma_a_press_and_a_held_plus_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        await pilot.press("down")
        began_s = time.monotonic()
        for _ in range(30):
            await app.session.action_do("raise")  # type: ignore[union-attr]
        await pilot.press("plus", "plus", "plus")
        stub.listen()
        passed_s = time.monotonic() - began_s
        ups = [line for line in stub.asked if line["do"] == "adjust"]
        assert all(line["delta_ua"] == 1_000 and line["channel"] == 2 for line in ups)
        assert 1 <= len(ups) <= 1 + passed_s * 5
        for _ in range(5):
            await pilot.press("minus")
        await until(pilot, lambda: stub.verbs().count("adjust") == len(ups) + 5)
        downs = [line for line in stub.asked if line["do"] == "adjust"][len(ups) :]
        assert all(line["delta_ua"] == -1_000 for line in downs)
        stub.close_session()

    play(tmp_path, act)


def test_the_mouse_can_do_what_the_keys_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        await until(pilot, lambda: len(app.screen.query(StepKey)) == 4)
        await pilot.click("#channel-2 .down")
        await until(pilot, lambda: "adjust" in stub.verbs())
        asked = next(line for line in stub.asked if line["do"] == "adjust")
        assert (asked["channel"], asked["delta_ua"]) == (2, -1_000)
        await pilot.click("#channel-2 ChannelFace")
        await until(pilot, lambda: ">2 " in picture(app))
        await pilot.click("KeysOffered", offset=(1, 0))
        await until(pilot, lambda: "pause" in stub.verbs())
        stub.close_session()

    play(tmp_path, act)


def test_keys_before_the_first_view_and_a_refusal_under_the_help_do_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def refuse(spec: object, name: str) -> object:
        gate.wait(5)
        raise SafetyRefusal("Too much.", "Take less.")

    monkeypatch.setattr("emscontrol.tui.link.start_engine", refuse)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        app.begin_session(Errand(SPEC, app.screen.session_over))  # type: ignore[attr-defined]
        await pilot.press("up", "down", "plus", "minus", "a", "s", "k", "question_mark")
        gate.set()
        await until(pilot, lambda: app.session is None)
        await until(pilot, lambda: "Too much." in picture(app) and "nothing was started" in picture(app))

    play(tmp_path, act)


def test_the_unknown_screen_can_be_left_by_mouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub, "fault", output_unknown=True)
        await until(pilot, lambda: "Leads are off" in picture(app))
        await pilot.click("KeysOffered", offset=(1, 0))
        await until(pilot, lambda: app.screen is app.session)
        stub.close_session()

    play(tmp_path, act)


def test_nothing_is_raised_by_mouse_while_paused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub, "paused")
        await until(pilot, lambda: len(app.screen.query(StepKey)) == 4)
        await pilot.click("#channel-1 .up")
        await pilot.pause(0.1)
        assert "adjust" not in stub.verbs()
        stub.close_session()

    play(tmp_path, act)


def test_alarms_have_word_and_mark_the_gravest_first_until_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        stub.event("warned", "alarm_low", "Warning: eighty percent.")
        stub.event("electrode_fault", "alarm_medium", "Electrode of channel 2 open.")
        await until(pilot, lambda: "** ALARM MEDIUM: Electrode of channel 2 open." in picture(app))
        assert "+1 more" in picture(app)
        await pilot.press("k")
        await until(pilot, lambda: "* ALARM LOW: Warning: eighty percent." in picture(app))
        await pilot.press("k")
        await until(pilot, lambda: "ALARM" not in picture(app))
        stub.close_session()

    play(tmp_path, act, size=(100, 40))


def test_a_refused_request_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        stub.say({"type": "error", "do": "adjust", "what": "Raised too fast.", "remedy": "Wait a moment."})
        await until(pilot, lambda: "Refused: Raised too fast. Wait a moment." in picture(app))
        stub.close_session()

    play(tmp_path, act)


def test_the_lease_is_renewed_by_the_event_loop_and_by_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        await until(pilot, lambda: (stub.listen(), sum(line["do"] == "beat" for line in stub.asked) >= 3)[1], 1.6)
        stub.asked.clear()
        time.sleep(1.0)  # the loop hangs
        stub.listen()
        assert stub.asked == []
        stub.close_session()

    play(tmp_path, act)


def test_a_slow_screen_skips_pictures_and_loses_no_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        session = session_of(app)
        draw = session._draw
        monkeypatch.setattr(session, "_draw", lambda: (drawn.append(1), draw())[1])
        for number in range(100):
            stub.say(view("running", contraction=number))
        stub.event("warned", "alarm_low", "Warning: the last word.")
        time.sleep(0.3)  # the loop hangs while all of it arrives
        await until(pilot, lambda: "the last word" in picture(app))
        assert "contraction 99 of 12" in picture(app)
        assert len(drawn) < 50
        stub.close_session()

    play(tmp_path, act)


def test_state_current_and_stop_are_there_in_every_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        stub.event("warned", "alarm_low", "Warning: eighty percent.")
        for size in ((80, 24), (40, 10), (120, 40), (40, 10), (20, 6), (80, 24)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: "18.5 mA" in picture(app) or "▀█  █▀█   █▀▀" in picture(app))
            for words in (">> RUNNING", "SIMULATION" if size[0] > 20 else "", "STOP"):
                assert words in picture(app), size
        stub.close_session()

    play(tmp_path, act)


def test_a_key_that_was_meant_for_another_screen_does_not_take_the_alarm_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emscontrol.tui.screens.unknown.READ_S", 60.0)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        stub.say(view("stopping", output_unknown=True))
        await until(pilot, lambda: "OUTPUT UNKNOWN" in picture(app))
        await pilot.press("enter")
        assert isinstance(app.screen, UnknownScreen)
        stub.close_session(unknown=True)

    play(tmp_path, act)


def test_an_alarm_that_was_read_and_left_comes_back_for_another_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        stub.say(view("stopping", output_unknown=True, reason="first"))
        await until(pilot, lambda: isinstance(app.screen, UnknownScreen))
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, UnknownScreen))
        await pilot.pause(0.3)
        assert not isinstance(app.screen, UnknownScreen)  # for the same reason it does not come again
        stub.event("link_lost", "alarm_high", "The cable is gone.")
        await until(pilot, lambda: isinstance(app.screen, UnknownScreen))
        stub.close_session(unknown=True)

    play(tmp_path, act)
