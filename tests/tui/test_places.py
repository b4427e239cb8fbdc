"""Muscles by the catalogue's names, pads by their size, places as people type them; and examples that are no values."""

import asyncio

import pytest
from rich.style import Style
from textual.app import App, ComposeResult

from emscontrol.core.errors import UsageError
from emscontrol.protocol.library import load_named
from emscontrol.tui.places import muscle_id, named, pads_size, place_name
from emscontrol.tui.screens.patients.asked import places_of
from emscontrol.tui.screens.patients.entering import area_mm2
from emscontrol.tui.widgets.ordered_input import OrderedInput
from tests.tui.stage import picture


def test_muscles_have_their_names() -> None:
    assert place_name("quad_all", "left") == "quadriceps as group left"
    assert place_name("my own muscle", "") == "my own muscle"
    assert named("Comfort threshold of ham right: 8 days old.") == (
        "Comfort threshold of hamstrings (bic fem, ST, SM) right: 8 days old."
    )
    assert named("Add ham and eggs, left alone") == "Add ham and eggs, left alone"
    assert [muscle_id(typed) for typed in ("ham", " Rectus Femoris ", "nobody")] == ["ham", "quad_rf", "nobody"]


def test_pads_are_as_they_are_sold() -> None:
    assert pads_size(load_named("acl-high-rate").protocol.channels[1].electrode) == "7 × 12.7 cm"


@pytest.mark.parametrize("typed", ["7x12.7", "7 x 12,7", "7 × 12.7 cm", "88,9"])
def test_the_size_of_a_pad_is_understood_as_people_write_it(typed: str) -> None:
    assert area_mm2(typed) == 8890


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", []),
        ("thigh:left hand", [("thigh", "", "left"), ("hand", "", "")]),
        ("Left thigh, hand", [("thigh", "", "left"), ("hand", "", "")]),
        ("quad_rf right; neck ant", [("", "quad_rf", "right"), ("neck_ant", "", "")]),
    ],
)
def test_where_a_yes_applies(typed: str, found: list[tuple[str, str, str]]) -> None:
    assert [(place.region, place.muscle, place.side) for place in places_of(typed)] == found


def test_a_place_that_is_none_says_how_it_is_written() -> None:
    with pytest.raises(UsageError, match="is no place"):
        places_of("knee left above")


@pytest.mark.parametrize("plain", [False, True])
def test_an_example_in_a_field_is_no_value(monkeypatch: pytest.MonkeyPatch, plain: bool) -> None:
    """In brackets and slanted, also without colour; a value is neither."""
    if plain:
        monkeypatch.setenv("NO_COLOR", "1")

    class Form(App[None]):
        def compose(self) -> ComposeResult:
            yield OrderedInput(id="empty", placeholder="e.g. 10:00", compact=True)
            yield OrderedInput("11:00", id="full", placeholder="e.g. 10:00", compact=True)

    async def look() -> None:
        app = Form()
        async with app.run_test() as pilot:
            await pilot.pause()
            assert "(e.g. 10:00)" in picture(app).splitlines()[0]
            slanted = [
                {bool(Style.pick_first(segment.style, Style()).italic) for segment in strip if segment.text.strip()}
                for strip in app.screen._compositor.render_strips()[:2]
            ]
            assert True in slanted[0]
            assert slanted[1] == {False}
            app.query_one("#full", OrderedInput).placeholder = "one of 1, 2"
            assert app.query_one("#full", OrderedInput).placeholder == "(one of 1, 2)"

    asyncio.run(look())
