"""What is left on the terminal when the program fails inside.

The library would print the values of all variables. They hold names and findings of patients, and a terminal, a multiplexer
or a report of the failure keeps what it was shown: so the kind of the failure and the lines of code are told, and nothing else.
"""

import traceback
from pathlib import Path
from typing import Final

from rich.text import Text

PACKAGE: Final = Path(__file__).parents[1]
NEAREST: Final = 6
"""The innermost lines of code that are told: where it failed, and on whose behalf."""


def what_failed(problem: BaseException) -> Text:
    """A few lines for whoever mends it, without the problem's own words: those too can hold what somebody typed."""
    frames = traceback.extract_tb(problem.__traceback__)[-NEAREST:]
    places = [f"  {_place(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames]
    told = (
        f"emscontrol failed inside ({type(problem).__name__}). A session that was open is stopped; if nobody saw it end, "
        "pull the leads off. What was delivered is told at the next start. Please report these lines:"
    )
    return Text("\n".join((told, *places)))


def _place(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(PACKAGE.parent)) if path.is_relative_to(PACKAGE) else path.name
