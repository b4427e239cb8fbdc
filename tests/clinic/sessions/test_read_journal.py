"""What a journal tells, whole, cut off anywhere, or tampered with."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.clinic.sessions.content import journal_bytes, lines_of
from emscontrol.clinic.sessions.read_journal import INTERRUPTED, read_journal
from emscontrol.core.errors import JournalBroken, UsageError
from emscontrol.core.events import make
from emscontrol.protocol.load import load_text
from emscontrol.protocol.travel import to_line
from emscontrol.record.journal import Journal
from emscontrol.record.line import parse
from emscontrol.record.replay import read_records
from emscontrol.record.sink import REST
from emscontrol.session.spec import SessionSpec
from emscontrol.wiring.rehearsal import rehearse_session
from tests.clinic.conftest import NOW
from tests.clinic.sessions.material import Book, booked, recorded, unbooked
from tests.session.booked import booking, screened
from tests.session.rig import MODELS, SHORT

BOOK = Book("00000000-0000-0000-0000-000000000001")
CONTENT = booked(BOOK)
LINES = lines_of(CONTENT)
FIGURES = ("pulses", "contractions", "peak_ua", "charge_pc", "on_us")


def _totals(lines: tuple[bytes, ...] | list[bytes]) -> dict[int, dict[str, int]]:
    record = next(record for record in map(parse, lines) if record.event.kind == "totals")
    rows = record.event.args["channels"].items()  # type: ignore[union-attr]
    return {int(number): {figure: row[figure] for figure in FIGURES} for number, row in rows}


def test_a_whole_journal_tells_whose_session_it_was_and_what_each_channel_got() -> None:
    facts = read_journal(CONTENT)
    assert facts.journal_id == json.loads(LINES[0])["hash"]
    assert facts.opened_at == NOW
    assert facts.booked is not None
    assert (facts.booked.patient, facts.booked.appointment, facts.booked.staff) == ("P-1", 1, "anna")
    assert (facts.result, facts.intact, facts.closed, facts.simulated) == ("completed", True, True, True)
    assert (facts.contractions_prescribed, facts.contractions) == (4, 4)
    assert facts.device.startswith("reference@sim ")
    totals = _totals(LINES)
    for channel in facts.channels:
        got = {name: getattr(channel, name) for name in FIGURES}
        assert got == totals[channel.channel]
    assert [(c.muscle, c.side, c.comfort_ua) for c in facts.channels] == [
        ("quad_rf", "left", 20_000),
        ("quad_vm", "left", 25_000),
    ]


def test_without_a_booking_the_protocol_says_where_it_was_and_what_was_asked_for() -> None:
    facts = read_journal(unbooked())
    assert facts.booked is None
    assert facts.contractions_prescribed == 4
    assert [(c.muscle, c.side) for c in facts.channels] == [("quad_rf", "left"), ("quad_vm", "left")]


@settings(max_examples=40)
@given(st.data())
def test_a_journal_that_was_cut_anywhere_is_interrupted_and_keeps_what_it_told(data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(LINES) - 1))
    facts = read_journal(b"".join(LINES[:cut]))
    assert (facts.result, facts.closed, facts.intact) == (INTERRUPTED, False, True)
    assert facts.journal_id == read_journal(CONTENT).journal_id
    assert "not closed" in facts.finding
    whole = _totals(LINES)
    for channel in facts.channels:
        assert channel.contractions <= whole[channel.channel]["contractions"]
        assert channel.pulses <= whole[channel.channel]["pulses"]
        assert channel.charge_pc <= whole[channel.channel]["charge_pc"]
    begun = sum(b'"contraction_started"' in line for line in LINES[:cut])
    assert facts.contractions in (2 * begun, 2 * (begun - 1))  # of both channels; told just before its current flows


@settings(max_examples=20)
@given(st.integers(1, len(CONTENT) - 1))
def test_cut_in_the_middle_of_a_line_only_that_line_is_lost(at: int) -> None:
    whole = CONTENT[:at].rpartition(b"\n")[0]
    if not whole:
        with pytest.raises((JournalBroken, UsageError)):
            read_journal(CONTENT[:at])
        return
    assert read_journal(CONTENT[:at]).channels == read_journal(whole + b"\n").channels


BURSTS = SHORT.replace("rate_hz: 50", "rate_hz: 25\n        burst: {pulses: 2, interval_ms: 8}")


PHASES = SHORT + BURSTS[BURSTS.index("  - name: work") :].replace("name: work", "name: doublets")


@pytest.mark.parametrize(
    ("model", "text"),
    [*((model, SHORT) for model in MODELS), ("rehastim2", BURSTS), ("reference", BURSTS), ("reference", PHASES)],
)
def test_what_is_reckoned_without_an_end_is_what_the_engine_counted(model: str, text: str) -> None:
    lines = recorded(model, text)
    end = next(place for place, line in enumerate(lines) if b'"event":"totals"' in line)
    facts = read_journal(b"".join(lines[:end]))
    assert facts.result == INTERRUPTED
    reckoned = {c.channel: {name: getattr(c, name) for name in FIGURES} for c in facts.channels}
    assert reckoned == _totals(lines)


@settings(max_examples=40)
@given(st.integers(len(LINES[0]) + 1, len(CONTENT) - 2), st.integers(1, 255))
def test_one_changed_byte_is_found_wherever_it_is(at: int, by: int) -> None:
    spoilt = bytearray(CONTENT)
    spoilt[at] = (spoilt[at] + by) % 256
    facts = read_journal(bytes(spoilt))
    assert not facts.intact
    assert facts.finding.startswith("Not intact")
    told = {channel.channel: channel for channel in read_journal(CONTENT).channels}
    for channel in facts.channels:  # never more than was given
        assert all(getattr(channel, name) <= getattr(told[channel.channel], name) for name in FIGURES)


def test_a_changed_first_record_is_nobodys() -> None:
    with pytest.raises(JournalBroken, match="first record"):
        read_journal(CONTENT.replace(b"20000", b"90000", 1))
    with pytest.raises(UsageError, match="no journal"):
        read_journal(b"hello\n")
    with pytest.raises(UsageError, match="no journal"):
        read_journal(b"")


def test_a_booking_that_stands_elsewhere_is_none() -> None:
    journal = Journal.in_memory()
    for record in read_records(LINES):
        if record.n == 2:
            journal.append(make("warned", rule="A", sentence="Something."), record.t_us)
        journal.append(record.event, record.t_us)
    late = read_journal(b"".join(journal.lines))
    assert (late.intact, late.closed, late.booked) == (True, True, None)
    moved = [*LINES[:1], *LINES[2:4], LINES[1], *LINES[4:]]
    assert read_journal(b"".join(moved)).booked is None


def test_the_lines_of_a_reserve_follow_those_of_the_journal(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"".join(LINES[:10]) + LINES[10][:20])
    file.with_name(file.name + REST).write_bytes(b"".join(LINES[10:]) + bytes(500))
    assert journal_bytes(file) == CONTENT
    assert read_journal(journal_bytes(file)).closed


def test_the_booking_that_an_engine_writes_is_the_booking_that_is_read(tmp_path: Path) -> None:
    loaded, told = load_text(SHORT), booking(screened(NOW))
    spec = SessionSpec(
        device="reference@sim",
        protocol=to_line(loaded.protocol),
        protocol_text=loaded.text,
        sha256=loaded.sha256,
        comfort_ua=dict(told.comfort_ua),
        motor_ua=dict(told.motor_ua),
        journal=str(tmp_path / "a.jsonl"),
        booking=told.to_json(),
    )
    rehearse_session(spec, lambda event, at_us: None, NOW)
    facts = read_journal(journal_bytes(tmp_path / "a.jsonl"))
    assert facts.booked is not None
    assert (facts.booked.book, facts.booked.patient, facts.booked.plan) == (told.book, told.patient, told.plan)
    assert (facts.booked.appointment, facts.booked.number) == (told.appointment, told.number)
    assert facts.contractions_prescribed == told.contractions
    assert {c.channel: (c.muscle, c.side, c.electrode_set) for c in facts.channels} == {
        number: (place.muscle, place.side, place.electrode_set) for number, place in told.channels.items()
    }
    assert (facts.opened_at, facts.closed) == (NOW, True)
