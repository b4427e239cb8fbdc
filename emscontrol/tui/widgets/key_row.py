"""The keys that do something now, in the reader's language."""

from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from emscontrol.tui.language import _


class KeyRow(Footer):
    """The library's footer; the commands' labels stand in the code in English and are translated here."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)

    def compose(self) -> ComposeResult:
        """Its keys."""
        for part in super().compose():
            if isinstance(part, FooterKey):
                part.description = _(part.description)
                part.tooltip = _(str(part.tooltip)) if part.tooltip else None
            yield part
