"""The limits: a table of figures with their sources, read from `limits.toml` once and never changed.

No setting, environment variable or argument reaches this table. A file that differs from the released one by a single
character of content is refused, so that a damaged or edited copy stops the program instead of loosening a limit.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Final, NamedTuple

from emscontrol.core.errors import SafetyRefusal

RELEASED_DIGEST: Final = "930eeb92275119ea646b96333977d55df7aee213525aaf741dd1e461d5b508a1"
"""`limits_digest()` of the table this version was reviewed with. Who changes a limit changes this line too."""


class Limit(NamedTuple):
    """One figure. `value` is whole, in `unit`; `mark` says how certain it is (see the head of limits.toml)."""

    id: str
    quantity: str
    value: int
    unit: str
    text: str
    source: str
    mark: str


def read_limits(text: str) -> Mapping[str, Limit]:
    """The table in this TOML text. Raises SafetyRefusal for anything but complete entries with whole, positive figures."""
    try:
        limits = [_limit(entry) for entry in tomllib.loads(text)["limit"]]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise SafetyRefusal(f"The table of limits cannot be read: {error}.", "Install emscontrol again.") from error
    table = {limit.id: limit for limit in limits}
    if len(table) != len(limits):
        raise SafetyRefusal("The table of limits has the same entry twice.", "Install emscontrol again.")
    return MappingProxyType(table)


def digest_of(limits: Mapping[str, Limit]) -> str:
    """The SHA-256 of a table of limits, whatever order and comments its file has."""
    rows = json.dumps(sorted(limits.values()), ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(rows.encode("ascii")).hexdigest()


def limits_digest() -> str:
    """The SHA-256 of the limits in force; it goes into every journal."""
    return digest_of(LIMITS)


def _limit(entry: Mapping[str, object]) -> Limit:
    words = {name: entry[name] for name in Limit._fields if name != "value"}
    value = entry["value"]
    if set(entry) != set(Limit._fields) or not all(isinstance(word, str) and word for word in words.values()):
        raise TypeError(f"an entry is not complete: {entry}")
    if type(value) is not int or value <= 0:
        raise TypeError(f"{words['id']} is not a whole number above zero")
    return Limit(value=value, **{name: str(word) for name, word in words.items()})


def released_limits(text: str) -> Mapping[str, Limit]:
    """The table in this TOML text. Raises SafetyRefusal also when it is complete but not the released one."""
    limits = read_limits(text)
    if digest_of(limits) != RELEASED_DIGEST:
        raise SafetyRefusal(
            "The table of limits (limits.toml) is not the one this version was released with.", "Install emscontrol again."
        )
    return limits


LIMITS: Final = released_limits(files(__package__).joinpath("limits.toml").read_text(encoding="utf-8"))
