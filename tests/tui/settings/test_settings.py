"""What a person sets is seen at once and kept; who logs out sees no patients any more."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from textual.pilot import Pilot

from emscontrol.config import ScreenSettings, read_screen
from emscontrol.record.key_files import key_folder, own_key, station_signer
from emscontrol.tui.app import EmsApp
from emscontrol.tui.commands.table import Where
from emscontrol.tui.glyphs import ascii_only
from emscontrol.tui.house import Errand
from emscontrol.tui.language import choose_language
from emscontrol.tui.screens.calendar.page import CalendarPage
from emscontrol.tui.screens.door.login import LoginScreen
from emscontrol.tui.screens.help import help_text
from tests.tui.engine_stub import EngineStub
from tests.tui.house import PIN, make_house, press, settled, stay, type_in
from tests.tui.stage import SPEC, picture, until

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    choose_language("en")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_house(tmp_path / "h")
    return tmp_path / "h"


def test_colours_language_and_bell_are_seen_at_once_and_kept(home: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "f9", "enter")
        assert app.theme == "light"
        assert "light" in picture(app)
        await press(pilot, "down", "enter")
        await until(pilot, lambda: "[9 Einstell" in picture(app) and "Ändern" in picture(app))
        await settled(pilot)
        await press(pilot, "down", "down", "enter")
        assert "stumm" in picture(app)
        assert "DRÜCK" not in picture(app)

    stay(home, act)
    assert read_screen(str(home)) == ScreenSettings("light", "de", bell=False)

    async def again(app: EmsApp, pilot: Pilot[None]) -> None:
        assert app.theme == "light"
        assert "Heute" in picture(app)

    stay(home, again)


def test_it_says_who_is_here_which_book_and_where_everything_is(home: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "f9")
        seen = picture(app)
        for words in ("anna (therapist)", "room 1", "Test clinic (practice", "Europe/Berlin", "15 minutes", "book.sqlite"):
            assert words in seen, words

    stay(home, act, size=(160, 40))


def test_it_says_which_key_signs_the_records_of_this_station(home: Path) -> None:
    async def none(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "f9")
        assert "no key yet; the first session makes one" in picture(app)

    async def one(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "f9")
        assert f"key {own.id}, since 2026-03-02" in picture(app)
        assert "no other station's key" in picture(app)

    stay(home, none, size=(160, 40))
    station_signer(key_folder(str(home)), "2026-03-02T09:00:00+01:00")
    own = own_key(key_folder(str(home)))
    assert own is not None
    stay(home, one, size=(160, 40))


def test_who_logs_out_meets_the_log_in_and_without_one_no_patient(home: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        assert "P-001" in picture(app)
        await press(pilot, "f9", "o")
        await until(pilot, lambda: isinstance(app.screen, LoginScreen))
        assert await app.station.who() is None
        await press(pilot, "escape", "f3")
        assert isinstance(app.screen, LoginScreen)
        assert "P-001" not in picture(app)

    stay(home, act)


def test_another_pin_of_ones_own_is_the_one_that_counts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("staff.secrets", "staff.keep", "staff.entry"):
        monkeypatch.setattr(f"emscontrol.clinic.{name}.HASHER", CHEAP, raising=False)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "f9", "p")
        await type_in(pilot, PIN)
        await press(pilot, "enter")
        await type_in(pilot, PIN)
        await pilot.press("f5")
        await until(pilot, lambda: "Choose one that nobody else" in picture(app))
        for field in ("pin", "again"):
            app.screen.query_one(f"#field-{field}").value = "837264"  # type: ignore[attr-defined]
        await pilot.press("f5")
        await until(pilot, lambda: "You have another PIN" in picture(app))
        actor = await app.station.who()
        assert actor is not None
        assert actor.code == "anna"

    stay(home, act)


def test_a_command_is_found_by_its_name_and_done(home: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await pilot.press("f9")
        await settled(pilot)
        await pilot.press("ctrl+p", *"calend")
        await until(pilot, lambda: "Calendar  (F4)" in picture(app))
        assert "All current off" not in picture(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CalendarPage))

    stay(home, act)


def test_no_command_is_looked_for_while_a_session_is_open(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        app.begin_session(Errand(SPEC, lambda _: None))
        stub.greet()
        await until(pilot, lambda: app.session is not None)
        shown = app.screen
        await pilot.press("ctrl+p")
        await pilot.pause(0.1)
        assert app.screen is shown
        stub.close_session()

    stay(home, act)


def test_the_help_begins_with_the_place_where_it_was_asked_for() -> None:
    text = help_text(Where.SETTINGS)
    assert text.index("Settings\n") < text.index("Everywhere\n")
    assert text.count("Settings\n") == 1


def test_in_a_plain_terminal_everything_but_names_is_plain(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMSCONTROL_ASCII", "1")
    ascii_only.cache_clear()

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        for key in ("f9", "f6", "f7", "f8", "ctrl+p", "escape", "question_mark"):
            await pilot.press(key)
            await pilot.pause(0.4)
            seen = picture(app)
            assert seen.isascii(), [character for character in seen if not character.isascii()]

    try:
        stay(home, act)
    finally:
        monkeypatch.undo()
        ascii_only.cache_clear()
