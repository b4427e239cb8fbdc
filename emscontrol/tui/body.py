"""The outline of a person from the front and from the back, and where on it the pads of each muscle lie."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

FRONT: Final = "front"
BACK: Final = "back"
WIDE: Final = 19  # columns of a view
MIDDLE: Final = WIDE // 2

REGIONS: Final[Mapping[str, str]] = {
    "H": "head",
    "N": "neck_ant",
    "P": "neck_post",
    "C": "chest_ant",
    "a": "arm",
    "f": "forearm",
    "h": "hand",
    "j": "hand",
    "k": "back",
    "m": "abdomen",
    "b": "buttock",
    "t": "thigh",
    "c": "calf",
    "o": "foot",
}
"""The letters inside an outline: which region of the muscle catalogue lies there. None of them is drawn itself."""
UNMARKED: Final[Mapping[str, str]] = {"j": "_", "o": "_"}
"""What stands in such a cell without a mark, a blank if nothing is said: the lower ends of hand and foot."""

LARGE: Final[Mapping[str, tuple[str, ...]]] = {
    FRONT: (
        "       ╭───╮       ",
        "       │HHH│       ",
        "       ╰NNN╯       ",
        "   ╭───╯CCC╰───╮   ",
        "  ╱aaaCCCCCCCaaa╲  ",
        " │aa│CCCCCCCCC│aa│ ",
        " │aa│CCCCCCCCC│aa│ ",
        " │aa│mmmmmmmmm│aa│ ",
        " │ff│mmmmmmmmm│ff│ ",
        " │ff│mmmmmmmmm│ff│ ",
        " │ff│mmmmmmmmm│ff│ ",
        " │hh│         │hh│ ",
        " │hh├ttt╭─╮ttt┤hh│ ",
        " ╰──┤ttt│ │ttt├──╯ ",
        "    │ttt│ │ttt│    ",
        "    │ttt│ │ttt│    ",
        "    │   │ │   │    ",
        "    │ccc│ │ccc│    ",
        "    │ccc│ │ccc│    ",
        "    │ccc│ │ccc│    ",
        "    ╰ooo╯ ╰ooo╯    ",
    ),
    BACK: (
        "       ╭───╮       ",
        "       │   │       ",
        "       ╰PPP╯       ",
        "   ╭──PPPPPPP──╮   ",
        "  ╱aaakkkkkkkaaa╲  ",
        " │aa│kkkkkkkkk│aa│ ",
        " │aa│kkkkkkkkk│aa│ ",
        " │aa│kkkkkkkkk│aa│ ",
        " │ff│kkkkkkkkk│ff│ ",
        " │ff│kkkkkkkkk│ff│ ",
        " │ff│bbbbbbbbb│ff│ ",
        " │hh│bbbbbbbbb│hh│ ",
        " │hh├ttt╭─╮ttt┤hh│ ",
        " ╰──┤ttt│ │ttt├──╯ ",
        "    │ttt│ │ttt│    ",
        "    │ttt│ │ttt│    ",
        "    │   │ │   │    ",
        "    │ccc│ │ccc│    ",
        "    │ccc│ │ccc│    ",
        "    │ccc│ │ccc│    ",
        "    ╰───╯ ╰───╯    ",
    ),
}
SMALL: Final[Mapping[str, tuple[str, ...]]] = {
    FRONT: (
        "       ╭───╮       ",
        "   ╭───╯NNN╰───╮   ",
        "  ╱aaaCCCCCCCaaa╲  ",
        " │aa│CCCCCCCCC│aa│ ",
        " │ff│mmmmmmmmm│ff│ ",
        " │ff│mmmmmmmmm│ff│ ",
        " ╰jj├ttt╭─╮ttt┤jj╯ ",
        "    │ttt│ │ttt│    ",
        "    │ttt│ │ttt│    ",
        "    │ccc│ │ccc│    ",
        "    │ccc│ │ccc│    ",
        "    ╰ooo╯ ╰ooo╯    ",
    ),
    BACK: (
        "       ╭───╮       ",
        "   ╭──PPPPPPP──╮   ",
        "  ╱aaakkkkkkkaaa╲  ",
        " │aa│kkkkkkkkk│aa│ ",
        " │ff│kkkkkkkkk│ff│ ",
        " │ff│bbbbbbbbb│ff│ ",
        " ╰jj├ttt╭─╮ttt┤jj╯ ",
        "    │ttt│ │ttt│    ",
        "    │ttt│ │ttt│    ",
        "    │ccc│ │ccc│    ",
        "    │ccc│ │ccc│    ",
        "    ╰───╯ ╰───╯    ",
    ),
}
TO_SMALL: Final = (0, 0, 1, 1, 2, 3, 3, 3, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 10, 10, 11)
"""The row of the small outline for each row of the large one."""
PLAIN: Final = str.maketrans("╭╮╰╯│─╱╲├┤", "..''|-/\\||")
"""The outline in ASCII."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One pad on the large outline: `row` from the top, `out` columns from the middle of the body outwards on the channel's
    side; below zero it is on the other side.
    """

    view: str
    row: int
    out: int


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the two pads of a muscle go. `second` is "" where one place is named for both; `pads` are usual sizes in cm."""

    first: str
    second: str
    pads: str
    spots: tuple[Spot, Spot]


def _read(text: str) -> Mapping[str, Placement]:
    return MappingProxyType({muscle: _placement(row) for muscle, row in tomllib.loads(text)["muscle"].items()})


def _placement(row: Mapping[str, Any]) -> Placement:
    first, second = (Spot(spot["view"], spot["row"], spot["out"]) for spot in row["spots"])
    return Placement(row["first"], row["second"], row["pads"], (first, second))


PLACEMENTS: Final = _read(files("emscontrol.tui.widgets").joinpath("body_places.toml").read_text(encoding="utf-8"))
"""For each muscle of the catalogue."""
