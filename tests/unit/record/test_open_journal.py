"""A journal opened by another program: typed, as far as it stands, and in agreement with the simulator's oscilloscope."""

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from emscontrol.core.errors import JournalBroken, UsageError
from emscontrol.record import open_journal
from emscontrol.record.knowledge import Knowledge
from emscontrol.record.line import SIGNED
from emscontrol.record.opened_event import Commanded, time_of_day
from tests.exports.sessions import NOW, ran
from tests.unit.record.sample import session
from tests.unit.record.stations import GOLDEN, chained_anew, key, signature, signed_lines

PAGE = Path(__file__).parents[3] / "docs" / "journal.md"


@pytest.fixture
def p24(tmp_path: Path) -> Path:
    return ran("p24").write(tmp_path / "first.jsonl")


def test_the_example_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    example, many = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    ran("reference").write(tmp_path / "first.jsonl")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(example, names)  # what the page shows
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("Intact and closed: ")
    assert told[1:4] == ["short completed", "1 quad_rf 2 16000 µA", "2 quad_vm 2 16000 µA"]
    assert told[4:] == ["0 no. 1 (1, 2)", "5000000 no. 2 (1, 2)", "16.0 mA"]
    ran("p24 electrode off").write(tmp_path / "second.jsonl")
    exec(many, names)
    peaks = {words[0]: words[1] for words in map(str.split, capsys.readouterr().out.splitlines()) if len(words) == 2}
    assert (peaks["first"], peaks.keys() >= {"first", "second"}) == ("16.0", True)


@pytest.mark.parametrize("name", ["p24", "rehastim2"])
def test_what_was_commanded_is_what_the_oscilloscope_saw(name: str, tmp_path: Path) -> None:
    journal = open_journal(ran(name).write(tmp_path / "one.jsonl"))
    assert {channel.channel: channel.pulses for channel in journal.channels} == ran(name).pulses
    for channel in (1, 2):
        seen = [line.amplitude_ua for line in ran(name).scope if line.channel == channel and line.amplitude_ua]
        points = pd.DataFrame(journal.set_points())
        told = points[(points.channel == channel) & (points.amplitude_ma > 0)]
        assert sorted({round(ma * 1000) for ma in told.amplitude_ma}) == sorted(set(seen))
        assert {line.width_us for line in ran(name).scope if line.amplitude_ua} == set(told.pulse_width_us)


def test_another_journal_in_its_place_is_not_taken_for_the_one_that_was_verified(p24: Path) -> None:
    journal = open_journal(p24)
    p24.write_bytes(b"".join(ran("reference").lines))
    for read in (lambda: list(journal.events), lambda: journal.session, journal.set_points):
        with pytest.raises(JournalBroken, match="was changed while it was read"):
            read()


def test_events_are_read_by_what_they_are(p24: Path) -> None:
    journal = open_journal(p24)
    assert [event.n for event in journal.events] == list(range(1, journal.report.lines + 1))
    first = next(journal.of("set_point"))
    assert first.outputs == (Commanded(1, 500, 300, 20_000), Commanded(2, 500, 300, 20_000))
    assert (first.whole("number"), first.text("cause"), first.kind, first.severity) == (1, "program", "set_point", "info")
    assert (first.known("outputs"), first.wall) == (Knowledge.COMMANDED, NOW)
    opened = next(journal.events)
    assert opened.flag("simulated")
    ended = next(journal.of("session_ended"))
    assert (ended.unit("duration_us"), ended.unit("reason"), ended.outputs, ended.channels) == ("µs", "", (), ())
    assert ended.sentence == "Session completed: the program is over."
    for name in ("reason", "wrong"):
        with pytest.raises(KeyError):
            ended.whole(name)
    with pytest.raises(KeyError):
        opened.text("simulated")
    with pytest.raises(KeyError):
        opened.flag("port")
    assert ended.has("reason")
    assert not ended.has("wrong")


def test_the_session_and_its_channels_are_told(tmp_path: Path) -> None:
    journal = open_journal(ran("p24 booked").write(tmp_path / "booked.jsonl"))
    session = journal.session
    assert (session.patient, session.number, session.model, session.opened) == ("P-17", 3, "p24", NOW)
    one = journal.channels[0]
    assert (one.muscle, one.side, one.area_mm2, one.comfort_ua, one.on_us) == ("quad_rf", "left", 4500, 20_000, 6_000_000)
    assert one.dose is not None
    assert one.dose.area_mm2 == 4500


def test_a_journal_that_was_not_closed_says_so_and_tells_what_its_lines_add_up_to() -> None:
    journal = open_journal(GOLDEN / "format-2-cut.jsonl")
    assert (journal.session.result, journal.session.duration_us) == (None, None)
    assert journal.channels[0].pulses == journal.report.totals[1]["pulses"] > 0


def test_a_damaged_journal_ends_where_it_stands(p24: Path) -> None:
    lines = p24.read_bytes().splitlines(keepends=True)
    lines[40] = lines[40].replace(b"1", b"2", 1)
    p24.write_bytes(b"".join(lines))
    journal = open_journal(p24)
    assert (journal.report.ok, [event.n for event in journal.events][-1], journal.session.records) == (False, 40, 40)
    assert max(n for n in journal.set_points()["n"] if isinstance(n, int)) <= 40
    p24.write_bytes(b"{}\n")
    with pytest.raises(JournalBroken, match="not one record"):
        open_journal(p24)
    with pytest.raises(UsageError):
        open_journal(p24.with_name("none"))


def test_what_comes_after_the_last_signature_that_fits_is_not_counted(tmp_path: Path) -> None:
    lines = signed_lines(session())
    at = next(place for place, line in enumerate(lines) if b'"to_state":"ended"' in line)
    lines[at] = lines[at][:-10] + b"0000000" + lines[at][-3:]  # of its signature
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines))
    journal = open_journal(tmp_path / "a.jsonl")
    assert (journal.report.last_good, journal.report.totals, journal.report.dose) == (3, {}, ())  # armed, no current yet
    assert [(one.channel, one.contractions, one.pulses) for one in journal.channels] == [(1, None, None), (2, None, None)]
    longer = [line for line in lines[:at] if b"stop_" not in line]
    (tmp_path / "b.jsonl").write_bytes(b"".join(longer))
    assert open_journal(tmp_path / "b.jsonl").report.totals[1]["contractions"] == 1, (
        "of an end without a signature they are told"
    )


def test_totals_that_lie_are_told_by_nothing_but_the_finding(tmp_path: Path) -> None:
    lines = [line.replace(b'"contractions":1', b'"contractions":7') for line in signed_lines(session())]
    _, secret = key(1)  # a thief's, or the lie of the station itself
    lies = chained_anew(lines, lambda digest, told: signature(secret, digest) if told["event"] in SIGNED else "")
    (tmp_path / "a.jsonl").write_bytes(b"".join(lies))
    journal = open_journal(tmp_path / "a.jsonl")
    assert [problem.kind for problem in journal.report.problems] == ["totals", "totals"]
    assert [one.contractions for one in journal.channels] == [1, 1]
    assert (journal.report.totals[1]["contractions"], journal.report.totals_told) == (1, False)
    assert "do not agree" in journal.report.totals_sentence()


def test_a_part_that_cannot_be_read_has_no_figures(tmp_path: Path) -> None:
    lines = signed_lines(session())
    strange = [line.replace(b'"event":"phase_started"', b'"event":"of_a_newer_one"') for line in lines]
    _, secret = key(1)
    made = chained_anew(strange, lambda digest, told: signature(secret, digest) if told["event"] in SIGNED else "")
    (tmp_path / "a.jsonl").write_bytes(b"".join(made[:-2]) + made[-1])
    report = open_journal(tmp_path / "a.jsonl").report
    assert (report.ok, report.last_good > 4, report.totals, report.dose) == (False, True, {}, ())
    assert "not all of what stands can be read" in report.totals_sentence()


def test_a_time_of_day_that_makes_no_sense_is_none() -> None:
    assert time_of_day("2026-11-22T10:10:40.123+01:00") == NOW
    assert time_of_day("yesterday") is None


def test_neither_the_import_nor_opening_loads_anything_of_a_laboratory() -> None:
    code = (
        "import sys, emscontrol.record as r; light = 'pydantic' in sys.modules\n"
        f"r.open_journal({str(GOLDEN / 'format-1-p24.jsonl')!r}).contractions()\n"
        "sys.exit(light or any(name in sys.modules for name in ('pandas', 'numpy', 'pyarrow', 'edfio', 'sqlalchemy')))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
