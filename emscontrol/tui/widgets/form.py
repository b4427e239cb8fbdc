"""A few questions above the screen, kept together when all are answered."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Generic, TypeVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Select, Static

from emscontrol.core.errors import EmsError, NotAllowed
from emscontrol.tui.house import House
from emscontrol.tui.language import _
from emscontrol.tui.widgets.key_row import KeyRow
from emscontrol.tui.widgets.ordered_input import OrderedInput
from emscontrol.tui.widgets.stop_button import StopButton

T = TypeVar("T")
SMALL_ROWS: Final = 18
"""Below so many rows STOP has one."""


@dataclass(frozen=True, slots=True)
class Field:
    """One question. With `choices` (what is kept, what is read) one of these is chosen, else a line is typed.

    What is `secret` is not shown.
    """

    name: str
    words: str
    hint: str = ""
    value: str = ""
    choices: Sequence[tuple[str, str]] = ()
    secret: bool = False


class FormScreen(ModalScreen[T | None], Generic[T]):
    """Ends with what `keep` returns, or with None when nobody wants to. What `keep` refuses is said, and nothing is lost."""

    DEFAULT_CSS = """
    FormScreen { align: center top; }
    FormScreen #form { height: auto; max-height: 1fr; width: 100%; max-width: 90; padding: 0 2; }
    FormScreen #form-title { text-style: bold; margin: 0 0 1 0; }
    FormScreen .field { height: auto; min-height: 1; }
    FormScreen .field-words { width: 24; padding: 0 1 0 0; }
    FormScreen .field Input, FormScreen .field Select { width: 1fr; }
    FormScreen #form-said { margin: 1 0 0 0; text-style: bold; }
    FormScreen.small StopButton { height: 1; }
    FormScreen.small #form-title { margin: 0; }
    FormScreen.small .field-words { width: 18; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
        Binding("f5", "keep", "Keep", key_display="F5"),
        Binding("escape", "leave", "Back", key_display="Esc"),
    ]
    AUTO_FOCUS = "Input, Select"

    def __init__(self, title: str, fields: Sequence[Field], keep: Callable[[Mapping[str, str]], Awaitable[T]]) -> None:
        super().__init__()
        self._heading = title
        self._fields = tuple(fields)
        self._keep = keep

    def compose(self) -> ComposeResult:
        """Title, a row for each question, what was refused; STOP below."""
        with VerticalScroll(id="form", can_focus=False):
            yield Static(self._heading, id="form-title", markup=False)
            for field in self._fields:
                with Horizontal(classes="field"):
                    yield Static(field.words, classes="field-words", markup=False)
                    yield self._asked(field)
            yield Static("", id="form-said", markup=False)
        with Vertical(id="foot"):
            yield StopButton()
            yield KeyRow()

    def _asked(self, field: Field) -> Input | Select[str]:
        if field.choices:
            options = [(words, value) for value, words in field.choices]
            chosen = field.value or field.choices[0][0]
            return Select(options, id=f"field-{field.name}", allow_blank=False, value=chosen, compact=True)
        return OrderedInput(field.value, id=f"field-{field.name}", placeholder=field.hint, password=field.secret, compact=True)

    def on_resize(self, event: events.Resize) -> None:
        """Fewer rows: STOP takes one."""
        self.set_class(event.size.height < SMALL_ROWS, "small")

    @property
    def answers(self) -> dict[str, str]:
        """What stands in the fields."""
        return {field.name: str(self._asking(field).value).strip() for field in self._fields}

    def _asking(self, field: Field) -> Input | Select[str]:
        return cast("Input | Select[str]", self.query_one(f"#field-{field.name}"))

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        if event.input.id == f"field-{self._fields[-1].name}":
            self.action_keep()
        else:
            self.focus_next()

    def action_keep(self) -> None:
        """Try to keep it."""
        self.run_worker(self._try(), exclusive=True)

    def action_leave(self) -> None:
        """Keep nothing."""
        self.dismiss(None)

    async def _try(self) -> None:
        try:
            kept = await self._keep(self.answers)
        except EmsError as problem:
            self.query_one("#form-said", Static).update(f"{problem.what} {problem.remedy}".strip())
            if isinstance(problem, NotAllowed):
                cast("House", self.app).book_problem(problem)
            return
        self.dismiss(kept)


def nothing_chosen(words: str = "") -> tuple[str, str]:
    """The choice of none."""
    return "", words or _("– none –")
