"""A measurement in every export: where it was, what was found there, and what was too much."""

import json
from functools import cache
from pathlib import Path

from emscontrol.record import open_journal
from emscontrol.record.comparison import compare
from emscontrol.record.exports.veil import Pseudonyms
from emscontrol.record.keys import KeyRing
from emscontrol.record.reports.session_delivered import place_of
from emscontrol.record.reports.session_read import read_session
from tests.exports.reading import from_csv
from tests.exports.sessions import exported, ran
from tests.session.patient import Bedside, Patient, threshold_spec
from tests.session.rig import SHORT, Rig

SIDE_OPEN = SHORT.replace("side: left, label: left rectus", "side: either, label: left rectus")


@cache
def measured() -> Bedside:
    return Bedside(threshold_spec(channel=2)).to_running().play(Patient().word)


def journal_of(folder: Path) -> Path:
    path = folder / "one.jsonl"
    path.write_bytes(b"".join(measured().journal.lines))
    return path


def test_muscle_side_and_pad_of_a_measurement_are_in_every_export(tmp_path: Path) -> None:
    journal = journal_of(tmp_path)
    exported([journal], "csv", tmp_path / "csv")
    [channel] = from_csv(tmp_path / "csv" / "channels.csv")
    assert (channel["channel"], channel["muscle"], channel["side"], channel["area_cm2"]) == (2, "quad_rf", "left", 45)
    thresholds = from_csv(tmp_path / "csv" / "thresholds.csv")
    assert [(row["threshold"], row["muscle"], row["side"]) for row in thresholds] == [
        (name, "quad_rf", "left") for name in ("sensory", "motor", "comfort")
    ]
    [one] = open_journal(journal, str(tmp_path)).channels
    assert (one.muscle, one.side, one.area_mm2) == ("quad_rf", "left", 4500)
    assert place_of(read_session(journal, KeyRing()), 2) == "2  rectus femoris, left, 45.0 cm²"
    exported([journal], "fhir", tmp_path / "fhir")
    entries = json.loads((tmp_path / "fhir" / "one.fhir.json").read_text("utf-8"))["entry"]
    found = [entry["resource"] for entry in entries if entry["resource"]["resourceType"] == "Observation"]
    assert {row["bodySite"]["text"] for row in found} == {"rectus femoris, left"}
    exported([journal], "csv", tmp_path / "veiled", Pseudonyms(bytes(32)))
    assert {row["muscle"] for row in from_csv(tmp_path / "veiled" / "thresholds.csv")} == {"quad_rf"}


def test_what_was_too_much_stands_beside_the_comfort_threshold_below_it(tmp_path: Path) -> None:
    exported([journal_of(tmp_path)], "csv", tmp_path / "csv")
    too_much = min(level_ua for level_ua, _, word in measured().said if word == "too-much")
    found = {row["threshold"]: row for row in from_csv(tmp_path / "csv" / "thresholds.csv")}
    assert found["comfort"]["too_much_ma"] * 1000 == too_much > found["comfort"]["amplitude_ma"] * 1000
    assert {found[name]["too_much_ma"] for name in ("sensory", "motor")} == {None}


def test_a_side_that_was_left_open_is_not_told_as_one(tmp_path: Path) -> None:
    path = tmp_path / "open.jsonl"
    path.write_bytes(b"".join(Rig("p24", text=SIDE_OPEN).to_armed().start().finish().journal.lines))
    exported([path], "csv", tmp_path / "csv")
    assert [row["side"] for row in from_csv(tmp_path / "csv" / "channels.csv")] == [None, "left"]
    assert open_journal(path, str(tmp_path)).channels[0].side is None
    exported([path], "fhir", tmp_path / "fhir")
    text = (tmp_path / "fhir" / "open.fhir.json").read_text("utf-8")
    assert '"rectus femoris"' in text
    assert "either" not in text
    session, other = read_session(path, KeyRing()), read_session(ran("p24").write(tmp_path / "left.jsonl"), KeyRing())
    assert place_of(session, 1).startswith("1  rectus femoris, side not recorded")
    told = "Channel 1 was somewhere else: quad_rf, side not recorded and left quad_rf."
    assert told in compare(session, other).obstacles
