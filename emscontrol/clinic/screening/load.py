"""The list of questions and the list of checks, read strictly: what is not known in these files is refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from emscontrol.core.errors import SafetyRefusal
from emscontrol.safety.screening_grounds import NOT_ASKED
from emscontrol.safety.screening_rules import RELEASED_DIGEST, ScreeningRule, rules_digest

_REMEDY: Final = "Install emscontrol again."
_HEAD: Final = frozenset({"version", "date", "override_days", "session_h", "sources", "rules"})
_NEEDED: Final = frozenset({"id", "q", "regions", "types", "severity", "ask", "tell", "src"})
_OPTIONAL: Final = frozenset({"elsewhere", "unknown", "override", "override_regions", "days", "cap_percent"})
_SESSION: Final = "session"


@dataclass(frozen=True, slots=True)
class RuleList:
    """One version of the list of questions. `sources` says what the keys in the rules stand for, `sha256` is their digest."""

    version: int
    date: str
    sources: Mapping[str, str]
    rules: tuple[ScreeningRule, ...]
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", rules_digest(self.rules))  # once: it goes with each answer that is kept

    def rule(self, name: str) -> ScreeningRule | None:
        """The rule with this id, None where there is none."""
        return next((rule for rule in self.rules if rule.id == name), None)


@lru_cache(maxsize=1)
def shipped_rules() -> RuleList:
    """The list that this version was released with. Raises SafetyRefusal when the file is not that."""
    found = read_rules(text_of("rules.yaml"))
    if found.sha256 != RELEASED_DIGEST:
        raise SafetyRefusal("The screening's questions (rules.yaml) are not the ones this version was released with.", _REMEDY)
    return found


def asked_rules() -> tuple[ScreeningRule, ...]:
    """The questions that people are asked; the others the program answers by itself. Raises as `shipped_rules`."""
    return tuple(rule for rule in shipped_rules().rules if rule.id not in NOT_ASKED)


def read_rules(text: str) -> RuleList:
    """The list in this YAML text. Raises SafetyRefusal for unknown or missing keys, words, sources, and ids used twice."""
    try:
        head = mapping(yaml_of(text), _HEAD, frozenset(), "the list")
        rules = tuple(_rule(entry, head) for entry in head["rules"])
        sources = {str(key): str(value) for key, value in head["sources"].items()}
        no_doubles(rule.id for rule in rules)
        strange = {source for rule in rules for source in rule.sources} - set(sources)
        if strange:
            raise ValueError(f"no source is called {', '.join(sorted(strange))}")
        if type(head["version"]) is not int or not isinstance(head["date"], str):
            raise ValueError("version is a whole number and date a text")
        return RuleList(head["version"], head["date"], sources, rules)
    except (ValueError, TypeError, AttributeError, KeyError, YAMLError) as problem:
        raise SafetyRefusal(f"The screening's questions cannot be read: {problem}.", _REMEDY) from problem


def text_of(name: str) -> str:
    """One of the files beside this module."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def yaml_of(text: str) -> Any:
    """Plain values of a YAML text; a key that stands twice is an error of ruamel.yaml."""
    return YAML(typ="safe", pure=True).load(text)


def mapping(entry: Any, needed: frozenset[str], optional: frozenset[str], what: str) -> dict[str, Any]:
    """An entry with exactly the keys that are known. Raises ValueError."""
    if not isinstance(entry, dict):
        raise ValueError(f"{what} is no mapping")
    keys = set(entry)
    if keys - needed - optional or needed - keys:
        odd = sorted(str(key) for key in (keys - needed - optional) | (needed - keys))
        raise ValueError(f"{what} {entry.get('id', '')} has unknown or missing keys: {', '.join(odd)}")
    return entry


def no_doubles(names: Iterable[str]) -> None:
    """Nothing, when no name stands twice. Raises ValueError."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{name} stands twice")
        seen.add(name)


def _rule(entry: Any, head: Mapping[str, Any]) -> ScreeningRule:
    values = mapping(entry, _NEEDED, _OPTIONAL, "rule")
    hours = head["session_h"] if values["ask"] == _SESSION else values["ask"] * 24
    return ScreeningRule.from_plain(
        {
            "id": values["id"],
            "question": values["q"],
            "regions": values["regions"],
            "types": values["types"],
            "severity": values["severity"].lower(),
            "elsewhere": values["elsewhere"].lower() if "elsewhere" in values else None,
            "override": values.get("override", ""),
            "override_regions": values.get("override_regions", []),
            "days": values.get("days", head["override_days"]),
            "asked_h": hours,
            "unknown": values["unknown"].lower() if "unknown" in values else None,
            "tell": values["tell"],
            "sources": values["src"],
            "cap_percent": values.get("cap_percent"),
        }
    )
