"""What is on record of a body, beside any answer: nerve and feeling of the planned muscles, and what is implanted."""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from emscontrol.safety.screening_answers import CLOCK_SKEW
from emscontrol.safety.screening_facts import ImplantFinding, MuscleFinding, ScreeningFacts
from emscontrol.safety.screening_places import Pad, Place, region_of, same_muscle, same_side
from emscontrol.safety.screening_rules import BODY, ScreeningRule

METAL_SETTLED_DAYS: Final = 90
"""From when on metal is no bar by itself: three months [S: RS1, RS2]."""

EXAMINED_LEAST: Final = timedelta(days=90)
"""How long an examination of nerve and feeling holds at least, however often the question is asked meanwhile [D]."""

LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)

_METAL: Final = "METAL_RECENT"
_IMPLANTS: Final[Mapping[str, str]] = {"pacemaker": "PACEMAKER", "active": "ACTIVE_IMPLANT", "metal": _METAL}
_ANY_OTHER: Final = "ACTIVE_IMPLANT"

_ANSWERS_TO_SHORT: Final = frozenset({"intact", "partial"})
_ANSWERS_TO_LONG: Final = frozenset({"absent", "partial"})


@dataclass(frozen=True, slots=True)
class OnRecord:
    """One pad or place for which the record speaks, why, and since when that has been known."""

    where: Pad | Place | None
    why: str
    since: datetime = LONG_AGO


def holds_until(rule: ScreeningRule, finding: MuscleFinding) -> datetime:
    """When a muscle has to be examined again for this rule."""
    return finding.examined_at + max(timedelta(hours=rule.asked_h), EXAMINED_LEAST)


def without_feeling(rule: ScreeningRule, facts: ScreeningFacts, now: datetime) -> Iterator[OnRecord]:
    """Planned pads over skin that is numb, or that was not examined lately: that is not known to be normal."""
    for pad in facts.pads:
        found = _findings(facts.muscles, pad)
        said = [*sorted({finding.sensation for finding in found} - {"normal"}), *_unexamined(rule, found, pad, now)]
        if said:
            ended = (end for finding in found if (end := holds_until(rule, finding)) <= now)
            since = max((*(finding.examined_at for finding in found), *ended), default=LONG_AGO)
            yield OnRecord(pad, f"feeling at {pad.muscle} {pad.side}: {', '.join(said)}", since)


def without_fitting_nerve(rule: ScreeningRule, facts: ScreeningFacts, now: datetime) -> Iterator[OnRecord]:
    """Planned pads on muscles that pulses of this type are not made for, or of whose nerve nothing is known as of now."""
    fitting = _fitting(facts.types)
    for pad in facts.pads:
        found = _findings(facts.muscles, pad)
        said = [*sorted({finding.lmn for finding in found} - fitting), *_unexamined(rule, found, pad, now)]
        if said:
            yield OnRecord(pad, f"nerve of {pad.muscle} {pad.side}: {', '.join(said)}")


def examined_until(rule: ScreeningRule, facts: ScreeningFacts, now: datetime) -> Iterator[datetime]:
    """When the examinations of the planned muscles end that hold now."""
    for pad in facts.pads:
        yield from (holds_until(rule, one) for one in _findings(facts.muscles, pad) if _in_time(rule, one, now))


def implanted(rule: str, facts: ScreeningFacts, now: datetime) -> Iterator[OnRecord]:
    """Implants that answer this rule's question. A kind that nobody knows counts as an active one."""
    for implant in facts.implants:
        if _IMPLANTS.get(implant.kind, _ANY_OTHER) == rule and not (rule == _METAL and _settled(implant, now)):
            known = region_of(implant.region) in BODY
            place = Place(region=implant.region, side=implant.side) if known else None
            yield OnRecord(place, f"an implant is on record ({implant.kind})")


def latest_day(when: str) -> date | None:
    """The last day that a date as precise as 2026, 2026-03 or 2026-03-14 may mean; None where it means nothing."""
    parts = when.split("-")
    try:
        year, month = int(parts[0]), int(parts[1]) if len(parts) > 1 else 12
        return date(year, month, int(parts[2]) if len(parts) > 2 else monthrange(year, month)[1])
    except ValueError:
        return None


def _settled(implant: ImplantFinding, now: datetime) -> bool:
    placed = latest_day(implant.placed_on)
    return placed is not None and (now.astimezone(UTC).date() - placed).days >= METAL_SETTLED_DAYS


def _findings(muscles: Iterable[MuscleFinding], pad: Pad) -> list[MuscleFinding]:
    return [one for one in muscles if same_muscle(one.muscle, pad.muscle) and same_side(one.side, pad.side)]


def _unexamined(rule: ScreeningRule, found: Iterable[MuscleFinding], pad: Pad, now: datetime) -> Iterator[str]:
    """Why this very muscle does not count as examined; nothing where it does. What was found wrong counts however old it is."""
    own = [finding for finding in found if finding.muscle == pad.muscle and finding.side == pad.side]
    if not any(_in_time(rule, finding, now) for finding in own):
        last = max((finding.examined_at for finding in own), default=None)
        yield "not examined" if last is None else f"not examined lately, but on {last.astimezone(UTC):%Y-%m-%d}"


def _in_time(rule: ScreeningRule, finding: MuscleFinding, now: datetime) -> bool:
    return finding.examined_at - CLOCK_SKEW <= now < holds_until(rule, finding)


def _fitting(types: frozenset[str]) -> frozenset[str]:
    """States of the lower motor neuron for which pulses of all these types are made."""
    every = _ANSWERS_TO_LONG | _ANSWERS_TO_SHORT
    return (_ANSWERS_TO_LONG if "denerv" in types else every) & (_ANSWERS_TO_SHORT if types - {"denerv"} else every)
