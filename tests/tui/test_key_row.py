"""The row of keys: what it offers, what a click on it does, and what it says of a key under the mouse."""

import asyncio
from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType

from emscontrol.tui.widgets.key_row import KeyRow, KeysOffered
from tests.tui.stage import picture

FIRST, GAP, SECOND, THIRD = 0, 7, 8, 17  # cells of "a First b Second c Third"


class ThreeKeys(App[None], inherit_bindings=False):
    """The second key may go, the third does not work now."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "do('one')", "First", tooltip="The first of them."),
        Binding("A", "do('one')", "Again"),
        Binding("b", "do('two')", "Second", tooltip="The second."),
        Binding("c", "do('three')", "Third"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.bells = 0
        self.two = True
        self.three: bool | None = None

    def compose(self) -> ComposeResult:
        yield KeyRow()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if parameters == ("two",):
            return self.two
        return self.three if parameters == ("three",) else True

    def action_do(self, name: str) -> None:
        self.done.append(name)

    def bell(self) -> None:
        self.bells += 1


def offered(app: ThreeKeys) -> str:
    return picture(app).splitlines()[-1].strip()


@pytest.mark.parametrize(
    ("cell", "done", "bells", "told"),
    [
        (FIRST, ["one"], 0, "The first of them."),
        (GAP - 1, ["one"], 0, "The first of them."),
        (GAP, [], 0, None),
        (SECOND, ["two"], 0, "The second."),
        (THIRD, [], 1, None),
        (60, [], 0, None),
    ],
)
def test_a_click_presses_the_key_under_the_mouse_and_its_help_is_shown(
    cell: int, done: list[str], bells: int, told: str | None
) -> None:
    async def run() -> None:
        app = ThreeKeys()
        async with app.run_test() as pilot:
            await pilot.pause()
            assert offered(app) == "a First b Second c Third"
            await pilot.hover("KeyRow", offset=(cell, 0))
            assert app.query_one(KeysOffered).tooltip == told
            await pilot.mouse_down("KeyRow", offset=(cell, 0))
            await pilot.pause()
            assert (app.done, app.bells) == (done, bells)

    asyncio.run(run())


def test_a_key_that_goes_is_no_longer_offered_and_the_next_stands_in_its_place() -> None:
    async def run() -> None:
        app = ThreeKeys()
        async with app.run_test() as pilot:
            await pilot.pause()
            app.two = False
            app.refresh_bindings()
            await pilot.pause()
            assert offered(app) == "a First c Third"
            await pilot.mouse_down("KeyRow", offset=(SECOND, 0))
            await pilot.pause()
            assert (app.done, app.bells) == ([], 1)

    asyncio.run(run())


def test_a_key_that_works_again_is_pressed_by_a_click_and_no_longer_faint() -> None:
    async def run() -> None:
        app = ThreeKeys()
        async with app.run_test() as pilot:
            await pilot.pause()
            faint = [segment for segment in app.query_one(KeysOffered).render_line(0) if segment.style and segment.style.dim]
            assert "".join(segment.text for segment in faint).split() == ["c", "Third"]
            app.three = True
            app.refresh_bindings()
            await pilot.pause()
            assert not any(segment.style and segment.style.dim for segment in app.query_one(KeysOffered).render_line(0))
            await pilot.mouse_down("KeyRow", offset=(THIRD, 0))
            await pilot.pause()
            assert (app.done, app.bells) == (["three"], 0)

    asyncio.run(run())
