"""What is ticked before every session, and when one is stopped: lists to be shown, in order."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from ruamel.yaml.error import YAMLError

from emscontrol.clinic.screening.load import mapping, no_doubles, shipped_rules, text_of, yaml_of
from emscontrol.core.errors import SafetyRefusal

_HEAD: Final = frozenset({"version", "date", "before", "titration", "stop"})
_MARKS: Final = frozenset({"S", "D", "R80"})


class Then(StrEnum):
    """What ends the current: at once, in a ramp of 1 s at most, before it begins next time, or the stimulator by itself."""

    HARD = "HARD"
    STOP = "STOP"
    CANCEL = "CANCEL"
    DEVICE = "DEVICE"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to tick before every session."""

    id: str
    check: str
    mark: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopCriterion:
    """One reason to stop, what it does to the current, and what else is to be done ("" for nothing)."""

    id: str
    trigger: str
    then: Then
    also: str
    mark: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checks:
    """One version of the lists. `titration` is how an amplitude is found."""

    version: int
    date: str
    before: tuple[Check, ...]
    titration: tuple[str, ...]
    stop: tuple[StopCriterion, ...]


@lru_cache(maxsize=1)
def shipped_checks() -> Checks:
    """The lists of this version. Raises SafetyRefusal when the file cannot be read."""
    return read_checks(text_of("checks.yaml"))


def read_checks(text: str) -> Checks:
    """The lists in this YAML text. Raises SafetyRefusal for unknown or missing keys, marks, sources, and ids used twice."""
    try:
        head = mapping(yaml_of(text), _HEAD, frozenset(), "the list")
        before = tuple(_check(entry) for entry in head["before"])
        stop = tuple(_criterion(entry) for entry in head["stop"])
        no_doubles(entry.id for entry in before)
        no_doubles(entry.id for entry in stop)
        return Checks(int(head["version"]), str(head["date"]), before, tuple(map(str, head["titration"])), stop)
    except (ValueError, TypeError, KeyError, YAMLError) as problem:
        raise SafetyRefusal(f"The checks of a session cannot be read: {problem}.", "Install emscontrol again.") from problem


def _check(entry: Any) -> Check:
    values = mapping(entry, frozenset({"id", "check", "mark"}), frozenset({"src"}), "check")
    return Check(str(values["id"]), str(values["check"]), *_marked(values))


def _criterion(entry: Any) -> StopCriterion:
    values = mapping(entry, frozenset({"id", "trigger", "then", "mark"}), frozenset({"also", "src"}), "criterion")
    also = str(values.get("also", ""))
    return StopCriterion(str(values["id"]), str(values["trigger"]), Then(values["then"]), also, *_marked(values))


def _marked(values: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Mark and sources: whatever was looked up says where. Raises ValueError."""
    mark, sources = str(values["mark"]), tuple(str(source) for source in values.get("src", ()))
    strange = set(sources) - set(shipped_rules().sources)
    if mark not in _MARKS or bool(sources) != (mark == "S") or strange:
        raise ValueError(f"{values['id']} has no such mark or source: {mark} {', '.join(sources)}")
    return mark, sources
