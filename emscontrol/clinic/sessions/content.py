"""A journal's files as the bytes that are handed in: its lines, then those of its reserve where that was needed."""

from collections.abc import Sequence
from pathlib import Path

from emscontrol.record.line import link
from emscontrol.record.sink import rest_of
from emscontrol.record.verify import read_lines


def journal_bytes(path: Path) -> bytes:
    """Everything that was recorded, a line torn at the end included. Raises UsageError when the file cannot be read."""
    rest = rest_of(path)
    parts = [_bytes(path)]
    if rest.is_file():
        kept = _bytes(rest).rstrip(b"\0")  # what it was filled with beforehand is no record
        if kept:
            parts[0] = parts[0][: parts[0].rfind(b"\n") + 1]  # the line that could not be finished stands again in the reserve
            parts.append(kept)
    return b"".join(parts)


def lines_of(content: bytes) -> list[bytes]:
    """The lines with their newlines; a last one without is a torn tail."""
    *whole, rest = content.split(b"\n")
    return [line + b"\n" for line in whole] + ([rest] if rest else [])


def standing(lines: Sequence[bytes], last_hash: str) -> Sequence[bytes]:
    """Those up to the record with this hash, the last that stands as verify says; none where that is none of them."""
    for place, line in enumerate(lines):
        found = link(line.removesuffix(b"\n"))
        if found is not None and found.hash == last_hash:
            return lines[: place + 1]
    return ()


def _bytes(path: Path) -> bytes:
    return b"".join(line.data + (b"\n" if line.whole else b"") for line in read_lines(path))
