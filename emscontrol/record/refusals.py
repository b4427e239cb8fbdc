"""What was refused, held back, warned of or changed by hand in a session, and why: grouped, with how often.

A table says which events tell of it. Requests that were turned down on the spot changed nothing and are not in a record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeAlias

from emscontrol.core.events import EVENTS, Event, make

Told: TypeAlias = tuple[int, Event]
"""An event and the number of its record."""

KEPT_MAX: Final = 200  # groups; what goes beyond is counted


class Effect(StrEnum):
    """What became of what was wanted."""

    REFUSED = "refused"  # nothing of it was given
    HELD_BACK = "held back"  # less than was set was given
    WARNED = "warned"  # it was given, and is near a limit or unusual
    CHANGED = "changed"  # the operator set another target than the plan's


class Kind(NamedTuple):
    """How an event is grouped: what it did, who did it, and the arguments in which the events of one group agree."""

    effect: Effect
    by: str
    alike: tuple[str, ...]


KINDS: Final[Mapping[str, Kind]] = {
    "refused_by_gate": Kind(Effect.REFUSED, "the last look at every command", ("rule",)),
    "refused_by_device": Kind(Effect.REFUSED, "the stimulator", ("command", "code")),
    "clipped": Kind(Effect.HELD_BACK, "the stimulator", ("channel",)),
    "warned": Kind(Effect.WARNED, "the rule book", ("rule", "sentence")),
    "adjusted": Kind(Effect.CHANGED, "the operator", ("channel",)),
}
"""By event."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One group. `rule` is the id of a rule, `channel` None, where the event names none; `first` and `last` are records.

    `reason` is the sentence of the first event; for a target changed by hand, from where and to where all steps led.
    """

    kind: str
    effect: Effect
    by: str
    rule: str
    channel: int | None
    reason: str
    count: int
    first: int
    last: int


class Refusals:
    """Feed it the records with `take`; `rows` are the groups in the order in which they began, `more` the events beyond."""

    def __init__(self) -> None:
        self.more = 0
        self._groups: dict[tuple[object, ...], tuple[Told, Told]] = {}  # the first and the last event of each
        self._counts: dict[tuple[object, ...], int] = {}

    def take(self, n: int, kind: str, members: Mapping[str, Any]) -> None:
        """The next record, as the object that its line holds; what does not fit the vocabulary is left out."""
        row = KINDS.get(kind)
        if row is None:
            return
        try:
            event = Event(kind, {name: members[name] for name in EVENTS[kind].args if name in members})
        except ValueError:
            return
        key = (kind, *(event.args[name] for name in row.alike))
        if key not in self._groups and len(self._groups) == KEPT_MAX:
            self.more += 1
            return
        self._groups[key] = self._groups.get(key, [(n, event)])[0], (n, event)
        self._counts[key] = self._counts.get(key, 0) + 1

    def rows(self) -> tuple[Refusal, ...]:
        """The groups so far."""
        return tuple(_row(first, last, self._counts[key]) for key, (first, last) in self._groups.items())


def _row(first: Told, last: Told, count: int) -> Refusal:
    event, row = first[1], KINDS[first[1].kind]
    args = event.args
    told = make(event.kind, **{**args, "to_ua": last[1].args["to_ua"]}) if row.effect is Effect.CHANGED else event
    channel = args.get("channel")
    return Refusal(
        kind=event.kind,
        effect=row.effect,
        by=row.by,
        rule=str(args.get("rule", "")),
        channel=channel if isinstance(channel, int) else None,
        reason=told.sentence(),
        count=count,
        first=first[0],
        last=last[0],
    )
