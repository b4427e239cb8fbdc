"""Opening the protocols' page without a book."""

from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from emscontrol.tui.app import EmsApp
from tests.tui.stage import Act, picture, play, until


def browse(home: Path, act: Act, size: tuple[int, int] = (80, 24)) -> None:
    """Open the program, go to the protocols, act, leave."""

    async def go(app: EmsApp, pilot: Pilot[None]) -> None:
        await pilot.press("f6")
        await until(pilot, lambda: "in the library" in picture(app))
        await act(app, pilot)

    play(home, go, size=size)


async def write(app: EmsApp, pilot: Pilot[None], text: str) -> None:
    """Type it into the field that has the focus, at once."""
    assert isinstance(app.focused, Input)
    app.focused.value += text
    await pilot.pause()


async def look_at(app: EmsApp, pilot: Pilot[None], words: str) -> None:
    """Open the first protocol that these words find."""
    await pilot.press("slash")
    await write(app, pilot, words)
    await pilot.press("enter", "enter")
    await until(pilot, lambda: "[w Words]" in picture(app) and "examples 1" in picture(app))
