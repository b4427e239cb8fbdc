"""The questions of the screening as values: what each asks, where and for what it counts, and how hard.

They are read from a file elsewhere (`emscontrol.clinic.screening`) and travel to the engine with everything that was
answered. Only the list that this version was released with is believed; what it holds is in `RELEASED_DIGEST`.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

RELEASED_DIGEST: Final = "4f94e53003c059c66a6ac3bc9cc681cd8eabd9f2727c75f73436e4f18cde943e"
"""`rules_digest()` of the list this version was reviewed with. Who changes a rule changes this line too."""

BODY: Final = frozenset(
    {"head", "neck_ant", "neck_post", "chest_ant", "chest_post", "arm", "hand", "abdomen", "back", "buttock", "thigh", "calf"}
    | {"foot"}
)
"""Regions of the body, as rules name them."""

ANY: Final = "any"
AREA: Final = "area"
LIMBS: Final = frozenset({"limb", "joint", "limb_with_metal", "limb_with_clot"})
PSEUDO: Final = LIMBS | {AREA, ANY}
"""Regions that only the answer and the planned pads together tell."""

ALL_TYPES: Final = "all"
TYPES: Final = frozenset({"nmes", "fes", "denerv", "circ", "head_neck", "facial"})

_SHORT_WIDTH_MAX_US: Final = 1000
_PUMPS: Final = frozenset({"soleus", "gastroc"})


class Severity(StrEnum):
    """What a rule does to a session: it cannot start, a specialist must take it upon himself, it must be acknowledged."""

    BLOCK = "block"
    OVERRIDE = "override"
    CAUTION = "caution"


@dataclass(frozen=True, slots=True)
class ScreeningRule:
    """One question, and what a yes does.

    `regions` are of `BODY` or `PSEUDO`, `types` of `TYPES` or "all". `elsewhere` is the severity when the pads are outside
    the regions, None for none. `override` is the condition under which a specialist may override a block, "" for never; an
    override holds `days` at most and, with `override_regions`, only while all pads are in these. An answer holds `asked_h`
    hours. `unknown` is the severity of an unknown answer, None for the same as a yes. `cap_percent` is how much of the
    calculated limit is left where the rule counts.
    """

    id: str
    question: str
    regions: frozenset[str]
    types: frozenset[str]
    severity: Severity
    elsewhere: Severity | None
    override: str
    override_regions: frozenset[str]
    days: int
    asked_h: int
    unknown: Severity | None
    tell: str
    sources: tuple[str, ...]
    cap_percent: int | None = None

    def as_plain(self) -> dict[str, Any]:
        """The same for JSON: sets in order."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {key: sorted(value) if isinstance(value, frozenset) else value for key, value in values.items()}

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> "ScreeningRule":
        """Read it back. Raises ValueError when anything of it is missing, unknown or not of its kind."""
        names = {field.name for field in fields(cls)}
        if set(values) != names:
            raise ValueError(f"a rule has {', '.join(sorted(set(values) ^ names))} too many or too few")
        return cls(
            id=_word(values, "id"),
            question=_word(values, "question"),
            regions=_words(values, "regions", BODY | PSEUDO),
            types=_words(values, "types", TYPES | {ALL_TYPES}),
            severity=Severity(values["severity"]),
            elsewhere=_severity(values["elsewhere"]),
            override=_text(values, "override"),
            override_regions=_words(values, "override_regions", BODY, least=0),
            days=_number(values, "days", 1, 365),
            asked_h=_number(values, "asked_h", 1, 366 * 24),
            unknown=_severity(values["unknown"]),
            tell=_word(values, "tell"),
            sources=_sources(values),
            cap_percent=None if values["cap_percent"] is None else _number(values, "cap_percent", 1, 100),
        )


def rules_digest(rules: Iterable[ScreeningRule]) -> str:
    """The SHA-256 of a list of rules, whatever order and comments its file has."""
    return _digest(tuple(rules))


@lru_cache(maxsize=8)
def _digest(rules: tuple[ScreeningRule, ...]) -> str:
    """The same, worked out once for rules that are equal: every judgement asks for it, and a page judges a day of patients."""
    rows = sorted((rule.as_plain() for rule in rules), key=lambda row: str(row["id"]))
    return hashlib.sha256(json.dumps(rows, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def types_of_protocol(lmn_status: str, widths_us: Iterable[int], muscles: Iterable[str]) -> frozenset[str]:
    """Which types of the rules a planned protocol is of: rather one too many than one too few.

    With any pulse over 1000 µs, or made for damaged lower motor neurons, it is `denerv`. With any pulse up to 1000 µs, whatever
    nerve it says it is for, it is `nmes` and `fes`: nothing in a protocol file tells exercise from function. Such pulses on the
    muscles that pump the calf may be meant for the circulation, so those are `circ` as well.
    """
    widths, types = tuple(widths_us), set[str]()
    if lmn_status == "damaged" or any(width > _SHORT_WIDTH_MAX_US for width in widths):
        types |= {"denerv"}
    if not widths or any(width <= _SHORT_WIDTH_MAX_US for width in widths):
        types |= {"nmes", "fes"} | ({"circ"} if _PUMPS & set(muscles) else set())
    return frozenset(types)


def _severity(value: Any) -> Severity | None:
    return None if value is None else Severity(value)


def _text(values: Mapping[str, Any], key: str) -> str:
    if not isinstance(values[key], str):
        raise ValueError(f"{key} is no text")
    return str(values[key])


def _word(values: Mapping[str, Any], key: str) -> str:
    if not _text(values, key).strip():
        raise ValueError(f"{key} is empty")
    return str(values[key])


def _words(values: Mapping[str, Any], key: str, known: frozenset[str], least: int = 1) -> frozenset[str]:
    found = values[key]
    if not isinstance(found, list) or len(found) < least or not all(isinstance(word, str) and word in known for word in found):
        raise ValueError(f"{key} is not a list of {', '.join(sorted(known))}")
    return frozenset(found)


def _sources(values: Mapping[str, Any]) -> tuple[str, ...]:
    found = values["sources"]
    if not isinstance(found, list) or not found or not all(isinstance(word, str) and word for word in found):
        raise ValueError("sources is not a list of words")
    return tuple(found)


def _number(values: Mapping[str, Any], key: str, least: int, most: int) -> int:
    if type(values[key]) is not int or not least <= values[key] <= most:
        raise ValueError(f"{key} is not a whole number from {least} to {most}")
    return int(values[key])
