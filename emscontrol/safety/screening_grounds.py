"""What speaks for a rule: the answer, and whatever else is known of patient, pads and stimulator.

A question that was never asked, or that is due again, is answered "unknown", and unknown speaks for the rule. What the
program can see by itself is decided whatever was answered: an answer can add to it and never take from it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from emscontrol.safety.screening_answers import answer_in_force, due_at, newest_answer
from emscontrol.safety.screening_body import LONG_AGO, OnRecord, implanted, without_feeling, without_fitting_nerve
from emscontrol.safety.screening_facts import Answer, GivenAnswer, ScreeningFacts
from emscontrol.safety.screening_places import Pad, Place, in_regions, touched
from emscontrol.safety.screening_rules import ALL_TYPES, ANY, BODY, PSEUDO, ScreeningRule

FROM_PADS: Final = frozenset({"TRANSTHORACIC", "CHEST_WALL", "TRANSCEREBRAL", "CAROTID", "MOUTH"})
FROM_MUSCLES: Final = "LMN"
FROM_DEVICE: Final = "DENERV_DEV"
NOT_ASKED: Final = FROM_PADS | {FROM_MUSCLES, FROM_DEVICE}
"""Rules that need no answer, because the program sees it by itself. A yes to them counts all the same."""

_FEELING: Final = "SENSATION"
FROM_EXAMINATION: Final = frozenset({FROM_MUSCLES, _FEELING})
"""Rules for which the planned muscles are examined."""

_REMEDIES: Final[Mapping[str, str]] = {
    FROM_MUSCLES: "Test the muscle with pulses of 1 ms and enter what it did; "
    "a muscle without its nerve needs a protocol for damaged lower motor neurons, one with its nerve any other.",
    FROM_DEVICE: "Choose a stimulator that is declared for it.",
}


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
    since: datetime = LONG_AGO
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class _Sign:
    """One thing that speaks for a rule, with the pads in the rule's regions that it concerns, and how surely."""

    pads: tuple[Pad, ...]
    certain: bool
    why: str
    since: datetime = LONG_AGO


def concerns(rule: ScreeningRule, facts: ScreeningFacts) -> bool:
    """Whether a rule is about protocols of this type."""
    return ALL_TYPES in rule.types or bool(rule.types & facts.types)


def grounds_of(rule: ScreeningRule, facts: ScreeningFacts, now: datetime) -> Grounds | None:
    """What speaks for a rule, None when nothing does."""
    asked = rule.id not in NOT_ASKED
    answer = answer_in_force(rule, facts, now)
    signs = [*_on_record(rule, facts, now)]
    if concerns(rule, facts):
        signs.extend(_answered(rule, facts, answer) if asked else _told_all_the_same(rule, facts))
    if not signs:
        return None
    reached = {pad for sign in signs for pad in sign.pads}
    return Grounds(
        pads=tuple(pad for pad in facts.pads if pad in reached),
        certain=any(sign.certain for sign in signs),
        why=", and ".join(sign.why for sign in signs),
        answer=answer,
        missing=asked and answer is None,
        since=max(sign.since for sign in signs),
        remedy=_REMEDIES.get(rule.id, ""),
    )


def _answered(rule: ScreeningRule, facts: ScreeningFacts, answer: GivenAnswer | None) -> Iterator[_Sign]:
    """What the answer in force says, or that there is none."""
    everywhere = _reached(rule, facts.pads, ())
    if answer is None:
        last = newest_answer(rule.id, facts)
        since = f"the last answer was good until {due_at(rule, last).astimezone(UTC):%Y-%m-%d %H:%M} UTC" if last else ""
        yield _Sign(everywhere, False, since or "it was never asked")
    elif answer.answer is Answer.UNKNOWN:
        yield _Sign(everywhere, False, "nobody knows, which counts as yes")
    elif answer.answer is not Answer.NO:
        yield _Sign(_reached(rule, facts.pads, answer.places), True, "answered yes")


def _told_all_the_same(rule: ScreeningRule, facts: ScreeningFacts) -> Iterator[_Sign]:
    """An answer to what the program sees by itself: anything but no counts, however old, wherever the pads are."""
    answer = newest_answer(rule.id, facts)
    if answer is not None and answer.answer is not Answer.NO:
        pads = touched(rule.regions, facts.pads, answer.places) if answer.places and rule.regions & PSEUDO else facts.pads
        yield _Sign(pads, True, f"answered {answer.answer}")


def _on_record(rule: ScreeningRule, facts: ScreeningFacts, now: datetime) -> Iterator[_Sign]:
    """What the program sees by itself. Whether nerve and pulse belong together is looked at for every type of protocol."""
    if rule.id == FROM_MUSCLES:
        yield from (_sign(rule, facts, one) for one in without_fitting_nerve(rule, facts, now))
    elif not concerns(rule, facts):
        return
    elif rule.id == FROM_DEVICE and facts.device_denervation is not True:
        said = "the stimulator is not known" if facts.device_denervation is None else "it is not declared for it"
        yield _Sign(facts.pads, True, said)
    elif rule.id in FROM_PADS and (there := in_regions(rule.regions & BODY, facts.pads)):
        yield _Sign(there, True, "pads are planned there")
    elif rule.id == _FEELING:
        yield from (_sign(rule, facts, one) for one in without_feeling(rule, facts, now))
    else:
        yield from (_sign(rule, facts, one) for one in implanted(rule.id, facts, now))


def _sign(rule: ScreeningRule, facts: ScreeningFacts, one: OnRecord) -> _Sign:
    if isinstance(one.where, Pad):
        return _Sign((one.where,), True, one.why, one.since)
    return _Sign(_reached(rule, facts.pads, (one.where,) if one.where else ()), True, one.why, one.since)


def _reached(rule: ScreeningRule, pads: tuple[Pad, ...], places: tuple[Place, ...]) -> tuple[Pad, ...]:
    """The pads in a rule's regions, of which some are told by places; no place means everywhere."""
    if ANY in rule.regions or (not places and rule.regions & PSEUDO):
        return pads
    return (*in_regions(rule.regions & BODY, pads), *touched(rule.regions, pads, places))
