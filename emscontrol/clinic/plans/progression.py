"""From facts to at most one proposed step, with its reason and the facts that it rests on. Pure: nothing is changed here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from emscontrol.clinic.plans.rules import Condition, Rule, RuleSet
from emscontrol.clinic.plans.slots import too_long
from emscontrol.core.errors import ProtocolFileError, UsageError
from emscontrol.core.units import US_PER_S
from emscontrol.program.timing import schedule
from emscontrol.protocol.adjust import adjust, main_phase
from emscontrol.protocol.changes import CHANGES, Changes
from emscontrol.protocol.findings import plain
from emscontrol.protocol.load import LoadedProtocol
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Reference

Facts = Mapping[str, int | None]
"""By the names of `rules.FACTS`; None for what is not known."""

_ENTERED: Final = "on a later day: emscontrol outcome add {patient}"
ENDS: Final[Mapping[str, str]] = {
    "nrs": f"a pain of {{below}} or less is entered {_ENTERED} nrs 0-{{below}}",
    "doms": f"a soreness of {{below}} or less is entered {_ENTERED} doms 0-{{below}}",
    "fatigue_percent": "force falls by less than {bound} % at the end of a session",
    "days_since_last": "the next session is given: emscontrol agenda",
}
"""What ends a hold, by the fact that holds it. Of what is entered the worst of its newest day counts."""

_NO_STEP: Final = "There is no step to go back, so it stays."
_UNKNOWN: Final = "–"
_SHOWN: Final = {"fraction_milli": 1000, "rate_mhz": 1000}


@dataclass(frozen=True, slots=True)
class Decided:
    """When a rule's last proposal was accepted or refused: days ago, and sessions since."""

    days: int
    sessions: int


@dataclass(frozen=True, slots=True)
class History:
    """What was accepted so far: the sum, the raises that still stand (oldest first), and each rule's last decision."""

    total: Changes = field(default_factory=Changes)
    standing: tuple[Changes, ...] = ()
    decided: Mapping[str, Decided] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One step. `do` is what the rule does; with `hold` there is a reason for nothing and no step.

    `when` is what the rule rests on: it holds for as long as that does.
    """

    rule: str
    do: str
    changes: Changes
    reason: str
    facts: Mapping[str, int | None]
    when: tuple[Condition, ...] = ()

    @property
    def is_step(self) -> bool:
        """Whether somebody has to decide about it."""
        return self.do != "hold"


def propose(rules: RuleSet, facts: Facts, history: History, pinned: LoadedProtocol) -> Proposal | None:
    """What the first rule that applies proposes, None when none does.

    `pinned` is the protocol as prescribed. A raise that the protocol has no room for is passed over. Going back where
    there is nothing to go back to is a hold: the level stays.
    """
    if not facts.get("sessions"):
        return None  # a plan that has not begun does not go on
    protocol = adjust(pinned, history.total).protocol
    known = dict(facts) | protocol_facts(protocol)
    for rule in rules.rules:
        if rule.do == "first_session" or not all(condition.holds(known) for condition in rule.when) or _rests(rule, history):
            continue
        do, changes = _step(rule, known, history, protocol)
        if do == "raise" and not (changes and _has_room(pinned, history.total, changes)):
            continue
        used = {condition.fact for condition in rule.when}
        why = f"{reason(rule, known)} {_NO_STEP}" if rule.do == "back" and do == "hold" else reason(rule, known)
        return Proposal(rule.id, do, changes, why, {name: known.get(name) for name in sorted(used)}, rule.when)
    return None


def what_ends(found: Proposal, patient: str) -> str:
    """Of a hold what ends it, with the command; "" for a step, which ends by being decided."""
    if found.is_step:
        return ""
    ways = [
        ENDS[condition.fact].format(bound=condition.bound, below=condition.bound - 1, patient=patient)
        for condition in found.when
    ]
    return f"Nothing more is proposed until {' and '.join(ways)}."


def protocol_facts(protocol: Protocol) -> dict[str, int | None]:
    """What rules look at in the protocol itself, as it is now."""
    spans, _ = schedule(protocol)
    main = protocol.phases[main_phase(protocol)]
    groups = [group for phase in protocol.phases for group in phase.groups]
    longest = max(main.groups, key=lambda group: group.on_us)
    of_comfort = [int(g.intensity.fraction * 1000) for g in groups if g.intensity.of is Reference.COMFORT]
    return {
        "counted": int(main.contractions is not None),
        "contractions": main.contractions,
        "session_min": -(-spans[-1].end_us // (60 * US_PER_S)),
        "off_percent": longest.off_us * 100 // longest.on_us,
        "fraction_milli": max(of_comfort, default=None),
        "rate_mhz": max(int(group.rate_hz * 1000) for group in groups),
        "width_us": max(group.pulse_width_us for group in groups),
    }


def reason(rule: Rule, facts: Facts) -> str:
    """The rule's reason with the facts in it."""
    return rule.reason.format_map({name: _shown(name, value) for name, value in facts.items()})


def _rests(rule: Rule, history: History) -> bool:
    """A rule that was decided about waits for another session, and for its days."""
    decided = history.decided.get(rule.id)
    return decided is not None and (decided.sessions < 1 or decided.days < rule.every_days)


def _step(rule: Rule, facts: Facts, history: History, protocol: Protocol) -> tuple[str, Changes]:
    if rule.do == "raise":
        return "raise", _raised(rule, facts, protocol)
    if rule.do == "back":
        return ("back", history.standing[-1].undone()) if history.standing else ("hold", Changes())
    if rule.do == "restart":
        return "restart", history.total.undone()
    return rule.do, Changes()


def _raised(rule: Rule, facts: Facts, protocol: Protocol) -> Changes:
    """What a raise adds, never beyond its `up_to`; or what brings the time off to a part of the time on."""
    if rule.off_percent is not None:
        longest = max(protocol.phases[main_phase(protocol)].groups, key=lambda group: group.on_us)
        return Changes(off_ms=(longest.on_us * rule.off_percent // 100 - longest.off_us) // 1000)
    room = {name: bound - (facts.get(name) or 0) for name, bound in rule.up_to.items() if name in CHANGES}
    return replace(rule.by, **{name: max(0, min(getattr(rule.by, name), left)) for name, left in room.items()})


def _has_room(pinned: LoadedProtocol, total: Changes, more: Changes) -> bool:
    try:
        loaded = adjust(pinned, total.plus(more))
    except (ProtocolFileError, UsageError):
        return False
    return not too_long(loaded)


def _shown(name: str, value: int | None) -> str:
    if value is None:
        return _UNKNOWN
    return plain(Decimal(value) / _SHOWN[name]) if name in _SHOWN else str(value)
