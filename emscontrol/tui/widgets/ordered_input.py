"""A text field that takes its keys in the order in which they were typed.

The library answers printable keys at once and editing keys a turn later, so that a Backspace and a digit that arrive in one
read change places: 33, Backspace, 5 would stay 33.
"""

from collections.abc import Callable, Mapping
from typing import Final

from textual.events import Key
from textual.widgets import Input

_EDITS: Final[Mapping[str, Callable[[Input], object]]] = {
    "backspace": Input.action_delete_left,
    "delete": Input.action_delete_right,
    "left": Input.action_cursor_left,
    "right": Input.action_cursor_right,
    "home": Input.action_home,
    "end": Input.action_end,
    "ctrl+u": Input.action_delete_left_all,
    "ctrl+w": Input.action_delete_left_word,
}


class OrderedInput(Input):
    """An Input whose editing keys act where they are heard. What may be typed stands in brackets, dim and slanted.

    The brackets are for terminals that show neither: an example must not be taken for a value that is there already.
    """

    DEFAULT_CSS = "OrderedInput > .input--placeholder { text-style: italic dim; }"

    def validate_placeholder(self, words: str) -> str:
        """In brackets; none where there is nothing to say."""
        return f"({words})" if words and not words.startswith("(") else words

    def on_key(self, event: Key) -> None:
        """Edit now, not after the printable keys behind."""
        edit = _EDITS.get(event.key)
        if edit is not None:
            edit(self)
            event.stop()
            event.prevent_default()
