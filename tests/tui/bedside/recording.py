"""The journey of a returning patient as a page of the documentation: pictures of a real terminal, and the keys."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from tests.tui.terminal import ROOT

PAGE: Final = ROOT / "docs" / "journey.md"
HEAD: Final = """# A session, picture by picture

A patient who was here before, from the start of the program to what is written down afterwards: `emscontrol` on a terminal
of 100 by 30, on a practice book with a simulated stimulator. Recorded by `make journey`; the test of this journey fails when
a picture has changed.
"""
DAYS: Final = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Mon|Tue|Wed|Thu|Fri|Sat|Sun"
CHANGING: Final = re.compile(rf"\b({DAYS})\b|[0-9]+|  +")


class Frame(NamedTuple):
    """What stood on the screen, and what was pressed then. `live` ones show clocks and current, never twice the same."""

    picture: str
    key: str
    live: bool


def page_of(frames: Sequence[Frame]) -> str:
    """The page."""
    parts = [HEAD]
    for number, frame in enumerate(frames, 1):
        lines = "\n".join(line.rstrip() for line in frame.picture.splitlines())
        parts.append(f"## {number}. {frame.key}\n\n```text\n{lines.rstrip()}\n```\n")
    return "\n".join(parts)


def frames_in(page: str) -> list[str]:
    """The pictures of a page."""
    return re.findall(r"```text\n(.*?)\n```", page, re.DOTALL)


def steady(picture: str) -> str:
    """A picture without what differs from day to day: figures, names of days, and how wide they make the gaps."""
    return "\n".join(CHANGING.sub("#", line.rstrip()) for line in picture.rstrip().splitlines())


def write(frames: Sequence[Frame]) -> Path:
    """Keep it."""
    PAGE.write_text(page_of(frames), "utf-8")
    return PAGE
