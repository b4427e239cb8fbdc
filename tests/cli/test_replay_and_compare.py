"""`replay` and `compare`, as people meet them."""

import math
from pathlib import Path

import pytest

from emscontrol.cli.replay import paced, read_speed
from emscontrol.core.errors import UsageError
from emscontrol.record.replay import read_events
from tests.cli.command import USAGE, Command
from tests.exports.sessions import NOW, ran
from tests.unit.record.sample import lines_of, session
from tests.unit.record.stations import GOLDEN, chained_anew

NOT_INTACT = 3
NOT_KNOWN = "REPLAY: OUTPUT NOT KNOWN"


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return ran("p24").write(tmp_path / "whole.jsonl")


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """Good up to record 40."""
    lines = list(ran("p24 electrode off").lines)
    lines[40] = lines[40].replace(b"1", b"2", 1)
    path = tmp_path / "damaged.jsonl"
    path.write_bytes(b"".join(lines))
    return path


class Wait:
    """A clock that stands still but for sleeping, and remembers when it was."""

    def __init__(self) -> None:
        self.now_s = 500.0

    def sleep(self, time_s: float) -> None:
        assert time_s > 0
        self.now_s += time_s

    def clock(self) -> float:
        return self.now_s


@pytest.mark.parametrize("speed", [1.0, 0.5, 40.0])
def test_each_event_comes_when_it_was_divided_by_the_speed(speed: float, whole: Path) -> None:
    wait = Wait()
    came = [(record.t_us, wait.now_s) for record in paced(read_events(whole), speed, wait.clock, wait.sleep)]
    assert came[-1][0] > 8_000_000
    for t_us, at_s in came:
        assert at_s == pytest.approx(500 + (t_us - came[0][0]) / 1e6 / speed)


def test_who_is_slow_to_read_does_not_make_the_rest_late(whole: Path) -> None:
    wait = Wait()
    for record in paced(read_events(whole), 1, wait.clock, wait.sleep):
        if record.n == 20:
            wait.now_s += 3.0
        if record.n == 120:
            assert wait.now_s == pytest.approx(500 + record.t_us / 1e6)


def test_at_full_speed_nothing_waits(whole: Path) -> None:
    wait = Wait()
    assert len(list(paced(read_events(whole), math.inf, wait.clock, wait.sleep))) == len(ran("p24").lines)
    assert wait.now_s == 500


def test_a_replay_says_on_every_line_that_it_is_one(whole: Path, emscontrol: Command) -> None:
    said = emscontrol("replay", whole, "--speed", "max")
    assert (said.code, said.err) == (0, "REPLAY: Chained, not signed.\n")
    lines = said.out.splitlines()
    recorded = NOW.isoformat(timespec="milliseconds")
    assert lines[0] == (
        f"REPLAY of whole.jsonl, a SIMULATION, recorded {recorded}. Nothing is connected, and nothing flows by this replay."
    )
    assert all(line.startswith("REPLAY ") for line in lines)
    assert "REPLAY     5.000 s  Contraction 2 of 2 on channels 1, 2." in lines
    assert "REPLAY     8.020 s  Session completed: the program is over." in lines
    assert not any("Set point" in line for line in lines)
    everything = emscontrol("replay", whole, "--speed", "max", "--all").out.splitlines()
    assert len(everything) == 1 + len(ran("p24").lines)


def test_a_damaged_record_is_played_as_far_as_it_stands(damaged: Path, emscontrol: Command) -> None:
    said = emscontrol("replay", damaged, "--speed", "max", "--all")
    assert (said.code, len(said.out.splitlines())) == (NOT_INTACT, 41)
    assert "REPLAY ends here: Not intact: 1 problem; everything fits up to record 40." in said.err
    assert NOT_KNOWN in said.err
    damaged.write_bytes(b"{}\n")
    said = emscontrol("replay", damaged)
    assert (said.code, said.out) == (NOT_INTACT, "")
    assert "not one record of it stands" in said.err


def test_on_a_terminal_a_damaged_record_ends_with_the_same_code(
    whole: Path, damaged: Path, emscontrol: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screen itself is `tests/tui/records/test_replay.py`'s; here only what is made of the code that it ends with."""
    monkeypatch.setattr("emscontrol.cli.replay._on_a_terminal", lambda: True)
    for screen, path, code in ((0, whole, 0), (0, damaged, NOT_INTACT), (USAGE, damaged, USAGE)):
        monkeypatch.setattr("emscontrol.tui.app.open_screen", lambda *_, only, code=screen: code)
        assert emscontrol("replay", path).code == code


def test_a_record_without_an_end_is_told_as_such(whole: Path, emscontrol: Command) -> None:
    whole.write_bytes(b"".join(whole.read_bytes().splitlines(keepends=True)[:60]))
    said = emscontrol("replay", whole, "--speed", "max")
    assert said.code == 0
    assert "REPLAY ends here: Intact but not closed: 60 records, no closing line." in said.err
    assert NOT_KNOWN in said.err


def test_a_replay_that_cannot_go_on_says_that_nothing_is_known(tmp_path: Path, emscontrol: Command) -> None:
    strange = [told.replace(b'"event":"stop_requested"', b'"event":"of_a_newer_one"') for told in lines_of(session())]
    (tmp_path / "newer.jsonl").write_bytes(b"".join(chained_anew(strange)))
    said = emscontrol("replay", tmp_path / "newer.jsonl", "--speed", "max")
    assert said.code == NOT_INTACT
    assert said.err.index("OUTPUT NOT KNOWN") < said.err.index("of_a_newer_one")


def test_a_record_with_lying_totals_is_told_as_such(whole: Path, emscontrol: Command) -> None:
    lies = [line.replace(b'"peak_ua":16000', b'"peak_ua":1000') for line in ran("p24").lines]
    whole.write_bytes(b"".join(chained_anew(lies)))
    said = emscontrol("replay", whole, "--speed", "max", "--all")
    assert (said.code, len(said.out.splitlines())) == (NOT_INTACT, 1 + len(lies))
    assert "REPLAY ends here: Not intact: 2 problems; everything fits" in said.err
    assert "The totals do not agree with the lines." in said.err
    assert NOT_KNOWN in said.err


def test_whose_a_record_is_and_that_its_key_is_not_trusted_is_told(emscontrol: Command) -> None:
    words = ("replay", GOLDEN / "format-2-p24.jsonl", "--speed", "max")
    assert "with key fe4494118e2a9bc2, which is not known here." in emscontrol(*words).err
    assert emscontrol("key", "trust", GOLDEN / "golden-keys.json").code == 0
    assert emscontrol("key", "distrust", "fe4494118e2a9bc2", "--why", "the laptop was stolen").code == 0
    assert "REPLAY: Its key is no longer trusted since" in emscontrol(*words).err


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "nan", "inf", "1001", ""])
def test_what_is_no_speed_is_wrong_usage(speed: str, whole: Path, emscontrol: Command) -> None:
    with pytest.raises(UsageError):
        read_speed(speed)
    assert emscontrol("replay", whole, "--speed", speed).code == USAGE


def test_two_sessions_are_shown_side_by_side(whole: Path, tmp_path: Path, emscontrol: Command) -> None:
    said = emscontrol("compare", whole, ran("p24 electrode off").write(tmp_path / "fault.jsonl"))
    assert said.code == 0
    rows = said.out.splitlines()
    assert rows[0].split() == ["whole.jsonl", "fault.jsonl"]
    assert any(row.startswith("-   contractions") and row.endswith("-1") for row in rows)
    assert any(row.startswith("!") and "completed" in row and "fault" in row for row in rows)
    assert any(row.startswith("=   r.m.s. current") and "2.772 mA" in row for row in rows)


def test_a_damaged_one_is_compared_as_far_as_it_stands(whole: Path, damaged: Path, emscontrol: Command) -> None:
    said = emscontrol("compare", whole, damaged)
    told = "Not comparable: The second record is not intact: it is compared up to record 40."
    assert (said.code, said.out.splitlines()[0]) == (NOT_INTACT, told)
    facts = emscontrol("compare", whole, damaged, "--json").facts
    assert (facts["exit_code"], facts["comparable"]) == (NOT_INTACT, False)
    assert [each["b"] for each in facts["lines"] if each["name"] == "record"] == ["not intact"]
    damaged.write_bytes(damaged.read_bytes().partition(b"\n")[2])
    said = emscontrol("compare", whole, damaged)
    assert (said.code, said.err.startswith(f"{damaged}: not even its first record stands.")) == (NOT_INTACT, True)


def test_what_a_record_does_not_say_is_told_as_not_known(whole: Path, emscontrol: Command) -> None:
    rows = emscontrol("compare", whole, GOLDEN / "format-1-cut.jsonl").out.splitlines()
    assert any(row.startswith("? result") and row.endswith("not known") for row in rows)


def test_what_cannot_be_read_is_said_as_json_too(whole: Path, emscontrol: Command) -> None:
    said = emscontrol("compare", whole, whole.with_name("none"), "--json")
    assert (said.code, said.facts["comparable"]) == (USAGE, False)
