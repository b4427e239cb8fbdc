"""A line of a journal, taken apart: by the form that it usually has, which is quick, or else by parsing it."""

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

from emscontrol.core.arguments import FITS, ArgType
from emscontrol.core.errors import JournalBroken
from emscontrol.core.events import Event, looked_at
from emscontrol.record.line import DECODE, FRAME_KEYS, Record, link, members_of

_TEXT: Final = r'"([ !#-\[\]-~]*)"'
_WHOLE: Final = r"(0|[1-9][0-9]{0,17})"
_USUAL: Final = re.compile(
    rf'\{{"n":([1-9][0-9]{{0,17}}),"t_us":{_WHOLE},"wall":{_TEXT},"event":"'
    rf'(?:acked","number":{_WHOLE}|set_point","number":{_WHOLE},"outputs":(\[[^\]]{{0,1200}}\]),"cause":{_TEXT})'
    r',"prev":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}',
    re.ASCII,
)
_AFTER_BODY: Final = len(',"hash":"') + 64 + len('"}')
"""A set point or its acknowledgement exactly as this program writes them, which nearly all lines of a long journal are.

Every member but the outputs is in a form that JSON reads in one way only, so that such a line need not be parsed. Eight outputs
with contractions of the device's own have 1,100 characters; longer ones are not kept.
"""
TEXTS_KEPT: Final = (
    1024  # different outputs; a session has a ramp or two for each level, and the same again in each contraction
)


class Read(NamedTuple):
    """A line whose own hash is right: what `Link` has, the time of day, and the arguments of its event.

    `fits` says that the arguments are known to be what the vocabulary wants.
    """

    n: int
    t_us: int
    event: str
    format: int | None
    prev: str
    hash: str
    key: str
    sig: str
    wall: str
    args: Mapping[str, Any]
    fits: bool


class Rows(list[Mapping[str, int]]):
    """The outputs of a set point, which fit the vocabulary; `text` is how they stand in the line.

    All lines with this text share it, so nobody may change it.
    """

    text: str


def read(line: bytes) -> Read | str:
    """The line taken apart (without its newline), or why that cannot be done."""
    found = _USUAL.fullmatch(line.decode("ascii", "replace"))
    if found is None:
        return _parsed(line)
    n, t_us, wall, acked, number, text, cause, prev, told = found.groups()
    digest = sha256(line[:-_AFTER_BODY]).hexdigest()
    if digest != told:
        return _parsed(line)
    if acked is not None:
        return Read(int(n), int(t_us), "acked", None, prev, digest, "", "", wall, {"number": int(acked)}, True)
    rows = _rows(text)
    if rows is None:
        return _parsed(line)
    args = {"number": int(number), "outputs": rows, "cause": cause}
    return Read(int(n), int(t_us), "set_point", None, prev, digest, "", "", wall, args, True)


def record_read(read: Read) -> Record:
    """The record in a line that was taken apart. Raises JournalBroken when its event is not in the vocabulary."""
    try:
        event = looked_at(read.event, read.args) if read.fits else Event(read.event, read.args)
    except (ValueError, TypeError, AttributeError) as problem:
        raise JournalBroken(
            f"Record {read.n} cannot be read: {problem!s:.200}.",
            "A newer emscontrol may have written it; read it with that one.",
        ) from problem
    return Record(read.n, read.t_us, read.wall, event)


def _parsed(line: bytes) -> Read | str:
    found = link(line)
    if found is None:
        return _no_record(line)
    try:
        members = members_of(line)
    except (ValueError, RecursionError):
        return "it cannot be read in one way only"
    return Read(*found, members["wall"], {name: value for name, value in members.items() if name not in FRAME_KEYS}, False)


def _no_record(line: bytes) -> str:
    """Why a line is no record, in the words that help whoever gave the wrong file or had it sent as text."""
    if not line.startswith(b'{"n":'):
        return "it is no line of a journal"
    if line.endswith(b"\r"):
        return "its line ends with a carriage return, as where a file was copied as text"
    return "its hash does not match its content"


@lru_cache(maxsize=TEXTS_KEPT)
def _rows(text: str) -> Rows | None:
    """The outputs that a text says, None when they do not fit the vocabulary or it names a thing twice."""
    try:
        told = DECODE(text)
    except (ValueError, RecursionError):
        return None
    if not FITS[ArgType.OUTPUTS](told):
        return None
    rows = Rows(told)
    rows.text = text
    return rows
