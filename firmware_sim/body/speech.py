"""What the patient says: one short sentence when a feeling becomes stronger or hurts, or when a strong one is over."""

from dataclasses import dataclass
from typing import Final

from firmware_sim.body.sensation import Feeling, Word

SENTENCES: Final = {
    Word.TINGLING: "It tingles.",
    Word.TWITCH: "It twitches.",
    Word.CONTRACTION: "The muscle pulls.",
    Word.STRONG: "It pulls hard.",
    Word.PAINFUL: "That hurts!",
    Word.NOTHING: "Now I feel nothing.",
}
UNBEARABLE_FROM: Final = 7.0
UNBEARABLE: Final = "Stop! That hurts very much!"
RELIEF_AFTER: Final = (Word.STRONG, Word.PAINFUL)
"""That weaker feelings are over is not worth a word: in a search for thresholds it would be said after every step."""
_ORDER: Final = list(Word)


@dataclass(frozen=True, slots=True)
class Saying:
    """One sentence: when, about which channel, the word for it, and as it is spoken."""

    t_us: int
    channel: int
    word: Word
    sentence: str


def sentence(before: Feeling, now: Feeling) -> str | None:
    """What is said when one feeling follows another; None when there is nothing new. Getting weaker is not worth a word."""
    worse = now.discomfort >= UNBEARABLE_FROM > before.discomfort
    if now.word is Word.PAINFUL and worse:
        return UNBEARABLE
    stronger = _ORDER.index(now.word) > _ORDER.index(before.word)
    over = now.word is Word.NOTHING and before.word in RELIEF_AFTER
    return SENTENCES[now.word] if stronger or over else None
