"""A booking as the book gives it, for tests that run one: a patient of whom everything has been asked and answered no."""

from dataclasses import replace
from datetime import datetime, timedelta

from emscontrol.clinic.screening.load import shipped_rules
from emscontrol.core.booking import BookedChannel, Booking
from emscontrol.protocol.load import load_text
from emscontrol.safety.screening import (
    Answer,
    GivenAcknowledgement,
    GivenAnswer,
    GivenOverride,
    MuscleFinding,
    ScreeningFacts,
    pad_on,
)
from tests.session.rig import SHORT

PLACES = {1: ("quad_rf", "left", 4500), 2: ("quad_vm", "left", 2500)}
"""Where `tests.session.rig.SHORT` has its electrodes."""


def screened(now: datetime, sensation: str = "normal", **answers: str) -> ScreeningFacts:
    """Every question asked an hour ago and answered no, but for those that are named."""
    rules = shipped_rules()
    asked = now - timedelta(hours=1)
    given = [
        GivenAnswer(number, rule.id, Answer(answers.get(rule.id, "no")), (), asked, asked + timedelta(hours=rule.asked_h))
        for number, rule in enumerate(rules.rules, start=1)
    ]
    return ScreeningFacts(
        rules=rules.rules,
        rules_sha256=rules.sha256,
        types=frozenset({"nmes", "fes"}),
        pads=tuple(pad_on(number, *place) for number, place in PLACES.items()),
        answers=tuple(given),
        muscles=tuple(MuscleFinding(muscle, side, "intact", sensation, asked) for muscle, side, _ in PLACES.values()),
        device_denervation=False,
    )


def overridden(facts: ScreeningFacts, rule: str, now: datetime, until: datetime) -> ScreeningFacts:
    """The same with an override by a specialist."""
    return replace(facts, overrides=(GivenOverride(rule, "sven", "specialist", "cleared by letter", now, until),))


def acknowledged(facts: ScreeningFacts, rule: str, now: datetime) -> ScreeningFacts:
    """The same with a caution that was read."""
    answer = next(given for given in facts.answers if given.rule == rule)
    return replace(facts, acknowledgements=(GivenAcknowledgement(rule, answer.id, "anna", now),))


def booking(facts: ScreeningFacts, *, comfort_ua: dict[str, int] | None = None, text: str = SHORT) -> Booking:
    """The third session of a plan, in a practice book."""
    return Booking(
        book="00000000-0000-4000-8000-000000000001",
        practice=True,
        patient="P-17",
        plan=4,
        appointment=40,
        number=3,
        staff="anna",
        contractions=4,
        sha256=load_text(text, "test").sha256,
        screening=facts.to_json(),
        comfort_ua=comfort_ua or {"1": 20_000, "2": 20_000},
        channels={number: BookedChannel(*place) for number, place in PLACES.items()},
    )
