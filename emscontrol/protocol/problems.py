"""One line for everything that is wrong in a file: `file:line:column: key.path: what was found; what would be right`."""

from dataclasses import dataclass

from emscontrol.protocol.findings import Place
from emscontrol.protocol.text import printable, shortened


@dataclass(frozen=True, slots=True)
class Problem:
    """Line and column count from 1. `place` is empty for what concerns the whole file."""

    line: int
    column: int
    place: Place
    found: str
    right: str

    def text(self, name: str) -> str:
        """The line, for the file of this name; safe to print."""
        path = f"{dotted(self.place)}: " if self.place else ""
        return f"{printable(name)}:{self.line}:{self.column}: {path}{self.found}; {self.right}"


def dotted(place: Place) -> str:
    """A place as `phases.0.groups.1.rate_hz`, list positions from 0; safe to print."""
    return ".".join(shortened(str(part)) for part in place)
