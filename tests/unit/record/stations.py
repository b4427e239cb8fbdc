"""Stations with keys, and what somebody would do who wants a record to say something else."""

import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from emscontrol.core.events import Event
from emscontrol.record.journal import Journal
from emscontrol.record.keys import PublicKey
from emscontrol.record.signing import Signer
from tests.unit.record.sample import APART_US, WALL

KEY_MADE = "2026-11-22T10:10:40+01:00"
GOLDEN = Path(__file__).parents[2] / "data" / "journals"
KNOWN_IN_GOLDEN = {
    row["public"]: row["station"] for row in json.loads((GOLDEN / "golden-keys.json").read_text(encoding="utf-8"))["keys"]
}


def key(number: int) -> tuple[str, Ed25519PrivateKey]:
    """A public key in hex and its secret half, made without the program."""
    secret = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    return secret.public_key().public_bytes_raw().hex(), secret


def signer(number: int = 1) -> Signer:
    return Signer(key(number)[0], (bytes([number]) * 32).hex())


def signed_lines(events: Sequence[Event], number: int = 1) -> list[bytes]:
    """The lines of a journal that this station signed."""
    return signed_by(signer(number), events)


def signed_by(by: Signer, events: Sequence[Event]) -> list[bytes]:
    """The same with a key that is not one of these."""
    journal = Journal.in_memory(lambda: WALL, by)
    for place, event in enumerate(events):
        journal.append(event, place * APART_US)
    return list(journal.lines)


def chained_anew(lines: Sequence[bytes], sign: Callable[[str, dict[str, object]], str] | None = None) -> list[bytes]:
    """Every hash computed again, as somebody would who changed a line: the chain fits.

    `sign` gives the signature of a line by its hash and its members ("" for none); without it the old ones are kept.
    """
    made, prev = [], "0" * 64
    for line in lines:
        body = line[: line.rindex(b',"prev":"')] + b',"prev":"%b"' % prev.encode()
        prev = sha256(body).hexdigest()
        members = json.loads(line)
        sig = members.get("sig", "") if sign is None else sign(prev, members)
        made.append(body + b',"hash":"%b"' % prev.encode() + (b',"sig":"%b"' % sig.encode() if sig else b"") + b"}\n")
    return made


def signature(secret: Ed25519PrivateKey, digest: str) -> str:
    """As the format says it: of these words and the 32 bytes of the hash."""
    return secret.sign(b"emscontrol journal record\0" + bytes.fromhex(digest)).hex()


def line_of_keys(count: int) -> list[PublicKey]:
    """Each signed by the one before it, made without the program's own rotating."""
    made = [PublicKey(key(1)[0], "Klinik B", KEY_MADE)]
    for number in range(2, count + 1):
        unsigned = PublicKey(key(number)[0], "Klinik B", KEY_MADE, made[-1].public)
        sig = key(number - 1)[1].sign(b"emscontrol key\0" + unsigned.statement()).hex()
        made.append(PublicKey(unsigned.public, unsigned.station, KEY_MADE, unsigned.after, sig))
    return made
