"""Text that may be shown: which characters a file may not hold, and how any value is quoted in a message."""

import unicodedata
from typing import Final

_JOINERS: Final = "\u200c\u200d"  # invisible, but Persian, Hindi and others are misspelt without them
_SHOWN_MAX: Final = 80


def is_forbidden(character: str) -> bool:
    """True for a character that no text of a file may hold.

    Control characters except tab and line feed (they drive terminals), format characters (they turn the direction of text or
    hide in it), separators that some readers take for line ends, surrogates and private characters.
    """
    if character in "\t\n" or character in _JOINERS:
        return False
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def character_name(character: str) -> str:
    """A forbidden character in words that are safe to print, as `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}".strip()


def printable(text: str) -> str:
    """The text with everything that a terminal would obey written as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)


def shortened(text: str) -> str:
    """The beginning of the text, on one line, safe to print."""
    return printable(text if len(text) <= _SHOWN_MAX else text[: _SHOWN_MAX - 1] + "…")


def quoted(text: str) -> str:
    """The same in quotes."""
    return f'"{shortened(text)}"'
