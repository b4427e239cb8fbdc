"""`emssim` on the command line: exit codes, one JSON line a frame, clear refusals."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from emscontrol import __version__
from firmware_sim.__main__ import cli
from firmware_sim.faults import FaultKind
from firmware_sim.registry import MODELS

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "data" / "sciencemode4.json").read_text("utf-8"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


@pytest.mark.parametrize("name", ["ml_init_stop_all", "ml_get_ack_errors", "ml_update_8_channels"])
@pytest.mark.parametrize("told", [True, False])
def test_decode_and_encode(name: str, told: bool) -> None:
    vector = next(vector for vector in VECTORS if vector["name"] == name)
    sender = vector["direction"].split("->")[0]
    read = run("wire", "decode", "p24", *(["--from", sender] if told else []), *vector["hex"].split())
    assert (read.exit_code, read.stderr) == (0, "")
    frame = json.loads(read.stdout)
    assert frame == {"command": vector["command"], "params": vector["params"], "error": None}
    written = run("wire", "encode", "p24", vector["command"], json.dumps(vector["params"]))
    assert (written.exit_code, written.stdout.strip()) == (0, vector["hex"])


def test_several_frames_are_several_lines_and_damage_is_said() -> None:
    bad = next(vector for vector in VECTORS if vector["name"] == "bad_crc")["hex"]
    good = next(vector for vector in VECTORS if vector["name"] == "ml_stop_ack")["hex"]
    read = run("wire", "decode", "p24", good.replace(" ", ""), bad, "f0 81")
    assert [json.loads(line)["error"] for line in read.stdout.splitlines()] == [None, "checksum_error"]
    assert (read.exit_code, read.stderr) == (0, "The last bytes belong to no whole frame.\n")


def test_the_version_is_that_of_the_package() -> None:
    for option in ("--version", "-V"):
        told = run(option)
        assert (told.exit_code, told.stdout) == (0, f"emssim {__version__}\n")


def test_a_scope_file_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text("mine", "utf-8")
    result = run("serve", "p24", "--scope", str(tmp_path / "s.jsonl"))
    assert (result.exit_code, "File exists" in result.stderr) == (2, True)
    assert (tmp_path / "s.jsonl").read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("wire", "decode", "p24", "f0f"), "is not hexadecimal"),
        (("wire", "decode", "p25", "f0"), "'p25' is not one of 'p24', 'reference', 'rehastim2'"),
        (("wire", "encode", "p24", "nothing", "{}"), "no command is called 'nothing'"),
        (("wire", "encode", "p24", "ml_init", "{"), "is not JSON"),
        (("wire", "encode", "p24", "ml_init", "[" * 100_000), "is nested too deeply"),
        (("wire", "encode", "p24", "ml_init", '{"stop_all_on_error": ' + "[" * 900 + "]" * 900 + "}"), "stop_all_on_error"),
        (("wire", "decode", "p24", "00 11 22"), "no whole p24 frame in these 3 bytes"),
        (("wire", "decode", "p24", "f0 81"), "no whole p24 frame in these 2 bytes"),
        (("wire", "decode", "rehastim2", "f0 81"), "no whole rehastim2 frame in these 2 bytes"),
        (("wire", "encode", "p24", "ml_init", "[1]"), "is not a JSON object"),
        (("wire", "encode", "p24", "ml_init", '{"stop_all_on_error": 1' + "0" * 5000 + "}"), "is not JSON"),
        (("wire", "encode", "p24", "ml_init", '{"stop_all_on_error": 1' + "0" * 400 + "}"), "stop_all_on_error"),
        (("serve", "p24", "--pty", "--tcp", "127.0.0.1:0"), "exclude each other"),
        (("serve", "p24", "--tcp", "127.0.0.1"), "is not HOST:PORT"),
        (("serve", "p24", "--tcp", "127.0.0.1:70000"), "is not HOST:PORT"),
        (("serve", "p24", "--fault", "elektrode:2"), "no fault is called 'elektrode'"),
        (("serve", "p24", "--watchdog-ms", "0"), "watchdog-ms"),
        (("serve", "p24", "--scope", "/nowhere/at/all.jsonl"), "cannot write /nowhere/at/all.jsonl"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_one_sentence(arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert len(result.stderr) < 1_000
    assert result.stdout == ""


def test_every_fault_is_listed() -> None:
    listed = [line.split()[0].split(":")[0] for line in run("faults").stdout.splitlines()]
    assert listed == list(FaultKind)


def test_the_page_of_faults_holds_the_tables_that_are_in_force() -> None:
    page = (Path(__file__).parents[3] / "docs" / "faults.md").read_text("utf-8")
    printed = run("faults", "--markdown").stdout.strip().split("\n\n")
    assert len(printed) == 4
    assert [table for table in printed if table not in page] == []


@pytest.mark.parametrize(
    ("model", "fault", "words"),
    [
        ("p24", "stop_button@1", "stop_button means nothing on a p24: it has no stop button"),
        ("rehastim2", "low_battery:3", "says nothing about a battery"),
        ("p24", "electrode_off:9", "a p24 has no channel 9; they go from 1 to 8"),
        ("rehastim2", "swap_channels:1/12", "has no channel 12"),
    ],
)
def test_a_fault_that_the_model_cannot_have_is_refused_with_the_reason(
    model: str, fault: str, words: str, tmp_path: Path
) -> None:
    result = run("serve", model, "--scope", str(tmp_path / "scope.jsonl"), "--fault", fault)
    assert result.exit_code == 2
    assert words in result.stderr
    assert not (tmp_path / "scope.jsonl").exists()


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_there(model: str) -> None:
    from firmware_sim.registry import codec, device_class

    device = device_class(model)()
    assert device.stage.is_zero
    assert codec(model).decode(b"", "host") == []
