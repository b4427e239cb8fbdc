"""Which screens are pictured, and how one gets there. The clinic and its clock are those of `tests.tui.house`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from textual.pilot import Pilot

from emscontrol.tui.app import EmsApp
from tests.tui.house import make_house, press, settled, stay

FOLDER: Final = Path(__file__).parent / "pictures"
KINDS: Final = (((80, 24), True), ((120, 40), True), ((80, 24), False))
"""(columns and rows, whether there is colour); those without come last."""
MARKED: Final = (("reverse", "r"), ("bold", "b"), ("underline", "u"))


@dataclass(frozen=True, slots=True)
class Still:
    """One screen, the keys that lead to it from today's page, and those that lead back."""

    name: str
    keys: tuple[str, ...]
    back: tuple[str, ...] = ("f2",)


STILLS: Final = (
    Still("today", ()),
    Still("checks", ("enter",)),
    Still("patients", ("f3",)),
    Still("patient", ("f3", "enter")),
    Still("calendar-week", ("f4",)),
    Still("calendar-month", ("f4", "w")),
    Still("protocols", ("f6",)),
    Still("sessions", ("f7",)),
    Still("devices", ("f8",)),
    Still("help", ("question_mark",), ("enter",)),
)


def file_of(name: str, size: tuple[int, int], colour: bool) -> Path:
    """Where its picture is kept."""
    return FOLDER / f"{name}-{size[0]}x{size[1]}{'' if colour else '-no-colour'}.txt"


def take_all(home: Path, size: tuple[int, int], colour: bool = True) -> dict[str, str]:
    """The pictures of all of them, by name. Without colour marks stand in a line of their own below each line that has some."""
    make_house(home)
    taken: dict[str, str] = {}

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        for still in STILLS:
            await press(pilot, *still.keys)
            await settled(pilot)
            taken[still.name] = "\n".join(line.rstrip() for line in _lines(app, marked=not colour)) + "\n"
            await press(pilot, *still.back)

    stay(home, act, size)
    return taken


def _lines(app: EmsApp, marked: bool) -> Iterator[str]:
    for strip in app.screen._compositor.render_strips():
        yield "".join(segment.text for segment in strip)
        marks = "".join(_mark(segment.style) * segment.cell_length for segment in strip)
        if marked and marks.strip():
            yield marks


def _mark(style: Any) -> str:
    return next((letter for name, letter in MARKED if style is not None and getattr(style, name)), " ")
