"""The text of a file to plain values, each with its line and column.

ruamel.yaml splits the text into events (YAML 1.2); nothing of it constructs a value. What a protocol file has no use for and an
attacker has (aliases, anchors, tags, merge keys, directives, second documents, repeated keys, depth, size) is refused here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from emscontrol.protocol.bounds import DEPTH_MAX, LINE_MAX, LINES_MAX, NODES_MAX
from emscontrol.protocol.findings import Place
from emscontrol.protocol.problems import Problem
from emscontrol.protocol.scalars import AmbiguousScalar, read_key, read_plain
from emscontrol.protocol.text import character_name, is_forbidden, quoted, shortened

BROKEN: Final = object()
"""Stands for a value that was refused; its place is in `Tree.broken`."""

_SCANNER_ERRORS: Final = (YAMLError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError, AssertionError)
"""What ruamel.yaml raises on malformed text: its own, and bare Python errors where an escape or a directive is out of range."""

_SHARED: Final = ("found the anchor", "found the alias", "found a merge key")

_HINTS: Final = (
    ("mapping values are not allowed", "text with a colon in it goes in quotes; keys of one part begin in the same column"),
    ("'\\t' that cannot start", "indent with spaces, not tabs"),
    ("could not find expected ':'", "a key is followed by a colon and a space"),
    ("expected <block end>", "keys of one part begin in the same column"),
    ("expected ',' or", "close the bracket above, with commas between its entries"),
    ("unexpected end of stream", "close the quotes or the bracket"),
    ("int too large", "no such character; remove the escape"),
    ("chr() arg", "no such character; remove the escape"),
)
"""What the parser says, and what an author most likely has to do about it."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Line and column, from 1, of a value and of its key (the same for an entry of a list)."""

    key_line: int
    key_column: int
    line: int
    column: int


@dataclass(slots=True)
class Tree:
    """What a text says. `whole` is False where reading had to stop; then `data` means nothing.

    `shared` counts its anchors, aliases and merge keys: where there are any, what seems to be missing may stand elsewhere.
    """

    data: Any = BROKEN
    spots: dict[Place, Spot] = field(default_factory=dict)
    broken: set[Place] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    whole: bool = True
    shared: int = 0


class _Stop(Exception):
    """Reading on would cost more than it tells."""


def read_tree(text: str) -> Tree:
    """Read the text of a protocol file. Never raises: what is wrong is in `problems`."""
    plain_text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    tree = Tree(problems=_refused_lines(plain_text))
    if tree.problems:
        tree.whole = False
        return tree
    try:
        _Reader(tree, plain_text).document()
    except _Stop:
        tree.whole = False
    except MarkedYAMLError as error:
        tree.whole = False
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        tree.problems.append(Problem(line, column, (), *_unreadable(f"{error.problem or error.context}")))
    except _SCANNER_ERRORS as error:
        tree.whole = False
        tree.problems.append(Problem(1, 1, (), *_unreadable(str(error))))
    if tree.shared > 1:
        tree.problems.append(_other_shared(tree))
    return tree


def _other_shared(tree: Tree) -> Problem:
    """One line for all but the first, in the place of the first."""
    first = next(problem for problem in tree.problems if problem.found.startswith(_SHARED))
    found = f"and {tree.shared - 1} more of these (anchors, aliases, merge keys)"
    return Problem(first.line, first.column, (), found, "write every value out where it is needed")


def _unreadable(what: str) -> tuple[str, str]:
    """What the parser stumbled over, on one line that is safe to print, and what to do."""
    hint = next((hint for words, hint in _HINTS if words in what), "mend this line or the one before it")
    return f"not readable as YAML: {shortened(' '.join(what.split()))}", hint


def _refused_lines(text: str) -> list[Problem]:
    """Lines with characters that no file may hold, endless lines, directives: found before any parser sees the text."""
    forbidden = {character for character in set(text) if is_forbidden(character)}
    problems = []
    if text.count("\n") > LINES_MAX:
        problems.append(Problem(LINES_MAX + 1, 1, (), f"found {text.count(chr(10))} lines", f"at most {LINES_MAX}"))
    for number, line in enumerate(text.split("\n"), 1):
        bad = next((place for place, character in enumerate(line) if character in forbidden), None) if forbidden else None
        if bad is not None:
            found = f"found {character_name(line[bad])}, which is invisible or drives terminals"
            problems.append(Problem(number, bad + 1, (), found, "remove it"))
        if len(line) > LINE_MAX:
            problems.append(Problem(number, LINE_MAX + 1, (), f"found a line of {len(line)} characters", f"at most {LINE_MAX}"))
        if line.startswith("%"):
            problems.append(Problem(number, 1, (), "found a line that begins with % (a YAML directive)", "remove it"))
    return problems


class _Reader:
    """Builds values from events, with their places."""

    def __init__(self, tree: Tree, text: str) -> None:
        yaml = YAML(typ="safe", pure=True)
        self._events: Iterator[Event] = iter(yaml.parse(text))
        self._tree = tree
        self._nodes = 0

    def document(self) -> None:
        """Read the one document of the stream."""
        next(self._events)
        event = next(self._events)
        if isinstance(event, StreamEndEvent):
            self._stop(event, (), "found nothing but blank lines and comments", "a protocol: format, id, title and so on")
        self._tree.data = self._value(next(self._events), None, (), 1)
        next(self._events)
        after = next(self._events)
        if isinstance(after, DocumentStartEvent):
            self._stop(after, (), "found a second document", "one protocol a file")

    def _value(self, event: Event, key: Event | None, place: Place, depth: int) -> Any:
        self._count(event, place, depth)
        self._tree.spots[place] = _spot(event, key or event)
        refusal = _refused_node(event)
        if refusal:
            self._tree.broken.add(place)
            self._refuse(event, place, refusal)
        if isinstance(event, MappingStartEvent):
            value: Any = self._mapping(place, depth)
        elif isinstance(event, SequenceStartEvent):
            value = self._sequence(place, depth)
        elif isinstance(event, ScalarEvent):
            value = self._scalar(event, (not event.value and key) or event, place)
        else:
            value = BROKEN
        return BROKEN if refusal else value

    def _mapping(self, place: Place, depth: int) -> dict[str | int, Any]:
        values: dict[str | int, Any] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            self._count(event, place, depth)
            if not isinstance(event, ScalarEvent):
                self._stop(event, place, "found a key that is no plain word", "a key is one word followed by a colon")
            key = read_key(event.value, event.implicit[0])
            here = (*place, key)
            refusal = _refused_key(event) or self._repeated(key, values, here)
            if refusal:
                self._refuse(event, here, refusal)
                self._skip(depth + 1, place)
                continue
            values[key] = self._value(next(self._events), event, here, depth + 1)
        return values

    def _sequence(self, place: Place, depth: int) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            values.append(self._value(event, None, (*place, len(values)), depth + 1))
        return values

    def _scalar(self, event: ScalarEvent, shown: Event, place: Place) -> Any:
        """The value of a scalar; a refusal points at `shown`: the key of an empty one, which has no place of its own."""
        if not event.implicit[0]:
            return event.value
        try:
            return read_plain(event.value)
        except AmbiguousScalar as refused:
            words = f" {quoted(event.value)}," if event.value else ""
            self._break(shown, place, f"found{words} {refused.found}", refused.right)
            return BROKEN

    def _repeated(self, key: str | int, values: dict[str | int, Any], here: Place) -> tuple[str, str] | None:
        if key not in values:
            return None
        return f"found a second time (first in line {self._tree.spots[here].key_line})", "keep one of them"

    def _skip(self, depth: int, place: Place) -> None:
        """Pass over the value of a refused key."""
        level = 0
        while True:
            event = next(self._events)
            level += isinstance(event, MappingStartEvent | SequenceStartEvent)
            level -= isinstance(event, MappingEndEvent | SequenceEndEvent)
            self._count(event, place, depth + level)
            if level == 0:
                return

    def _count(self, event: Event, place: Place, depth: int) -> None:
        self._nodes += isinstance(event, NodeEvent)
        if depth > DEPTH_MAX:
            self._stop(event, place, f"found more than {DEPTH_MAX} levels of nesting", "a protocol needs 6")
        if self._nodes > NODES_MAX:
            self._stop(event, place, f"found more than {NODES_MAX} keys and values", "split the protocol")

    def _refuse(self, event: Event, place: Place, refusal: tuple[str, str]) -> None:
        """Tell it; of what is shared only the first, for one document can hold thousands that all have the same cure."""
        self._tree.shared += _is_shared(event)
        if self._tree.shared <= 1 or not _is_shared(event):
            self._problem(event, place, *refusal)

    def _problem(self, event: Event, place: Place, found: str, right: str) -> None:
        self._tree.problems.append(Problem(event.start_mark.line + 1, event.start_mark.column + 1, place, found, right))

    def _break(self, event: Event, place: Place, found: str, right: str) -> None:
        self._tree.broken.add(place)
        self._problem(event, place, found, right)

    def _stop(self, event: Event, place: Place, found: str, right: str) -> NoReturn:
        self._problem(event, place, found, right)
        raise _Stop


def _refused_node(event: Event) -> tuple[str, str] | None:
    if isinstance(event, AliasEvent):
        return f"found the alias {quoted('*' + event.anchor)}", "write the value out"
    if isinstance(event, NodeEvent) and event.anchor is not None:
        return f"found the anchor {quoted('&' + event.anchor)}", "remove it; values are written out where they are needed"
    if isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent) and event.tag is not None:
        return f"found the tag {quoted(str(event.tag))}", "remove it; each key has one type"
    return None


def _is_shared(event: Event) -> bool:
    merges = isinstance(event, ScalarEvent) and event.implicit[0] and event.value == "<<"
    return merges or isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor is not None)


def _refused_key(event: ScalarEvent) -> tuple[str, str] | None:
    if event.implicit[0] and event.value == "<<":
        return "found a merge key", "write the keys out"
    return _refused_node(event)


def _spot(value: Event, key: Event) -> Spot:
    return Spot(key.start_mark.line + 1, key.start_mark.column + 1, value.start_mark.line + 1, value.start_mark.column + 1)
