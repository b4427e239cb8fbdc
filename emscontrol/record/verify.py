"""Is this journal as it was written? Finds changed, missing, added and reordered lines, and says what it cannot find.

The file is read as a stream with bounded memory, and no content of it raises. A bare hash chain has a limit: whoever
rewrites a line and recomputes every hash after it, or cuts the end off at a line, leaves a chain that fits. The first is
found by comparing `last_hash` with a copy kept elsewhere, the second shows as a journal without its closing line.
"""

import json
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from emscontrol.core.errors import ExitCode, UsageError
from emscontrol.record.chain import Chain, Problem
from emscontrol.record.line import FIRST_PREV, LINE_MAX, link
from emscontrol.record.sink import rest_of

LIMIT_OF_A_CHAIN: Final = (
    "A hash chain alone cannot show that someone recomputed it from a changed line to the end; "
    "compare the last hash with a copy kept elsewhere."
)


class Line(NamedTuple):
    """A line of the file without its newline: `whole` unless the file ends inside it, `fits` unless it is too long."""

    data: bytes
    whole: bool
    fits: bool = True


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `verify` found.

    `lines` are whole lines seen, `last_good` the number of the last record up to which everything fits, `last_hash` its hash.
    `ended` says that the closing line is there and last, `torn_tail` that the file stops inside a line. A journal that is
    `ok` and not `ended` is the record of a crash. `more` counts problems beyond those listed.
    """

    ok: bool
    lines: int
    last_good: int
    last_hash: str
    problems: tuple[Problem, ...]
    more: int
    ended: bool
    torn_tail: bool
    in_reserve: bool

    @property
    def exit_code(self) -> ExitCode:
        """0 for an intact journal, closed or interrupted; 3 for any other."""
        return ExitCode.FINE if self.ok else ExitCode.JOURNAL

    def sentence(self) -> str:
        """The finding in plain words."""
        if not self.ok:
            count = len(self.problems) + self.more
            return f"Not intact: {count} problem{'s' if count > 1 else ''}; everything fits up to record {self.last_good}."
        kept = " The last records are in the reserve beside it." if self.in_reserve else ""
        if self.ended:
            return f"Intact and closed: {self.lines} records.{kept}"
        torn = " It stops in the middle of a line, which is left out." if self.torn_tail else ""
        what = f"Intact but not closed: {self.last_good} records, no closing line."
        return f"{what} The session was interrupted, or the end was cut off.{torn}{kept}"


def verify(path: Path) -> VerifyReport:
    """Check the journal at `path`, with its reserve where that was needed.

    Raises UsageError when it is no file or cannot be read; nothing that is in the file raises.
    """
    chain, tail = Chain(), Tail()
    for line in tail.watch(read_lines(path)):
        _check(chain, line)
    torn, main_lines, rest = tail.torn, chain.lines, rest_of(path)
    if rest.is_file():
        for line in tail.watch(_reserve_lines(rest)):
            _check(chain, line)
    in_reserve = chain.lines > main_lines
    return _report(chain, tail.torn if in_reserve else torn or tail.torn, in_reserve)


def verify_lines(lines: Iterable[bytes]) -> VerifyReport:
    """The same for lines in memory, newlines included."""
    chain, tail = Chain(), Tail()
    for line in tail.watch(Line(data.removesuffix(b"\n"), data.endswith(b"\n")) for data in lines):
        _check(chain, line)
    return _report(chain, tail.torn, False)


class Tail:
    """Passes whole lines on and remembers whether a part of one came last."""

    def __init__(self) -> None:
        self.torn = False

    def watch(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The whole lines among these."""
        self.torn = False
        for line in lines:
            if line.whole:
                yield line
            else:
                self.torn = True


def read_lines(path: Path) -> Iterator[Line]:
    """The lines of a file, none of them ever held beyond LINE_MAX. Raises UsageError when it is no file or cannot be read."""
    try:
        # asked before opening: a pipe would wait for a writer for ever, a device would never end
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageError(f"{path} is no file.", "Give the path of a journal.")
        with path.open("rb") as file:
            while data := file.readline(LINE_MAX + 1):
                if data.endswith(b"\n"):
                    yield Line(data[:-1], True)
                elif len(data) <= LINE_MAX:
                    yield Line(data, False)
                else:
                    yield Line(data[:LINE_MAX], _skip_line(file), False)
    except OSError as problem:
        raise UsageError(
            f"{path} cannot be read: {problem.strerror}.", "Give the path of a journal that you may read."
        ) from problem
    except ValueError as problem:
        raise UsageError(f"That is no path: {problem}.", "Give the path of a journal.") from problem


def _skip_line(file: BinaryIO) -> bool:
    while data := file.readline(LINE_MAX):
        if data.endswith(b"\n"):
            return True
    return False


def _reserve_lines(path: Path) -> Iterator[Line]:
    """The lines of a reserve; the zeros it was filled with are no line."""
    return (line for line in read_lines(path) if line.whole or line.data.strip(b"\0"))


def _check(chain: Chain, line: Line) -> None:
    found = link(line.data) if line.fits else None
    if found is None or not _is_object(line.data):
        chain.bad()
    else:
        chain.good(found)


def _is_object(data: bytes) -> bool:
    try:
        return isinstance(json.loads(data.decode("utf-8", "surrogatepass")), dict)  # the encoding needs no finding out
    except (ValueError, RecursionError):
        return False


def _report(chain: Chain, torn: bool, in_reserve: bool) -> VerifyReport:
    problems, more = chain.finish(torn)
    return VerifyReport(
        ok=not problems,
        lines=chain.lines,
        last_good=chain.last_good,
        last_hash=chain.last_good_hash or FIRST_PREV,
        problems=problems,
        more=more,
        ended=chain.ended,
        torn_tail=torn,
        in_reserve=in_reserve,
    )
