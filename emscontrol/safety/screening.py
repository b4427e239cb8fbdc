"""May this patient be stimulated like this today? Every question of the screening against answers, overrides and planned pads.

The same code judges where a session is prepared and again in the engine's process, on the same facts. Unknown counts as
yes, and what was not asked is unknown. Anything about the facts themselves that is not right clears nothing.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from emscontrol.safety.screening_answers import CLOCK_SKEW, answer_in_force, due_at, said_since
from emscontrol.safety.screening_body import examined_until
from emscontrol.safety.screening_facts import (
    Answer,
    GivenAcknowledgement,
    GivenAnswer,
    GivenOverride,
    ImplantFinding,
    MuscleFinding,
    ScreeningFacts,
)
from emscontrol.safety.screening_grounds import FROM_EXAMINATION, Grounds, concerns, grounds_of
from emscontrol.safety.screening_places import Pad, Place, in_regions, is_true, pad_on
from emscontrol.safety.screening_rules import (
    AREA,
    RELEASED_DIGEST,
    TYPES,
    ScreeningRule,
    Severity,
    rules_digest,
    types_of_protocol,
)
from emscontrol.safety.screening_verdict import Finding, ScreeningVerdict, Standing

__all__ = [
    "OVERRIDING_ROLE",
    "SCREENING",
    "Answer",
    "Finding",
    "GivenAcknowledgement",
    "GivenAnswer",
    "GivenOverride",
    "ImplantFinding",
    "MuscleFinding",
    "Pad",
    "Place",
    "ScreeningFacts",
    "ScreeningRule",
    "ScreeningVerdict",
    "Severity",
    "Standing",
    "judge_screening",
    "pad_on",
    "types_of_protocol",
]

SCREENING: Final = "SCREENING"
"""The id under which facts are refused that cannot be judged."""

OVERRIDING_ROLE: Final = "specialist"


def judge_screening(facts: ScreeningFacts, now: datetime) -> ScreeningVerdict:
    """What stands between this patient and this session at `now`, an aware time."""
    wrong = tuple(_distrusted(facts, now))
    if wrong:
        remedy = "Make the screening again from the book; if this stays, install emscontrol again."
        return ScreeningVerdict(tuple(Finding(SCREENING, Standing.BLOCK, each, remedy) for each in wrong), {}, None)
    findings, caps, ends = [], dict[int, int](), []
    for rule in facts.rules:
        answer = answer_in_force(rule, facts, now)
        if answer is not None and concerns(rule, facts):
            ends.append(due_at(rule, answer))
        if rule.id in FROM_EXAMINATION:
            ends.extend(examined_until(rule, facts, now))
        grounds = grounds_of(rule, facts, now)
        severity = _severity(rule, grounds)
        if grounds is None or severity is None:
            continue
        if rule.cap_percent is not None:
            caps |= {pad.channel: min(rule.cap_percent, caps.get(pad.channel, 100)) for pad in grounds.pads}
        override = _standing_override(rule, grounds, facts, now)
        if override is not None:
            ends.append(_end(rule, override))
        findings.append(_finding(rule, grounds, severity, override, facts, now))
    return ScreeningVerdict(tuple(findings), caps, min(ends, default=None))


def _distrusted(facts: ScreeningFacts, now: datetime) -> Iterator[str]:
    """What is wrong with the facts themselves, a sentence each."""
    if rules_digest(facts.rules) != RELEASED_DIGEST or facts.rules_sha256 != RELEASED_DIGEST:
        yield "The list of questions is not the one this version was released with."
    if not facts.types or not facts.types <= TYPES:
        yield "Nobody knows of what type the planned protocol is."
    if not facts.pads or len({pad.channel for pad in facts.pads}) != len(facts.pads):
        yield "The planned pads are missing, or one channel has two pairs."
    yield from (f"{pad.muscle!r} in {pad.region!r} is no site of the catalogue." for pad in facts.pads if not is_true(pad))
    moments = [
        now,
        *(moment for answer in facts.answers for moment in (answer.asked_at, answer.due_at)),
        *(moment for override in facts.overrides for moment in (override.given_at, override.expires_at)),
        *(acknowledgement.given_at for acknowledgement in facts.acknowledgements),
        *(finding.examined_at for finding in facts.muscles),
    ]
    if any(moment.tzinfo is None for moment in moments):
        yield "A time has no time zone."


def _severity(rule: ScreeningRule, grounds: Grounds | None) -> Severity | None:
    if grounds is None:
        return None
    if not grounds.certain and rule.unknown is not None:
        return rule.unknown
    return rule.severity if grounds.pads else rule.elsewhere


def _finding(
    rule: ScreeningRule,
    grounds: Grounds,
    severity: Severity,
    override: GivenOverride | None,
    facts: ScreeningFacts,
    now: datetime,
) -> Finding:
    reason = _reason(rule, grounds)
    unasked = grounds.missing and not grounds.certain
    if severity is Severity.CAUTION:
        read = not grounds.missing and _acknowledged(rule, grounds, facts, now)
        standing = Standing.ACKNOWLEDGED if read else Standing.CAUTION
        return Finding(rule.id, standing, reason, _ask_first(grounds, "Read it, and acknowledge it."), unasked and not read)
    if severity is Severity.BLOCK and not rule.override:
        return Finding(rule.id, Standing.BLOCK, reason, _ask_first(grounds, _way_out(rule, grounds)), unasked)
    if override is not None:
        until = f"Overridden by {override.staff} until {_end(rule, override).astimezone(UTC):%Y-%m-%d %H:%M} UTC."
        return Finding(rule.id, Standing.OVERRIDDEN, reason, until)
    condition = f", on this condition: {rule.override}" if severity is Severity.BLOCK else ""
    remedy = f"A {OVERRIDING_ROLE} can override it with a reason, for {rule.days} days at most{condition}."
    return Finding(rule.id, Standing.OVERRIDE_NEEDED, reason, _ask_first(grounds, remedy), unasked)


def _reason(rule: ScreeningRule, grounds: Grounds) -> str:
    numbers = ", ".join(str(pad.channel) for pad in grounds.pads)
    where = f"channel {numbers}" if grounds.pads else "elsewhere than under the pads"
    return f"{rule.question} – {grounds.why} ({where}). {rule.tell} [{', '.join(rule.sources)}]"


def _ask_first(grounds: Grounds, remedy: str) -> str:
    return f"Ask it first. {remedy}" if grounds.missing else remedy


def _way_out(rule: ScreeningRule, grounds: Grounds) -> str:
    if grounds.remedy:
        return f"{grounds.remedy} Nobody can override it."
    if AREA in rule.regions:
        return "Move the pads to another region, or wait until it is over. Nobody can override it."
    return "Do not stimulate while it is so. Nobody can override it."


def _end(rule: ScreeningRule, override: GivenOverride) -> datetime:
    return min(override.expires_at, override.given_at + timedelta(days=rule.days))


def _standing_override(rule: ScreeningRule, grounds: Grounds, facts: ScreeningFacts, now: datetime) -> GivenOverride | None:
    """The override of this rule that lasts longest, of those that count at all.

    A specialist takes upon himself what he was told: none counts while the question waits, or from before the patient said so.
    """
    if grounds.missing:
        return None
    since = said_since(rule.id, facts)
    counting = [
        override
        for override in facts.overrides
        if override.rule == rule.id
        and (since is None or override.given_at >= since)
        and override.role == OVERRIDING_ROLE
        and override.staff.strip()
        and override.reason.strip()
        and override.given_at <= now + CLOCK_SKEW
        and now < _end(rule, override)
        and (not rule.override_regions or in_regions(rule.override_regions, facts.pads) == facts.pads)
    ]
    return max(counting, key=lambda override: _end(rule, override), default=None)


def _acknowledged(rule: ScreeningRule, grounds: Grounds, facts: ScreeningFacts, now: datetime) -> bool:
    return grounds.answer is not None and any(
        given.rule == rule.id
        and given.answer_id == grounds.answer.id
        and given.staff.strip()
        and grounds.since <= given.given_at <= now + CLOCK_SKEW
        for given in facts.acknowledgements
    )
