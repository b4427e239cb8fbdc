"""When the groups of a phase contract, worked out by hand for each way of sharing the time."""

from emscontrol.program.timing import schedule
from emscontrol.protocol.load import load_text
from tests.session.rig import SHORT

S = 1_000_000
TWO_GROUPS = SHORT.replace("contract: together", "contract: {contract}").replace(
    "      - channels: [1, 2]", "      - channels: [1]"
)


def starts(text: str, group: int) -> list[tuple[int, int]]:
    _, contractions = schedule(load_text(text, "test").protocol)
    return [(c.start_us, c.end_us) for c in contractions if c.group == group]


def two(contract: str) -> str:
    head, _, body = TWO_GROUPS.replace("{contract}", contract).partition("      - channels: [1]")
    return head + "      - channels: [1]" + body + "      - channels: [2]" + body


def test_together_means_at_the_same_moment() -> None:
    assert starts(two("together"), 0) == starts(two("together"), 1) == [(0, 3 * S), (5 * S, 8 * S)]


def test_alternately_shares_the_cycle_evenly() -> None:
    text = two("alternately").replace("off_s: 2", "off_s: 5")  # a cycle of 8 s: the second group begins in its middle
    assert starts(text, 0) == [(0, 3 * S), (8 * S, 11 * S)]
    assert starts(text, 1) == [(4 * S, 7 * S), (12 * S, 15 * S)]


def test_staggered_groups_start_one_after_the_other() -> None:
    text = two("staggered\n    stagger_s: 0.7")
    assert starts(text, 1) == [(700_000, 3_700_000), (5_700_000, 8_700_000)]


def test_a_phase_with_a_duration_has_as_many_whole_contractions_as_fit() -> None:
    text = SHORT.replace("contractions: 2", "duration_s: 17.9")  # 3, 8, 13 s end; the next would end at 18 s
    assert [end for _, end in starts(text, 0)] == [3 * S, 8 * S, 13 * S]
    assert [end for _, end in starts(text.replace("17.9", "18"), 0)] == [3 * S, 8 * S, 13 * S, 18 * S]


def test_phases_follow_each_other() -> None:
    phase = SHORT[SHORT.index("  - name: work") :]
    spans, contractions = schedule(load_text(SHORT + phase.replace("work", "again"), "test").protocol)
    assert [(span.name, span.start_us) for span in spans] == [("work", 0), ("again", 10 * S)]
    assert [c.start_us for c in contractions] == [0, 5 * S, 10 * S, 15 * S]
