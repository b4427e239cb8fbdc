"""The sampled trace: what a session in the simulator does not show."""

import json
import re
from pathlib import Path

import pytest

from emscontrol.core.errors import UsageError
from emscontrol.core.events import Event, make
from emscontrol.record.journal import Journal
from tests.exports.reading import from_bids, from_csv, from_edf
from tests.exports.sessions import exported
from tests.unit.record.sample import opened, set_point

HOUR_US = 3_600_000_000


def journal_of(path: Path, *told: tuple[int, Event]) -> Path:
    journal = Journal.in_memory()
    for t_us, event in ((0, opened(port="p24@sim", capabilities={})), *told):
        journal.append(event, t_us)
    path.write_bytes(b"".join(journal.lines))
    return path


def test_edf_tells_ten_microamperes_and_no_more_than_was_commanded(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "one.jsonl", (0, set_point(1, 12_345)), (20_000, set_point(2, 400_000)))
    exported([journal], "edf", tmp_path / "edf")
    exported([journal], "bids", tmp_path / "bids")
    assert from_edf(tmp_path / "edf" / "one.edf")[0]["Ch1 commanded"][:4] == [12_340, 12_340, 327_670, 327_670]
    assert from_bids(tmp_path / "bids")[0]["ch1_commanded_ma"][:3] == [12_345, 12_345, 400_000]


def test_a_command_between_two_samples_shows_from_the_next_and_one_that_no_sample_meets_not_at_all(tmp_path: Path) -> None:
    steps = ((1, set_point(1, 1_000)), (10_001, set_point(2, 2_000)), (10_002, set_point(3, 3_000)), (30_000, set_point(4)))
    exported([journal_of(tmp_path / "one.jsonl", *steps)], "bids", tmp_path / "bids")
    assert from_bids(tmp_path / "bids")[0]["ch1_commanded_ma"][:5] == [0, 1_000, 3_000, 0, 0]


def test_a_stop_that_is_sent_again_turns_each_channel_off_once(tmp_path: Path) -> None:
    told = ((0, set_point(1, 5_000, 6_000)), (100_000, make("stop_sent")), (200_000, make("stop_sent")),
            (300_000, make("stop_confirmed", after_us=1)))  # fmt: skip
    exported([journal_of(tmp_path / "one.jsonl", *told)], "csv", tmp_path / "csv")
    rows = [
        (row["channel"], row["amplitude_ma"], row["answer"], row["answer_t_s"])
        for row in from_csv(tmp_path / "csv" / "set_points.csv")
    ]
    assert rows[:2] == [(1, 5, None, None), (2, 6, None, None)]
    assert [(channel, ma, answer) for channel, ma, answer, _ in rows[2:]] == [
        (1, 0, "stop_confirmed"),
        (2, 0, "stop_confirmed"),
    ]


@pytest.mark.parametrize(
    ("answer", "at_end"),
    [(make("stop_unconfirmed", text=""), 16_000), (make("stop_confirmed", after_us=1), 0), (make("acked", number=2), 0)],
    ids=lambda value: value.kind if isinstance(value, Event) else "",
)
def test_measured_current_ends_when_the_stimulator_says_so_and_not_by_a_command(
    tmp_path: Path, answer: Event, at_end: int
) -> None:
    off = make("set_point", number=2, outputs=[], cause="program") if answer.kind == "acked" else make("stop_sent")
    measured = make("measured", channel=1, amplitude_ua=16_000, set_ua=16_000, ohm=1_000, pulses=9)
    told = (
        (0, set_point(1, 16_000)),
        (100_000, measured),
        (200_000, off),
        (400_000, answer),
        (600_000, make("paused", who="", cause="")),
    )
    exported([journal_of(tmp_path / "one.jsonl", *told)], "bids", tmp_path / "bids")
    signal = from_bids(tmp_path / "bids")[0]["ch1_measured_ma"]
    assert (signal[15], signal[30], signal[50]) == (16_000, 16_000, at_end)
    about = json.loads(next((tmp_path / "bids").rglob("*_stim.json")).read_text("utf-8"))
    assert (about["Closed"], about["OffKnown"]) == (False, not at_end)


def test_a_contraction_of_the_stimulators_own_that_is_told_again_goes_on_and_a_new_one_begins_anew(tmp_path: Path) -> None:
    ramps = {"rise_us": 100_000, "hold_us": 100_000, "fall_us": 100_000}

    def swell(number: int, *channels: int) -> Event:
        outputs = [{"channel": c, "amplitude_ua": 10_000, "width_us": 300, "period_us": 20_000, **ramps} for c in channels]
        return make("set_point", number=number, outputs=outputs, cause="program")

    told = ((0, swell(1, 1)), (50_000, swell(2, 1, 2)), (300_000, swell(3, 1)), (700_000, set_point(4)))
    exported([journal_of(tmp_path / "one.jsonl", *told)], "bids", tmp_path / "bids")
    one = from_bids(tmp_path / "bids")[0]["ch1_commanded_ma"]
    assert one[:30] == [*range(0, 10_000, 1_000), *[10_000] * 11, *range(9_000, 0, -1_000)]
    assert one[30:60] == one[:30]
    assert not any(one[60:])


def test_sessions_of_more_than_a_day_are_not_sampled(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "one.jsonl", (25 * HOUR_US, set_point(1)))
    for kind in ("edf", "bids"):
        with pytest.raises(UsageError, match="more than a day"):
            exported([journal], kind, tmp_path / kind)
    exported([journal], "csv", tmp_path / "csv")


@pytest.mark.parametrize("course", [(-HOUR_US, set_point(1, 5000)), (0, set_point(1, 2**31))], ids=["before", "beyond"])
def test_what_no_session_has_is_not_sampled(course: tuple[int, Event], tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "one.jsonl", course, (HOUR_US, set_point(2)))
    for kind in ("edf", "bids"):
        with pytest.raises(UsageError, match="not sampled"):
            exported([journal], kind, tmp_path / kind)
    exported([journal], "csv", tmp_path / "csv")


def test_words_for_a_header_are_ascii_without_blanks(tmp_path: Path) -> None:
    from emscontrol.record.exports.edf import _code

    assert (_code("P 17"), _code("Jürgen"), _code(""), _code(None)) == ("P_17", "J_rgen", "X", "X")
    assert re.fullmatch(r"[!-~]{60}", _code("x" * 200))
