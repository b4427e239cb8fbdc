"""The step in hand: the current in force in large figures, what is asked about it, and the keys that answer."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from emscontrol.core.units import format_ma
from emscontrol.measure.suggestion import shown_width
from emscontrol.measure.words import AT_ONCE, KEYS, MEANINGS, WHEN_HELD, Word
from emscontrol.tui.figures import BIG_ROWS, big, big_ma, seconds
from emscontrol.tui.language import _
from emscontrol.tui.looks import CLOSED

FIGURE_WIDTH: Final = 20  # columns of the large figure
WORD_WIDTH: Final = 26  # of one key with its meaning
NO_KEY: Final = "."  # in place of a key that means nothing now
WAITING: Final = "wait for a word"
HINTS: Final[Mapping[str, str]] = {
    "starting": "The engine is being started. No current.",
    "idle": "Looking for the stimulator and bringing it to zero. No current.",
    "connected": "F5 prepares the stimulator and begins. Still no current.",
    "armed": "Prepared. It begins at once, still without current.",
    "paused": "Paused, no current. r goes on with the same step.",
    "stopping": "Stop sent; zero is being read back.",
}
"""What to say in a state in which nothing is asked."""


def headline(view: Mapping[str, Any], state: str, ending: str) -> tuple[str, str]:
    """What is asked, or what to do next, and a second line to it."""
    if state == CLOSED:
        return (ending or _("The engine is gone.")), _("F5: on to what was found.")
    if state == "fault":
        return str(view.get("latched") or view.get("reason", "")), _("q ends the measurement, with what is known.")
    question = view.get("question")
    if state != "running" or question is None:
        return _(HINTS.get(state, "")), ""
    return _asked(view, question)


def _asked(view: Mapping[str, Any], question: Mapping[str, Any]) -> tuple[str, str]:
    left = seconds(view["doing_left_us"])
    doing = "" if view["doing"] == WAITING else _("{doing}, {left}").format(doing=_(view["doing"]), left=left)
    quiet = doing or (_("Without a word it ends in {left}.").format(left=left) if question["open"] else "")
    if not question["amplitude_ua"]:
        return _("No current yet. + or n gives the first step, d ends."), quiet
    step = f"{format_ma(question['amplitude_ua'])}, {shown_width(question['width_us'])}"
    if question["held"]:
        return _("No current. Ready for {step}.").format(step=step), _("a gives it, - and + offer another, d ends.")
    if question["open"]:
        return _("What was felt and seen at {step}?").format(step=step), quiet
    return _("Now: {step}.").format(step=step), doing or _("It is given in a moment.")


class StepPanel(Widget):
    """Shows the last view. Four rows with large figures; with less height one."""

    DEFAULT_CSS = "StepPanel { height: 4; width: 1fr; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__(id="step")
        self._shown: tuple[str, str, str, str] = ("", "", "", "")

    @property
    def words(self) -> str:
        """What stands there, as text."""
        return self.render().plain

    def show(self, figure: str, asked: tuple[str, str], heard: str) -> None:
        """`figure` is the current in force without its unit, `heard` the last words of a simulated patient."""
        fresh = (figure, *asked, heard)
        if fresh != self._shown:
            self._shown = fresh
            self.refresh()

    def render(self) -> Text:
        """The figure in force comes first, whatever the height."""
        figure, first, second, heard = self._shown
        if self.size.height <= BIG_ROWS:
            line = Text(f"{figure:>5} mA  ", style="bold").append(first)
            return Text("\n", no_wrap=True, overflow="ellipsis").join([line, Text(heard or second)][: max(1, self.size.height)])
        rows = list(big(figure)) if figure else ["", "", ""]
        rows[-1] = f"{rows[-1]} mA" if figure else ""
        beside = (Text(first, style="bold"), Text(second), Text(""))
        lines = [
            Text(f"{left:<{FIGURE_WIDTH}}", style="bold").append_text(right) for left, right in zip(rows, beside, strict=True)
        ]
        return Text("\n", no_wrap=True, overflow="ellipsis").join([*lines, Text(heard, style="italic")])


def force_words(view: Mapping[str, Any], known: bool, over: bool) -> str:
    """The current in force as a figure; a question mark where nobody knows."""
    if not known:
        return "?"
    flowing = [row["amplitude_ua"] for row in view.get("channels", {}).values()]
    return big_ma(0 if over else max(flowing, default=0))


class WordKeys(Static):
    """The keys with what they say, in as many columns as there is room for. A click says it too."""

    DEFAULT_CSS = "WordKeys { height: auto; width: 1fr; padding: 0 1; }"

    class Said(Message):
        """A word, by mouse."""

        def __init__(self, word: Word) -> None:
            super().__init__()
            self.word = word

    def __init__(self) -> None:
        super().__init__("", id="words", markup=False)
        self._meant: frozenset[Word] = frozenset()

    def show(self, meant: frozenset[Word]) -> None:
        """Those that mean something now; the others have a dot in place of their key."""
        if meant != self._meant:
            self._meant = meant
            self._fit()

    def on_resize(self) -> None:
        """Other columns fit."""
        self._fit()

    def on_click(self, event: events.Click) -> None:
        """Say the word under the pointer."""
        event.stop()
        columns = self._columns()
        place = event.y * columns + min(columns - 1, max(0, event.x - 1) // WORD_WIDTH)
        if place < len(KEYS):
            self.post_message(self.Said(list(KEYS.values())[place]))

    def _columns(self) -> int:
        return max(1, (self.size.width or WORD_WIDTH) // WORD_WIDTH)

    def _fit(self) -> None:
        self.update(Text("\n", no_wrap=True, overflow="crop").join(self._lines()))

    def _lines(self) -> Iterator[Text]:
        words, columns = list(KEYS.items()), self._columns()
        for row in range(0, len(words), columns):
            yield Text("").join(self._word(key, word) for key, word in words[row : row + columns])

    def _word(self, key: str, word: Word) -> Text:
        there = word in self._meant
        text = Text(key if there else NO_KEY, style="bold reverse" if there else "dim")
        text.append(f" {_(MEANINGS[word])}", style="" if there else "dim")
        text.truncate(WORD_WIDTH, pad=True)
        return text


def meant_now(view: Mapping[str, Any], state: str) -> frozenset[Word]:
    """The words that count now."""
    question = view.get("question")
    if state != "running" or question is None:
        return frozenset()
    if not question["open"]:
        return AT_ONCE if question["amplitude_ua"] else frozenset()
    if not question["amplitude_ua"]:
        return frozenset({Word.UP, Word.NOTHING, Word.DONE})
    return frozenset(WHEN_HELD) if question["held"] else frozenset(map(Word, question["words"]))
