"""One line of a journal, as bytes: how it is made and how it is taken apart again.

    {"n":2,"t_us":1500,"wall":"2026-11-22T10:10:40.123+01:00","event":"acked","number":1,"prev":"…","hash":"…"}

The hash is SHA-256 over the line's bytes before `,"hash":`; `prev` is the hash of the line before and lies inside those bytes.
Nothing is parsed or formatted again to check a line, so every byte of it counts. In a signed journal the first line names
the station's public key, and the records of `SIGNED` end in `,"sig":"…"}`: a signature of the hash, which is added when the
chain has gone on already, so that nobody waits for it.
"""

import json
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

from emscontrol.core.errors import JournalBroken
from emscontrol.core.events import JSON, Event
from emscontrol.core.units import US_PER_S

FORMAT: Final = 2
FORMATS: Final = frozenset({1, 2})  # that can be read; 1 has no signatures, and no plateau in its totals
FIRST_PREV: Final = "0" * 64
LINE_MAX: Final = 8 * 2**20  # bytes; the first line holds a whole protocol file, of at most 1 MiB
BOOKED_AT: Final = 2  # the record of a booking comes right after the first; one that stands elsewhere is none
FRAME_KEYS: Final = frozenset({"n", "t_us", "wall", "event", "format", "key", "prev", "hash", "sig"})

SIGNED: Final = frozenset(
    {
        "session_opened",
        "booked",
        "state_changed",
        "armed",
        "started",
        "paused",
        "resumed",
        "stop_confirmed",
        "stop_unconfirmed",
        "totals",
        "checkpoint",
        "session_ended",
    }
)
"""The records that bear a signature in a signed journal of format 2, all of them and no others: a lost one so shows."""

CHECKPOINT_US: Final = 60 * US_PER_S  # when records have been without a signature for so long, a checkpoint comes

# ASCII only, so that a journal printed on a terminal cannot steer it, and any tool can cut it into lines
_ENCODE: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, allow_nan=False, check_circular=False).encode


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("it names a thing twice")
    return found


DECODE: Final = json.JSONDecoder(object_pairs_hook=_once).decode
_SHAPE: Final = re.compile(
    rb'(\{"n":([1-9][0-9]{0,18}),"t_us":(-?[0-9]{1,19}),"wall":"[^"\\]*","event":"([a-z_]+)"(,"format":([0-9]{1,9})(?:,"key":"([0-9a-f]{64})")?)?'
    rb'.*,"prev":"([0-9a-f]{64})"),"hash":"([0-9a-f]{64})"(?:,"sig":"([0-9a-f]{128})")?\}',
    re.DOTALL,
)


class Link(NamedTuple):
    """What the chain knows of a line whose own hash is right; `t_us` is its monotonic time.

    `format` is None on all lines but the first; `key` (public, hex) is there on the first of a signed journal, `sig` on its
    signed records, both empty elsewhere.
    """

    n: int
    t_us: int
    event: str
    format: int | None
    prev: str
    hash: str
    key: str = ""
    sig: str = ""


class Record(NamedTuple):
    """One line, read: sequence number, both clocks, and the event."""

    n: int
    t_us: int
    wall: str
    event: Event


def encode(n: int, t_us: int, wall: str, event: Event, prev: str, key: str = "") -> tuple[bytes, str]:
    """The line with its newline, and its hash. Arguments follow in the order they were given.

    `key` is the public key of a signed journal, which its first line names.
    """
    members: dict[str, JSON] = {"n": n, "t_us": t_us, "wall": wall, "event": event.kind}
    if n == 1:
        members["format"] = FORMAT
        if key:
            members["key"] = key
    members.update(event.args)
    members["prev"] = prev
    body = _ENCODE(members)[:-1].encode("ascii")
    digest = sha256(body).hexdigest()
    return b'%b,"hash":"%b"}\n' % (body, digest.encode("ascii")), digest


def signed(line: bytes, sig: str) -> bytes:
    """The line with a signature of its hash."""
    return b'%b,"sig":"%b"}\n' % (line[:-2], sig.encode("ascii"))


def link(line: bytes) -> Link | None:
    """The line's place in the chain (without its newline); None when it is no line of a journal or its hash is wrong."""
    found = _SHAPE.fullmatch(line)
    if found is None:
        return None
    body, n, t_us, event, _, form, key, prev, digest, sig = found.groups()
    if sha256(body).hexdigest().encode("ascii") != digest:
        return None
    return Link(
        int(n),
        int(t_us),
        event.decode(),
        None if form is None else int(form),
        prev.decode(),
        digest.decode(),
        (key or b"").decode(),
        (sig or b"").decode(),
    )


def members_of(line: bytes) -> dict[str, Any]:
    """The members of the object in a line. Raises ValueError or RecursionError when there is none or it names a thing twice.

    Of two events in one line a reader takes the first, another the last, and a signature is due for one of them only.
    """
    found = DECODE(line.decode("utf-8", "surrogatepass"))
    if not isinstance(found, dict):
        raise ValueError("it holds no object")
    return found


def parse(line: bytes) -> Record:
    """The record in a line. Raises JournalBroken as `members_of`, or when its event is not in the vocabulary."""
    try:
        members = members_of(line)
        args = {key: value for key, value in members.items() if key not in FRAME_KEYS}
        return Record(int(members["n"]), int(members["t_us"]), str(members["wall"]), Event(str(members["event"]), args))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise JournalBroken(f"A line of the journal cannot be read: {problem!s:.200}.") from problem
