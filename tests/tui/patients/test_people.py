"""Searching for patients and entering somebody new, against the book."""

from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from emscontrol.clinic.patients.patients import find_patient, list_patients, name_of
from emscontrol.clinic.tables.people import Condition
from emscontrol.tui.app import EmsApp
from emscontrol.tui.screens.patients.page import PatientsPage
from emscontrol.tui.screens.patients.patient import PatientScreen
from tests.tui.house import FAMILY, GIVEN, in_book, make_house, press, stay, type_in
from tests.tui.stage import picture


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_house(tmp_path / "home")
    return tmp_path / "home"


def test_typing_narrows_the_list_and_enter_opens_who_fits(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "f3")
        assert "P-001" in picture(app)
        assert "P-002" in picture(app)
        await type_in(pilot, "002")
        assert "P-001" not in picture(app)
        assert GIVEN in picture(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, PatientScreen)
        assert "P-002" in picture(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, PatientsPage)

    stay(home, act)


def test_enter_opens_who_fits_what_was_typed_even_when_the_list_has_not_followed_yet(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "f3")
        await pilot.press(*"p-002", "enter")
        await press(pilot, "home")
        assert isinstance(app.screen, PatientScreen)
        assert "P-002" in picture(app)

    stay(home, act)


def test_the_arrows_choose_while_the_field_is_typed_in(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "f3", *"p", "down", "enter")
        assert isinstance(app.screen, PatientScreen)
        assert "P-002" in picture(app)

    stay(home, act)


def test_a_name_in_other_letters_is_found_and_keeps_the_columns(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "f3", *GIVEN)
        lines = picture(app).splitlines()
        assert not any("P-001" in line for line in lines)
        head, row = (next(line for line in lines if word in line) for word in ("BORN", "1990"))
        assert cell_len(head[: head.index("BORN")]) == cell_len(row[: row.index("1990")])
        assert FAMILY in row

    stay(home, act)


def test_nobody_who_fits_is_said_with_what_to_do(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "f3")
        await type_in(pilot, "zzz")
        assert "Nobody is called so. Ctrl+N enters somebody new." in picture(app)

    stay(home, act)


def test_somebody_new_is_entered_and_his_page_opens(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "f3", "ctrl+n")
        for text in ("P-003", "1971", "Ada", "B"):
            await type_in(pilot, text)
            await pilot.press("enter")
        await press(pilot, "f5")
        assert isinstance(app.screen, PatientScreen)
        assert "P-003   Ada B   born 1971" in picture(app)
        assert "The screening was never made." in picture(app)

    stay(home, act)

    def look(session: Any) -> tuple[str, int | None, str]:
        row = find_patient(session, "P-003")
        name = name_of(session, row.id)
        assert name is not None
        return row.code, row.birth_year, name.given

    assert in_book(home, look) == ("P-003", 1971, "Ada")


def test_the_condition_is_chosen_from_the_list(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "f3", "ctrl+n")
        await type_in(pilot, "P-004")
        await pilot.press("tab", "tab", "tab", "tab")
        await press(pilot, "enter", "down", "enter", "f5")
        assert isinstance(app.screen, PatientScreen)

    stay(home, act)
    assert in_book(home, lambda s: s.query(Condition).filter_by(patient_id=3).count()) == 1


def test_what_is_refused_is_said_and_nothing_typed_is_lost(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "f3", "ctrl+n")
        await type_in(pilot, "p-001")
        await pilot.press("tab")
        await type_in(pilot, "1980")
        await press(pilot, "f5")
        assert "The code P-001 is taken." in picture(app)
        assert "1980" in picture(app)
        await press(pilot, "shift+tab", "end", "9", "tab", "f5")
        assert isinstance(app.screen, PatientScreen)

    stay(home, act)
    assert in_book(home, lambda s: [line.code for line in list_patients(s)]) == ["P-001", "P-002", "p-0019"]
