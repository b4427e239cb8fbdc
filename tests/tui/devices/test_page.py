"""The page of devices: what a person does with keys, and what comes of it."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from emscontrol.cli.bench import workbench
from emscontrol.session.handle import EngineHandle, start_engine
from emscontrol.session.spec import SessionSpec
from emscontrol.tui.app import EmsApp
from emscontrol.tui.bench import FoundPort
from emscontrol.tui.screens.setup import SetupScreen
from emscontrol.tui.screens.unknown import UnknownScreen
from emscontrol.wiring.scan import Found
from tests.session.rig import Rig
from tests.tui.house import make_house, settled, stay
from tests.tui.stage import Act, fill_in, picture, until

SIZES = [(60, 16), (80, 24), (120, 40)]


def visit(home: Path, act: Act, size: tuple[int, int] = (80, 24), ports: list[FoundPort] | None = None) -> None:
    """At the page of devices, on a computer with these ports."""
    bench = workbench() if ports is None else replace(workbench(), scan=lambda folder, further: iter(ports))
    app = EmsApp(str(home), bench)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await pilot.press("f8")
            await until(pilot, lambda: "reference@sim" in picture(app))
            await act(app, pilot)
        if app.session is not None:
            app.session.link.wait()

    asyncio.run(run())


@pytest.mark.parametrize("size", SIZES)
def test_simulators_stop_and_what_asking_does_are_seen_in_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        shown = " ".join(picture(app).split())
        for words in ("reference@sim", "rehastim2@sim", "brought to zero, nothing is armed", "STOP"):
            assert words in shown

    visit(tmp_path, act, size)


def test_asking_the_ports_gives_a_row_for_each_with_what_answered_or_why_not(tmp_path: Path) -> None:
    ports: list[FoundPort] = [
        Found("/dev/tty1", "", "p24", "A-2", "1.0", ""),
        Found("/dev/tty2", "", "", "", "", "You may not use /dev/tty2. Ask whoever keeps this computer."),
    ]

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await pilot.press("i")
        await until(pilot, lambda: "Ports asked: 2. Stimulators found: 1." in picture(app))
        assert "p24 answers, serial number A-2, firmware 1.0: it is at zero" in picture(app)
        assert "You may not use /dev/tty2" in picture(app)

    visit(tmp_path, act, (120, 24), ports)


def test_without_a_port_it_says_what_to_do(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await pilot.press("i")
        await until(pilot, lambda: "Plug the stimulator in, and ask again." in picture(app))

    visit(tmp_path, act, ports=[])


def test_a_body_and_a_fault_go_with_the_session_that_is_practised(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        press = pilot.press
        await press("enter")
        await until(pilot, lambda: "Who has the electrodes on" in picture(app))
        await press("down", "tab", "down")
        await until(pilot, lambda: app.screen.query_one("#fault", Input).value == "electrode_off:1@20")
        await press("f5")
        await until(pilot, lambda: isinstance(app.screen, SetupScreen))
        await fill_in(app, pilot)
        assert isinstance(app.screen, SetupScreen)
        spec = app.screen.session_spec()
        assert (spec.device, spec.body, spec.faults) == ("reference@sim", "conus", ("electrode_off:1@20",))
        assert "conus has the electrodes on; electrode_off:1@20 goes wrong" in " ".join(picture(app).split())

    visit(tmp_path, act, (120, 30))


def test_the_clinics_own_stimulators_are_listed_for_who_is_logged_in(tmp_path: Path) -> None:
    make_house(tmp_path / "home")

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await pilot.press("f8")
        await until(pilot, lambda: "blue reference@sim" in picture(app))

    stay(tmp_path / "home", act)


# -- sessions of other terminals ---------------------------------------------------------------------------------------


@pytest.fixture
def other(tmp_path: Path) -> Iterator[EngineHandle]:
    """A session of this user in another terminal."""
    spec = Rig("reference").spec
    assert isinstance(spec, SessionSpec)
    handle = start_engine(replace(spec, home=str(tmp_path), journal=str(tmp_path / "j.jsonl")), "another terminal")
    handle.say("connect")
    until_s = time.monotonic() + 10
    while not any(line.get("state") == "connected" for line in handle.messages(0.1)):
        assert time.monotonic() < until_s, "it does not connect"
    yield handle
    handle.close()


def test_a_session_of_another_terminal_is_listed_and_stopped_by_one_key(tmp_path: Path, other: EngineHandle) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await until(pilot, lambda: f"engine process {other.pid}" in picture(app))
        await pilot.press("x")
        await until(pilot, lambda: "1 stopped; no current flows there." in picture(app))
        await until(pilot, lambda: "RUNNING" not in picture(app))

    visit(tmp_path, act, (120, 24))
    assert "stop from another terminal" in (tmp_path / "j.jsonl").read_text("utf-8")


def test_a_stop_that_is_not_confirmed_fills_the_screen(
    tmp_path: Path, other: EngineHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "emscontrol.tui.screens.devices.page.stop_others", lambda engines: {engine.pid: "unconfirmed" for engine in engines}
    )

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await until(pilot, lambda: "RUNNING" in picture(app))
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, UnknownScreen))
        assert "PULL THE LEADS" in picture(app)

    visit(tmp_path, act)
