"""A protocol file to a protocol, or to all that is wrong with it."""

import hashlib
import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NoReturn, cast

from pydantic import ValidationError

import emscontrol
from emscontrol.core.errors import ProtocolFileError
from emscontrol.protocol import rules
from emscontrol.protocol.bounds import BOUNDS, PROBLEMS_MAX, SIZE_MAX_BYTES
from emscontrol.protocol.draft import Draft
from emscontrol.protocol.model import RULES_BROKEN, Protocol
from emscontrol.protocol.problems import Problem
from emscontrol.protocol.text import printable
from emscontrol.protocol.tree import Tree, read_tree
from emscontrol.protocol.wording import MISSING, findings_of, problem_at

KEPT: Final = 64
_REMEDY: Final = "Nothing of it is used; mend the file and try again."


@dataclass(frozen=True, slots=True)
class LoadedProtocol:
    """A protocol with the very text it was read from and that text's SHA-256, which stand in the journal.

    `path` is None for a text that came from no file.
    """

    protocol: Protocol
    text: str
    sha256: str
    path: Path | None


def load_file(path: Path | str) -> LoadedProtocol:
    """Read a protocol file. Raises ProtocolFileError, and nothing else, with every problem of the file."""
    name = str(path)
    data = _bytes_of(Path(path), name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1
        _refuse(name, [Problem(line, column, (), "found bytes that are not UTF-8", "save it as UTF-8 text")])
    return _loaded(text, data, name, Path(path))


def load_text(text: str, name: str = "text") -> LoadedProtocol:
    """Read the text of a protocol file; `name` stands for the file in messages. Raises ProtocolFileError, and nothing else."""
    data = text.encode("utf-8", "surrogatepass")
    if len(data) > SIZE_MAX_BYTES:
        _refuse(name, [_too_large(len(data))])
    return _loaded(text, data, name, None)


def _bytes_of(path: Path, name: str) -> bytes:
    """The bytes of an ordinary file. What is not one is never opened: opening a port or a pipe does something to it."""
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            _unreadable(name, "is a directory", "Give the path of a protocol file in it.")
        if not stat.S_ISREG(status.st_mode):
            _unreadable(name, "is no ordinary file", "Give the path of a protocol file.")
        if status.st_size > SIZE_MAX_BYTES:
            _refuse(name, [_too_large(status.st_size)])
        with path.open("rb") as file:
            data = file.read(SIZE_MAX_BYTES + 1)
    except FileNotFoundError:
        _unreadable(name, "does not exist", "Give the path of a protocol file.")
    except PermissionError:
        _unreadable(name, "may not be read by this user", "Change its permissions, or copy it.")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        _unreadable(name, f"cannot be read ({reason})", "Give the path of a protocol file.")
    if len(data) > SIZE_MAX_BYTES:
        _refuse(name, [_too_large(len(data))])
    return data


def _loaded(text: str, data: bytes, name: str, path: Path | None) -> LoadedProtocol:
    protocol, problems = _read(text)
    if problems or protocol is None:
        _refuse(name, problems)
    return LoadedProtocol(protocol, text, hashlib.sha256(data).hexdigest(), path)


@lru_cache(maxsize=KEPT)
def _read(text: str) -> tuple[Protocol | None, Sequence[Problem]]:
    """What a text says, or what is wrong with it. A book reads the same few protocols again for every row of a page."""
    tree = read_tree(text)
    newer = _newer_format(tree)
    if newer is not None:
        return None, (newer,)
    protocol, problems = _protocol_of(tree) if tree.whole else (None, [])
    return protocol, (*tree.problems, *problems)


def _protocol_of(tree: Tree) -> tuple[Protocol | None, list[Problem]]:
    try:
        return Protocol.model_validate(tree.data), []
    except ValidationError as error:
        listed: list[Any] = list(error.errors(include_url=False, include_input=False))
    findings = findings_of(listed, tree)
    if all(one["type"] != RULES_BROKEN for one in listed):
        wrong = tree.broken | {finding.at for finding in findings}
        findings += rules.findings(cast("Protocol", Draft(Protocol, tree.data, (), wrong)))
    told = [finding for finding in findings if finding.found != MISSING or not tree.shared]
    return None, [problem_at(finding, tree) for finding in told]


def _newer_format(tree: Tree) -> Problem | None:
    """A file of a newer format is not judged by today's rules; it is told what it needs."""
    version = tree.data.get("format") if isinstance(tree.data, dict) else None
    known = BOUNDS["format"].high
    if type(version) is not int or version <= known:
        return None
    spot = tree.spots[("format",)]
    found = f"found {version}, newer than this program (emscontrol {emscontrol.__version__} reads format {known})"
    return Problem(spot.line, spot.column, ("format",), found, f"use an emscontrol that reads format {version}")


def _too_large(size: int) -> Problem:
    return Problem(1, 1, (), f"found {size} bytes", f"at most {SIZE_MAX_BYTES}")


def _unreadable(name: str, what: str, remedy: str) -> NoReturn:
    raise ProtocolFileError(f"{printable(name)} {what}.", (f"{printable(name)}: {what}.",), remedy)


def _refuse(name: str, found: Iterable[Problem]) -> NoReturn:
    problems = sorted(dict.fromkeys(found), key=lambda problem: (problem.line, problem.column))
    lines = [problem.text(name) for problem in problems[:PROBLEMS_MAX]]
    if len(problems) > PROBLEMS_MAX:
        lines.append(f"{printable(name)}: {len(problems) - PROBLEMS_MAX} more problems are not listed.")
    count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
    raise ProtocolFileError(f"{printable(name)} has {count}:\n" + "\n".join(lines) + "\n", tuple(lines), _REMEDY)
