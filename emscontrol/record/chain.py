"""The chain of a journal, followed line by line: what is out of place, and which record it concerns.

Memory is bounded whatever the file holds: at most `KEPT_MAX` problems and gaps are remembered, the rest are counted.
"""

from typing import Final, NamedTuple

from emscontrol.record.line import FIRST_PREV, FORMATS, Link
from emscontrol.record.reading import Read

KEPT_MAX: Final = 1000
CLOSING: Final = "session_ended"


class Problem(NamedTuple):
    """Something wrong.

    `line` is the number of the record, which is its line in an undamaged file; for `added` it is the line in this file.
    `kind` is changed, missing, added, reordered, format, empty, signature or totals.
    """

    line: int
    kind: str
    sentence: str


class Chain:
    """Feed it each whole line in order with `good` or `bad`, then ask `finish`."""

    def __init__(self) -> None:
        self.lines = 0  # whole lines seen
        self.last_good = 0
        self.last_good_hash = ""
        self.ended = False  # the closing line is there, and is the last
        self._before_hash = ""  # of the record before the last good one
        self._closed = False  # the closing line is there
        self._head = 0  # number of the furthest record
        self._head_hash: str | None = FIRST_PREV  # None when that record's true hash is not known
        self._bad: list[tuple[int, str]] = []  # lines that make no sense, not yet explained by what follows them
        self._bad_more = 0
        self._gaps: list[range] = []  # records that were passed over and may yet turn up
        self._problems: list[Problem] = []
        self._more = 0

    def bad(self, why: str) -> None:
        """A line that is no journal line, and why: its hash does not match its bytes, or it cannot be read."""
        self.lines += 1
        self.ended = False
        if len(self._bad) < KEPT_MAX:
            self._bad.append((self.lines, why))
        else:
            self._bad_more += 1

    def good(self, link: Link | Read) -> None:
        """A line whose own hash is right."""
        self.lines += 1
        if self._bad:
            self._explain_bad(link.n)
        next_one = link.n == self._head + 1 > 1 and link.prev == self._head_hash
        if next_one and link.format is None and not self._closed:  # nearly all are
            self._head, self._head_hash = link.n, link.hash
            self.ended = self._closed = link.event == CLOSING
        elif link.n > self._head:
            self._advance(link)
        else:
            self._step_back(link)
        if not self._problems and not self._gaps:
            self._before_hash = self.last_good_hash
            self.last_good, self.last_good_hash = link.n, link.hash

    def finish(self, torn: bool) -> tuple[tuple[Problem, ...], int]:
        """All problems in order, and how many more there were than are kept. `torn`: a part of a line comes last."""
        self._explain_bad(None)
        if torn and self._closed:
            self._add(self.lines + 1, "added", "Bytes were added after the closing line.")
        for gap in self._gaps:
            self._add(gap.start, "missing", f"{_records(gap)} missing.")
        self._gaps = []
        if self.lines == 0:
            self._add(1, "empty", "There is not one whole line in it.")
        return tuple(sorted(self._problems)), self._more

    def _advance(self, link: Link | Read) -> None:
        expected = self._head + 1
        if self._closed:
            self._add(self.lines, "added", f"Line {self.lines} was added: it comes after the closing line.")
        if link.n > expected:
            self._gap(range(expected, link.n))
        elif self._head_hash is not None and link.prev != self._head_hash:
            self._add(max(1, self._head), "changed", _unlinked(self._head))
            if self._head and self.last_good == self._head:  # which of the two was changed cannot be told
                self.last_good, self.last_good_hash = self._head - 1, self._before_hash
        if (link.format is not None) != (link.n == 1) or (link.format is not None and link.format not in FORMATS):
            known = " or ".join(map(str, sorted(FORMATS)))
            self._add(
                link.n, "format", f"Record {link.n} does not name format {known} where it should; a newer program may read it."
            )
        self._head, self._head_hash = link.n, link.hash
        self.ended = link.event == CLOSING
        self._closed = self._closed or self.ended

    def _step_back(self, link: Link | Read) -> None:
        """A record at or before the furthest one: either one that was passed over, or one too many."""
        self.ended = False
        gap = next((gap for gap in self._gaps if link.n in gap), None)
        if gap is None:
            self._add(self.lines, "added", f"Line {self.lines} was added: record {link.n} is there already.")
            return
        self._gaps.remove(gap)
        self._gaps += [part for part in (range(gap.start, link.n), range(link.n + 1, gap.stop)) if part]
        self._add(link.n, "reordered", f"Record {link.n} is out of order: it stands on line {self.lines}.")

    def _explain_bad(self, next_n: int | None) -> None:
        """Say what the senseless lines were, now that the number of the next good record is known (None: there is none)."""
        bad, self._bad = self._bad, []
        if not bad and not self._bad_more:
            return
        if next_n is not None and next_n > self._head:
            room = next_n - self._head - 1
        elif self._closed:
            room = 0
        else:
            room = len(bad)
        for position, (line, why) in enumerate(bad):
            if position < room:
                self._head, self._head_hash = self._head + 1, None
                self._add(
                    self._head,
                    "changed",
                    f"Record {self._head} was changed: {why} (line {line}).",
                )
            else:
                self._add(line, "added", f"Line {line} was added: it is no record, and none is missing there.")
        self._more, self._bad_more = self._more + self._bad_more, 0

    def _gap(self, numbers: range) -> None:
        if len(self._gaps) < KEPT_MAX:
            self._gaps.append(numbers)
        else:
            self._more += 1

    def _add(self, line: int, kind: str, sentence: str) -> None:
        if len(self._problems) < KEPT_MAX:
            self._problems.append(Problem(line, kind, sentence))
        else:
            self._more += 1


def _records(numbers: range) -> str:
    return f"Record {numbers.start} is" if len(numbers) == 1 else f"Records {numbers.start} to {numbers.stop - 1} are"


def _unlinked(before: int) -> str:
    if before == 0:
        return "Record 1 was changed and given a new hash: it does not begin a journal."
    return f"Record {before} was changed and given a new hash, or record {before + 1} was: they do not belong together."
