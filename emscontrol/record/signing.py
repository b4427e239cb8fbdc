"""Signing the hash of a record with the station's key, and looking whether a signature fits.

Ed25519, by `cryptography`, which is loaded at the first use: the writer's thread does that while the session is being opened.
"""

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from emscontrol.core.errors import StorageError
from emscontrol.record.line import signed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

CONTEXT_RECORD: Final = b"emscontrol journal record\0"  # so that a signature of one thing is never one of another
CONTEXT_KEY: Final = b"emscontrol key\0"
ID_DIGITS: Final = 16


def key_id(public: str) -> str:
    """The short name of a public key (hex): the first digits of its SHA-256, for people to compare."""
    return sha256(bytes.fromhex(public)).hexdigest()[:ID_DIGITS]


class Signer:
    """A station's key at work. `public` and `seed` are hex; `failure` tells when the two do not belong together.

    A signature is never late on the road of a set point: whoever writes the lines asks for it.
    """

    def __init__(self, public: str, seed: str) -> None:
        self.public: Final = public
        self.failure: StorageError | None = None
        self._seed = seed
        self._key: Ed25519PrivateKey | None = None

    def ready(self) -> None:
        """Load what signing needs; else the first signature does."""
        if self._key is None and self.failure is None:
            try:
                self._key = private_key(self._seed)
                if public_of(self._key) != self.public:
                    raise ValueError("its two halves do not belong together")
            except (ValueError, ImportError) as problem:
                self._key = None
                self.failure = StorageError(
                    f"The record cannot be signed: the station's key cannot be used ({problem}).",
                    "See `emscontrol key show`; `emscontrol key rotate` makes another one.",
                )

    def signed(self, line: bytes, digest: str) -> bytes:
        """The line with a signature of its hash; as it is when `digest` is empty or nothing can be signed."""
        if not digest:
            return line
        self.ready()
        return line if self._key is None else signed(line, self._key.sign(CONTEXT_RECORD + bytes.fromhex(digest)).hex())


def private_key(seed: str) -> "Ed25519PrivateKey":
    """The key of 32 bytes in hex. Raises ValueError for anything else."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))


def public_of(key: "Ed25519PrivateKey") -> str:
    """Its public half, hex."""
    return key.public_key().public_bytes_raw().hex()


def fits_record(public: str, digest: str, sig: str) -> bool:
    """Whether the holder of this key signed the record with this hash."""
    return _fits(public, CONTEXT_RECORD + bytes.fromhex(digest), sig)


def fits_key(public: str, statement: bytes, sig: str) -> bool:
    """Whether the holder of this key signed a statement about another key."""
    return _fits(public, CONTEXT_KEY + statement, sig)


def _fits(public: str, message: bytes, sig: str) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        _public_key(public).verify(bytes.fromhex(sig), message)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=64)
def _public_key(public: str) -> "Ed25519PublicKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
