"""Adjusted protocols are protocols: every rule holds of them, and nothing of the file is lost but the figure that changed."""

import re
from dataclasses import fields
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.errors import ProtocolFileError, UsageError
from emscontrol.program.timing import schedule
from emscontrol.protocol.adjust import adjust, for_sides, main_phase
from emscontrol.protocol.changes import CHANGES, Changes
from emscontrol.protocol.first_session import limit_contractions
from emscontrol.protocol.library import library_ids, load_named
from emscontrol.protocol.load import LoadedProtocol, load_text
from emscontrol.protocol.parts import Reference, Side

LIBRARY = {name: load_named(name) for name in library_ids()}
COMMENTED = (
    LIBRARY["acl-quadriceps"]
    .text.replace("off_s: 50\n", "off_s: 50   # 1:5, see T7\n")
    .replace("side: either", 'side: "either"  # which knee?', 1)
)


def _body(loaded: LoadedProtocol) -> list[str]:
    return loaded.text.splitlines()[1:]


def test_the_table_has_every_change_and_says_what_it_is_and_where_it_acts() -> None:
    assert [field.name for field in fields(Changes)] == list(CHANGES)
    for name, change in CHANGES.items():
        assert change.low < 0 < change.high
        assert change.words
        assert change.where
        assert not re.search("(?i)_u?m?a$|amplitude|current", name)  # no current is ever adjusted


def test_only_the_figure_changes_and_comments_and_quotes_stay() -> None:
    loaded = load_text(COMMENTED)
    adjusted = adjust(loaded, Changes(off_ms=-20_000, contractions=5))
    assert adjusted.text.splitlines()[0] == (f"# adjusted by emscontrol from {loaded.sha256}: time off -20 s, contractions +5")
    changed = [(old, new) for old, new in zip(loaded.text.splitlines(), _body(adjusted), strict=True) if old != new]
    assert changed == [
        ("    contractions: 15", "    contractions: 20"),
        ("        off_s: 50   # 1:5, see T7", "        off_s: 30   # 1:5, see T7"),
    ]
    assert adjusted.sha256 != loaded.sha256
    back = adjust(adjusted, Changes(off_ms=20_000, contractions=-5))
    assert back.protocol == loaded.protocol


@pytest.mark.parametrize(
    ("changes", "place", "value"),
    [
        (Changes(on_ms=500), "on_s", "10.5"),
        (Changes(off_ms=-20_500), "off_s", "29.5"),
        (Changes(fraction_milli=-75), "fraction", "0.925"),
    ],
)
def test_times_and_fractions_change_in_the_work_and_not_in_the_warm_up(changes: Changes, place: str, value: str) -> None:
    loaded = LIBRARY["acl-quadriceps"]
    groups = [phase.groups[0] for phase in adjust(loaded, changes).protocol.phases]
    before = [phase.groups[0] for phase in loaded.protocol.phases]
    told = [getattr(group.intensity if place == "fraction" else group, place) for group in groups]
    untouched = [getattr(group.intensity if place == "fraction" else group, place) for group in before]
    assert told == [untouched[0], Decimal(value), untouched[2]]


def test_rate_and_width_change_everywhere() -> None:
    adjusted = adjust(LIBRARY["acl-quadriceps"], Changes(rate_mhz=5000, width_us=50)).protocol
    assert {group.rate_hz for phase in adjusted.phases for group in phase.groups} == {Decimal(55)}
    assert {group.pulse_width_us for phase in adjusted.phases for group in phase.groups} == {350}


def test_a_phase_with_a_duration_gets_longer_and_one_that_is_counted_more_often() -> None:
    shoulder = adjust(LIBRARY["shoulder-subluxation-stroke"], Changes(work_s=1800)).protocol
    assert [phase.duration_s for phase in shoulder.phases] == [270, 1350 + 1800, 270]
    with pytest.raises(ProtocolFileError, match="nothing where contractions could change"):
        adjust(LIBRARY["shoulder-subluxation-stroke"], Changes(contractions=5))
    with pytest.raises(ProtocolFileError, match="nothing where fraction of comfort could change"):
        adjust(LIBRARY["calf-pump"], Changes(fraction_milli=10))  # it is of the motor threshold


def test_a_long_rest_between_sets_is_left_alone() -> None:
    loaded = LIBRARY["sci-quadriceps-resistance"]
    offs = [phase.groups[0].off_s for phase in adjust(loaded, Changes(off_ms=-1000)).protocol.phases]
    assert offs == [5, 4, 180, 4, 180, 4, 180, 4, 5]
    assert main_phase(loaded.protocol) == 7  # the set of ten


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (Changes(fraction_milli=1), "fraction: found 1.001 of comfort"),
        (Changes(off_ms=-50_001), "off_s: found"),
        (Changes(contractions=-15), "contractions: found 0"),
        (Changes(on_ms=-9_000), "ramps lie inside on"),
        (Changes(rate_mhz=-50_000), "rate_hz: found 0"),
        (Changes(contractions=600), "at most 28800 s"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_a_sentence(changes: Changes, sentence: str) -> None:
    with pytest.raises(ProtocolFileError, match="cannot be adjusted like this") as refused:
        adjust(LIBRARY["acl-quadriceps"], changes)
    assert sentence in refused.value.what
    assert refused.value.remedy


def test_nothing_changed_is_the_very_file() -> None:
    loaded = LIBRARY["acl-quadriceps"]
    assert adjust(loaded, Changes()) is loaded
    assert not Changes()


def test_changes_travel_add_up_and_stay_in_their_bounds() -> None:
    up = Changes(contractions=5, fraction_milli=50)
    assert Changes.from_json(up.to_json()) == up
    assert up.plus(up.undone()) == Changes()
    assert up.plus(up).words() == "contractions +10, fraction of comfort +0.1"
    with pytest.raises(UsageError, match="no change called amplitude_ua"):
        Changes.from_json({"amplitude_ua": 1000})
    for name, change in CHANGES.items():
        for value in (change.high + 1, change.low - 1, 1.5, True, None):
            with pytest.raises(UsageError, match="out of bounds"):
                Changes(**{name: value})


@settings(max_examples=60)
@given(
    st.sampled_from(sorted(LIBRARY)),
    st.fixed_dictionaries({name: st.sampled_from([0, 0, 0]) | st.integers(c.low, c.high) for name, c in CHANGES.items()}),
    st.booleans(),
)
def test_whatever_is_changed_the_result_is_a_protocol_or_a_sentence(name: str, figures: dict[str, int], gently: bool) -> None:
    loaded = LIBRARY[name]
    try:
        adjusted = adjust(loaded, Changes(**figures))
        adjusted = limit_contractions(adjusted) if gently else adjusted
    except ProtocolFileError:
        return
    assert load_text(adjusted.text).protocol == adjusted.protocol
    for phase in adjusted.protocol.phases:
        for group in phase.groups:
            most = Decimal(1) if group.intensity.of is Reference.COMFORT else Decimal("1.5")
            assert group.intensity.fraction <= most
    assert adjusted.protocol.channels == loaded.protocol.channels


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(LIBRARY)),
    st.fixed_dictionaries(
        {
            "on_ms": st.integers(-500, 1000),
            "off_ms": st.integers(-1000, 2000),
            "rate_mhz": st.integers(-500, 500),
            "width_us": st.integers(-20, 20),
        }
    ),
)
def test_small_changes_do_what_they_say_and_nothing_else(name: str, figures: dict[str, int]) -> None:
    loaded, changes = LIBRARY[name], Changes(**figures)
    try:
        there = adjust(loaded, changes)
    except ProtocolFileError:
        return
    assert adjust(there, changes.undone()).protocol == loaded.protocol


def test_either_side_becomes_the_prescribed_one() -> None:
    settled = for_sides(load_text(COMMENTED), {1: "left", 2: "right"})
    assert [channel.side for channel in settled.protocol.channels.values()] == [Side.LEFT, Side.RIGHT]
    assert "side: left  # which knee?" in settled.text
    assert settled.text.splitlines()[0].endswith(": sides 1 left, 2 right")
    assert for_sides(settled, {1: "left", 2: "right"}) is settled


@pytest.mark.parametrize(
    ("sides", "sentence"),
    [
        ({1: "left"}, "has the channels 1, 2, and sides were given for 1"),
        ({}, "sides were given for none"),
        ({1: "left", 2: "either"}, "Channel 2 is to be on a side, not on 'either'"),
        ({1: "left", 2: "up"}, "not on 'up'"),
    ],
)
def test_a_side_that_is_not_settled_is_refused(sides: dict[int, str], sentence: str) -> None:
    with pytest.raises(ProtocolFileError, match=re.escape(sentence)):
        for_sides(LIBRARY["acl-quadriceps"], sides)


def test_a_protocol_for_one_side_is_not_given_on_the_other() -> None:
    left = for_sides(LIBRARY["acl-quadriceps"], {1: "left", 2: "left"})
    with pytest.raises(ProtocolFileError, match="written for the left side on channel 1, not the right"):
        for_sides(left, {1: "right", 2: "left"})


def _contractions(loaded: LoadedProtocol, channel: int) -> int:
    return sum(channel in contraction.channels for contraction in schedule(loaded.protocol)[1])


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_a_first_session_is_half_and_at_most_ten_contractions_or_ten_minutes(name: str) -> None:
    loaded = LIBRARY[name]
    first = limit_contractions(loaded)
    for channel in loaded.protocol.channels:
        whole, given_first = _contractions(loaded, channel), _contractions(first, channel)
        counted = sum(phase.contractions or 0 for phase in first.protocol.phases)
        timed_s = sum(phase.duration_s or 0 for phase in first.protocol.phases)
        assert counted <= 10
        assert timed_s <= 600
        assert 0 < given_first <= max(len(loaded.protocol.phases), whole // 2)
    assert len(first.protocol.phases) == len(loaded.protocol.phases)
    assert first.text.splitlines()[0].endswith("first session, at most half, 10 contractions or 10 minutes")


def test_the_ten_contractions_are_shared_in_proportion() -> None:
    first = limit_contractions(LIBRARY["acl-quadriceps"]).protocol
    assert [phase.contractions for phase in first.phases] == [2, 6, 2]  # of 5, 15, 5
    assert [phase.contractions for phase in limit_contractions(LIBRARY["acl-high-rate"]).protocol.phases] == [2, 5, 1]


def test_what_cannot_be_given_gently_is_refused() -> None:
    text = LIBRARY["acl-quadriceps"].text
    work = text[text.index("  - name: work") : text.index("  - name: cool-down")].replace("contractions: 15", "contractions: 1")
    many = load_text(text + "\n".join([work] * 9))
    with pytest.raises(ProtocolFileError, match="12 phases with a contraction each"):
        limit_contractions(many)
    endless = text.replace("contractions: 15", "duration_s: 1200").replace("on_s: 10", "on_s: 1000")
    with pytest.raises(ProtocolFileError, match="takes 1000 s"):
        limit_contractions(load_text(endless))


def test_windows_line_ends_and_a_mark_at_the_beginning_are_no_hindrance() -> None:
    text = "\ufeff" + COMMENTED.replace("\n", "\r\n")
    assert adjust(load_text(text), Changes(contractions=1)).protocol.phases[1].contractions == 16


def test_a_value_over_several_lines_cannot_be_changed() -> None:
    loaded = load_text(COMMENTED.replace('side: "either"  # which knee?', "side: >-\n      either"))
    with pytest.raises(ProtocolFileError, match=r"no value at channels\.1\.side that can be changed"):
        for_sides(loaded, {1: "left", 2: "left"})
