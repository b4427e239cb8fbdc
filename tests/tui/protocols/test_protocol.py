"""One protocol: words, drawings, limits, and trying it on a simulated body."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from emscontrol.protocol.library import library_folder
from emscontrol.record.replay import final_state, read_events
from emscontrol.session.spec import SessionSpec
from emscontrol.tui.app import EmsApp
from tests.tui.protocols.opening import browse, look_at, write
from tests.tui.stage import picture, session_of, until


def test_it_is_told_in_words_and_drawn_with_times_and_fraction(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await look_at(app, pilot, "hamstrings in turn")
        assert "the groups take turns" in picture(app)
        await pilot.press("d")
        await until(pilot, lambda: "[d Drawn]" in picture(app))
        for words in ("300 µs", "gap 100 µs", "+100 %", "1 quadriceps", "2 hamstrings", "rise 2 s, hold 5 s", "0 s", "32 s"):
            assert words in picture(app)
        assert "work (2 of 3)" in picture(app)
        await pilot.press("p", "p")
        await pilot.pause()
        assert "warm-up (1 of 3)" in picture(app)

    browse(tmp_path, act, size=(120, 40))


def test_each_limit_has_value_limit_and_percent_and_the_binding_one_is_named_with_source_and_mark(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await look_at(app, pilot, "tibialis after stroke")
        await pilot.press("l")
        await until(pilot, lambda: "Binding: amplitude (muscle catalogue, tibialis anterior; certainty D)" in picture(app))
        assert "planned 27.0 mA, at most 80.0 mA is allowed" in picture(app)
        rows = [line.split() for line in picture(app).splitlines() if "> amplitude" in line]
        assert rows[0][:3] == [">", "amplitude", "27.0"]
        assert "34" in rows[0]
        assert "With example levels" in picture(app)

    browse(tmp_path, act, size=(120, 40))


def test_levels_that_are_typed_take_the_place_of_the_examples_and_the_rule_says_no_in_its_own_words(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await look_at(app, pilot, "tibialis after stroke")
        await pilot.press("c")
        await write(app, pilot, "22,5")
        await pilot.press("enter")
        await until(pilot, lambda: "has a comma" in picture(app))
        await pilot.press("ctrl+u")
        await write(app, pilot, "90")
        await pilot.press("enter")
        await until(pilot, lambda: "REFUSED" in picture(app))
        assert "Amplitude is 81.0 mA, above the limit: at most 80.0 mA is allowed" in picture(app)
        await pilot.press("t", "f5")
        await until(pilot, lambda: "Refused" in picture(app) or "above the limit" in picture(app))
        assert app.session is None

    browse(tmp_path, act, size=(120, 40))


def test_a_stimulator_that_cannot_do_it_says_why(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await look_at(app, pilot, "denervated tibialis")
        await pilot.press("l", "m")
        await until(pilot, lambda: "Not possible on p24" in picture(app))
        assert "Channel 1" in picture(app)
        await pilot.press("t", "f5")
        await until(pilot, lambda: "l says why" in picture(app))
        assert app.session is None

    browse(tmp_path, act)


@pytest.mark.parametrize("size", [(60, 16), (200, 60)])
def test_every_view_keeps_stop_and_its_head_in_small_and_large_windows(tmp_path: Path, size: tuple[int, int]) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await look_at(app, pilot, "intensive care six")
        for key, words in (("d", "[d Drawn]"), ("l", "[l Limits]"), ("t", "[t Try it]"), ("w", "[w Words]")):
            await pilot.press(key)
            await until(pilot, lambda words=words: words in picture(app))  # type: ignore[misc]
            assert "STOP" in picture(app)
            assert "Both legs in intensive care" in picture(app)

    browse(tmp_path, act, size=size)


def test_a_view_can_be_chosen_by_mouse(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await look_at(app, pilot, "hamstrings in turn")
        await pilot.click("#views", offset=(picture(app).splitlines()[2].index("l Limits") + 1, 0))
        await until(pilot, lambda: "[l Limits]" in picture(app))

    browse(tmp_path, act)


def test_it_is_tried_on_the_body_that_was_chosen_and_its_record_is_kept(tmp_path: Path) -> None:
    begun: list[SessionSpec] = []

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await look_at(app, pilot, "doublets")
        await pilot.press("t")
        await pilot.pause()
        await pilot.press("home", "enter", "enter", "down")
        await until(pilot, lambda: "It takes 0:03 min" in picture(app))
        await pilot.press("f5")
        await until(pilot, lambda: app.session is not None)
        session = session_of(app)
        begun.append(session._spec)
        await until(pilot, lambda: session.engine_state == "connected")
        await pilot.press("a")
        await until(pilot, lambda: session.engine_state == "armed")
        await pilot.press("s")
        await until(pilot, lambda: session.engine_state == "closed", within_s=20)
        await pilot.press("n")
        await until(pilot, lambda: "The try is over" in picture(app))

    browse(tmp_path, act)
    spec = begun[0]
    assert (spec.device, spec.body, spec.speed) == ("reference@sim", "conus", 10.0)
    final = final_state(Path(spec.journal))
    assert final.result == "completed"
    assert final.totals[1]["contractions"] == 3
    assert next(read_events(Path(spec.journal))).event.args["simulated"] is True


def test_a_file_that_was_broken_meanwhile_is_told_and_nothing_of_it_is_offered(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text((library_folder() / "acl-quadriceps.yaml").read_text("utf-8"), "utf-8")

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await pilot.press("o")
        await write(app, pilot, str(own))
        await pilot.press("enter")
        await until(pilot, lambda: "[w Words]" in picture(app) and "examples 1" in picture(app))
        own.write_text("format: 1\n", "utf-8")
        app.screen.on_screen_resume()  # type: ignore[attr-defined]
        await until(pilot, lambda: "cannot be used" in picture(app))
        assert "own.yaml:1:1" in picture(app)
        await pilot.press("t", "f5")
        await pilot.pause()
        assert "[t Try it]" not in picture(app)
        assert app.session is None

    browse(tmp_path, act, size=(160, 40))
