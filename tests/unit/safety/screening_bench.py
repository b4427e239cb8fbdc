"""A patient of whom everything is known and nothing is wrong, and the reference list of rules as the yardstick."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from emscontrol.clinic.screening.load import shipped_rules
from emscontrol.safety.screening import (
    Answer,
    Finding,
    GivenAcknowledgement,
    GivenAnswer,
    GivenOverride,
    MuscleFinding,
    Place,
    ScreeningFacts,
    ScreeningVerdict,
    judge_screening,
    pad_on,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
REFERENCE: dict[str, dict[str, Any]] = {
    rule["id"]: rule
    for rule in YAML(typ="safe").load((Path(__file__).parents[2] / "data" / "screening.yaml").read_text("utf-8"))["rules"]
}
SHIPPED = shipped_rules()

SEEN = {"TRANSTHORACIC", "CHEST_WALL", "TRANSCEREBRAL", "CAROTID", "MOUTH", "LMN", "DENERV_DEV"}
"""Rules that are decided from pads, muscles and stimulator."""

MUSCLES = {
    "head": "facial_fr",
    "neck_ant": "submental",
    "neck_post": "trap_up",
    "chest_ant": "pec",
    "abdomen": "rect_abd",
    "back": "erector",
    "buttock": "glut_max",
    "thigh": "quad_all",
    "calf": "ta",
    "foot": "foot_int",
    "arm": "biceps",
    "hand": "thenar",
}
"""One muscle of each region that has any."""


def facts(muscle: str = "quad_all", types: Iterable[str] = ("nmes", "fes"), side: str = "left") -> ScreeningFacts:
    """Every question answered no just now, one pair of pads, nerve and feeling as they should be, a stimulator that can."""
    lmn = "absent" if "denerv" in types else "intact"
    return ScreeningFacts(
        rules=SHIPPED.rules,
        rules_sha256=SHIPPED.sha256,
        types=frozenset(types),
        pads=(pad_on(1, muscle, side, 4500),),
        answers=tuple(answered(rule.id, Answer.NO) for rule in SHIPPED.rules),
        muscles=(MuscleFinding(muscle, side, lmn, "normal", NOW - timedelta(days=7)),),
        device_denervation=True,
    )


def answered(rule: str, answer: Answer, *places: Place, at: datetime = NOW, number: int = 0) -> GivenAnswer:
    """An answer that holds as long as the rule lets it."""
    found = SHIPPED.rule(rule)
    assert found is not None
    return GivenAnswer(number, rule, answer, places, at, at + timedelta(hours=found.asked_h))


def with_answer(given: ScreeningFacts, *answers: GivenAnswer) -> ScreeningFacts:
    """The same with these answers in the place of those to the same questions."""
    rules = {answer.rule for answer in answers}
    return replace(given, answers=(*(one for one in given.answers if one.rule not in rules), *answers))


def asked_again(given: ScreeningFacts, at: datetime) -> ScreeningFacts:
    """The same, with every question asked again at a later moment and answered as before."""
    later = (replace(one, id=one.id + 1000, asked_at=at, due_at=at + timedelta(hours=1)) for one in given.answers)
    return replace(given, answers=(*given.answers, *later))


def without_answer(given: ScreeningFacts, rule: str) -> ScreeningFacts:
    """The same with one question never asked."""
    return replace(given, answers=tuple(answer for answer in given.answers if answer.rule != rule))


def override(rule: str, role: str = "specialist", at: datetime = NOW, days: int | None = None) -> GivenOverride:
    """An override as long as the reference allows, 90 days where it does not say."""
    end = at + timedelta(days=days or REFERENCE[rule].get("days", 90))
    return GivenOverride(rule, "sven", role, "seen by cardiology", at, end)


def acknowledgement(rule: str, number: int, at: datetime = NOW) -> GivenAcknowledgement:
    """The caution after one answer was read."""
    return GivenAcknowledgement(rule, number, "anna", at)


def finding(given: ScreeningFacts, rule: str, at: datetime = NOW) -> Finding | None:
    """What the verdict says about one rule."""
    return of(judge_screening(given, at), rule)


def of(verdict: ScreeningVerdict, rule: str) -> Finding | None:
    """The finding about one rule."""
    return next((one for one in verdict.findings if one.rule == rule), None)


def standing(given: ScreeningFacts, rule: str, at: datetime = NOW) -> str:
    """How a rule stands, "" when it does not matter."""
    found = finding(given, rule, at)
    return "" if found is None else found.standing.value


def stands_as(severity: str | None, rule: str) -> str:
    """How the reference wants a rule of this severity to stand before anybody has lifted it."""
    if severity == "BLOCK":
        return "override_needed" if "override" in REFERENCE[rule] else "block"
    return {"OVERRIDE": "override_needed", "CAUTION": "caution", None: ""}[severity]


def within(rule: str) -> str:
    """A muscle in the regions of a rule."""
    region = REFERENCE[rule]["regions"][0]
    return MUSCLES.get(region, "quad_all")


def types_for(rule: str) -> tuple[str, ...]:
    """Types of a protocol that a rule is about."""
    types = REFERENCE[rule]["types"]
    return ("nmes", "fes") if "all" in types else (types[0],)
