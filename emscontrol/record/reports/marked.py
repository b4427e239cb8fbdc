"""Text of a record inside markup. Whatever somebody wrote there, it is text: no tag, no entity, no control of direction."""

from html import escape

from emscontrol.core.events import printable


def marked(text: str) -> str:
    """The text for HTML, SVG and XML, in an element or in a quoted attribute.

    Control, bidirectional and other invisible characters, and what XML cannot hold, stand as escapes (`\\u202e`).
    """
    return escape(printable(text), quote=True)
