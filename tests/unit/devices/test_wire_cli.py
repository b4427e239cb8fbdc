"""`wire decode` and `wire encode` as a person types them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from emscontrol.cli.wire import wire

DATA = Path(__file__).parent.parent.parent / "data"
FILES = {"p24": "sciencemode4.json", "rehastim2": "sciencemode2.json"}
VECTORS = [
    pytest.param(model, vector, id=f"{model}-{vector['name']}")
    for model, file in FILES.items()
    for vector in json.loads((DATA / file).read_text())[::6]
]


def run(*words: str) -> Result:
    return CliRunner().invoke(wire, words)


@pytest.mark.parametrize(("model", "vector"), VECTORS)
def test_decode_prints_one_json_line(model: str, vector: dict[str, Any]) -> None:
    result = run("decode", model, "--from", vector["direction"].split("->")[0], vector["hex"])
    assert (result.exit_code, result.stderr) == (0, "")
    [line] = result.stdout.splitlines()
    told = json.loads(line)
    assert list(told) == ["command", "params", "error"]
    if vector["canonical"]:
        assert (told["command"], told["error"]) == (vector["command"], None)
        assert told["params"]["packet_number"] == vector["params"]["packet_number"]


@pytest.mark.parametrize(("model", "vector"), VECTORS)
def test_encode_prints_hex_with_blanks(model: str, vector: dict[str, Any]) -> None:
    if vector["canonical"]:
        result = run("encode", model, vector["command"], json.dumps(vector["params"]))
        assert (result.exit_code, result.stdout, result.stderr) == (0, vector["hex"] + "\n", "")


def test_stream_of_several_frames_in_several_words_of_both_sides() -> None:
    result = run("decode", "rehastim2", "f0811d81570404", "0f", "f0:81:C6:81:57:12:22:0f f0 81 70 81 56 17 23 00 0f")
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [t["command"] for t in told] == ["Watchdog", "StopChannelListMode", "StopChannelListModeAck"]
    assert (result.exit_code, result.stderr) == (0, "")


def test_bytes_beside_the_frames_are_told_on_the_other_channel() -> None:
    result = run("decode", "rehastim2", "00 01 f0811d815704040f f0 81")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1
    assert result.stderr == "4 bytes belong to no whole frame.\n"


def test_decoded_parameters_can_be_encoded_again() -> None:
    sent = "f0 81 52 81 5f 0b 20 01 01 2c 14 02 00 fa 20 0f"
    told = json.loads(run("decode", "rehastim2", sent).stdout)
    assert run("encode", "rehastim2", told["command"], json.dumps(told["params"])).stdout == sent + "\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("decode", "p24", "zz"), "'z' is no hexadecimal digit"),
        (("decode", "p24", "f00"), "3 digits"),
        (("decode", "p24", "١٢"), "no hexadecimal digit"),
        (("decode", "p24", ""), "no whole p24 frame"),
        (("decode", "p24", "00 11 22"), "no whole p24 frame in these 3 bytes"),
        (("decode", "p24"), "HEX"),
        (("decode", "p25", "f0"), "p25"),
        (("decode", "p24", "--from", "moon", "f0"), "moon"),
        (("encode", "p24", "ml_stop", "{"), "JSON cannot be read"),
        (("encode", "p24", "ml_stop", "[]"), "object"),
        (("encode", "p24", "ml_stop", '{"packet_number": NaN}'), "NaN is no number"),
        (("encode", "p24", "ml_stop", '{"packet_number": 1, "packet_number": 2}'), "given twice"),
        (("encode", "p24", "ml_stop", '{"packet_number": ' + "9" * 5000 + "}"), "JSON cannot be read"),
        (("encode", "p24", "ml_stop", "[" * 50_000), "JSON is nested too deeply"),
        (("encode", "p24", "ml_stop", '{"packet_number": ' + "[" * 900 + "]" * 900 + "}"), "packet_number"),
        (("encode", "p24", "ml_stop", '{"packet_number": 64}'), "ml_stop: packet_number is 64; allowed: 0 to 63"),
        (("encode", "p24", "ml_start", "{}"), "command is 'ml_start'; allowed: "),
    ],
)
def test_bad_input_is_exit_2_and_one_message(words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert said in result.stderr
    assert result.stderr.count("Error:") == 1
    assert "Traceback" not in result.stderr
