"""People are shown no key of a source, no id of a protocol and no shorthand, and every rule still says what it means."""

import re

import pytest

from emscontrol.clinic.screening.load import shipped_rules
from emscontrol.clinic.screening.plain import PLAIN, in_plain_words, tell

RULES = {rule.id: rule for rule in shipped_rules().rules}
SHORTHAND = re.compile(
    r"[Ss]eed|\b[A-Z]\d\d\b|\[\w+\]|->|RT300|Segers|Odstock|Route to|design choice|\bBLOCK\b|percent|\bNRS\b"
)


def test_every_plain_text_is_of_a_rule_that_there_is() -> None:
    assert set(PLAIN) <= set(RULES)
    assert all(text != RULES[rule].tell for rule, text in PLAIN.items())


@pytest.mark.parametrize("rule", list(RULES))
def test_no_shorthand_and_no_key_of_a_source_is_shown(rule: str) -> None:
    keys = {key for key in shipped_rules().sources if key.isupper() or key[-1].isdigit()}
    reason = f"{RULES[rule].question} – answered yes (channel 1). {RULES[rule].tell} [{', '.join(RULES[rule].sources)}]"
    for shown in (tell(rule), in_plain_words(reason), in_plain_words(RULES[rule].override)):
        assert not SHORTHAND.search(shown), shown
        assert not set(re.findall(r"\w+", shown.removeprefix(RULES[rule].question))) & keys, shown
    assert in_plain_words(reason).endswith(tell(rule))
    assert in_plain_words(reason).startswith(RULES[rule].question)


@pytest.mark.parametrize(
    ("rule", "figures"),
    [
        ("SENSATION", ("60 %", "2 minutes", "5 minutes")),
        ("AD_T6", ("90", "20", "15", "5 minutes", "3")),
        ("RHABDO", ("10 contractions or 10 minutes", "48 hours")),
        ("ULCER", ("5 cm",)),
        ("DYSAESTH", ("2",)),
    ],
)
def test_no_figure_is_lost_on_the_way(rule: str, figures: tuple[str, ...]) -> None:
    assert all(figure in tell(rule) for figure in figures)
