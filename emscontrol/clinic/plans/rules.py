"""How a plan may go on: the rules of `progression.yaml` as values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Final

from ruamel.yaml import YAML

from emscontrol.core.errors import UsageError
from emscontrol.core.nearest import nearest_word
from emscontrol.protocol.changes import Changes
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import LmnStatus

FACTS: Final[Mapping[str, str]] = {
    "days": "days since the first session of the plan",
    "sessions": "sessions of the plan that counted and gave something",
    "days_since_last": "days since the last of them",
    "days_since_change": "days since the protocol was last changed, else since the first session",
    "sessions_since_change": "sessions since then",
    "closest_h": "least hours between two of the first four sessions",
    "adherence_percent": "delivered of prescribed contractions in the last three sessions, %",
    "full_in_row": "last sessions in a row with every contraction given",
    "short_last": "1 when the last session fell short, else 0",
    "at_limit": "1 when a comfort level has come to the cap of its muscle, else 0",
    "nrs": "pain 0 to 10, worst of the newest day since the last change",
    "doms": "soreness 0 to 10, in the same way",
    "rpe": "exertion, in the same way",
    "skin": "skin check 0 to 3, in the same way",
    "fatigue_percent": "drop of force at the end of a session, %, in the same way",
    "new_findings": "new yes to fever, drugs or muscle disease since the last session",
    "unchanged_days": "days without a change of strength or girth, where these were measured more than once",
    "retest_days": "days since thresholds and strength or girth were last measured, the older of the two",
    "evoked_mn": "newest force under stimulation of the last 14 days, thousandths of its unit",
    "counted": "1 where the main phase counts contractions, 0 where it has a duration",
    "contractions": "contractions of the main phase",
    "session_min": "length of the session, min",
    "off_percent": "time off as a part of time on in the main phase, %",
    "fraction_milli": "strongest fraction of comfort, thousandths",
    "rate_mhz": "fastest rate, mHz",
    "width_us": "longest pulse, µs",
}
"""Everything that a rule may look at. A fact that is not known is None."""

HOLD: Final = "hold"
DENERVATED: Final = "denervated"

COMPARISONS: Final[Mapping[str, Callable[[int | None, int], bool]]] = {
    "at_least": lambda value, bound: value is not None and value >= bound,
    "at_most": lambda value, bound: value is not None and value <= bound,
    "below": lambda value, bound: value is not None and value < bound,
    "unless_at_least": lambda value, bound: value is None or value < bound,
}
"""How a fact is compared. What is not known never lets a rule act, but for the last one."""

DOES: Final = ("raise", "back", "restart", "hold", "pause", "advise", "first_session")
"""raise, back, restart change the protocol; hold proposes nothing; pause and advise change no protocol."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One fact, how it is compared, and with what."""

    fact: str
    comparison: str
    bound: int

    def holds(self, facts: Mapping[str, int | None]) -> bool:
        """Whether it does."""
        return COMPARISONS[self.comparison](facts.get(self.fact), self.bound)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `rule` is its number in the clinical protocols, `text` what stands there, `mark` how well it is founded.

    `by` is what a raise adds, never beyond `up_to`; `off_percent` sets the time off instead. It is not proposed again for
    `every_days` once somebody has decided about it.
    """

    id: str
    rule: str
    text: str
    mark: str
    do: str
    when: tuple[Condition, ...]
    by: Changes
    up_to: Mapping[str, int]
    off_percent: int | None
    every_days: int
    reason: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in the order in which they are asked.

    `rest_min_h` is the usual rest between sessions of one muscle, `room_min` what a usual slot leaves for longer sessions.
    """

    name: str
    title: str
    rest_min_h: int
    room_min: int
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Progression:
    """All of the file."""

    revision: int
    rules: Mapping[str, Rule]
    sets: Mapping[str, RuleSet]


@cache
def progression() -> Progression:
    """The rules that come with the program."""
    return read_progression((files(__package__) / "progression.yaml").read_text(encoding="utf-8"))


def rule_set(name: str) -> RuleSet:
    """One set by name. Raises UsageError with the nearest one."""
    sets = progression().sets
    if name not in sets:
        near = nearest_word(name, sets)
        raise UsageError(
            f"There are no progression rules called {name!r}.",
            f"The nearest is {near}." if near else f"Known: {', '.join(sets)}.",
        )
    return sets[name]


def usual_set(protocol: Protocol) -> str:
    """The set that a plan has where nobody names one: none goes on, and muscle without a nerve has its own rest and stages."""
    return DENERVATED if protocol.lmn_status is LmnStatus.DAMAGED else HOLD


def read_progression(text: str) -> Progression:
    """Read a file of rules. Raises UsageError for what is not known in it."""
    data = YAML(typ="safe", pure=True).load(text)
    rules = {name: _rule(name, row) for name, row in data["rules"].items()}
    sets = {}
    for name, row in data["sets"].items():
        unknown = [rule for rule in row["rules"] if rule not in rules]
        if unknown:
            raise UsageError(f"The set {name} has rules that are not there: {', '.join(unknown)}.")
        sets[name] = RuleSet(
            name, row["title"], row["rest_min_h"], row["room_min"], tuple(rules[rule] for rule in row["rules"])
        )
    return Progression(data["revision"], rules, sets)


def _rule(name: str, row: Mapping[str, Any]) -> Rule:
    when = tuple(Condition(fact, *pair) for fact, asked in row.get("when", {}).items() for pair in asked.items())
    rule = Rule(
        id=name,
        rule=row["rule"],
        text=row["text"],
        mark=row["mark"],
        do=row["do"],
        when=when,
        by=Changes.from_json(row.get("by", {})),
        up_to=row.get("up_to", {}),
        off_percent=row.get("off_percent"),
        every_days=row.get("every_days", 0),
        reason=row.get("reason", ""),
    )
    named = {condition.fact for condition in when} | set(rule.up_to)
    named |= {field for _, field, _, _ in Formatter().parse(rule.reason) if field}
    if not named <= FACTS.keys() or rule.do not in DOES or any(c.comparison not in COMPARISONS for c in when):
        raise UsageError(f"The progression rule {name} looks at or does something that is not known.")
    return rule
