"""The figures of a session's report are those of the oscilloscope, or counted by hand."""

import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.events import make
from emscontrol.record.journal import Journal
from emscontrol.record.keys import KeyRing
from emscontrol.record.reports.blocks import Chart, Report, Table, Text, Weight
from emscontrol.record.reports.drawing import Anchor, Ink, Label, Stroke
from emscontrol.record.reports.session_lane import Scale, thinned
from emscontrol.record.reports.session_read import read_session
from emscontrol.record.reports.session_report import session_report
from emscontrol.record.reports.words import time_of_day
from tests.exports.sessions import Ran, ran
from tests.reports.reading import MADE, delivered, rows, section, words
from tests.unit.record.sample import opened, session

CHANNELS = (1, 2)


def stretches(run: Ran, channel: int) -> list[tuple[int, int, int, int, int]]:
    """(from, to, µA, width, pulses) as the oscilloscope saw the channel."""
    lines = [line for line in run.scope if line.channel == channel]
    last = (lines[-1].t_us, 10**12, lines[-1].amplitude_ua, lines[-1].width_us, 0)
    before = (-(10**12), lines[0].t_us, 0, 0, 0)
    return [before, *((a.t_us, b.t_us, a.amplitude_ua, a.width_us, b.pulses) for a, b in pairwise(lines)), last]


def figure(text: str) -> float:
    return float(re.match(r"[0-9.]+", text)[0])  # type: ignore[index]


def test_what_was_delivered_is_what_the_oscilloscope_saw(name: str, report: Report) -> None:
    run = ran(name)
    begun = Counter(c for _, e in run.events if e.kind == "contraction_started" for c in e.args["channels"])  # type: ignore[union-attr]
    for channel, row in zip(CHANNELS, delivered(report), strict=True):
        seen = stretches(run, channel)
        assert row["Contractions begun, commanded of prescribed"] == f"{begun[channel]} of 2"
        assert row["Peak, commanded of prescribed"] == f"{max(ua for _, _, ua, _, _ in seen) / 1000} of 16.0 mA"
        whole = "off" not in name and "stopped" not in name
        minutes, seconds = row["Time with current, commanded of prescribed"].removesuffix(" of 0:06.0").split(":")
        if whole:
            charge_pc = sum(ua * width * pulses for _, _, ua, width, pulses in seen)
            assert row["Pulses, assumed"] == str(run.pulses[channel])
            assert row["Charge, assumed"] == f"{charge_pc / 1e9:.3f} mC"
            on_us = sum(b - a for a, b, ua, _, _ in seen if ua)
            # a P24 makes its steps at once; the others' first pulse, or the last, may lie a period inside
            assert abs(float(seconds) - on_us / 1e6) <= 0.13
            assert minutes == "0"
    assert [row["Channel, electrodes"] for row in delivered(report)] == [
        "1  rectus femoris, left, 45.0 cm²",
        "2  vastus medialis (VMO), left, 25.0 cm²",
    ]


@pytest.mark.parametrize(
    ("name", "given"), [("p24", "4 contractions of 3 s"), ("p24 electrode off", "2 contractions, cut short of 3 s,")]
)
def test_it_begins_with_the_treatment_in_plain_words(tmp_path: Path, name: str, given: str) -> None:
    """Figures of `tests.session.rig.SHORT`: of 3 s on, 1 s rise and 0.5 s fall leave 1.5 s."""
    report = session_report(ran(name).write(tmp_path / "a.jsonl"), KeyRing(), MADE)
    assert report.sections[0].title == "In short"
    first, second = (block.text for block in report.sections[0].blocks if isinstance(block, Text))
    peak = max(line.amplitude_ua for line in ran(name).scope if line.channel == 1) / 1000
    assert first.startswith(f"{given} on rectus femoris, left, up to {peak} mA; on vastus medialis (VMO), left, up to ")
    told = "pulses of 300 µs at 50 Hz; 1 s rising, 1.5 s held, 0.5 s falling, 2 s of rest."
    assert first.endswith(f" mA. Prescribed: {told}")
    assert second.startswith("For: a test of the program. ")


def test_what_a_stimulator_measured_stands_beside_what_it_was_told(tmp_path: Path) -> None:
    measures = delivered(session_report(ran("reference").write(tmp_path / "a.jsonl"), KeyRing(), MADE))
    events = ran("reference").events
    last = {e.args["channel"]: (t, e.args["pulses"]) for t, e in events if e.kind == "measured"}
    start_us = next(t for t, e in events if e.kind == "started")
    for channel, row in zip(CHANNELS, measures, strict=True):
        assert row["Pulses, measured"] == f"{last[channel][1]} by 0:{(last[channel][0] - start_us) // 1_000_000:02d}"
        assert row["Peak, measured"] == "16.0 mA"
    silent = delivered(session_report(ran("p24").write(tmp_path / "b.jsonl"), KeyRing(), MADE))
    assert not any("measured" in head for row in silent for head in row)


def drawn(chart: Chart, lane: int) -> tuple[list[tuple[float, float]], float]:
    """(seconds, mA) along the line of a lane, by the labels of the axes alone; and how many seconds a point across is."""
    labels = [mark for mark in chart.drawing.marks if isinstance(mark, Label)]
    times = [(each.x, int(each.text[0]) * 60 + int(each.text[2:])) for each in labels if re.fullmatch(r"\d:\d\d", each.text)]
    levels = [(each.y, float(each.text)) for each in labels if each.anchor is Anchor.END and re.fullmatch(r"[\d.]+", each.text)]
    (x0, t0), (x1, t1) = times[0], times[-1]
    (y0, l0), (y1, l1) = levels[2 * lane : 2 * lane + 2]
    lines = [m for m in chart.drawing.marks if isinstance(m, Stroke) and m.ink is Ink.FIRST and len(m.points) > 2]
    per_point = (t1 - t0) / (x1 - x0)
    up = 2.4  # a label's baseline is so much below the line that it stands for
    return [((x - x0) * per_point, l0 + (y + up - y0) * (l1 - l0) / (y1 - y0)) for x, y in lines[lane].points], per_point


@pytest.mark.parametrize("lane", [0, 1])
def test_the_line_that_is_drawn_is_the_oscilloscopes(name: str, report: Report, lane: int) -> None:
    (chart,) = section(report, "Over time")
    assert isinstance(chart, Chart)
    line, per_point = drawn(chart, lane)
    run = ran(name)
    start_us = next(t for t, e in run.events if e.kind == "started")
    seen = stretches(run, CHANNELS[lane])
    reach_s = 0.08 + per_point  # a step of a ramp of the host's own, and a point of the paper
    end_s = line[-1][0]
    for number in range(160):
        at_s = end_s * (number + 0.5) / 160
        near = [
            ua / 1000
            for a, b, ua, _, _ in seen
            if a <= start_us + (at_s + reach_s) * 1e6 and b >= start_us + (at_s - reach_s) * 1e6
        ]
        (x0, y0), (x1, y1) = next(pair for pair in pairwise(line) if pair[0][0] <= at_s <= pair[1][0])
        value = y0 if x1 == x0 else y0 + (y1 - y0) * (at_s - x0) / (x1 - x0)
        if near:
            assert min(near) - 0.3 <= value <= max(near) + 0.3, at_s


@given(st.lists(st.tuples(st.integers(0, 8_000_000), st.integers(0, 130_000)), min_size=1, max_size=300))
@settings(max_examples=25)
def test_a_line_of_any_length_keeps_its_heights_where_they_are(corners: list[tuple[int, int]]) -> None:
    """Of every corner there is one within a point of the paper that is as high, and one that is as low."""
    corners = sorted(corners)
    scale = eight_seconds()
    kept = list(thinned(iter(corners), scale))
    assert len(kept) <= 4 * 488 / 0.75 + 4
    assert set(kept) <= {(scale.x(t_us), amplitude_ua) for t_us, amplitude_ua in corners}
    for t_us, amplitude_ua in corners:
        near = [ua for x, ua in kept if abs(x - scale.x(t_us)) <= 1]
        assert min(near) <= amplitude_ua <= max(near)


@cache
def eight_seconds() -> Scale:
    with TemporaryDirectory() as folder:
        return Scale(read_session(ran("p24").write(Path(folder) / "one.jsonl"), KeyRing()))


def test_the_table_behind_the_chart_has_every_contraction(name: str, report: Report) -> None:
    (chart,) = section(report, "Over time")
    assert isinstance(chart, Chart)
    told = Counter[tuple[str, str]]()
    for row in rows(chart.table):
        numbers = row["Contractions"].split(" to ")
        told[row["Channel"], row["Ran"]] += int(numbers[-1]) - int(numbers[0]) + 1
    cut = "off" in name or "stopped" in name
    expected = {(str(c), "cut short"): 1 for c in CHANNELS} if cut else {(str(c), "to the end"): 2 for c in CHANNELS}
    assert told == expected


@pytest.mark.parametrize(
    ("name", "title", "weights", "told"),
    [
        (
            "p24 booked",
            "SIMULATION · Session of P-17: completed, 4 of 4 contractions",
            [Weight.NOTE, Weight.CAUTION],
            "plan 4, session 3",
        ),
        ("p24", "SIMULATION · Session: completed, 4 of 4 contractions", [Weight.NOTE, Weight.CAUTION], "outside the book"),
        (
            "p24 electrode off",
            "SIMULATION · Session: fault, 0 whole and 2 cut short of 4 contractions",
            [Weight.NOTE, Weight.CAUTION, Weight.ALARM],
            "Electrode of channel 1",
        ),
        (
            "reference stopped",
            "SIMULATION · Session: stopped, 0 whole and 2 cut short of 4 contractions",
            [Weight.NOTE, Weight.CAUTION, Weight.CAUTION],
            "Stop asked for by",
        ),
    ],
)
def test_the_first_line_says_whose_and_how_it_ended(
    tmp_path: Path, name: str, title: str, weights: list[Weight], told: str
) -> None:
    report = session_report(ran(name).write(tmp_path / "one.jsonl"), KeyRing(), MADE)
    assert report.title == title
    assert [notice.weight for notice in report.notices] == weights
    assert [notice.headline for notice in report.notices][:2] == ["SIMULATION", "NOT SIGNED"]
    assert told in words(report)


def test_a_person_was_on_the_other_end_where_the_record_does_not_say_that_nobody_was(tmp_path: Path) -> None:
    journal = Journal.in_memory()
    course = [*session()[1:-2], make("stop_confirmed", after_us=40_000), *session()[-2:]]
    for number, event in enumerate([opened(simulated=False, port="p24@/dev/ttyACM0"), *course]):
        journal.append(event, number * 100_000)
    (tmp_path / "a.jsonl").write_bytes(b"".join(journal.lines))
    report = session_report(tmp_path / "a.jsonl", KeyRing(), MADE)
    assert [notice.headline for notice in report.notices] == ["NOT SIGNED"]
    assert "SIMULATION" not in words(report)


def test_the_dose_is_that_of_the_rule_book_and_worked_out_by_hand(tmp_path: Path) -> None:
    """16 mA, 300 µs twice a pulse, 50 Hz: 4.8 µC; √(2 · 300 µs · 50 Hz) = 0.1732, so 2.771 mA; over 45 cm² 0.0616 mA/cm²."""
    report = session_report(ran("p24").write(tmp_path / "one.jsonl"), KeyRing(), MADE)
    table = section(report, "Dose against the limits")[0]
    assert isinstance(table, Table)
    cells = {row["Figure"]: row["Channel 1"] for row in rows(table)}
    assert cells["Charge per phase, assumed"].startswith("4.8 µC of 75.0 µC (")
    assert cells["R.m.s. current, assumed"].startswith("2.772 mA of 50.0 mA")
    assert cells["R.m.s. current density, assumed"].startswith("0.062 mA/cm² of ")
    assert cells["Amplitude, commanded"] == "16.0 mA of 25.0 mA (64 %)"
    assert "amplitude, at 25.0 mA" in cells["Limit met first if raised"]


def test_what_was_changed_warned_of_and_refused_is_told_with_its_reason(tmp_path: Path) -> None:
    events = session()
    extra = [
        make("warned", rule="J_RMS", sentence="Near the limit of density."),
        make("adjusted", channel=1, from_ua=10_000, to_ua=11_000),
        make("refused_by_gate", rule="RISE", sentence="Too fast."),
        make("refused_by_gate", rule="RISE", sentence="Too fast."),
    ]
    journal = Journal.in_memory()
    for number, event in enumerate([*events[:6], *extra, *events[6:]]):
        journal.append(event, number * 100_000)
    (tmp_path / "a.jsonl").write_bytes(b"".join(journal.lines))
    table = section(session_report(tmp_path / "a.jsonl", KeyRing(), MADE), "Refused, held back or changed")[0]
    assert isinstance(table, Table)
    assert [row["What"] for row in rows(table)] == ["refused, 2 times", "warned", "changed"]
    assert "from 10.0 mA to 11.0 mA" in rows(table)[2]["Why"]


def test_the_gravest_events_are_listed_in_order_of_time_and_the_others_counted(tmp_path: Path) -> None:
    loud = [make("link_lost", text=f"loss {number}", silent_us=1) for number in range(3)]
    quiet = [make("link_noise", text=f"noise {number}") for number in range(12)]
    events: list[Any] = session()
    journal = Journal.in_memory()
    for number, event in enumerate([*events[:6], *quiet[:8], *loud, *quiet[8:], *events[6:]]):
        journal.append(event, number * 100_000)
    (tmp_path / "a.jsonl").write_bytes(b"".join(journal.lines))
    table, more = section(session_report(tmp_path / "a.jsonl", KeyRing(), MADE), "Alarms, stops and pauses")
    assert isinstance(table, Table)
    told = rows(table)
    assert [row["No."] for row in told] == [str(number) for number in range(1, 10)]
    assert [("loss" in row["What"], row["Priority"]) for row in told].count((True, "alarm, high")) == 3
    assert "And 7 more" in more.text  # type: ignore[union-attr]
    assert [row["Time"] for row in told] == sorted(row["Time"] for row in told)


@pytest.mark.parametrize(
    ("wall", "zone", "told"),
    [
        ("2026-11-29T22:22:42.000+00:00", "", "2026-11-29 22:22:42 UTC"),
        ("2026-11-29T22:22:42.000+00:00", "Europe/Berlin", "2026-11-29 23:22:42 UTC+01:00"),
        ("2026-06-29T23:22:42.000+01:00", "Europe/Berlin", "2026-06-30 00:22:42 UTC+02:00"),
        ("2026-11-29T10:10:40.123-03:30", "", "2026-11-29 10:10:40 UTC-03:30"),
        ("2026-11-29T10:10:40.123", "Europe/Berlin", "2026-11-29 10:10:40"),
        ("0001-01-01T00:00:00.000+00:00", "America/New_York", "0001-01-01T00:00:00.000+00:00"),
        ("yesterday", "Europe/Berlin", "yesterday"),
        ("", "", "not known"),
    ],
)
def test_a_time_of_day_says_by_which_clock(wall: str, zone: str, told: str) -> None:
    assert time_of_day(wall, ZoneInfo(zone) if zone else None) == told
