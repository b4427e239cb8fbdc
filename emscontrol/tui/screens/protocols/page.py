"""The library: to browse, to narrow down, and to look into other files."""

import asyncio
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import DataTable, Input, Label, Static

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import ProtocolWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.protocols.shelf import AT_LEAST, Asked, Entry, narrowed, read_shelf, use_words
from emscontrol.tui.widgets.listing import Column, Listing, Row
from emscontrol.tui.widgets.ordered_input import OrderedInput

COLUMNS: Final = (
    Column("Protocol", 24, grow=4),
    Column("Ev.", 3),
    Column("Use", 15),
    Column("Muscles", 14, grow=1, from_width=76),
    Column("Pulses", 6),
)


class ProtocolsPage(Page[None]):
    """The library, or the files of another folder."""

    WHERE = Where.PROTOCOLS
    PAGE = "protocols"
    AUTO_FOCUS = "#shelf"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.PROTOCOLS),
        Binding("escape", "out_of_field", show=False),
    ]
    DEFAULT_CSS = """
    ProtocolsPage .field { height: 1; padding: 0 1; }
    ProtocolsPage .field Label { width: 7; }
    ProtocolsPage .field Input { width: 1fr; }
    ProtocolsPage #asked { height: 1; padding: 0 1; text-style: dim; }
    ProtocolsPage #shelf { padding: 0 1; }
    ProtocolsPage #about-one { height: auto; max-height: 2; padding: 0 1; }
    ProtocolsPage #wrong { height: auto; max-height: 50%; padding: 0 1; border-top: solid white; display: none; }
    ProtocolsPage #wrong.on { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._entries: tuple[Entry, ...] = ()
        self._place = ""
        self._asked = Asked()

    def content(self) -> ComposeResult:
        """Words to find, the list, what the chosen one is for, problems of a file, the path of another."""
        with Horizontal(classes="field"):
            yield Label(_("Find"))
            yield OrderedInput(id="find", compact=True, placeholder=_("words of title, muscle or condition"))
        yield Static("", id="asked", markup=False)
        yield Listing([Column(_(c.heading), c.width, c.grow, c.from_width) for c in COLUMNS], "shelf")
        yield Static("", id="about-one", markup=False)
        with VerticalScroll(id="wrong"):
            yield Static("", id="wrong-words", markup=False)
        with Horizontal(classes="field"):
            yield Label(_("Other"))
            yield OrderedInput(id="other", compact=True, placeholder=_("path of a protocol file, or of a folder of them"))

    async def load(self) -> None:
        """The files of the place that is shown, read anew: somebody may be writing at one of them."""
        self._entries = await asyncio.to_thread(read_shelf, self._place)
        self._show()

    # -- what is shown -------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        found = narrowed(self._entries, self._asked)
        nothing = _("None fits. {keys} change what is asked for.").format(keys="/ e d")
        self.query_one(Listing).fill([_row(entry) for entry in found], nothing)
        self.query_one("#asked", Static).update(self._narrowing(len(found)))
        self._show_chosen()

    def _narrowing(self, count: int) -> str:
        evidence, place = self._asked.evidence, self._place or _("the library")
        parts = [_("{count} of {all} in {place}").format(count=count, all=len(self._entries), place=place)]
        if evidence != AT_LEAST[0]:
            parts.append(_("evidence {letters} only").format(letters=", ".join(evidence)))
        if self._asked.denervated:
            parts.append(_("for muscles without a nerve only"))
        return "; ".join(parts)

    @on(DataTable.RowHighlighted, "#shelf")
    def _show_chosen(self) -> None:
        entry = self._chosen()
        if entry is None:
            words = ""
        elif entry.loaded is None:
            words = _("This file cannot be used: {count} wrong. Enter shows where.").format(count=len(entry.problems))
        else:
            words = f"{entry.loaded.protocol.indication} ({entry.muscles})"
        self.query_one("#about-one", Static).update(words)
        self.refresh_bindings()

    def _chosen(self) -> Entry | None:
        key = self.query_one(Listing).chosen
        return next((entry for entry in self._entries if entry.path == key), None)

    # -- what a person wants -------------------------------------------------------------------------------------------

    def can(self, name: str) -> bool:
        """Back to the library only from elsewhere; letters are text while one types."""
        return name != "library" or bool(self._place)

    def do_open(self) -> None:
        """The chosen protocol, or what is wrong with its file."""
        entry = self._chosen()
        if entry is not None:
            self._open(entry)

    def _open(self, entry: Entry) -> None:
        wrong = self.query_one("#wrong", VerticalScroll)
        wrong.set_class(entry.loaded is None, "on")
        if entry.loaded is not None:
            self.post_message(ProtocolWanted(entry.path))
            return
        lines = (_("{file} cannot be used:").format(file=entry.path), *entry.problems, entry.remedy)
        self.query_one("#wrong-words", Static).update("\n".join(lines))
        wrong.scroll_home(animate=False)

    @on(DataTable.RowSelected, "#shelf")
    def _clicked(self) -> None:
        self.do_open()

    def do_find(self) -> None:
        """Into the field of words."""
        self.query_one("#find").focus()

    def do_other(self) -> None:
        """Into the field of the path."""
        self.query_one("#other").focus()

    def do_evidence(self) -> None:
        """One step further through what evidence is asked for."""
        at = (AT_LEAST.index(self._asked.evidence) + 1) % len(AT_LEAST)
        self._asked = Asked(self._asked.words, AT_LEAST[at], self._asked.denervated)
        self._show()

    def do_denervated(self) -> None:
        """Only for muscles without a nerve, or all."""
        self._asked = Asked(self._asked.words, self._asked.evidence, not self._asked.denervated)
        self._show()

    def do_library(self) -> None:
        """The library again."""
        self._go_to("")

    @on(Input.Changed, "#find")
    def _words_typed(self, event: Input.Changed) -> None:
        self._asked = Asked(event.value, self._asked.evidence, self._asked.denervated)
        self._show()

    @on(Input.Submitted, "#find")
    def action_out_of_field(self) -> None:
        """Back to the list."""
        self.query_one(Listing).focus()

    @on(Input.Submitted, "#other")
    def _path_typed(self, event: Input.Submitted) -> None:
        self._go_to(event.value.strip())

    def _go_to(self, place: str) -> None:
        async def read() -> None:
            entries = await asyncio.to_thread(read_shelf, place)
            self.query_one("#wrong").remove_class("on")
            if len(entries) == 1 and entries[0].path == place:
                self._open(entries[0])
                return
            self._entries, self._place = entries, place
            self.query_one(Listing).focus()
            self._show()

        self.work_on(read, "load")


def _row(entry: Entry) -> Row:
    if entry.loaded is None:
        return Row(entry.path, (entry.title, "", _("CANNOT BE USED"), "", ""))
    protocol = entry.loaded.protocol
    pulses = _("long") if entry.long_pulses else _("short")
    return Row(entry.path, (protocol.title, protocol.evidence.value, use_words(protocol.use), entry.muscles, pulses))
