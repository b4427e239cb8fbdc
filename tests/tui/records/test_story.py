"""A journal as a picture of its session: real records of simulated sessions, whole and broken off."""

from datetime import UTC
from pathlib import Path

import pytest

from emscontrol.core.errors import UsageError
from emscontrol.core.events import make
from emscontrol.record.key_files import station_signer
from emscontrol.session.inputs import Halt, Pause, Resume, Stop
from emscontrol.tui.screens.records.ending import Ended, explained
from emscontrol.tui.screens.records.happened import account
from emscontrol.tui.screens.records.story import story_of
from emscontrol.tui.screens.records.words import gave
from tests.session.rig import MODELS, Rig
from tests.tui.records.material import broken_off, content, halted, screen_gone, signed, whole


@pytest.mark.parametrize("model", MODELS)
def test_a_whole_session_gave_what_was_prescribed_and_ended_on_purpose(model: str) -> None:
    story = story_of(whole(model))
    assert [(c.number, c.contractions, c.prescribed, c.peak_ua) for c in story.channels] == [
        (1, 2, 2, 16_000),
        (2, 2, 2, 16_000),
    ]
    assert (story.title, story.channels[0].where) == ("Two muscles, two short contractions", "left rectus femoris")
    assert story.ending.how is Ended.ON_PURPOSE
    assert story.ending.zero
    assert explained(story.ending) == []


@pytest.mark.parametrize("model", MODELS)
def test_the_course_rises_to_the_level_twice_and_is_zero_between_and_after(model: str) -> None:
    points = story_of(whole(model)).amplitudes[1]
    times = [at_s for at_s, _ in points]
    assert times == sorted(times)
    assert max(level for _, level in points) == 16.0
    assert points[-1][1] == 0
    plateau = [at_s for at_s, level in points if level == 16.0]
    assert [any(low <= at_s <= high for at_s in plateau) for low, high in ((1, 2.6), (6, 7.6))] == [True, True]
    assert not [at_s for at_s, level in points if 3.2 < at_s < 4.8 and level]


def test_what_the_device_makes_by_itself_is_cut_where_it_is_stopped() -> None:
    rig = Rig("reference").to_running(1_500_000)
    rig.run.give(Halt(make("interrupted", signal="SIGTERM"), "ended by SIGTERM", fault=False))
    points = story_of(content(rig.finish())).amplitudes[1]
    assert points[-2:] == [(1.5, 16.0), (1.5, 0.0)]


def test_an_alarm_among_the_events_has_its_severity_and_its_time() -> None:
    story = story_of(screen_gone())
    [gone] = [told for told in story.events if told.sentence.startswith("Client")]
    assert gone.severity == "alarm_medium"
    assert 6.4 < gone.at_s < 6.6
    assert not any("Set point" in told.sentence for told in story.events)


# -- ends that nobody meant --------------------------------------------------------------------------------------------


def test_a_record_broken_off_in_a_contraction_tells_what_was_given_and_what_nobody_knows() -> None:
    story = story_of(broken_off())
    assert story.ending.how is Ended.NO_END
    assert not story.ending.zero
    assert gave(story).startswith("Delivered up to the last record: channel 1: 2 of 2 contractions begun, at most 16.0 mA")
    told = explained(story.ending)
    assert told[0].startswith("The record has no end: the engine that ran this session was killed")
    assert any("watchdog ends the current 0.5 s after the last command" in sentence for sentence in told)
    assert told[-1].startswith("OUTPUT NOT KNOWN")
    assert told[-1].endswith("It was a SIMULATION: nobody had electrodes on.")


def test_a_line_that_does_not_fit_makes_no_zero_known_and_no_figure_greater() -> None:
    """Whoever writes a line below a broken record, or a disk that spoils one, tells nobody that no current flows."""
    cut = broken_off()
    confirmed = b'"event":"stop_confirmed","after_us":1'
    ended = b'"event":"session_ended","result":"completed","reason":"the program is over","duration_us":1'
    for says in (confirmed, ended):
        line = b'{"n":%d,"t_us":9000000,"wall":"",%b,"prev":"%b","hash":"%b"}\n'
        story = story_of(cut + line % (cut.count(b"\n") + 1, says, b"0" * 64, b"0" * 64))
        assert (story.ending.how, story.ending.zero) == (Ended.DAMAGED, False)
    told = explained(story.ending)
    assert told[0].startswith("The record was changed or damaged")
    assert told[-1].startswith("OUTPUT NOT KNOWN")
    assert story.events == story_of(cut).events
    assert gave(story).startswith(
        "Delivered as far as the record stands: channel 1: 2 of 2 contractions begun, at most 16.0 mA"
    )


def test_of_a_changed_record_no_more_is_told_than_stands() -> None:
    known = story_of(whole())
    lies = story_of(
        whole().replace(b'"event":"totals","channels":{"1":{"pulses":', b'"event":"totals","channels":{"1":{"pulses":9')
    )
    assert (lies.facts.intact, lies.ending.zero) == (False, False)
    assert lies.channels == known.channels
    changed = whole("p24").replace(b'"amplitude_ua":16000', b'"amplitude_ua":90000', 1)
    story = story_of(changed)
    assert [channel.contractions for channel in story.channels] == [1, 1], "it was changed in the first"
    assert 0 < max(channel.peak_ua for channel in story.channels) < 16_000
    assert max(level for points in story.amplitudes.values() for _, level in points) < 16.0


def test_a_record_broken_off_before_any_current_tells_that_none_was_asked_for() -> None:
    story = story_of(content(Rig().to_armed()))
    assert story.ending.how is Ended.NO_END
    assert story.ending.zero
    assert gave(story) == "Delivered up to the last record: nothing."
    assert explained(story.ending)[-1] == "OUTPUT KNOWN up to there: no current was asked for when the record broke off."


@pytest.mark.parametrize(
    ("data", "how", "word"),
    [
        (screen_gone(), Ended.SCREEN_GONE, "ended suddenly"),
        (
            halted(make("lease_lost", client="a", silent_us=2_100_000), "a has been silent"),
            Ended.SCREEN_FROZEN,
            "lease ran out",
        ),
        (halted(make("interrupted", signal="SIGTERM"), "ended by SIGTERM"), Ended.SIGNAL, "told the engine to end"),
    ],
    ids=["gone", "frozen", "signal"],
)
def test_a_session_that_its_engine_ended_says_why_and_that_zero_was_confirmed(data: bytes, how: Ended, word: str) -> None:
    story = story_of(data)
    assert story.ending.how is how
    why, output = explained(story.ending)
    assert word in why
    assert output == "OUTPUT KNOWN: no current flowed at the end; the stimulator confirmed zero."


def test_a_person_who_stops_with_words_like_those_of_a_lost_screen_has_ended_it_on_purpose() -> None:
    rig = Rig().to_running()
    rig.run.give(Stop("operator", "the pain is gone"))
    assert story_of(content(rig.finish())).ending.how is Ended.ON_PURPOSE


def test_a_confirmation_that_comes_before_a_later_set_point_is_no_confirmation_of_the_end() -> None:
    rig = Rig().to_running()
    rig.run.give(Pause())
    rig.run.advance(rig.now_us + 500_000)
    assert story_of(content(rig)).ending.zero
    rig.run.give(Resume())
    rig.run.advance(rig.now_us + 6_000_000)
    assert not story_of(content(rig)).ending.zero


def test_of_a_record_broken_off_it_is_told_what_of_it_is_not_signed(tmp_path: Path) -> None:
    """The two lines that make zero known need no signature: whoever has the file can write them."""
    own = station_signer(tmp_path / "keys", "2026-03-02T08:00:00+00:00")
    lines = signed(whole().splitlines(keepends=True), own).splitlines(keepends=True)
    off = next(place for place, line in enumerate(lines) if b'"outputs":[],' in line and b'"acked"' in lines[place + 1])
    told = story_of(b"".join(lines[: off + 2]))
    assert told.ending.zero
    words = account(tmp_path / "one.jsonl", told, UTC).plain
    assert "OUTPUT KNOWN up to there" in words
    assert f"what follows, up to record {off + 2}, is chained, not signed." in words
    assert "not signed" not in account(tmp_path / "one.jsonl", story_of(b"".join(lines)), UTC).plain


def test_what_is_no_journal_is_refused() -> None:
    with pytest.raises(UsageError):
        story_of(b"no journal\n")


def test_a_record_into_which_nothing_was_written_says_so() -> None:
    with pytest.raises(UsageError, match="before the session was opened"):
        story_of(b"")
