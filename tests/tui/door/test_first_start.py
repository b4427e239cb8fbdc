"""A first start: what is missing is said, and can be made here; nothing half made is left behind."""

from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from textual.pilot import Pilot
from textual.widgets import OptionList

from emscontrol.clinic.book.opening import Place, create_book, open_book
from emscontrol.clinic.staff.keep import list_staff
from emscontrol.tui.app import EmsApp
from emscontrol.tui.screens.door.welcome import WelcomePage
from emscontrol.tui.screens.today.page import TodayPage
from tests.tui.house import NOW, PIN, book_of, press, settled, stay, type_in
from tests.tui.stage import picture, until

KEY = "correct horse battery"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    for name in ("staff.secrets", "staff.keep", "staff.entry"):
        monkeypatch.setattr(f"emscontrol.clinic.{name}.HASHER", cheap, raising=False)


def home_in(tmp_path: Path, settings: str = "") -> Path:
    home = tmp_path / "h"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text(f'{settings}\n[station]\nname = "room 1"\n', "utf-8")
    return home


async def choose(app: EmsApp, pilot: Pilot[None], way: str) -> None:
    ways = app.screen.query_one("#ways", OptionList)
    ways.highlighted = ways.get_option_index(way)
    await press(pilot, "enter")


async def fill(pilot: Pilot[None], *answers: str | None) -> None:
    """The fields of a form in order; None leaves one as it is."""
    for answer in answers:
        if answer is not None:
            await type_in(pilot, answer)
        await press(pilot, "tab")


def opened(home: Path, act: Callable[[EmsApp, "Pilot[None]"], object]) -> None:
    async def acted(app: EmsApp, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: isinstance(app.screen, WelcomePage))
        await settled(pilot)
        await act(app, pilot)  # type: ignore[misc]

    stay(home, acted)


def test_a_book_with_its_first_supervisor_is_made_here(tmp_path: Path) -> None:
    home = home_in(tmp_path)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        assert "There is no book of patients here yet" in picture(app)
        await choose(app, pilot, "make")
        await fill(pilot, "House of Tests", None, None, "Sofia S", "sofia", PIN, "294716")
        await press(pilot, "f5")
        await until(pilot, lambda: "The two PINs are not the same" in picture(app))
        assert not (home / "book.sqlite").exists()
        await pilot.press("shift+tab")
        await fill(pilot)
        app.screen.query_one("#field-again").value = PIN  # type: ignore[attr-defined]
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, TodayPage))
        await settled(pilot)
        actor = await app.station.who()
        assert actor is not None
        assert (actor.code, actor.role) == ("sofia", "supervisor")

    opened(home, act)
    book = book_of(home)
    assert (book.about.name, book.about.kind) == ("House of Tests", "practice")
    book.close()


def test_a_book_that_has_nobody_yet_gets_its_first_supervisor(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    create_book(Place(file=home / "book.sqlite"), name="T", kind="clinic", time_zone="Europe/Berlin", now=NOW).close()

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        assert "nobody works here yet" in picture(app)
        await choose(app, pilot, "staff")
        await fill(pilot, "Sofia S", "sofia", "123456", "123456")
        await press(pilot, "f5")
        await until(pilot, lambda: "one of the first that anybody would try" in picture(app))
        for field in ("pin", "again"):
            app.screen.query_one(f"#field-{field}").value = PIN  # type: ignore[attr-defined]
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, TodayPage))

    opened(home, act)
    book = book_of(home)
    with book.reading() as session:
        assert [(staff.code, staff.role) for staff in list_staff(session)] == [("sofia", "supervisor")]
    book.close()


def test_an_encrypted_book_asks_for_its_passphrase_until_it_is_right(tmp_path: Path) -> None:
    pytest.importorskip("sqlcipher3")
    home = home_in(tmp_path, "[book]\nencrypted = true\n")
    place = Place(file=home / "book.sqlite", passphrase=KEY)
    create_book(place, name="T", kind="practice", time_zone="Europe/Berlin", now=NOW).close()

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        assert "encrypted" in picture(app)
        await press(pilot, "enter")  # the first way is what mends it
        await type_in(pilot, "wrong horse battery")
        assert "wrong" not in picture(app)
        await pilot.press("f5")
        await until(pilot, lambda: "it is encrypted with another" in picture(app))
        app.screen.query_one("#field-passphrase").value = KEY  # type: ignore[attr-defined]
        await pilot.press("f5")
        await until(pilot, lambda: "nobody works here yet" in picture(app))

    opened(home, act)
    book = open_book(place)
    assert book.about.name == "T"
    book.close()


def test_a_server_out_of_reach_is_said_and_sessions_are_offered(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    home = home_in(tmp_path, '[book]\nurl = "postgresql://nobody@127.0.0.1:9/none"\n')

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        seen = picture(app)
        for words in ("without the book meanwhile", "Look again", "A session without the book", "Practise"):
            assert words in seen, seen
        assert "Make a book" not in seen
        await choose(app, pilot, "look")
        await until(pilot, lambda: isinstance(app.screen, WelcomePage))

    opened(home, act)


def test_broken_settings_are_said_on_the_first_page(tmp_path: Path) -> None:
    home = home_in(tmp_path, "[nonsense]\nx = 1\n")

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        assert "there is no [nonsense]" in picture(app)

    opened(home, act)
