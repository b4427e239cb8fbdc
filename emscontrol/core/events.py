"""What happens in a session: the engine emits it; journal, screen and exports read it.

An `Event` that does not fit its row of the vocabulary cannot be made, so whatever is in a journal can be read back.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from emscontrol.core.arguments import FITS, JSON, Arg, ArgType, printable, show
from emscontrol.core.vocabulary import EVENTS, EventKind, Severity

__all__ = ["EVENTS", "JSON", "Arg", "ArgType", "Event", "EventKind", "Severity", "make", "printable"]

CLAUSE: Final = re.compile(r"\[(?P<said>[^\[\]|]*)(\|(?P<instead>[^\[\]]*))?\]")
ARGUMENT: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. Raises ValueError when `kind` is not in `EVENTS` or `args` do not fit its row."""

    kind: str
    args: Mapping[str, JSON]

    def __post_init__(self) -> None:
        row = EVENTS.get(self.kind)
        if row is None:
            raise ValueError(f"no event is called {self.kind!r}")
        known = row.args
        for name, value in self.args.items():
            arg = known.get(name)
            if arg is None:
                raise ValueError(f"event {self.kind} has no argument {name!r}")
            if not (FITS[arg.type](value) or (value is None and arg.optional)):
                raise ValueError(f"event {self.kind}: {name} must be {arg.type} ({arg.meaning}), not {_told(value)}")
        if len(self.args) < len(known):
            missing = [name for name, arg in known.items() if name not in self.args and not arg.optional]
            if missing:
                raise ValueError(f"event {self.kind} lacks {', '.join(missing)}")

    @property
    def row(self) -> EventKind:
        """Its row of the dictionary."""
        return EVENTS[self.kind]

    @property
    def severity(self) -> Severity:
        """How loudly it is to be told."""
        return self.row.severity

    def sentence(self, template: str = "") -> str:
        """One plain sentence on one line, safe to print: control characters in it are escaped.

        `template` is that of its row in another language, with the same places.
        """
        row, template = self.row, CLAUSE.sub(self._clause, template or self.row.template)
        shown = {name: show(arg, self.args.get(name)) for name, arg in row.args.items() if f"{{{name}}}" in template}
        for name in shown:
            if f"{{{name}}}." in template:  # a text that is a whole sentence brings a full stop of its own
                shown[name] = shown[name].removesuffix(".")
        return template.format_map(shown)

    def _clause(self, clause: re.Match[str]) -> str:
        """A clause of the template, or what is said instead where an argument of it is absent."""
        there = all(self.args.get(name) is not None for name in ARGUMENT.findall(clause["said"]))
        return clause["said"] if there else clause["instead"] or ""


def make(kind: str, /, **args: JSON) -> Event:
    """The event of this kind. Raises ValueError for an unknown kind, an unknown, missing or unfit argument."""
    return Event(kind, args)


def looked_at(kind: str, args: Mapping[str, JSON]) -> Event:
    """The event whose arguments were found to fit before, as those of a set point told again: nothing is looked at."""
    event = object.__new__(Event)
    object.__setattr__(event, "kind", kind)
    object.__setattr__(event, "args", args)
    return event


def _told(value: JSON) -> str:
    """A refused value for a message; of an object only its type, because its text may be endless."""
    return f"{value!r:.80}" if value is None or isinstance(value, str | int | float) else type(value).__name__
