"""The questions of the screening that are due, one by one; each answer is kept before the next is asked."""

from collections.abc import Sequence
from time import monotonic
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, Static

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.patients.asked import Asked, answer_words, asked_words, due_of, give
from emscontrol.tui.widgets.ordered_input import OrderedInput

READ_S: Final = 0.7
"""Nobody reads a question in less, and a key that is held begins to repeat before: it answers one question and not all."""

HELD_S: Final = 0.15
"""Presses that follow each other faster are one key that is held, or text that was pasted."""


class QuestionsScreen(Page[None]):
    """y, n or u; a yes asks where it applies. Whoever breaks off loses nothing: what was answered is kept."""

    DEFAULT_CSS = """
    QuestionsScreen #asked-head { height: 1; padding: 0 1; text-style: bold; }
    QuestionsScreen #asked { height: 1fr; padding: 1 1; }
    QuestionsScreen #asked-words { height: auto; }
    QuestionsScreen #where-form { display: none; height: auto; margin: 1 0 0 0; padding: 0 1; background: $panel; }
    QuestionsScreen.where #where-form { display: block; }
    QuestionsScreen #where-words { height: auto; text-style: bold; }
    QuestionsScreen #where { border: tall $accent; background: $surface; }
    QuestionsScreen.small #asked { padding: 0 1; }
    QuestionsScreen.small #where { border: none; height: 1; }
    QuestionsScreen.small #where-form { margin: 0; }
    """
    WHERE = Where.QUESTIONS
    PAGE = "patients"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.QUESTIONS),
        Binding("question_mark", "do('unknown')", show=False),
        Binding("escape", "back_or_again", "Back", key_display="Esc"),
    ]

    def __init__(self, code: str) -> None:
        super().__init__()
        self._code = code
        self._patient = 0
        self._waiting: Sequence[Asked] = ()
        self._whole = 0
        self._answered = 0
        self._given: list[tuple[Asked, str]] = []
        self._shown_at = 0.0
        self._pressed_at = 0.0
        self._busy = True

    def content(self) -> ComposeResult:
        """Which question of how many, the question, and the field for a yes."""
        yield Static("", id="asked-head", markup=False)
        with VerticalScroll(id="asked", can_focus=False):
            yield Static("", id="asked-words", markup=False)
            with Vertical(id="where-form"):
                yield Static(_("YES – where in the body?"), id="where-words", markup=False)
                yield OrderedInput(id="where", placeholder=_("e.g. thigh left; empty: everywhere"))
                yield Static(_where_help(), id="where-help", markup=False)

    async def load(self) -> None:
        """What is due by now."""
        self._patient, self._waiting = await self.house.station.read("screening", lambda at: due_of(at, self._code))
        self._whole = max(self._whole, self._answered + len(self._waiting))
        self._show()

    @property
    def asking(self) -> Asked | None:
        """The question in front, None when all are answered."""
        return self._waiting[0] if self._waiting else None

    def _show(self) -> None:
        asked = self.asking
        self._busy, self._shown_at = False, monotonic()
        self.query_one("#where", Input).value = ""
        self.remove_class("where")
        self.set_focus(None)
        head = _("{code}: question {number} of {whole}").format(code=self._code, number=self._answered + 1, whole=self._whole)
        self.query_one("#asked-head", Static).update(head if asked else _("{code}: the screening").format(code=self._code))
        self.query_one("#asked-words", Static).update(asked_words(asked, self._given) if asked else self._over())
        self.refresh_bindings()

    def _over(self) -> Text:
        told = Text(_("Everything that was due is answered and kept. Esc goes back."), style="bold")
        for asked, answer in self._given:
            if answer != "no":
                told.append(f"\n\n{asked.rule}: {answer_words(answer)}\n{asked.means}", style="not bold")
        return told

    # -- answering -----------------------------------------------------------------------------------------------------

    def can(self, name: str) -> bool:
        """A question has to stand there; the last answer can be taken again."""
        if name == "again":
            return bool(self._given) and not self._typing
        return self.asking is not None and not self._typing

    @property
    def _typing(self) -> bool:
        return self.has_class("where")

    def _read(self) -> bool:
        """Whether somebody can have read the question that stands there, and the key is not one that is held."""
        now = monotonic()
        since_last, self._pressed_at = now - self._pressed_at, now
        if self._busy or since_last < HELD_S:
            return False
        if now - self._shown_at < READ_S:
            self.say(_("That was faster than anybody reads: this question is not answered yet."))
            return False
        return True

    def do_yes(self) -> None:
        """Then where?"""
        if self._read():
            asked = self.asking
            self.query_one("#asked-words", Static).update(Text(asked.question if asked else "", style="bold"))
            self.add_class("where")
            self.query_one("#where", Input).focus()
            self.refresh_bindings()

    def do_no(self) -> None:
        """No."""
        if self._read():
            self._keep("no", "")

    def do_unknown(self) -> None:
        """Nobody knows; it counts as a yes."""
        if self._read():
            self._keep("unknown", "")

    def do_again(self) -> None:
        """The question before once more; what is answered last counts."""
        if self._given and not self._busy:
            asked, _answer = self._given.pop()
            self._waiting = (asked, *self._waiting)
            self._answered -= 1
            self._show()

    @on(Input.Submitted, "#where")
    def _somewhere(self, event: Input.Submitted) -> None:
        self._keep("yes", event.value)

    def _keep(self, answer: str, where: str) -> None:
        asked = self.asking
        if asked is None or self._busy:
            return
        self._busy = True

        async def keep() -> None:
            try:
                await self.house.station.write("screening", lambda at: give(at, self._patient, asked.rule, answer, where))
            finally:
                self._busy = False
            self._given.append((asked, answer))
            self._waiting = self._waiting[1:]
            self._answered += 1
            self.say("")
            self._show()

        self.work_on(keep)

    def action_back_or_again(self) -> None:
        """Out of the field first, then out of the questions."""
        if self._typing:
            self._show()
        else:
            self.dismiss(None)


def _where_help() -> str:
    """What may be typed."""
    from emscontrol.clinic.patients.implants import REGIONS

    words = _("A region with its side, several with a comma: {regions}. Or a muscle. Enter keeps the yes, Esc takes it back.")
    return words.format(regions=", ".join(region.replace("_", " ") for region in REGIONS if region))
