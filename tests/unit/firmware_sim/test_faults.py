"""How faults are written, and when they are in force."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.faults import KINDS, Fault, FaultKind, FaultSchedule, FaultTextError, parse_fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("electrode_off:2@5", Fault(FaultKind.ELECTRODE_OFF, 2, 5_000_000)),
        ("late:150@3+2", Fault(FaultKind.LATE, 150, 3_000_000, 2_000_000)),
        ("late:0.5", Fault(FaultKind.LATE, 0.5)),
        ("garble:0.01", Fault(FaultKind.GARBLE, 0.01)),
        ("drop_reply:3", Fault(FaultKind.DROP_REPLY, 3)),
        ("drop_reply", Fault(FaultKind.DROP_REPLY, 1)),
        ("nak:2/21@0", Fault(FaultKind.NAK, 2, 0, None, 21)),
        ("dead_link@0.25+0.000001", Fault(FaultKind.DEAD_LINK, None, 250_000, 1)),
        ("low_battery", Fault(FaultKind.LOW_BATTERY, 5)),
    ],
)
def test_what_is_written_is_what_is_meant(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no fault is called"),
        ("elektrode:2", "there are drop_reply"),
        ("standstill", "standstill is a mishap of the computer, which no simulator makes; `emscontrol campaign`"),
        ("journal_lags:50@1", "mishap of the computer"),
        ("electrode_off", "needs an argument (channel)"),
        ("electrode_off:0", "from 1 to 64"),
        ("electrode_off:1.5", "whole number"),
        ("electrode_off:-1", "whole number"),
        ("electrode_off:", "whole number"),
        ("electrode_off:1/3", "only nak"),
        ("garble:1.1", "from 0 to 1"),
        ("garble:nan", "is not a number"),
        ("garble:1e-3", "is not a number"),
        ("late:٣", "is not a number"),
        ("reboot:2", "takes no argument"),
        ("reboot@", "the start ''"),
        ("reboot@-1", "the start '-1'"),
        ("reboot@1+", "the duration ''"),
        ("reboot@1+x", "the duration 'x'"),
        ("nak:1/999", "0 to 255"),
    ],
)
def test_what_cannot_be_meant_is_one_clear_sentence(text: str, words: str) -> None:
    with pytest.raises(FaultTextError) as caught:
        parse_fault(text)
    assert words in str(caught.value)
    assert repr(text) in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30) | st.from_regex(r"[a-z_]{0,15}(:.{0,6})?(@.{0,6})?(\+.{0,6})?", fullmatch=True))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(FaultTextError):
        assert parse_fault(text).kind in text


def test_every_kind_is_described() -> None:
    assert KINDS.keys() == set(FaultKind)


def test_a_start_counts_from_the_first_output() -> None:
    schedule = FaultSchedule([parse_fault("dead_link@2+3")])
    assert schedule.edge_after(0) is None
    assert schedule.active(FaultKind.DEAD_LINK, 10_000_000) is None
    schedule.begin(None)
    schedule.begin(1_000_000)
    schedule.begin(9_000_000)
    assert schedule.edge_after(0) == 3_000_000
    assert schedule.edge_after(3_000_000) == 6_000_000
    assert schedule.edge_after(6_000_000) is None
    edges = (2_999_999, 3_000_000, 5_999_999, 6_000_000)
    assert [bool(schedule.active(FaultKind.DEAD_LINK, at)) for at in edges] == [False, True, True, False]


def test_without_a_start_it_is_in_force_from_power_on_or_from_when_it_was_added() -> None:
    schedule = FaultSchedule([parse_fault("dead_link")])
    assert schedule.active(FaultKind.DEAD_LINK, 0)
    schedule.add(Fault(FaultKind.LATE, 10, duration_us=5), 100)
    assert [bool(schedule.active(FaultKind.LATE, at)) for at in (99, 100, 104, 105)] == [False, True, True, False]
    schedule.clear(FaultKind.DEAD_LINK)
    assert not schedule.active(FaultKind.DEAD_LINK, 0)


def test_a_counted_fault_is_used_up() -> None:
    schedule = FaultSchedule([parse_fault("nak:2"), parse_fault("nak:1/7")])
    taken = [schedule.take(FaultKind.NAK, 0) for _ in range(4)]
    assert [fault.code if fault else "none" for fault in taken] == [None, None, 7, "none"]


def test_an_argument_picks_the_channel() -> None:
    schedule = FaultSchedule([parse_fault("electrode_off:2"), parse_fault("electrode_off:5")])
    assert [channel for channel in range(1, 9) if schedule.active(FaultKind.ELECTRODE_OFF, 0, channel)] == [2, 5]
