"""Which catalogue of words is used; set once when the program starts, and when somebody chooses another."""

import gettext
from pathlib import Path
from typing import Final

CATALOGUES: Final = Path(__file__).with_name("catalogues")
DOMAIN: Final = "emscontrol"
ENGLISH: Final = "en"
LANGUAGES: Final = {ENGLISH: "English", "de": "Deutsch"}
"""Each by its own name. What a catalogue leaves out is shown in English."""


class _Chosen:
    words: gettext.NullTranslations = gettext.NullTranslations()


def choose_language(language: str) -> None:
    """Use this one from now on; English for one that there is no catalogue of."""
    _Chosen.words = gettext.translation(DOMAIN, str(CATALOGUES), [language], fallback=True)


def _(text: str) -> str:
    """The same in the reader's language, English where there is no translation."""
    return _Chosen.words.gettext(text) if text else ""
