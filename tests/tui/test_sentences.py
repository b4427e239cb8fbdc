"""What the engine says has happened, said in another language: its figures stay, and what cannot be said stays as it was."""

from collections.abc import Iterator

import pytest

from emscontrol.core.events import EVENTS, make
from emscontrol.tui.language import choose_language
from emscontrol.tui.language.sentences import sentence_of

ENDED = make("interrupted", signal="SIGTERM")


def line(happened: object, **changes: object) -> dict[str, object]:
    told = {"event": happened.kind, "sentence": happened.sentence(), "args": dict(happened.args)}  # type: ignore[attr-defined]
    return {**told, **changes}


@pytest.fixture
def german() -> Iterator[None]:
    choose_language("de")
    yield
    choose_language("en")


def test_english_is_what_the_engine_says() -> None:
    assert sentence_of(line(ENDED)) == ENDED.sentence()


@pytest.mark.usefixtures("german")
def test_an_alarm_is_said_in_the_readers_language_with_its_figures() -> None:
    assert sentence_of(line(ENDED)) == ("Beendet durch SIGTERM.")
    assert "2.5 s" in sentence_of(line(make("tick_gap", gap_us=2_500_000)))


@pytest.mark.usefixtures("german")
def test_every_alarm_has_a_translation() -> None:
    from emscontrol.tui.language import _

    assert [row.name for row in EVENTS.values() if row.severity.is_alarm and _(row.template) == row.template] == []


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("changes", [{"event": "of a later version"}, {"args": {"other": 1}}, {"args": {}}])
def test_what_another_engine_says_is_shown_as_it_says_it(changes: dict[str, object]) -> None:
    assert sentence_of(line(ENDED, **changes)) == ENDED.sentence()
