"""What is felt and said (§2.2)."""

from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.body.profile import SensationProfile
from firmware_sim.body.pulse import Pulse
from firmware_sim.body.sensation import Feeling, Sensation, Word, discomfort
from firmware_sim.body.speech import UNBEARABLE, sentence

S = 1_000_000
USUAL = Pulse(0, 300)


@pytest.mark.parametrize(
    ("share", "points"), [(0.0, 0), (0.59, 0), (0.6, 0), (0.8, 2), (1.0, 4), (1.3, 7), (1.6, 10), (5.0, 10)]
)
def test_discomfort(share: float, points: float) -> None:
    assert discomfort(share) == pytest.approx(points)


@given(st.floats(0, 3), st.floats(0, 3))
@settings(max_examples=50, deadline=None)
def test_more_is_never_more_pleasant(one: float, two: float) -> None:
    low, high = sorted((one, two))
    assert discomfort(low) <= discomfort(high)


@pytest.mark.parametrize(
    ("current_ma", "recruited", "period_us", "word"),
    [
        (7.2, 0.0, 20_000, Word.NOTHING),
        (7.4, 0.0, 20_000, Word.TINGLING),
        (18.0, 0.021, 20_000, Word.CONTRACTION),
        (18.0, 0.021, 500_000, Word.TWITCH),
        (31.0, 0.55, 20_000, Word.STRONG),
        (35.1, 0.7, 20_000, Word.PAINFUL),
    ],
)
def test_words_in_their_order(current_ma: float, recruited: float, period_us: int, word: Word) -> None:
    assert Sensation(SensationProfile()).begin(USUAL, current_ma, recruited, 0, period_us).word is word


def test_somebody_who_feels_nothing_gives_no_warning() -> None:
    numb = Sensation(SensationProfile(sensory=None, pain=None))
    assert numb.begin(USUAL, 120.0, 1.0, 0, 20_000) == Feeling(Word.NOTHING, 0.0)


def test_the_pain_threshold_rises_by_15_percent_while_stimulated_and_comes_back() -> None:
    felt = Sensation(SensationProfile())
    felt.begin(USUAL, 20.0, 0.1, 0, 20_000)
    felt.go_on(300 * S)
    felt.begin(USUAL, 20.0, 0.1, 300 * S + 20_000, 20_000)
    after = 0.15 * (1 - exp(-1))
    assert felt.habituation == pytest.approx(after, rel=0.001)
    assert felt.pain_ma(USUAL) == pytest.approx(35.0 * (1 + after), rel=0.001)
    felt.go_on(301 * S)
    felt.begin(USUAL, 20.0, 0.1, 901 * S, 20_000)
    assert felt.habituation == pytest.approx(after * exp(-2), rel=0.02)


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (Feeling(), Feeling(Word.TINGLING), "It tingles."),
        (Feeling(Word.TINGLING), Feeling(Word.TINGLING), None),
        (Feeling(Word.TINGLING), Feeling(Word.CONTRACTION), "The muscle pulls."),
        (Feeling(Word.STRONG), Feeling(Word.CONTRACTION), None),
        (Feeling(Word.STRONG, 3.0), Feeling(Word.PAINFUL, 4.5), "That hurts!"),
        (Feeling(Word.PAINFUL, 5.0), Feeling(Word.PAINFUL, 7.5), UNBEARABLE),
        (Feeling(Word.STRONG), Feeling(), "Now I feel nothing."),
        (Feeling(Word.PAINFUL, 5.0), Feeling(), "Now I feel nothing."),
        (Feeling(Word.TINGLING), Feeling(), None),
        (Feeling(Word.TWITCH), Feeling(), None),
        (Feeling(Word.CONTRACTION), Feeling(), None),
        (Feeling(), Feeling(), None),
    ],
)
def test_what_is_said(before: Feeling, now: Feeling, said: str | None) -> None:
    assert sentence(before, now) == said
