"""Is this journal as it was written? Finds changed, missing, added and reordered lines, and says what it cannot find.

The file is read as a stream with bounded memory, and no content of it raises. Three things are held against each other: the
hashes of the chain, the signatures of the station's key where there are any, and the totals against the lines before them.
"""

import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, TypeAlias

from emscontrol.core.errors import JournalBroken, UsageError
from emscontrol.record.chain import Chain
from emscontrol.record.delivered import Delivered
from emscontrol.record.distrust import Mistrust
from emscontrol.record.line import LINE_MAX
from emscontrol.record.proof import WITHOUT, Proof
from emscontrol.record.reading import Read, read, record_read
from emscontrol.record.report import LIMIT_OF_A_CHAIN, VerifyReport, report_of
from emscontrol.record.sink import rest_of

__all__ = ["LIMIT_OF_A_CHAIN", "Line", "Tail", "VerifyReport", "read_lines", "verify", "verify_lines"]

NOBODY: Final[Mapping[str, Mistrust]] = {}
BLOCK: Final = 2**18  # bytes that are read at once
FIRST_WITH_PLATEAU: Final = 2  # the first format whose totals are held against the lines

Heard: TypeAlias = Callable[[Read, int], None]
"""Told a record that is in the vocabulary, and how many bytes have been read up to its end."""


class Line(NamedTuple):
    """A line of the file without its newline: `whole` unless the file ends inside it, `fits` unless it is too long."""

    data: bytes
    whole: bool
    fits: bool = True


class Examination:
    """A journal under examination: feed it whole lines with `take`, then ask `report`."""

    def __init__(
        self,
        known: Mapping[str, str] = WITHOUT,
        reckon: bool = True,
        distrusted: Mapping[str, Mistrust] = NOBODY,
        heard: Heard | None = None,
    ) -> None:
        self.chain = Chain()
        self.proof = Proof(known)
        self.delivered = Delivered()
        self._known = known
        self._distrusted = distrusted
        self._reckon = reckon
        self._heard = heard
        self._read = 0  # bytes
        self._last: tuple[Read, int] | None = None  # stands, as long as the next one does not contradict it
        self.unread: JournalBroken | None = None  # what is in no vocabulary was not told, nor anything after it

    def take(self, line: Line) -> None:
        """The next whole line."""
        self._read += len(line.data) + 1
        found = read(line.data) if line.fits else "its hash does not match its content"
        if isinstance(found, str):
            self.chain.bad(found)
            return
        before = self.chain.last_good
        self.chain.good(found)
        stands = before < self.chain.last_good  # of a record that does not fit, or comes again, nothing is told or counted
        self.proof.take(found, stands)
        if stands:
            self._settle()
            self._last = found, self._read

    def report(self, torn: bool, in_reserve: bool) -> VerifyReport:
        """What was found."""
        self._settle()
        return report_of(self.chain, self.proof, self.delivered, self._known, torn, in_reserve, self._distrusted)

    def _settle(self) -> None:
        """Tell and count the last record that stood, unless the one after it has shown that it may have been changed."""
        last, self._last = self._last, None
        if last is None:
            return
        found, so_far = last
        if found.n > self.chain.last_good and found.n > self.proof.signed_to:
            return
        told = self._heard is not None and self._tell(self._heard, found, so_far)
        if self._reckon:
            if found.format is not None and found.format < FIRST_WITH_PLATEAU:
                self.delivered.old = True
            self.delivered.take(found.n, found.event, found.args, found.t_us, told or found.fits)

    def _tell(self, heard: Heard, found: Read, so_far: int) -> bool:
        if self.unread is not None:
            return False
        if not found.fits:
            try:
                record_read(found)
            except JournalBroken as problem:
                self.unread = problem
                return False
        heard(found, so_far)
        return True


def verify(
    path: Path,
    known: Mapping[str, str] = WITHOUT,
    reckon: bool = True,
    distrusted: Mapping[str, Mistrust] = NOBODY,
    heard: Heard | None = None,
) -> VerifyReport:
    """Check the journal at `path`, with its reserve where that was needed.

    `known` are names of stations by public key, `distrusted` the keys that are not trusted (`KeyRing.mistrusted`).

    Without `reckon` the totals are not held against the lines, which takes half the time.

    `heard` is told each record that fits, before anybody knows whether the whole journal is intact: what it makes of them
    must be thrown away when the report is not `ok`.

    Raises UsageError when it is no file or cannot be read. Nothing that is in the file raises; but where somebody hears,
    JournalBroken tells of a record of an intact journal that is in no vocabulary.
    """
    examination, tail = Examination(known, reckon, distrusted, heard), Tail()
    for line in tail.watch(read_lines(path)):
        examination.take(line)
    torn, main_lines, rest = tail.torn, examination.chain.lines, rest_of(path)
    if rest.is_file():
        for line in tail.watch(_reserve_lines(rest)):
            examination.take(line)
    in_reserve = examination.chain.lines > main_lines
    report = examination.report(tail.torn if in_reserve else torn or tail.torn, in_reserve)
    unread = examination.unread
    if report.ok and unread is not None:
        raise JournalBroken(f"{path}: {unread.what}", unread.remedy) from unread
    return report


def verify_lines(lines: Iterable[bytes], known: Mapping[str, str] = WITHOUT) -> VerifyReport:
    """The same for lines in memory, newlines included."""
    examination, tail = Examination(known), Tail()
    for line in tail.watch(Line(data.removesuffix(b"\n"), data.endswith(b"\n")) for data in lines):
        examination.take(line)
    return examination.report(tail.torn, False)


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
            yield from _lines(file)
    except OSError as problem:
        raise UsageError(
            f"{path} cannot be read: {problem.strerror}.", "Give the path of a journal that you may read."
        ) from problem
    except ValueError as problem:
        raise UsageError(f"That is no path: {problem}.", "Give the path of a journal.") from problem


def _lines(file: BinaryIO) -> Iterator[Line]:
    rest = b""
    while block := file.read(BLOCK):
        if len(rest) > LINE_MAX:  # of such a line nothing more is kept
            end = block.find(b"\n")
            if end < 0:
                continue
            block = block[end:]
        *whole, rest = (rest + block).split(b"\n")
        for data in whole:
            yield Line(data, True) if len(data) <= LINE_MAX else Line(data[:LINE_MAX], True, False)
        rest = rest[: LINE_MAX + 1]
    if rest:
        yield Line(rest[:LINE_MAX], False, len(rest) <= LINE_MAX)


def _reserve_lines(path: Path) -> Iterator[Line]:
    """The lines of a reserve; the zeros it was filled with are no line."""
    return (line for line in read_lines(path) if line.whole or line.data.strip(b"\0"))
