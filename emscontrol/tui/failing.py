"""What is left on the terminal when the program fails inside.

The library would print the values of all variables. They hold names and findings of patients, and a terminal, a multiplexer
or a report of the failure keeps what it was shown: so the kind of the failure and the lines of code are told, and nothing else.
"""

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.text import Text
from rich.traceback import Traceback
from textual.app import App

PACKAGE: Final = Path(__file__).parents[1]
NEAREST: Final = 6
"""The innermost lines of code that are told: where it failed, and on whose behalf."""


class FailsDiscreetly(App[None], inherit_bindings=False):
    """A program that leaves nothing else behind, whichever way the library ends it."""

    def _fatal_error(self) -> None:
        """What the library calls when something fails inside."""
        problem = sys.exception() or self._exception
        self._leave_behind(what_failed(problem) if problem is not None else told_of("unknown", ()))

    def panic(self, *renderables: object) -> None:
        """What the library calls when its input thread dies, or when a failure brings words of its own. Those are not told."""
        problem = sys.exception() or self._exception
        stack = next((each.trace.stacks[0] for each in renderables if isinstance(each, Traceback)), None)
        if stack is not None:
            told = told_of(stack.exc_type, [(each.filename, each.lineno, each.name) for each in stack.frames])
        else:
            told = what_failed(problem) if problem is not None else told_of("unknown", ())
        self._leave_behind(told)

    def _leave_behind(self, told: Text) -> None:
        self._return_code = 1  # a panic alone would leave 0: a session that failed as one that went well
        self.bell()
        self._exit_renderables.append(told)
        self._close_messages_no_wait()


def what_failed(problem: BaseException) -> Text:
    """A few lines for whoever mends it, without the problem's own words: those too can hold what somebody typed."""
    frames = traceback.extract_tb(problem.__traceback__)
    return told_of(type(problem).__name__, [(each.filename, each.lineno, each.name) for each in frames])


def told_of(kind: str, frames: Sequence[tuple[str, int | None, str]]) -> Text:
    """The same of a failure of which only its kind and its lines of code (file, number, name) are at hand."""
    places = [f"  {_place(filename)}:{number} in {name}" for filename, number, name in frames[-NEAREST:]]
    told = (
        f"emscontrol failed inside ({kind}). A session that was open was told to stop; if nobody saw it end, "
        "pull the leads off. What was delivered is told at the next start. Please report these lines:"
    )
    return Text("\n".join((told, *places)))


def told_to_end(by: str) -> str:
    """The last words of a program that a signal of this name ended. Nobody has read back what became of the session."""
    return (
        f"emscontrol was ended from outside ({by}). A session that was open was told to stop; if nobody saw it end, "
        "pull the leads off. What was delivered is told at the next start.\r\n"
    )


def _place(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(PACKAGE.parent)) if path.is_relative_to(PACKAGE) else path.name
