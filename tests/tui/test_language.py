"""The catalogues fit the code, and a translation says where its figures go."""

import gettext
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emscontrol.tui.language import LANGUAGES, _, choose_language
from emscontrol.tui.language.catalogue import compiled_mo, places, read_po, written_po
from emscontrol.tui.language.extract import fresh, gather, place_of

OTHERS = [language for language in LANGUAGES if language != "en"]
COMPLETE = (
    *("tui/looks.py", "tui/commands/session.py", "tui/commands/everywhere.py", "tui/screens/session.py"),
    *("tui/screens/unknown.py", "tui/widgets/alarm_bar.py", "tui/widgets/state_bar.py", "tui/widgets/course_clock.py"),
    *(
        "tui/widgets/channel_strip.py",
        "tui/widgets/stop_button.py",
        "tui/widgets/coach.py",
        "tui/page.py",
        "tui/screens/help.py",
    ),
    *("tui/screens/door/", "tui/screens/settings/", "tui/commands/settings.py", "tui/commands/door.py", "tui/app.py"),
    *("tui/screens/today/", "tui/commands/today.py", "tui/screens/patients/", "tui/commands/patients.py"),
    *("tui/screens/calendar/", "tui/commands/calendar.py", "tui/widgets/form.py", "tui/widgets/page_row.py", "tui/places.py"),
    *("tui/screens/practice.py", "tui/practice_session.py", "tui/screens/engine_screen.py"),
    *("tui/screens/bedside/patient_view.py", "tui/widgets/envelope_bar.py", "tui/widgets/live_chart.py"),
)
"""What is not to fall back to English: the session, STOP, alarms, the row of pages, the door, today, patients, calendar."""

MEND = "python -m emscontrol.tui.language.extract"
TEXTS = st.text(min_size=1, max_size=30).filter(lambda text: "\x00" not in text and "\r" not in text)


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogues_are_as_the_code_is(language: str) -> None:
    po, mo = fresh(language)
    assert place_of(language, "po").read_text("utf-8") == po, f"mend it with: {MEND}"
    assert place_of(language, "mo").read_bytes() == mo, f"mend it with: {MEND}"


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_places_of_its_original_and_its_blanks(language: str) -> None:
    known = read_po(place_of(language, "po").read_text("utf-8"))
    assert len(known) > 200
    for text, words in known.items():
        assert places(words) == places(text), text
        assert (words[0].isspace(), words[-1].isspace()) == (text[0].isspace(), text[-1].isspace()), text


@pytest.mark.parametrize("language", OTHERS)
def test_the_session_stop_alarms_and_the_door_are_translated_whole(language: str) -> None:
    known = read_po(place_of(language, "po").read_text("utf-8"))
    missing = {text for text, files in gather().items() if any(file.startswith(COMPLETE) for file in files)} - known.keys()
    assert missing == set()


def test_the_texts_of_tables_constants_and_calls_are_gathered() -> None:
    texts = gather()
    for text in ("Who are you?", "Prepare the stimulator at zero.", "RUNNING", "from page to page", "This list."):
        assert text in texts, text
    assert "" not in texts


@given(st.dictionaries(TEXTS, TEXTS, max_size=8))
def test_what_is_written_is_read_back_by_us_and_by_gettext(translations: dict[str, str]) -> None:
    written = written_po("xx", {text: ["a.py"] for text in translations}, translations)
    one_line = {text: words for text, words in translations.items() if len((text + words).splitlines()) == 1}
    if one_line == translations:
        assert read_po(written) == translations
    catalogue = gettext.GNUTranslations(io.BytesIO(compiled_mo(translations)))
    assert {text: catalogue.gettext(text) for text in translations} == translations


def test_another_language_is_spoken_until_english_is_chosen_again() -> None:
    try:
        choose_language("de")
        assert _("Today") == "Heute"
        assert _("no such text") == "no such text"
        choose_language("tlh")
        assert _("Today") == "Today"
    finally:
        choose_language("en")
