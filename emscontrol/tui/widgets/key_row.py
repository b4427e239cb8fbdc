"""The keys that do something now, in the reader's language."""

from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer

from emscontrol.tui.language import _


class Offer(NamedTuple):
    """One key: its name for the library, as people read it, what it does in short and in long, and whether it works now."""

    key: str
    told: str
    words: str
    help: str | None
    works: bool

    @property
    def cells(self) -> int:
        """How wide it is drawn."""
        return cell_len(self.told) + (1 + cell_len(self.words) if self.words else 0)


class KeysOffered(Widget):
    """All of them in one line, drawn at once. A click on one presses it."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys-offered--key", "keys-offered--words"}
    DEFAULT_CSS = """
    KeysOffered { width: auto; height: 1; text-wrap: nowrap; background: $footer-item-background; }
    KeysOffered > .keys-offered--key {
        color: $footer-key-foreground; background: $footer-key-background; text-style: bold;
    }
    KeysOffered > .keys-offered--words { color: $footer-description-foreground; background: $footer-description-background; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._offers: tuple[Offer, ...] = ()

    def offer(self, offers: tuple[Offer, ...]) -> None:
        """These from now on."""
        if offers != self._offers:
            self._offers = offers
            self.tooltip = None
            self.refresh(layout=True)

    def render(self) -> Text:
        """A key, its words, a gap, the next."""
        key_style = self.get_component_rich_style("keys-offered--key")
        words_style = self.get_component_rich_style("keys-offered--words")
        line = Text(no_wrap=True)
        for number, offer in enumerate(self._offers):
            faint = Style(dim=not offer.works or None)
            line.append(" " if number else "")
            line.append(offer.told, key_style + faint)
            line.append(f" {offer.words}" if offer.words else "", words_style + faint)
        return line

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """As if it were pressed."""
        offer = self._under(event.x)
        if offer is not None and offer.works:
            self.app.simulate_key(offer.key)
        elif offer is not None:
            self.app.bell()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """What the library shows beside the mouse is the help of the key below it."""
        offer = self._under(event.x)
        told = offer.help if offer is not None else None
        if told != self.tooltip:
            self.tooltip = told

    def _under(self, x: int) -> Offer | None:
        for offer in self._offers:
            if x < offer.cells:
                return offer if x >= 0 else None
            x -= offer.cells + 1
        return None


class KeyRow(Footer):
    """The library's footer with one line in it, in place of a widget with styles of its own for each key.

    Those were mounted anew whenever a key came or went, which was a third of the work of a page. The commands' labels stand in
    the code in English and are translated here.
    """

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)

    def compose(self) -> ComposeResult:
        """Its line, empty until the library tells which keys work."""
        yield KeysOffered()

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Other keys may work now."""
        if screen.app.app_focus and self.is_attached and screen is self.screen:
            for line in self.query(KeysOffered):
                line.offer(self._offers())

    def _offers(self) -> tuple[Offer, ...]:
        """The first key of each command that is shown."""
        offers: dict[str, Offer] = {}
        for _node, each, enabled, tooltip in self.screen.active_bindings.values():
            if each.show and each.action not in offers:
                told = self.app.get_key_display(each)
                offers[each.action] = Offer(each.key, told, _(each.description), _(tooltip) if tooltip else None, enabled)
        return tuple(offers.values())
