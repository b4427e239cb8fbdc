"""Which answer to a question is in force at a moment."""

from datetime import datetime, timedelta
from typing import Final

from emscontrol.safety.screening_facts import GivenAnswer, ScreeningFacts
from emscontrol.safety.screening_rules import ScreeningRule

CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far the clock of another station may be ahead before what it wrote is not believed [D]."""


def newest_answer(rule: str, facts: ScreeningFacts) -> GivenAnswer | None:
    """The last answer to a rule's question, in force or not."""
    given = [answer for answer in facts.answers if answer.rule == rule]
    return max(given, key=lambda answer: (answer.asked_at, answer.id), default=None)


def due_at(rule: ScreeningRule, answer: GivenAnswer) -> datetime:
    """When an answer has to be asked again: as was written with it, and never later than the rule allows."""
    return min(answer.due_at, answer.asked_at + timedelta(hours=rule.asked_h))


def answer_in_force(rule: ScreeningRule, facts: ScreeningFacts, now: datetime) -> GivenAnswer | None:
    """The last answer, unless it is due or from the future."""
    answer = newest_answer(rule.id, facts)
    return answer if answer is not None and answer.asked_at - CLOCK_SKEW <= now < due_at(rule, answer) else None
