"""Exports of one session agree with one another, with its journal, and with the oscilloscope, number by number."""

import json
from decimal import Decimal
from pathlib import Path

from emscontrol.record.exports.tables import TABLES
from emscontrol.record.exports.trace import DOUBTS
from tests.exports.reading import Lines, from_bids, from_csv, from_edf, from_jsonl, from_parquet
from tests.exports.sessions import exported, ran

UA = 1000
US = 1_000_000


def tables(journal: Path, folder: Path) -> dict[str, Lines]:
    exported([journal], "csv", folder)
    return {name: from_csv(folder / f"{name}.csv") for name in TABLES}


def test_csv_json_lines_and_parquet_hold_the_same(journal: Path, tmp_path: Path) -> None:
    told = tables(journal, tmp_path / "csv")
    exported([journal], "jsonl", tmp_path / "jsonl")
    exported([journal], "parquet", tmp_path / "parquet")
    for name, table in TABLES.items():
        assert from_jsonl(tmp_path / "jsonl" / f"{name}.jsonl") == told[name]
        assert from_parquet(tmp_path / "parquet" / f"{name}.parquet") == told[name]
        assert all(list(row) == [column.name for column in table.columns] for row in told[name])
    assert told["set_points"]


def test_edf_and_bids_hold_the_same_trace(journal: Path, tmp_path: Path) -> None:
    exported([journal], "edf", tmp_path / "edf")
    exported([journal], "bids", tmp_path / "bids")
    signals, _, _ = from_edf(tmp_path / "edf" / "one.edf")
    columns, _ = from_bids(tmp_path / "bids")
    assert {f"ch{label[2:].replace(' ', '_')}_ma": values for label, values in signals.items()} == columns
    assert any(any(values) for values in signals.values())


def test_the_trace_is_what_the_oscilloscope_saw(name: str, journal: Path, tmp_path: Path) -> None:
    exported([journal], "edf", tmp_path / "edf")
    signals, _, _ = from_edf(tmp_path / "edf" / "one.edf")
    checked = 0
    for line in ran(name).scope:
        if line.t_us % 10_000 == 0 and line.amplitude_ua:
            assert signals[f"Ch{line.channel} commanded"][line.t_us // 10_000] == line.amplitude_ua, line
            checked += 1
    assert checked >= 20
    last_us = max(line.t_us for line in ran(name).scope)
    for label, values in signals.items():
        if label.endswith("commanded"):
            assert not any(values[-(-last_us // 10_000) + 1 :])


def test_every_set_point_is_a_row_in_the_unit_of_its_header(name: str, journal: Path, tmp_path: Path) -> None:
    rows = [row for row in tables(journal, tmp_path / "csv")["set_points"] if row["amplitude_ma"]]
    expected = [
        (t_us, output["channel"], output["amplitude_ua"], output["width_us"], output["period_us"])
        for t_us, event in ran(name).events
        if event.kind == "set_point"
        for output in event.args["outputs"]  # type: ignore[union-attr]
    ]
    found = [
        (row["t_s"] * US, row["channel"], row["amplitude_ma"] * UA, row["pulse_width_us"], row["period_us"]) for row in rows
    ]
    assert found == expected
    assert {row["answer"] for row in rows} <= {"acked", "uncertain", "refused_by_device", None}
    assert rows[0]["answer"] == "acked"


def test_a_channel_that_ends_is_told_to_be_at_zero(journal: Path, tmp_path: Path) -> None:
    last = {row["channel"]: row for row in tables(journal, tmp_path / "csv")["set_points"]}
    assert [row["amplitude_ma"] for row in last.values()] == [0, 0]


def test_totals_are_the_pulses_of_the_oscilloscope(name: str, journal: Path, tmp_path: Path) -> None:
    told = tables(journal, tmp_path / "csv")
    if "off" in name or "stopped" in name:
        return  # what was cut short may have a pulse less than the host believes, which other tests hold
    assert {int(row["channel"]): int(row["pulses"]) for row in told["channels"]} == ran(name).pulses
    for row in told["channels"]:
        peak_ua = max(line.amplitude_ua for line in ran(name).scope if line.channel == row["channel"])
        assert row["peak_ma"] * UA == peak_ua
    assert {(row["muscle"], row["side"]) for row in told["channels"]} == {("quad_rf", "left"), ("quad_vm", "left")}
    assert [row["area_cm2"] for row in told["channels"]] == [45, 25]


def test_contractions_are_whole_or_cut_short(name: str, journal: Path, tmp_path: Path) -> None:
    rows = tables(journal, tmp_path / "csv")["contractions"]
    if "stopped" in name:
        assert [(row["channel"], row["whole"], row["begin_s"], row["end_s"]) for row in rows] == [
            (1, False, 0, Decimal("1.73")), (2, False, 0, Decimal("1.73"))]  # fmt: skip
    elif "off" not in name:
        assert [(row["channel"], row["contraction"], row["of"], row["whole"]) for row in rows] == [
            (1, 1, 2, True), (2, 1, 2, True), (1, 2, 2, True), (2, 2, 2, True)]  # fmt: skip
        assert {row["peak_ma"] for row in rows} == {16}
        assert {row["phase_name"] for row in rows} == {"work"}
        assert all(row["duration_s"] == row["end_s"] - row["begin_s"] for row in rows)


def test_measured_values_and_the_session_itself(name: str, journal: Path, tmp_path: Path) -> None:
    told = tables(journal, tmp_path / "csv")
    measured = [(t, event.args) for t, event in ran(name).events if event.kind == "measured"]
    assert [(row["t_s"] * US, row["channel"], row["amplitude_ma"] * UA, row["pulses"]) for row in told["measured"]] == [
        (t, a["channel"], a["amplitude_ua"], a["pulses"]) for t, a in measured
    ]
    (session,) = told["sessions"]
    assert (session["model"], session["simulated"], session["closed"]) == (name.partition(" ")[0], True, True)
    assert session["records"] == len(told["events"]) == len(ran(name).events)
    assert session["patient"] == ("P-17" if "booked" in name else None)
    assert session["result"] == ("fault" if "off" in name else "stopped" if "stopped" in name else "completed")


def test_phases_stops_and_faults_are_annotations(name: str, journal: Path, tmp_path: Path) -> None:
    exported([journal], "edf", tmp_path / "edf")
    exported([journal], "bids", tmp_path / "bids")
    _, notes, header = from_edf(tmp_path / "edf" / "one.edf")
    _, events = from_bids(tmp_path / "bids")
    texts = [text for _, _, text in notes]
    assert "phase 1: work" in texts
    assert ("phase", "work") in [(row["trial_type"], row["description"]) for row in events]
    stops = [t / US for t, event in ran(name).events if event.kind == "stop_sent"]
    assert [onset for onset, _, text in notes if text.startswith("stop_sent")] == stops
    assert [float(row["onset"]) for row in events if row["trial_type"] == "stop_sent"] == stops
    assert any(text.startswith("electrode_fault channel 1") for text in texts) == ("off" in name)
    assert any(row["trial_type"] == "electrode_fault" for row in events) == ("off" in name)
    assert header["startdate"].isoformat() == "2026-11-22T10:10:40"
    assert header["patientcode"] == ("P-17" if "booked" in name else "")  # this reader gives X as nothing
    assert header["equipment"] == name.partition(" ")[0]
    assert header["recording_additional"] == "SIMULATION"
    sidecars = [json.loads(file.read_text("utf-8")) for file in (tmp_path / "bids").rglob("*_task-*.json")]
    for flag, whole in (("Simulated", True), ("Closed", True), ("OffKnown", True), ("KeyDistrusted", False)):
        assert [sidecar[flag] for sidecar in sidecars] == [whole, whole]
    assert not {row["trial_type"] for row in events} & {kind for kind, *_ in DOUBTS}
