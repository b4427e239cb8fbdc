"""The first screen: choices, figures, refusals."""

from pathlib import Path

from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from emscontrol.tui.app import EmsApp
from tests.tui.stage import fill_in, opened, picture, play, until


def test_library_and_simulators_are_offered_and_no_real_port(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        devices = [option.id for option in app.screen.query_one("#devices", OptionList).options]
        assert devices == [f"{model}@sim" for model in app.bench.models]
        assert app.screen.query_one("#protocols", OptionList).option_count >= 8
        for words in ("STOP", "Open the session", "Stimulator", "comfort"):
            assert words in picture(app)

    play(tmp_path, act)


def test_a_level_that_is_no_figure_in_ma_opens_nothing(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await fill_in(app, pilot)
        for typed, words in (("22,5", "comma"), ("", "missing"), ("2O", "no figure"), ("0", "0 mA")):
            app.screen.query_one("#comfort-2", Input).value = typed
            await pilot.pause()
            await pilot.press("f5")
            await pilot.pause()
            assert app.session is None
            assert words in picture(app)
            assert app.focused is app.screen.query_one("#comfort-2")

    play(tmp_path, act)


def test_a_comma_is_refused_while_it_is_typed(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await fill_in(app, pilot, comfort="")
        app.screen.query_one("#comfort-1", Input).focus()
        await pilot.press("2", "2", "comma")
        await pilot.pause()
        assert app.screen.query_one("#comfort-1", Input).value == "22,"
        assert "comma" in picture(app)

    play(tmp_path, act)


def test_the_plan_shows_no_current_for_a_level_that_is_no_longer_there(tmp_path: Path) -> None:
    """The next patient's levels are others."""

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await fill_in(app, pilot, comfort="")
        plan = app.screen.query_one("#words", Static)
        without = str(plan.render())
        for value, alike in (("30", False), ("", True)):
            for field in app.screen.query(".ma").results(Input):
                field.value = value
            await pilot.pause()
            assert (str(plan.render()) == without) is alike

    play(tmp_path, act)


def test_keys_that_arrive_together_act_in_their_order(tmp_path: Path) -> None:
    """33, Backspace, 5 is 35: a corrected level must not stay as it was."""

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await fill_in(app, pilot, comfort="")
        field = app.screen.query_one("#comfort-1", Input)
        field.focus()
        await pilot.press("3", "3")
        for key, character in (("backspace", "\x7f"), ("backspace", "\x7f"), ("4", "4"), ("5", "5")):
            app.post_message(Key(key, character))
        await pilot.pause()
        assert field.value == "45"

    play(tmp_path, act)


def test_a_device_without_a_known_model_is_refused(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await fill_in(app, pilot)
        app.screen.query_one("#device", Input).value = "toaster@/dev/ttyUSB0"
        await pilot.press("f5")
        await pilot.pause()
        assert app.session is None
        assert "toaster" in picture(app)
        assert "p24, reference, rehastim2" in picture(app)

    play(tmp_path, act)


def test_a_file_that_is_wrong_is_told_with_line_and_column(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("format: 1\nid: x\namplitude_ma: 40\n", encoding="utf-8")

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        path = app.screen.query_one("#path", Input)
        path.focus()
        path.value = str(wrong)
        await pilot.press("enter")
        await until(pilot, lambda: "REFUSED" in picture(app))
        assert "wrong.yaml:3:1" in picture(app).replace("\n", "").replace(" ", "")
        await pilot.press("f5")
        await pilot.pause()
        assert app.session is None

    play(tmp_path, act, size=(160, 40))


def test_what_the_engine_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await fill_in(app, pilot, comfort="600")
        await pilot.press("f5")
        await until(pilot, lambda: "REFUSED" in picture(app))
        assert app.session is None
        assert "nothing was started" in picture(app)

    play(tmp_path, act, size=(120, 40))


def test_space_is_text_in_a_field_and_no_stop(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        app.screen.query_one("#path", Input).focus()
        await pilot.press("a", "space", "b")
        assert app.screen.query_one("#path", Input).value == "a b"

    play(tmp_path, act)


def test_stop_without_a_session_says_so_and_starts_nothing(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        for focus, key in (("#open", "space"), ("#protocols", "space"), ("#path", "f12")):
            app.screen.query_one(focus).focus()
            await pilot.press(key)
            await pilot.pause()
            assert "No session is open" in picture(app)
            assert app.session is None
            app.screen.say("")  # type: ignore[attr-defined]

    play(tmp_path, act)


def test_levels_are_asked_for_again_after_a_session(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        session = await opened(app, pilot)
        await until(pilot, lambda: session.engine_state == "connected")
        await pilot.press("f12")
        await until(pilot, lambda: session.engine_state == "closed")
        await pilot.press("n")
        await until(pilot, lambda: app.session is None)
        assert [field.value for field in app.screen.query(".ma").results(Input)] == ["", ""]

    play(tmp_path, act)
