"""The keys that do something now, in the reader's language."""

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from emscontrol.tui.language import _


class KeyRow(Footer):
    """The library's footer; the commands' labels stand in the code in English and are translated here."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._keys_drawn: list[tuple[object, ...]] | None = None

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Drawn anew only where a key has come, gone, changed its words, or works again or no more.

        The library draws it anew whenever it is told to look, which was a third of the work of a page.
        """
        if self._keys_drawn != self._keys_now():
            super().bindings_changed(screen)

    def _keys_now(self) -> list[tuple[object, ...]]:
        active = self.screen.active_bindings.values()
        return [
            (each.key, each.key_display, each.description, each.action, enabled, tooltip)
            for (_, each, enabled, tooltip) in active
            if each.show
        ]

    def compose(self) -> ComposeResult:
        """Its keys."""
        self._keys_drawn = self._keys_now() if self._bindings_ready else None
        for part in super().compose():
            if isinstance(part, FooterKey):
                part.description = _(part.description)
                part.tooltip = _(str(part.tooltip)) if part.tooltip else None
            yield part
