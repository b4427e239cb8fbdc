"""What speaks for a rule: the answer, and whatever else is known of patient, pads and stimulator.

A question that was never asked, or that is due again, is answered "unknown", and unknown speaks for the rule. What the
program can see by itself is decided whatever was answered: an answer can add to it and never take from it.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from emscontrol.safety.screening_facts import Answer, GivenAnswer, ImplantFinding, MuscleFinding, ScreeningFacts
from emscontrol.safety.screening_places import EVERY_SIDE, Pad, Place, in_regions, region_of, same_muscle, same_side, touched
from emscontrol.safety.screening_rules import ALL_TYPES, ANY, BODY, PSEUDO, ScreeningRule

CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far the clock of another station may be ahead before what it wrote is not believed [D]."""

METAL_SETTLED_DAYS: Final = 90
"""From when on metal is no bar by itself: three months [S: RS1, RS2]."""

FROM_PADS: Final = frozenset({"TRANSTHORACIC", "CHEST_WALL", "TRANSCEREBRAL", "CAROTID", "MOUTH"})
FROM_MUSCLES: Final = "LMN"
FROM_DEVICE: Final = "DENERV_DEV"
NOT_ASKED: Final = FROM_PADS | {FROM_MUSCLES, FROM_DEVICE}
"""Rules that need no answer, because the program sees it by itself. A yes to them counts all the same."""

_FEELING: Final = "SENSATION"
_IMPLANTS: Final[Mapping[str, str]] = {"pacemaker": "PACEMAKER", "active": "ACTIVE_IMPLANT", "metal": "METAL_RECENT"}
_UNKNOWN_IMPLANT: Final = "ACTIVE_IMPLANT"

_REMEDIES: Final[Mapping[str, str]] = {
    FROM_MUSCLES: "Test the muscle with pulses of 1 ms and enter what it did; "
    "a muscle without its nerve needs a protocol for damaged lower motor neurons, one with its nerve any other.",
    FROM_DEVICE: "Choose a stimulator that is declared for it.",
}

_ANSWERS_TO_SHORT: Final = frozenset({"intact", "partial"})
_ANSWERS_TO_LONG: Final = frozenset({"absent", "partial"})
_LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why a rule counts. `pads` are those in its regions, none where it counts elsewhere only.

    `certain` is False where it rests on an unknown alone. `answer` is the one in force. `missing` tells that the question has
    to be asked (again). An acknowledgement from before `since` has not seen all of it. `remedy` is what else there is to do.
    """

    pads: tuple[Pad, ...]
    certain: bool
    why: str
    answer: GivenAnswer | None
    missing: bool = False
    since: datetime = _LONG_AGO
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class _Sign:
    """One thing that speaks for a rule: where (None for everywhere), and how surely."""

    places: tuple[Place, ...] | None
    certain: bool
    why: str
    since: datetime = _LONG_AGO


def newest_answer(rule: str, facts: ScreeningFacts, now: datetime) -> GivenAnswer | None:
    """The last answer to a rule's question, due or not; one from the future is not believed."""
    given = [answer for answer in facts.answers if answer.rule == rule and answer.asked_at <= now + CLOCK_SKEW]
    return max(given, key=lambda answer: (answer.asked_at, answer.id), default=None)


def due_at(rule: ScreeningRule, answer: GivenAnswer) -> datetime:
    """When an answer has to be asked again: as was written with it, and never later than the rule allows."""
    return min(answer.due_at, answer.asked_at + timedelta(hours=rule.asked_h))


def answer_in_force(rule: ScreeningRule, facts: ScreeningFacts, now: datetime) -> GivenAnswer | None:
    """The last answer, unless it is due."""
    answer = newest_answer(rule.id, facts, now)
    return answer if answer is not None and now < due_at(rule, answer) else None


def concerns(rule: ScreeningRule, facts: ScreeningFacts) -> bool:
    """Whether a rule is about protocols of this type. Whether nerve and pulse belong together is asked of every one."""
    return rule.id == FROM_MUSCLES or ALL_TYPES in rule.types or bool(rule.types & facts.types)


def grounds_of(rule: ScreeningRule, facts: ScreeningFacts, now: datetime) -> Grounds | None:
    """What speaks for a rule, None when nothing does."""
    if not concerns(rule, facts):
        return None
    if rule.id in NOT_ASKED:
        return _seen(rule, facts, now)
    answer = answer_in_force(rule, facts, now)
    signs = [*_answered(rule, facts, now), *_implanted(rule, facts, now), *_felt(rule, facts)]
    if not signs:
        return None
    reached = {pad for sign in signs for pad in _reached(rule, facts.pads, sign.places)}
    return Grounds(
        pads=tuple(pad for pad in facts.pads if pad in reached),
        certain=any(sign.certain for sign in signs),
        why=", and ".join(sign.why for sign in signs),
        answer=answer,
        missing=answer is None,
        since=max(sign.since for sign in signs),
    )


def _reached(rule: ScreeningRule, pads: tuple[Pad, ...], places: tuple[Place, ...] | None) -> tuple[Pad, ...]:
    if ANY in rule.regions or (places is None and rule.regions & PSEUDO):
        return pads
    return (*in_regions(rule.regions & BODY, pads), *touched(rule.regions, pads, places or ()))


def _answered(rule: ScreeningRule, facts: ScreeningFacts, now: datetime) -> Iterator[_Sign]:
    answer = newest_answer(rule.id, facts, now)
    if answer is None:
        yield _Sign(None, False, "it was never asked")
    elif now >= due_at(rule, answer):
        yield _Sign(None, False, f"it has to be asked again since {due_at(rule, answer).astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    elif answer.answer is Answer.UNKNOWN:
        yield _Sign(None, False, "nobody knows, which counts as yes")
    elif answer.answer is not Answer.NO:
        yield _Sign(answer.places or None, True, "answered yes")


def _implanted(rule: ScreeningRule, facts: ScreeningFacts, now: datetime) -> Iterator[_Sign]:
    for implant in facts.implants:
        if rule.id != _IMPLANTS.get(implant.kind, _UNKNOWN_IMPLANT):
            continue
        if rule.id == "METAL_RECENT" and _settled(implant, now):
            continue
        where = (Place(region=implant.region, side=implant.side),) if region_of(implant.region) in BODY else None
        yield _Sign(where, True, f"an implant is on record ({implant.kind})")


def _settled(implant: ImplantFinding, now: datetime) -> bool:
    placed = latest_day(implant.placed_on)
    return placed is not None and (now.astimezone(UTC).date() - placed).days >= METAL_SETTLED_DAYS


def latest_day(when: str) -> date | None:
    """The last day that a date as precise as 2026, 2026-03 or 2026-03-14 may mean; None where it means nothing."""
    parts = when.split("-")
    try:
        year, month = int(parts[0]), int(parts[1]) if len(parts) > 1 else 12
        return date(year, month, int(parts[2]) if len(parts) > 2 else monthrange(year, month)[1])
    except ValueError:
        return None


def _felt(rule: ScreeningRule, facts: ScreeningFacts) -> Iterator[_Sign]:
    """Numbness under planned pads, as it was examined: what was not examined is not known to be normal."""
    if rule.id != _FEELING:
        return
    for pad in facts.pads:
        found = _findings(facts.muscles, pad)
        if _exact(found, pad) and all(finding.sensation == "normal" for finding in found):
            continue
        where = (Place(muscle=pad.muscle, side=pad.side if pad.side in ("left", "right") else EVERY_SIDE),)
        told = sorted({finding.sensation for finding in found} - {"normal"}) if _exact(found, pad) else ["not examined"]
        since = max((finding.examined_at for finding in found), default=_LONG_AGO)
        yield _Sign(where, True, f"feeling at {pad.muscle} {pad.side}: {', '.join(told)}", since)


def _findings(muscles: Iterable[MuscleFinding], pad: Pad) -> list[MuscleFinding]:
    return [one for one in muscles if same_muscle(one.muscle, pad.muscle) and same_side(one.side, pad.side)]


def _exact(found: Iterable[MuscleFinding], pad: Pad) -> bool:
    return any(finding.muscle == pad.muscle and finding.side == pad.side for finding in found)


def _seen(rule: ScreeningRule, facts: ScreeningFacts, now: datetime) -> Grounds | None:
    """Of a rule that the program decides: what it sees, and any answer but no, however old."""
    answer = newest_answer(rule.id, facts, now)
    pads, why = _visible(rule, facts)
    if answer is not None and answer.answer is not Answer.NO:
        told = facts.pads if rule.id != FROM_MUSCLES or not answer.places else _at(answer.places, facts.pads)
        pads, why = (*pads, *told), why if pads else f"answered {answer.answer}"
    hit = frozenset(pads)
    if not hit:
        return None
    return Grounds(tuple(pad for pad in facts.pads if pad in hit), True, why, answer, remedy=_REMEDIES.get(rule.id, ""))


def _at(places: Iterable[Place], pads: Iterable[Pad]) -> tuple[Pad, ...]:
    """The pads on the very muscle that a place names; a region means all of its limb."""
    where = tuple(places)
    exact = (
        pad for pad in pads for place in where if same_muscle(place.muscle, pad.muscle) and same_side(place.side, pad.side)
    )
    return (*exact, *touched({"limb"}, pads, [place for place in where if place.region]))


def _visible(rule: ScreeningRule, facts: ScreeningFacts) -> tuple[tuple[Pad, ...], str]:
    """The pads that the program itself sees a rule speak against, and why."""
    if rule.id == FROM_MUSCLES:
        return _nerveless(facts)
    if rule.id == FROM_DEVICE:
        return _undeclared(facts)
    return in_regions(rule.regions & BODY, facts.pads), "pads are planned there"


def _undeclared(facts: ScreeningFacts) -> tuple[tuple[Pad, ...], str]:
    if facts.device_denervation is True:
        return (), ""
    said = "it is not declared for it" if facts.device_denervation is False else "the stimulator is not known"
    return facts.pads, said


def _nerveless(facts: ScreeningFacts) -> tuple[tuple[Pad, ...], str]:
    """Muscles that the planned pulses are not made for, or of whose nerve nothing is known."""
    pads, told = [], []
    for pad in facts.pads:
        found = _findings(facts.muscles, pad)
        fitting = _fitting(facts.types)
        if not _exact(found, pad) or not all(finding.lmn in fitting for finding in found):
            pads.append(pad)
            states = ", ".join(sorted({finding.lmn for finding in found} - fitting)) if _exact(found, pad) else "not examined"
            told.append(f"nerve of {pad.muscle} {pad.side}: {states}")
    return tuple(pads), ", ".join(told)


def _fitting(types: frozenset[str]) -> frozenset[str]:
    """States of the lower motor neuron for which pulses of these types are made."""
    long = _ANSWERS_TO_LONG if "denerv" in types else _ANSWERS_TO_LONG | _ANSWERS_TO_SHORT
    short = _ANSWERS_TO_SHORT if types - {"denerv"} else _ANSWERS_TO_LONG | _ANSWERS_TO_SHORT
    return long & short
