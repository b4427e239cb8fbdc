"""The STOP button: the width of the screen, on every screen."""

from textual import events
from textual.message import Message
from textual.widgets import Static

WORDS = "STOP      F12 · Space · Esc · Ctrl+C"


class StopButton(Static):
    """Works when the mouse button goes down, not when it comes up again."""

    DEFAULT_CSS = """
    StopButton { height: 3; width: 1fr; content-align: center middle; text-style: bold; }
    """

    class Pressed(Message):
        """A person wants everything off."""

    def __init__(self) -> None:
        super().__init__(WORDS, id="stop", markup=False)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """STOP."""
        event.stop()
        self.post_message(self.Pressed())
