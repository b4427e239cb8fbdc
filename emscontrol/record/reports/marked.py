"""Text of a record inside markup. Whatever somebody wrote there, it is text: no tag, no entity, no control of direction."""

from html import escape
from typing import Final

from emscontrol.core.events import printable

WORD_MAX: Final = 24


def marked(text: str) -> str:
    """The text for HTML, SVG and XML, in an element or in a quoted attribute.

    Control, bidirectional and other invisible characters, and what XML cannot hold, stand as escapes (`\\u202e`).
    """
    return escape(printable(text), quote=True)


def breakable(text: str) -> str:
    """The same with places to break in words that are longer than a column is wide."""
    return " ".join("<wbr>".join(map(marked, _pieces(word))) for word in printable(text).split(" "))


def _pieces(word: str) -> list[str]:
    return [word[place : place + WORD_MAX] for place in range(0, len(word), WORD_MAX)]
