"""Running the screen without a terminal, and waiting for what it shows."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from emscontrol.cli.bench import workbench
from emscontrol.session.spec import SessionSpec
from emscontrol.tui.app import Begin, EmsApp
from emscontrol.tui.choices import Rehearsal
from emscontrol.tui.screens.session import SessionScreen

QUICK = Path(__file__).parent / "quick.yaml"
Act = Callable[[EmsApp, "Pilot[None]"], Awaitable[None]]


def play(home: Path, act: Act, rehearsal: Rehearsal | None = None, size: tuple[int, int] = (80, 24)) -> EmsApp:
    """Open the screen, act, leave. Returns the app for a last look."""
    app = EmsApp(str(home), workbench(), Begin.SETUP, rehearsal)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await act(app, pilot)
        if app.session is not None:
            app.session.link.wait()

    asyncio.run(run())
    return app


async def until(pilot: "Pilot[None]", condition: Callable[[], object], within_s: float = 10.0) -> None:
    """Until the condition holds; fails with the picture of the screen."""
    for _ in range(round(within_s / 0.02)):
        if condition():
            return
        await pilot.pause(0.02)
    raise AssertionError(f"not within {within_s} s:\n{picture(pilot.app)}")


def picture(app: object) -> str:
    """What stands on the screen."""
    strips = app.screen._compositor.render_strips()  # type: ignore[attr-defined]
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def fill_in(app: EmsApp, pilot: "Pilot[None]", comfort: str = "20", protocol: Path = QUICK) -> None:
    """Setup with the quick protocol on the default device."""
    path = app.screen.query_one("#path", Input)
    path.focus()
    path.value = str(protocol)
    await pilot.press("enter")
    await until(pilot, lambda: app.screen.query("#comfort-2"))
    for field in app.screen.query(".ma").results(Input):
        field.value = comfort
    await pilot.pause()


def session_of(app: EmsApp) -> SessionScreen:
    """The open session."""
    assert app.session is not None
    return app.session


SPEC = SessionSpec(device="p24@sim", protocol="", protocol_text="", sha256="", comfort_ua={}, journal="/j.jsonl")
"""For a stub, which does not look at it."""


async def opened(app: EmsApp, pilot: "Pilot[None]") -> SessionScreen:
    """Setup filled in and a session open, whatever engine answers."""
    await fill_in(app, pilot)
    await pilot.press("f5")
    await until(pilot, lambda: app.session is not None)
    return session_of(app)
