"""Every damage to a journal is found and named; an untouched one is never accused; no content raises."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.errors import JournalBroken
from emscontrol.core.events import EVENTS, Arg, ArgType, Event, make
from emscontrol.record.journal import Journal
from emscontrol.record.replay import final_state, read_records
from emscontrol.record.verify import VerifyReport, verify, verify_lines
from tests.unit.record.sample import lines_of, opened, session, totals

LINES = lines_of(session(45))
COUNT = len(LINES)
SMALL = lines_of([opened(protocol_text="id: x"), *session(1)[-4:-2], make("totals", channels={}), session(1)[-1]])
INDEX = st.integers(0, COUNT - 1)

BIG = 2**63 - 1
CHANNELS = st.integers(1, 64)
SCALARS = (
    st.none() | st.booleans() | st.integers(-BIG, BIG) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
OUTPUT = st.fixed_dictionaries(dict.fromkeys(("channel", "amplitude_ua", "width_us", "period_us"), st.integers(1, BIG)))
TOTAL = st.fixed_dictionaries(
    dict.fromkeys(("pulses", "contractions", "peak_ua", "charge_pc", "on_us"), st.integers(0, BIG)),
    optional={"plateau_ua": st.integers(0, BIG)},
)
VALUES = {
    ArgType.TEXT: st.text(max_size=20),
    ArgType.COUNT: st.integers(0, BIG),
    ArgType.INTEGER: st.integers(-BIG, BIG),
    ArgType.FLAG: st.booleans(),
    ArgType.CHANNEL: CHANNELS,
    ArgType.CHANNELS: st.lists(CHANNELS, max_size=4),
    ArgType.UA: st.integers(0, BIG),
    ArgType.US: st.integers(0, BIG),
    ArgType.MN: st.integers(0, BIG),
    ArgType.PERCENT: st.integers(0, 100),
    ArgType.OUTPUTS: st.lists(OUTPUT, max_size=4),
    ArgType.TOTALS: st.dictionaries(CHANNELS.map(str), TOTAL, max_size=4),
    ArgType.OBJECT: st.dictionaries(st.text(max_size=4), SCALARS | st.lists(SCALARS, max_size=3), max_size=4),
}


def value(arg: Arg) -> st.SearchStrategy[object]:
    return VALUES[arg.type] | st.none() if arg.optional else VALUES[arg.type]


EVENT = st.one_of(
    *(
        st.fixed_dictionaries({name: value(arg) for name, arg in kind.args.items()}).map(
            lambda args, name=name: Event(name, args)
        )
        for name, kind in EVENTS.items()
        if name not in ("session_ended", "totals")  # totals of a session that never was do not agree with its lines
    )
)


def rehashed(line: bytes) -> bytes:
    """The line with the hash that fits its bytes, worked out without the program."""
    body = line[: line.rindex(b',"hash":')]
    return body + b',"hash":"' + sha256(body).hexdigest().encode() + b'"}\n'


def found(lines: list[bytes]) -> VerifyReport:
    report = verify_lines(lines)
    assert not (report.ok and report.ended), "damage not found"
    return report


def first(lines: list[bytes]) -> tuple[int, str]:
    """Record and kind of the first problem, of a damage that a chain can prove."""
    report = found(lines)
    assert not report.ok
    assert report.exit_code == 3
    return report.problems[0][:2]


@given(st.lists(EVENT, min_size=1, max_size=12), st.booleans())
@settings(max_examples=150, deadline=None)
def test_whatever_happens_is_written_verifies_and_reads_back(events: list[Event], closed: bool) -> None:
    journal = Journal.in_memory()
    last = [make("session_ended", result="completed", reason="", duration_us=0)] if closed else []
    for event in (*events, *last):
        journal.append(event, 5)
    report = verify_lines(journal.lines)
    assert (report.ok, report.ended, report.lines, report.torn_tail) == (True, closed, len(events) + closed, False)
    assert report.exit_code == 0
    assert journal.last == (report.last_good, report.last_hash)
    for line, record, event in zip(journal.lines, read_records(journal.lines), events, strict=False):
        assert (record.event.kind, dict(record.event.args)) == (event.kind, dict(event.args))
        assert json.loads(line)["n"] == record.n
        assert record.event.sentence().isprintable()


@pytest.mark.parametrize("k", range(COUNT))
def test_a_line_removed(k: int) -> None:
    lines = LINES[:k] + LINES[k + 1 :]
    if k == COUNT - 1:
        report = found(lines)
        assert (report.ok, report.ended, report.exit_code) == (True, False, 0)
        assert "no closing line" in report.sentence()
    else:
        assert first(lines) == (k + 1, "missing")


@pytest.mark.parametrize("k", range(COUNT - 1))
def test_two_lines_swapped(k: int) -> None:
    assert first([*LINES[:k], LINES[k + 1], LINES[k], *LINES[k + 2 :]]) == (k + 1, "reordered")


@given(INDEX, INDEX)
@settings(max_examples=100, deadline=None)
def test_a_line_moved(source: int, to: int) -> None:
    lines = LINES[:source] + LINES[source + 1 :]
    lines.insert(to, LINES[source])
    if source != to:
        assert "reordered" in {problem.kind for problem in found(lines).problems}


@given(INDEX, st.integers(0, COUNT))
@settings(max_examples=100, deadline=None)
def test_a_copy_of_a_line_added(source: int, to: int) -> None:
    report = found([*LINES[:to], LINES[source], *LINES[to:]])
    assert {problem.kind for problem in report.problems} <= {"added", "reordered"}
    assert report.problems


@given(st.integers(0, COUNT), st.sampled_from([b"\n", b"{}\n", b"note: all well\n", b"\xff\x00\n", LINES[3][:-9] + b'"}\n']))
@settings(max_examples=100, deadline=None)
def test_a_foreign_line_added(to: int, line: bytes) -> None:
    assert first([*LINES[:to], line, *LINES[to:]]) == (to + 1, "added")


@given(st.integers(0, COUNT - 2), st.data())
@settings(max_examples=200, deadline=None)
def test_a_byte_of_a_line_changed(k: int, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(LINES[k]) - 2))
    byte = data.draw(st.integers(0, 255).filter(lambda new: new not in (LINES[k][at], 0x0A)))
    line = LINES[k][:at] + bytes([byte]) + LINES[k][at + 1 :]
    assert first([*LINES[:k], line, *LINES[k + 1 :]]) == (k + 1, "changed")


def test_every_single_byte_changed_inserted_or_removed(tmp_path: Path) -> None:
    """All of a small journal as one stream, newlines included: there is no byte that does not count."""
    whole = b"".join(SMALL)
    for at, byte in enumerate(whole):
        for new in (b"", bytes([byte ^ 0x01]), bytes([byte ^ 0x20]), b"\n" if byte != 0x0A else b" ", bytes([byte]) + b" "):
            found((whole[:at] + new + whole[at + 1 :]).splitlines(keepends=True))


@given(st.integers(0, COUNT - 2))
@settings(max_examples=50, deadline=None)
def test_a_line_rewritten_with_a_hash_that_fits_it(k: int) -> None:
    line = rehashed(LINES[k].replace(b'"t_us":', b'"t_us":9'))
    assert first([*LINES[:k], line, *LINES[k + 1 :]]) == (k + 1, "changed")
    assert verify_lines([*LINES[:k], line, *LINES[k + 1 :]]).last_good == k, "which of the two was changed is not known"


@given(st.integers(0, sum(map(len, LINES)) - 1))
@settings(max_examples=100, deadline=None)
def test_cut_off_anywhere_by_a_crash_it_verifies_up_to_its_last_whole_line(length: int) -> None:
    cut = b"".join(LINES)[:length]
    report = found(cut.splitlines(keepends=True))
    whole = cut.count(b"\n")
    assert (report.lines, report.last_good, report.ok, report.ended) == (whole, whole, whole > 0, False)
    assert report.torn_tail is (not cut.endswith(b"\n") and length > 0)
    if whole:
        assert "interrupted" in report.sentence()


@given(st.integers(1, COUNT - 1), st.binary(min_size=1, max_size=400).filter(lambda tail: b"\n" not in tail))
@settings(max_examples=100, deadline=None)
def test_a_tail_garbled_by_a_power_cut_is_left_out(whole: int, tail: bytes) -> None:
    report = found([*LINES[:whole], tail])
    assert (report.ok, report.last_good, report.torn_tail, report.ended) == (True, whole, True, False)


@given(st.binary(min_size=1, max_size=100))
@settings(max_examples=100, deadline=None)
def test_bytes_after_the_closing_line(more: bytes) -> None:
    assert first([*LINES, *more.splitlines(keepends=True)]) == (COUNT + 1, "added")


def test_a_session_continued_after_its_closing_line() -> None:
    assert first(lines_of([*session(1), make("started")])) == (len(session(1)) + 1, "added")


def test_an_older_copy_put_back_is_a_journal_without_an_end() -> None:
    report = found(LINES[: COUNT // 2])
    assert (report.ok, report.ended, report.last_good) == (True, False, COUNT // 2)


def test_the_limit_of_a_bare_chain_is_what_a_copy_of_the_last_hash_finds() -> None:
    """Someone who recomputes everything is not found by the chain alone; the hash that was kept elsewhere differs."""
    forged = lines_of([opened(comfort={"1": 1000}), *session(45)[1:]])
    report = verify_lines(forged)
    assert report.ok
    assert report.ended
    assert report.last_hash != verify_lines(LINES).last_hash


@given(st.lists(st.one_of(st.binary(max_size=60), st.sampled_from(LINES)).map(lambda line: line + b"\n"), max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_content_raises(lines: list[bytes]) -> None:
    report = verify_lines(lines)
    assert report.ok is (not report.problems)
    assert all(problem.sentence.isprintable() and problem.line >= 1 for problem in report.problems)


@given(
    st.lists(st.tuples(INDEX, st.sampled_from([list.pop, lambda lines, k: lines.insert(k, lines[0])])), min_size=1, max_size=6)
)
@settings(max_examples=100, deadline=None)
def test_reading_stops_where_verify_stops(damage: list[tuple[int, Callable[[list[bytes], int], object]]]) -> None:
    lines = list(LINES)
    for k, do in damage:
        do(lines, min(k, len(lines) - 1))
    report = verify_lines(lines)
    read = 0
    try:
        for record in read_records(lines):
            read = record.n
    except JournalBroken:
        assert not report.ok
    else:
        assert report.ok
    assert read == report.last_good


def test_a_file_of_every_kind_is_judged(tmp_path: Path) -> None:
    for number, content in enumerate(
        (b"", b"\0" * 70_000, b"[" * 100_000 + b"\n", b'{"a":' * 2000 + b"\n", bytes(range(256)) * 50)
    ):
        path = tmp_path / str(number)
        path.write_bytes(content)
        report = verify(path)
        assert not report.ok
        assert report.last_good == 0


def test_the_state_the_session_ended_in() -> None:
    final = final_state(LINES)
    assert (final.state, final.result, final.reason, final.ended) == ("ended", "completed", "programme over", True)
    assert final.totals == {int(channel): row for channel, row in totals(45).items()}
    assert final.amplitudes_ua == {}
    cut = final_state(LINES[:15])
    assert (cut.state, cut.ended, cut.amplitudes_ua) == ("armed", False, {1: 10_000, 2: 5_000})
