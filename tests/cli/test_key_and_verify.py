"""`emscontrol key` and what `verify` says of a signed record, as people type it."""

import fcntl
import json
from pathlib import Path

import pytest

from emscontrol.record.keys import KeyRing
from tests.cli.command import USAGE, Command
from tests.session.rig import SHORT
from tests.unit.record.sample import session
from tests.unit.record.stations import GOLDEN, line_of_keys, signed_lines

NOT_INTACT = 3


@pytest.fixture
def record(emscontrol: Command, tmp_path: Path) -> Path:
    """The record of a short session at this station."""
    (tmp_path / "short.yaml").write_text(SHORT, encoding="utf-8")
    path = tmp_path / "record.jsonl"
    levels = ("--comfort", "1=20", "--comfort", "2=20")
    assert emscontrol("run", tmp_path / "short.yaml", *levels, "--speed", "max", "--journal", path).code == 0
    return path


def test_the_first_session_makes_the_key_and_verify_knows_it(emscontrol: Command, record: Path, tmp_path: Path) -> None:
    said = emscontrol("verify", record)
    shown = emscontrol("key", "show", "--json").facts
    assert said.code == 0
    assert f"Signed up to record 31 with key {shown['own']} of {shown['keys'][0]['station']}." in said.out
    assert "The totals agree with the lines." in said.out
    assert "Whoever has the station's key" in said.err
    assert shown["folder"] == str(tmp_path / "home" / "keys")
    assert "seed" not in json.dumps(shown)


def test_the_facts_say_how_each_figure_is_known(emscontrol: Command, record: Path) -> None:
    facts = emscontrol("verify", record, "--json").facts
    assert (facts["ok"], facts["signed"], facts["signed_to"], facts["totals_checked"], facts["exit_code"]) == (
        True,
        True,
        31,
        True,
        0,
    )
    assert facts["totals"]["1"].keys() == facts["knowledge"]["totals"].keys()
    assert facts["knowledge"]["totals"]["contractions"] == "commanded"
    assert facts["knowledge"]["totals"]["charge_pc"] == "assumed"
    assert facts["measured"]["1"]["pulses"] > 0
    assert facts["sentences"][0].startswith("Intact and closed")


def test_a_changed_record_is_not_intact(emscontrol: Command, record: Path) -> None:
    lines = record.read_bytes().splitlines(keepends=True)
    at = next(place for place, line in enumerate(lines) if b'"event":"set_point"' in line)
    lines[at] = lines[at].replace(b'"amplitude_ua":16000', b'"amplitude_ua":26000')
    record.write_bytes(b"".join(lines))
    said = emscontrol("verify", record)
    assert said.code == NOT_INTACT
    assert f"line {at + 1}: changed" in said.out
    assert f"everything fits up to record {at}" in said.out
    facts = emscontrol("verify", record, "--json").facts
    assert (facts["ok"], facts["exit_code"], facts["last_good"]) == (False, NOT_INTACT, at)


def test_nothing_is_told_of_what_comes_after_a_signature_that_does_not_fit(emscontrol: Command, record: Path) -> None:
    lines = record.read_bytes().splitlines(keepends=True)
    started = next(place for place, line in enumerate(lines) if b'"event":"started"' in line)
    at = next(place for place, line in enumerate(lines) if place > started and b'"sig":"' in line)  # current is over by then
    lines[at] = lines[at][:-10] + b"0000000" + lines[at][-3:]
    record.write_bytes(b"".join(lines))
    facts = emscontrol("verify", record, "--json").facts
    assert (facts["ok"], facts["last_good"] <= started + 1, facts["totals"], facts["dose"]) == (False, True, {}, [])
    said = emscontrol("verify", record, "--dose").out
    assert f"Of the records up to {facts['last_good']} only; what was given after them is not known." in said
    assert "No channel was given current" not in said


def test_an_old_record_is_chained_and_not_signed(emscontrol: Command) -> None:
    said = emscontrol("verify", GOLDEN / "format-1-p24.jsonl")
    unheld = "The totals could not be held against the lines, because a record of this old format counts in another way."
    assert (said.code, said.out) == (0, f"Intact and closed: 138 records. Chained, not signed. {unheld}\n")


def test_a_key_of_another_station_is_known_once_it_is_trusted(emscontrol: Command) -> None:
    path = GOLDEN / "format-2-p24.jsonl"
    assert "which is not known here" in emscontrol("verify", path).out
    assert "new here; ask the people there" in emscontrol("key", "trust", GOLDEN / "golden-keys.json").out
    assert "with key fe4494118e2a9bc2 of Golden." in emscontrol("verify", path).out
    assert "known here already" in emscontrol("key", "trust", GOLDEN / "golden-keys.json").out
    assert "fe4494118e2a9bc2  Golden, made" in emscontrol("key", "show").out


def test_a_new_key_leaves_older_records_as_they_are(emscontrol: Command, record: Path, tmp_path: Path) -> None:
    said = emscontrol("key", "rotate", "--station", "Blue room")
    assert "Blue room takes the place of" in said.out
    assert ", replaced 20" in emscontrol("verify", record).out
    out = tmp_path / "keys.json"
    assert emscontrol("key", "export", "-o", out).code == 0
    assert [row["station"] for row in json.loads(out.read_text())["keys"]][1:] == ["Blue room"]
    assert emscontrol("key", "export", "-o", out).code == USAGE, "a file is not replaced"
    assert "seed" not in emscontrol("key", "export").out


def test_a_key_that_is_no_longer_trusted_is_said_with_every_record_of_it(emscontrol: Command) -> None:
    path, why = GOLDEN / "format-2-p24.jsonl", "stolen"
    emscontrol("key", "trust", GOLDEN / "golden-keys.json")
    said = emscontrol("key", "distrust", "fe4494118e2a9bc2", "--why", why)
    assert (said.code, "no longer trusted since 20" in said.out) == (0, True)
    told = emscontrol("verify", path)
    assert (told.code, f"({why}). The totals agree" in told.out, "may be genuine" in told.out) == (0, True, True)
    facts = emscontrol("verify", path, "--json").facts
    assert (facts["distrusted"] != "", facts["ok"]) == (True, True)
    assert "no longer trusted" in emscontrol("key", "show").out
    assert [row["distrusted"]["why"] for row in emscontrol("key", "show", "--json").facts["keys"]] == [why]
    assert "stays so" in emscontrol("key", "trust", GOLDEN / "golden-keys.json").out
    assert emscontrol("key", "distrust", "fe4494118e2a9bc2", "--why", "").code == USAGE
    assert emscontrol("key", "distrust", "fe4494118e2a9bc2").code == USAGE


def test_a_stolen_key_names_those_that_follow_it_and_what_to_do(emscontrol: Command) -> None:
    emscontrol("key", "rotate")
    first = emscontrol("key", "show", "--json").facts["own"]
    emscontrol("key", "rotate")
    second = emscontrol("key", "show", "--json").facts["own"]
    emscontrol("key", "rotate")
    said = emscontrol("key", "distrust", first, "--why", "stolen").out.splitlines()
    assert [line[:16] for line in said[1:]] == [second, emscontrol("key", "show", "--json").facts["own"]]
    assert all("this station's own" in line for line in said[1:])
    assert emscontrol("key", "distrust", second, "--why", "stolen", "--json").facts["followers"] == [said[2][:16]]


def test_who_follows_a_stolen_key_of_another_station_is_in_doubt_until_somebody_vouches(
    emscontrol: Command, tmp_path: Path
) -> None:
    a, b = line_of_keys(2)
    (tmp_path / "given.json").write_text(KeyRing((a, b)).to_json(), encoding="utf-8")
    emscontrol("key", "trust", tmp_path / "given.json")
    said = emscontrol("key", "distrust", a.id, "--why", "stolen").out.splitlines()[1]
    assert f"emscontrol key vouch {b.id} --why WHY" in said
    assert f"emscontrol key distrust {b.id} --why WHY" in said
    record = tmp_path / "theirs.jsonl"
    record.write_bytes(b"".join(signed_lines(session(), 2)))
    assert "Its key follows" in emscontrol("verify", record).out
    assert emscontrol("key", "vouch", b.id, "--why", " ").code == USAGE
    assert emscontrol("key", "vouch", b.id, "--why", "asked by telephone").out.startswith(
        f"{b.id}  Klinik B, vouched for since 20"
    )
    told = emscontrol("verify", record).out
    assert "Its key follows" not in told
    assert "(asked by telephone)" in told


def test_a_record_of_a_running_session_is_told_as_one(emscontrol: Command, tmp_path: Path) -> None:
    record = tmp_path / "running.jsonl"
    record.write_bytes(b"".join(signed_lines(session(), 2)[:-2]))
    assert "being written" not in emscontrol("verify", record).err
    with record.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        said = emscontrol("verify", record)
    assert (said.code, "It is being written now: its session is running." in said.err) == (0, True)


def test_verify_and_show_make_no_key(emscontrol: Command, tmp_path: Path) -> None:
    emscontrol("verify", GOLDEN / "format-2-p24.jsonl")
    assert "has no key yet" in emscontrol("key", "show").out
    assert not (tmp_path / "home" / "keys").exists()
    assert "this station's first" in emscontrol("key", "rotate").out


@pytest.mark.parametrize("words", [("rotate", "--station", "x\x1b"), ("trust", "no/such/file")])
def test_what_makes_no_sense_is_wrong_usage(words: tuple[str, ...], emscontrol: Command) -> None:
    said = emscontrol("key", *words)
    assert said.code == USAGE
    assert "Traceback" not in said.err


@pytest.mark.parametrize(("words", "title"), [((), "format 2"), (("--format", "1"), "format 1")])
def test_the_schema_of_a_journal_is_printed(words: tuple[str, ...], title: str, emscontrol: Command) -> None:
    assert title in emscontrol("schema", "journal", *words).facts["title"]


def test_a_schema_that_there_is_not_is_wrong_usage(emscontrol: Command) -> None:
    assert emscontrol("schema", "journal", "--format", "3").code == USAGE
    assert emscontrol("schema", "--format", "1").code == USAGE
    assert "emscontrol protocol file" in emscontrol("schema").out
