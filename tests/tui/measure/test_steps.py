"""The screen of the steps: what the engine asks, words as keys and clicks, and STOP by both roads."""

import time
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from emscontrol.measure.words import AT_ONCE, KEYS, WHEN_HELD, Word
from emscontrol.session.states import State
from emscontrol.tui.app import EmsApp
from emscontrol.tui.commands.measure import NEVER_WAIT
from emscontrol.tui.keyboard import STOP_KEYS
from emscontrol.tui.screens.bedside import measure_live
from emscontrol.tui.screens.bedside.control_lock import LET_GO_S, LOCK_AFTER_S
from emscontrol.tui.screens.bedside.measure_step import WORD_WIDTH, WordKeys, headline, meant_now
from emscontrol.tui.screens.help import HelpScreen
from emscontrol.tui.screens.unknown import UnknownScreen
from tests.tui.engine_stub import EngineStub, view
from tests.tui.measure.measuring import asked_view, stubbed
from tests.tui.stage import picture, play, until


def said(stub: EngineStub) -> list[str]:
    """The words that were sent, all about channel 1."""
    stub.listen()
    answers = [line for line in stub.asked if line["do"] == "answer"]
    assert all(line["channel"] == 1 for line in answers)
    return [line["word"] for line in answers]


def test_each_key_says_its_word_and_none_is_a_stop_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"+": "plus", "-": "minus"}
    assert not {names.get(key, key) for key in KEYS} & {key.name for key in STOP_KEYS}

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        _, stub = await stubbed(app, pilot, monkeypatch)
        for number, (key, word) in enumerate(KEYS.items(), start=1):
            await pilot.press(names.get(key, key))
            await until(pilot, lambda number=number: len(said(stub)) == number)
            assert said(stub)[-1] == word
        assert "stop" not in stub.verbs()
        stub.close_session()

    play(tmp_path, act)


def test_a_click_says_the_word_under_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        live, stub = await stubbed(app, pilot, monkeypatch)
        for offset, word in (
            ((2, 0), Word.NOTHING),
            ((WORD_WIDTH + 3, 1), Word.LIMIT),
            ((2 * WORD_WIDTH + 3, 1), Word.TOO_MUCH),
        ):
            before = len(said(stub))
            await pilot.click(WordKeys, offset=offset)
            await until(pilot, lambda before=before: len(said(stub)) > before)
            assert said(stub)[-1] == word
        assert live.query_one(WordKeys).size.height == 4
        stub.close_session()

    play(tmp_path, act)


def test_every_stop_key_is_a_stop_on_the_steps_and_above_them_by_the_second_road(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        live, stub = await stubbed(app, pilot, monkeypatch)
        await every_key(app, pilot, stub)
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        await every_key(app, pilot, stub)
        await pilot.press("enter")
        assert app.screen is live
        stub.close_session()

    play(tmp_path, act)


async def every_key(app: EmsApp, pilot: Pilot[None], stub: EngineStub) -> None:
    shown = app.screen
    before = stub.verbs().count("stop")
    for number, key in enumerate(STOP_KEYS, start=1):
        await pilot.press(key.name)
        await until(pilot, lambda number=number: stub.verbs().count("stop") == before + number)
        assert app.screen is shown
    causes = [line["cause"] for line in stub.asked if line["do"] == "stop"][before:]
    assert causes == [key.words for key in STOP_KEYS]


def test_the_direct_road_and_the_button_reach_its_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        _, stub = await stubbed(app, pilot, monkeypatch)
        assert app.road.press("F12")
        await until(pilot, lambda: (stub.listen(), any(line["do"] == "stop" for line in stub.direct))[1])
        assert "stop" not in stub.verbs()
        assert app.screen.query_one("#stop").size.width == 80
        await pilot.mouse_down("#stop", offset=(79, 0))
        await until(pilot, lambda: "stop" in stub.verbs())
        stub.close_session()

    play(tmp_path, act)


def test_no_text_can_be_typed_and_no_page_be_opened_while_its_engine_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        live, stub = await stubbed(app, pilot, monkeypatch)
        await pilot.press("tab", "f2", "f8")
        assert app.screen is live
        assert app.focused is None
        assert not live.query(Input)
        stub.close_session()

    play(tmp_path, act)


def test_what_is_not_known_is_shown_as_unknown_and_a_dead_engine_fills_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emscontrol.tui.screens.unknown.READ_S", 0.0)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        live, stub = await stubbed(app, pilot, monkeypatch)
        stub.hush()
        await until(pilot, lambda: "CURRENT UNKNOWN" in picture(app))
        assert not live.output_known
        assert "█▀█" not in picture(app)  # no figure is shown that may be wrong
        stub.say(asked_view())
        await until(pilot, lambda: "no current" in picture(app))
        stub.die()
        await until(pilot, lambda: isinstance(app.screen, UnknownScreen) and "PULL THE LEADS" in picture(app))
        for _ in range(3):  # each reason is read once
            if app.screen is not live:
                await pilot.press("enter")
                await pilot.pause(0.3)
        await until(pilot, lambda: app.screen is live)
        assert "?? UNKNOWN" in picture(app)

    app = play(tmp_path, act)
    assert not app.session or not app.session.output_known


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"state": "connected"}, "F5 prepares the stimulator and begins. Still no current."),
        (
            {"amplitude_ua": 0, "doing": "wait for a word"},
            "No current yet. + or n gives the first step, d ends. Without a word",
        ),
        ({"open_": False}, "Now: 5.0 mA, 400 µs. hold, 4.2 s"),
        ({"doing": "wait for a word"}, "What was felt and seen at 5.0 mA, 400 µs? Without a word it ends in 4.2 s."),
        ({"held": True}, "No current. Ready for 5.0 mA, 400 µs. a gives it, - and + offer another, d ends."),
        ({"state": "paused"}, "r goes on with the same step"),
        ({"state": "fault", "latched": "electrode off"}, "electrode off q ends the measurement"),
        ({"state": "closed"}, "STOPPED: by a person F5: on to what was found."),
    ],
)
def test_what_is_asked_is_said_in_words(changes: dict[str, Any], says: str) -> None:
    shown = asked_view(**changes)
    assert says in " ".join(headline(shown, shown["state"], "STOPPED: by a person" if shown["state"] == "closed" else ""))


def test_every_state_of_the_engine_has_words() -> None:
    for state in (*State, "starting"):
        shown = asked_view(state) | {"reason": "a cause"}
        assert headline(shown, state, "")[0] or state == State.ENDED


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, frozenset(Word)),
        ({"open_": False}, AT_ONCE),
        ({"held": True}, frozenset(WHEN_HELD)),
        ({"amplitude_ua": 0}, frozenset({Word.UP, Word.NOTHING, Word.DONE})),
        ({"amplitude_ua": 0, "open_": False}, frozenset()),
        ({"state": "paused"}, frozenset()),
    ],
)
def test_only_words_that_count_have_their_keys(changes: dict[str, Any], counts: frozenset[Word]) -> None:
    shown = asked_view(**changes)
    assert meant_now(shown, shown["state"]) == counts


def test_f5_arms_and_what_was_armed_by_it_begins_without_current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        _, stub = await stubbed(app, pilot, monkeypatch, state="connected")
        await pilot.press("n", "plus", "a")  # nothing is said to an engine that asks nothing
        assert stub.verbs() == ["connect"]
        await pilot.press("f5")
        await until(pilot, lambda: stub.verbs() == ["connect", "arm"])
        stub.say(asked_view("armed", amplitude_ua=0))
        await until(pilot, lambda: "start" in stub.verbs())
        await pilot.pause(0.4)  # several views later
        assert stub.verbs() == ["connect", "arm", "start"]
        stub.close_session()

    play(tmp_path, act)


def test_after_a_while_without_a_key_what_leads_to_current_is_pressed_twice_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [1_000.0]
    monkeypatch.setattr(measure_live, "now_s", lambda: at[0])

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        _, stub = await stubbed(app, pilot, monkeypatch)
        for key, word in KEYS.items():
            pressed = {"+": "plus", "-": "minus"}.get(key, key)
            at[0] += LET_GO_S + 0.1
            await pilot.press("n")  # a key that counts, or opens
            at[0] += LOCK_AFTER_S + 1
            before = len(said(stub))
            await pilot.press(pressed)
            await pilot.pause()
            assert (len(said(stub)) > before) == (word in NEVER_WAIT), word
            at[0] += LET_GO_S + 0.1  # let go of
            await pilot.press(pressed)
            await until(pilot, lambda word=word: said(stub)[-1] == word)
        stub.close_session()

    play(tmp_path, act)


def test_what_the_engine_refuses_of_a_word_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        _, stub = await stubbed(app, pilot, monkeypatch)
        stub.say({"type": "error", "do": "answer", "what": "This step has not been given yet.", "remedy": "Wait for it."})
        await until(pilot, lambda: "Refused: This step has not been given yet." in picture(app))
        stub.close_session()

    play(tmp_path, act)


def test_what_was_said_is_listed_and_the_thresholds_narrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        _, stub = await stubbed(app, pilot, monkeypatch)
        for word, ua in (("nothing", 4_000), ("felt", 5_000), ("contracts", 9_000), ("too-much", 12_000)):
            stub.say(event("answered", word=word, width_us=400, amplitude_ua=ua, channel=1, who="operator"))
        stub.say(event("body_said") | {"sentence": "The simulated patient, about channel 1: That is strong."})
        await until(pilot, lambda: "That is strong." in picture(app))
        for words in (
            "sensory  felt 5.0 mA, not 4.0 mA",
            "motor    contracts 9.0 mA, not 5.0 mA",
            "tolerated 9.0 mA, too much 12.0",
        ):
            assert words in picture(app)
        rows = picture(app).splitlines()
        assert [row.split("mA  ")[-1].strip() for row in rows if "mA  " in row][-4:] == [
            "too much",
            "felt and contracts",
            "felt, no contraction",
            "nothing is felt or seen",
        ]
        stub.close_session()

    play(tmp_path, act, size=(100, 30))


def event(kind: str, **args: object) -> dict[str, object]:
    """A line of the engine."""
    return {"type": "event", "t_us": 1, "event": kind, "severity": "info", "sentence": kind, "args": args}


def test_the_curve_grows_with_each_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from tests.tui.measure import measuring

    monkeypatch.setattr(measuring, "PROCEDURE", replace(measuring.PROCEDURE, kind="strength-duration", widths_us=(10_000, 300)))

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        _, stub = await stubbed(app, pilot, monkeypatch)
        await until(pilot, lambda: "No point yet" in picture(app))
        stub.say(event("curve_point", channel=1, width_us=10_000, amplitude_ua=4_000, below_ua=3_500))
        await until(pilot, lambda: "10 ms: 4 mA (none at 3.5 mA)" in picture(app))
        one = drawn(app)
        stub.say(event("curve_point", channel=1, width_us=1_000, amplitude_ua=6_000, below_ua=5_500))
        await until(pilot, lambda: "1 ms: 6 mA" in picture(app))
        stub.say(event("curve_gap", channel=1, width_us=300, up_to_ua=9_000, too_much_ua=10_000))
        await until(pilot, lambda: "none at 9 mA, not tried higher" in picture(app))
        assert "none up to there" in picture(app)
        assert drawn(app) > one > 0
        stub.close_session()

    play(tmp_path, act, size=(140, 40))


def drawn(app: EmsApp) -> int:
    """Cells of the chart with dots in them."""
    return sum(0x2800 < ord(cell) < 0x2900 for cell in picture(app))


def test_at_any_size_stop_the_current_and_every_key_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in ((80, 24), (60, 16), (200, 60)):

        async def act(app: EmsApp, pilot: Pilot[None]) -> None:
            _, stub = await stubbed(app, pilot, monkeypatch)
            shown = picture(app)
            assert "STOP" in shown
            assert "mA" in shown
            for word in ("n nothing is felt or seen", "l comfortable limit", "t too much", "d done"):
                assert word in shown
            stub.say(view("paused"))
            stub.close_session()

        play(tmp_path, act, size=size)


def test_it_beats_for_as_long_as_the_loop_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        _, stub = await stubbed(app, pilot, monkeypatch)
        begun = time.monotonic()
        await until(pilot, lambda: (stub.listen(), sum(line["do"] == "beat" for line in stub.asked) >= 3)[1])
        assert time.monotonic() - begun < 2.0
        stub.close_session()

    play(tmp_path, act)
