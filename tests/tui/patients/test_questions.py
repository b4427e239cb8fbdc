"""The screening asked question by question, against what the book has afterwards."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from emscontrol.clinic.patients.implants import add_implant
from emscontrol.clinic.screening.answering import due_questions, history
from emscontrol.tui.app import EmsApp
from emscontrol.tui.screens.patients import questions
from emscontrol.tui.screens.patients.patient import PatientScreen
from emscontrol.tui.screens.patients.questions import QuestionsScreen
from tests.tui.house import ANNA, NOW, in_book, make_house, press, settled, stay, type_in
from tests.tui.stage import picture


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_house(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """People who read in no time."""
    monkeypatch.setattr(questions, "READ_S", 0.0)
    monkeypatch.setattr(questions, "HELD_S", 0.0)


def answers(home: Path, patient: int = 2) -> list[tuple[str, str, list[Any]]]:
    """Oldest first."""
    return in_book(home, lambda s: [(row.rule, row.answer, row.places) for row in history(s, patient)][::-1])


async def ask(app: EmsApp, pilot: "Pilot[None]", code: str = "P-002") -> None:
    app.push_screen(PatientScreen(code))
    await settled(pilot)
    await press(pilot, "s")
    assert isinstance(app.screen, QuestionsScreen)


def test_each_answer_is_kept_at_once_and_breaking_off_loses_nothing(home: Path, quick: None) -> None:
    whole = in_book(home, lambda s: len(due_questions(s, 2, NOW)))

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await ask(app, pilot)
        assert f"question 1 of {whole}" in picture(app)
        await press(pilot, "n", "question_mark")
        assert f"question 3 of {whole}" in picture(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, PatientScreen)
        await press(pilot, "s")
        assert f"question 1 of {whole - 2}" in picture(app)

    stay(home, act)
    assert [answer for _, answer, _ in answers(home)] == ["no", "unknown"]


def test_a_held_key_answers_one_question_and_not_all(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = [100.0]
    monkeypatch.setattr(questions, "monotonic", lambda: at[0])

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await ask(app, pilot)
        at[0] += 5
        await press(pilot, "n")
        at[0] += 0.5  # as long as terminals wait before a held key repeats
        for _ in range(30):
            app.screen.do_no()  # type: ignore[attr-defined]
            await settled(pilot)
            at[0] += 0.04

    stay(home, act)
    assert len(answers(home)) == 1


def test_an_answer_that_nobody_can_have_read_the_question_for_is_not_kept_and_said(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "READ_S", 60.0)

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await ask(app, pilot)
        await press(pilot, "n")
        assert "faster than anybody reads" in picture(app)

    stay(home, act)
    assert answers(home) == []


def test_a_yes_asks_where_and_a_place_that_is_none_is_refused(home: Path, quick: None) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await ask(app, pilot)
        await press(pilot, "y")
        await type_in(pilot, "thigh:above")
        await press(pilot, "enter")
        assert "is no place" in picture(app)
        await press(pilot, "ctrl+u")
        await type_in(pilot, "Left thigh, hand; rectus femoris right")
        await press(pilot, "enter")
        assert "question 2 of" in picture(app)
        await press(pilot, "y")
        await press(pilot, "enter")

    stay(home, act)
    first, second = answers(home)
    assert first[1:] == (
        "yes",
        [
            {"region": "thigh", "muscle": "", "side": "left"},
            {"region": "hand", "muscle": "", "side": ""},
            {"region": "", "muscle": "quad_rf", "side": "right"},
        ],
    )
    assert second[1:] == ("yes", [])


@pytest.mark.parametrize("size", [(80, 24), (60, 16)])
def test_where_a_yes_applies_is_asked_below_its_question_and_ready_to_be_typed(
    home: Path, quick: None, size: tuple[int, int]
) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await ask(app, pilot)
        await press(pilot, "y")
        field = app.screen.query_one("#where", Input)
        assert app.focused is field
        seen = picture(app).splitlines()
        asked = next(number for number, line in enumerate(seen) if "where in the body?" in line)
        assert asked < field.region.y <= asked + 3, picture(app)
        assert "(e.g. thigh left" in seen[field.content_region.y], picture(app)

    stay(home, act, size)


def test_escape_leaves_the_field_first_and_nothing_is_answered(home: Path, quick: None) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await ask(app, pilot)
        await press(pilot, "y", "escape")
        assert isinstance(app.screen, QuestionsScreen)
        await press(pilot, "n")

    stay(home, act)
    assert [answer for _, answer, _ in answers(home)] == ["no"]


def test_backspace_asks_the_question_before_once_more(home: Path, quick: None) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await ask(app, pilot)
        await press(pilot, "n", "backspace")
        assert "question 1 of" in picture(app)
        await press(pilot, "u")

    stay(home, act)
    (rule, first, _), (again, second, _) = answers(home)
    assert (rule == again, first, second) == (True, "no", "unknown")


def test_what_the_record_says_is_shown_with_the_question(home: Path) -> None:
    in_book(home, lambda s: add_implant(s, ANNA, NOW, 2, kind="pacemaker"))

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await ask(app, pilot)
        assert "On record:" in picture(app)

    stay(home, act)


def test_when_nothing_is_due_it_says_so(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await ask(app, pilot, "P-001")
        assert "Everything that was due is answered and kept." in picture(app)
        await press(pilot, "n")

    before = answers(home, 1)
    stay(home, act)
    assert answers(home, 1) == before
