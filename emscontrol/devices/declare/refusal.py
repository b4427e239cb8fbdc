"""A parameter that may not go on the wire, and bytes that are no command."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from emscontrol.core.errors import UsageError

_LONGEST: Final = 60  # characters of a wrong value that are repeated in a message
_LARGEST_BITS: Final = 256  # an integer above this many bits is not spelled out


class BadParameter(UsageError, ValueError):
    """A command cannot be built: `field` is what is wrong, `problem` how, `allowed` what would be right."""

    def __init__(self, field: str, problem: str, allowed: str, command: str = "") -> None:
        super().__init__(f"{command + ': ' if command else ''}{field} {problem}; allowed: {allowed}.")
        self.command = command
        self.field = field
        self.problem = problem
        self.allowed = allowed

    def inside(self, outer: str) -> "BadParameter":
        """The same, with the list entry it was found in put before the field's name."""
        return BadParameter(f"{outer}.{self.field}", self.problem, self.allowed, self.command)

    def of_command(self, command: str) -> "BadParameter":
        """The same, told of a command."""
        return BadParameter(self.field, self.problem, self.allowed, command)


class Malformed(Exception):
    """An intact frame whose data do not follow the command's layout."""


def wrong(field: str, value: object, allowed: str) -> BadParameter:
    """The refusal of a value."""
    return BadParameter(field, f"is {shown(value)}", allowed)


def missing(field: str, allowed: str) -> BadParameter:
    """The refusal of a parameter that is not there."""
    return BadParameter(field, "is missing", allowed)


def refuse_unknown(given: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise BadParameter when there is a key that no field has."""
    allowed = sorted(known)
    for key in given:
        if key not in allowed:
            raise BadParameter(shown(key), "is not a parameter", ", ".join(allowed) or "none")


def mapping(field: str, value: object) -> Mapping[str, Any]:
    """The value if it is a mapping; BadParameter otherwise."""
    if not isinstance(value, Mapping):
        raise wrong(field, value, "an object with named values")
    return value


def sequence(field: str, value: object, most: int, least: int = 0) -> "list[Any] | tuple[Any, ...]":
    """The value if it is a list of a legal length; BadParameter otherwise."""
    if not isinstance(value, list | tuple):
        raise wrong(field, value, "a list")
    if not least <= len(value) <= most:
        count = f"{least}" if least == most else f"{least} to {most}"
        raise BadParameter(field, f"has {len(value)} entries", count)
    return value


def shown(value: object) -> str:
    """A value in a message, however large it is."""
    if isinstance(value, int) and value.bit_length() > _LARGEST_BITS:
        return "a number of more than 256 bits"
    if isinstance(value, list | tuple | dict | set) and len(value) > 0:
        return f"a {type(value).__name__} of {len(value)}"
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
