"""Public keys of stations, and how one follows another. Pure; the files are in `key_files`."""

import json
from collections.abc import Iterable, Mapping, Set
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from emscontrol.core.errors import UsageError
from emscontrol.core.events import printable
from emscontrol.record.distrust import Distrust, Doubt, Mistrust, Vouch
from emscontrol.record.signing import fits_key, key_id

RING_FORMAT: Final = 1
NAME_MAX: Final = 80
_HEX: Final = frozenset("0123456789abcdef")
_REMEDY: Final = "Give a file that `emscontrol key export` wrote."


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A station's public key (hex), the station's name, and when it was made (ISO 8601).

    A key that took another one's place names it in `after`, and `sig` is the older key's signature of all this.
    """

    public: str
    station: str
    made: str
    after: str = ""
    sig: str = ""

    @property
    def id(self) -> str:
        """The short name, to compare by eye or on the telephone."""
        return key_id(self.public)

    def statement(self) -> bytes:
        """What the older key signs."""
        return "\n".join((self.public, self.station, self.made, self.after)).encode()

    def follows(self) -> bool:
        """True when the older key did sign it."""
        return bool(self.after) and fits_key(self.after, self.statement(), self.sig)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys that are known here, and those among them that are no longer trusted, or that somebody vouches for all the same.

    `own` is the station's public key.
    """

    keys: tuple[PublicKey, ...] = ()
    distrusts: tuple[Distrust, ...] = ()
    own: str = ""
    vouches: tuple[Vouch, ...] = ()

    def names(self) -> dict[str, str]:
        """Whose each key is, by public key; one that was replaced, is no longer trusted or follows such a one says so."""
        replaced = {key.after: f"replaced {key.made[:10]}" for key in self.keys if key.after}
        words = {each.public: each.words for each in self.vouches}
        words |= {public: why.words for public, why in (self._following() | self.distrusted()).items()}
        return {
            key.public: ", ".join(filter(None, (key.station, replaced.get(key.public), words.get(key.public))))
            for key in self.keys
        }

    def distrusted(self) -> dict[str, Distrust]:
        """The keys that are no longer trusted, by public key."""
        return {each.public: each for each in self.distrusts}

    def mistrusted(self) -> dict[str, Mistrust]:
        """Those, and the keys that follow one of them, by public key.

        Not those that somebody vouches for, nor the own one and those before it: nobody else can have made these.
        """
        return self._following() | self.distrusted()

    def _following(self) -> dict[str, Mistrust]:
        own = self.find(self.own)
        beyond = {each.public for each in self.vouches} | {each.public for each in (self.line_of(own) if own else ())}
        return {
            key.public: Doubt(key.public, gone) for gone in self.distrusts for key in self.followers_of(gone.public, beyond)
        }

    def find(self, fingerprint: str) -> PublicKey | None:
        """The key with this id, or this public half."""
        return next((key for key in self.keys if fingerprint.lower() in (key.id, key.public)), None)

    def have(self, public: str) -> bool:
        """True when this key is among them."""
        return any(key.public == public for key in self.keys)

    def line_of(self, key: PublicKey) -> tuple[PublicKey, ...]:
        """The key and those before it, oldest first, as far back as they are known."""
        by_public = {known.public: known for known in self.keys}
        line = [key]
        while line[0].after in by_public and by_public[line[0].after] not in line:
            line.insert(0, by_public[line[0].after])
        return tuple(line)

    def followers_of(self, public: str, beyond: Set[str] = frozenset()) -> tuple[PublicKey, ...]:
        """The keys that this one signed, those that they signed, and so on, as far as they are known.

        Neither those that are `beyond` a doubt nor what these signed.
        """
        found: list[PublicKey] = []
        line = {public}
        while more := [key for key in self.keys if key.after in line and key.public not in line | beyond]:
            found += more
            line |= {key.public for key in more}
        return tuple(found)

    def with_keys(self, more: Iterable[PublicKey]) -> "KeyRing":
        """These too; a key that is known already stays as it is."""
        fresh = {key.public: key for key in more if not self.have(key.public)}
        return replace(self, keys=(*self.keys, *fresh.values()))

    def to_json(self) -> str:
        """As a file holds it."""
        return json.dumps({"format": RING_FORMAT, "keys": [asdict(key) for key in self.keys]}, indent=1) + "\n"


def read_ring(text: str) -> KeyRing:
    """Read keys back. Raises UsageError for anything else, and for a key whose signature by an older one does not fit."""
    try:
        found = json.loads(text)
        if found["format"] != RING_FORMAT:
            raise ValueError("it has another format")
        keys = tuple(_key(row) for row in found["keys"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise UsageError(f"These are no keys of stations: {problem!s:.200}.", _REMEDY) from problem
    for key in keys:
        if key.after and not key.follows():
            raise UsageError(
                f"Key {key.id} says that it follows {key_id(key.after)}, which did not sign it.",
                "Do not trust this file; ask the other station for its keys again.",
            )
    return KeyRing(keys)


def is_name(text: str) -> bool:
    """Whether a station may be called so."""
    return 0 < len(text) <= NAME_MAX and printable(text) == text


def _key(row: Mapping[str, Any]) -> PublicKey:
    key = PublicKey(**row)
    for value, digits, optional in ((key.public, 64, False), (key.after, 64, True), (key.sig, 128, True)):
        if not (isinstance(value, str) and (_is_hex(value, digits) or (optional and not value))):
            raise ValueError("a key or a signature is not what it should be")
    for text in (key.station, key.made):
        if not isinstance(text, str) or not is_name(text):
            raise ValueError("a name or a date is not what it should be")
    return key


def _is_hex(value: str, digits: int) -> bool:
    return len(value) == digits and _HEX.issuperset(value)
