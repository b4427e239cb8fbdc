"""Everything that a screening hangs on, as plain values that travel as one line of JSON to whoever judges."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from emscontrol.core.errors import UsageError
from emscontrol.safety.screening_places import Pad, Place
from emscontrol.safety.screening_rules import ScreeningRule


class Answer(StrEnum):
    """What people say. Unknown counts as yes unless a rule says otherwise."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """The answer to one rule's question. `places` is where a yes applies, empty for everywhere; due again from `due_at` on."""

    id: int
    rule: str
    answer: Answer
    places: tuple[Place, ...]
    asked_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class GivenOverride:
    """A named member of staff has taken a rule upon himself, until `expires_at`."""

    rule: str
    staff: str
    role: str
    reason: str
    given_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class GivenAcknowledgement:
    """Somebody has read the caution that follows from one very answer."""

    rule: str
    answer_id: int
    staff: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class MuscleFinding:
    """Nerve (intact, partial, absent, unknown) and feeling (normal, reduced, absent, unknown) of one muscle of one side."""

    muscle: str
    side: str
    lmn: str
    sensation: str
    examined_at: datetime


@dataclass(frozen=True, slots=True)
class ImplantFinding:
    """Something in the body: pacemaker, active, metal. `region` is "" for everywhere, `placed_on` "" for nobody knows when."""

    kind: str
    region: str
    side: str
    placed_on: str


@dataclass(frozen=True, slots=True)
class ScreeningFacts:
    """All that a judgement needs. `types` are those of the planned protocol, `rules_sha256` the digest of `rules`.

    `device_denervation` is whether the stimulator is declared for pulses to muscles without a nerve, None for unknown.
    """

    rules: tuple[ScreeningRule, ...]
    rules_sha256: str
    types: frozenset[str]
    pads: tuple[Pad, ...]
    answers: tuple[GivenAnswer, ...] = ()
    overrides: tuple[GivenOverride, ...] = ()
    acknowledgements: tuple[GivenAcknowledgement, ...] = ()
    muscles: tuple[MuscleFinding, ...] = ()
    implants: tuple[ImplantFinding, ...] = ()
    device_denervation: bool | None = None

    def to_json(self) -> str:
        """One line."""
        plain = {
            "rules": [rule.as_plain() for rule in self.rules],
            "rules_sha256": self.rules_sha256,
            "types": sorted(self.types),
            "device_denervation": self.device_denervation,
            **{name: [_plain(row) for row in getattr(self, name)] for name in _ROWS},
        }
        return json.dumps(plain, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "ScreeningFacts":
        """Read it back. Raises UsageError when it is not one, or not all of one."""
        try:
            values = dict(json.loads(text))
            names = {field.name for field in fields(cls)}
            if set(values) != names:
                raise ValueError(f"{', '.join(sorted(set(values) ^ names))} too many or too few")
            return cls(
                rules=tuple(ScreeningRule.from_plain(rule) for rule in values["rules"]),
                rules_sha256=_text(values["rules_sha256"]),
                types=frozenset(_text(word) for word in values["types"]),
                device_denervation=_truth(values["device_denervation"]),
                **{name: tuple(_row(kind, row) for row in values[name]) for name, kind in _ROWS.items()},
            )
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            raise UsageError(f"This is no screening that can be judged: {problem}.", "Nothing is cleared on it.") from problem


_ROWS: Final[Mapping[str, type[Any]]] = {
    "pads": Pad,
    "answers": GivenAnswer,
    "overrides": GivenOverride,
    "acknowledgements": GivenAcknowledgement,
    "muscles": MuscleFinding,
    "implants": ImplantFinding,
}


def _plain(row: Any) -> dict[str, Any]:
    return {
        key: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value for key, value in asdict(row).items()
    }


def _row(kind: type[Any], values: Mapping[str, Any]) -> Any:
    names = {field.name: str(getattr(field.type, "__name__", field.type)) for field in fields(kind)}
    if set(values) != set(names):
        raise ValueError(f"{kind.__name__}: {', '.join(sorted(set(values) ^ set(names)))} too many or too few")
    return kind(**{name: _READERS[read](values[name]) for name, read in names.items()})


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def _whole(value: object) -> int:
    if type(value) is not int:
        raise ValueError(f"{value!r} is no whole number")
    return value


def _truth(value: object) -> bool | None:
    if value is not None and type(value) is not bool:
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return moment


def _places(value: Iterable[Mapping[str, Any]]) -> tuple[Place, ...]:
    return tuple(Place.from_plain(place) for place in value)


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "str": _text,
    "int": _whole,
    "datetime": _moment,
    "Answer": Answer,
    "tuple": _places,
}
