"""Which answer to a question is in force at a moment, and since when the same has been said."""

from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from emscontrol.safety.screening_facts import Answer, GivenAnswer, ScreeningFacts
from emscontrol.safety.screening_rules import ScreeningRule

CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far the clock of another station may be ahead before what it wrote is not believed [D]."""


def newest_answer(rule: str, facts: ScreeningFacts) -> GivenAnswer | None:
    """The answer to a rule's question that was written last, in force or not: by its number, for clocks differ."""
    return next(iter(_backwards(rule, facts)), None)


def said_since(rule: str, facts: ScreeningFacts) -> datetime | None:
    """When the first of those answers in a row was given that say the very same as the last. None for no, or nothing."""
    given = _backwards(rule, facts)
    if not given or given[0].answer is Answer.NO:
        return None
    said = (given[0].answer, given[0].places)
    return list(takewhile(lambda one: (one.answer, one.places) == said, given))[-1].asked_at


def due_at(rule: ScreeningRule, answer: GivenAnswer) -> datetime:
    """When an answer has to be asked again: as was written with it, and never later than the rule allows."""
    return min(answer.due_at, answer.asked_at + timedelta(hours=rule.asked_h))


def answer_in_force(rule: ScreeningRule, facts: ScreeningFacts, now: datetime) -> GivenAnswer | None:
    """The last answer, unless it is due or from the future."""
    answer = newest_answer(rule.id, facts)
    return answer if answer is not None and answer.asked_at - CLOCK_SKEW <= now < due_at(rule, answer) else None


def _backwards(rule: str, facts: ScreeningFacts) -> list[GivenAnswer]:
    given = [answer for answer in facts.answers if answer.rule == rule]
    return sorted(given, key=lambda answer: (answer.id, answer.asked_at), reverse=True)
