"""PINs and passphrases: what is too easy to guess, and what is kept of the others.

A PIN of six digits falls to anybody who has the hash and some hours, whatever the hash is; it holds because tries at a station
are counted. Who needs more takes a passphrase.
"""

import base64
import unicodedata
from itertools import pairwise
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from emscontrol.core.errors import BookError, UsageError

HASHER: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4, type=Type.ID)
"""argon2id with the second recommended set of RFC 9106, section 4: 64 MiB, three passes, four lanes."""

PIN_MIN: Final = 6  # digits
PASSPHRASE_MIN: Final = 10  # characters
SECRET_MAX: Final = 200
_DIFFERENT_MIN: Final = 5  # characters of a passphrase that are not the same
_PERIOD_MAX: Final = 3  # 111111, 121212 and 123123 repeat so soon
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32


def require_hard(secret: str, code: str) -> None:
    """Nothing, when this is hard enough to guess for the owner of this code. Raises UsageError."""
    told = _plain(secret)
    if len(told) > SECRET_MAX:
        raise UsageError("This passphrase is too long.", f"Take up to {SECRET_MAX} characters.")
    if told.isascii() and told.isdigit():
        if len(told) < PIN_MIN:
            raise UsageError("This PIN is too short.", f"Take {PIN_MIN} digits or more.")
        if _runs(told) or _repeats(told):
            raise UsageError("This PIN is one of the first that anybody would try.", "Take digits that make no pattern.")
        return
    if len(told) < PASSPHRASE_MIN:
        raise UsageError(
            "This passphrase is too short.", f"Take {PASSPHRASE_MIN} characters or more, or a PIN of {PIN_MIN} digits or more."
        )
    if len(set(told)) < _DIFFERENT_MIN or _plain(code).lower() == told.lower():
        raise UsageError("This passphrase is one of the first that anybody would try.", "Take a few words that make no saying.")


def hash_secret(secret: str, hasher: PasswordHasher = HASHER) -> str:
    """What is kept of it: argon2id with its parameters and a salt of its own."""
    return hasher.hash(_plain(secret))


def verify_secret(kept: str, secret: str, hasher: PasswordHasher = HASHER) -> bool:
    """Whether this is the secret that `kept` is of. Raises BookError when `kept` is nothing of that kind."""
    try:
        return hasher.verify(kept, _plain(secret[: SECRET_MAX + 1]))
    except InvalidHashError as problem:
        raise BookError("What is kept of somebody's PIN is damaged.", "A supervisor must set a new one.") from problem
    except VerificationError:
        return False


def is_outdated(kept: str, hasher: PasswordHasher = HASHER) -> bool:
    """Whether it was hashed with other parameters than are used now, so that it is to be hashed again."""
    return hasher.check_needs_rehash(kept)


def nobodys(hasher: PasswordHasher = HASHER) -> str:
    """A hash of no secret, as dear to verify as a real one: so an unknown code takes as long as a wrong PIN."""
    salt, digest = (base64.b64encode(bytes(length)).decode().rstrip("=") for length in (_SALT_BYTES, _HASH_BYTES))
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


def _plain(secret: str) -> str:
    """The same letters however a keyboard composes them."""
    return unicodedata.normalize("NFC", secret)


def _runs(digits: str) -> bool:
    """123456, 890123 or 654321: every digit as far from the one before."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    return len(steps) == 1


def _repeats(digits: str) -> bool:
    return any(digits == (digits[:period] * len(digits))[: len(digits)] for period in range(1, _PERIOD_MAX + 1))
