"""`emscontrol wire` and `emssim wire` have codecs of their own and one way of telling what they found."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from emscontrol.cli.wire import wire
from firmware_sim.__main__ import cli as emssim

DATA = Path(__file__).parents[1] / "data"
SOUND = {
    "p24": "f0 81 55 81 59 81 14 81 18 0c 22 0f",
    "rehastim2": "f0 81 1d 81 57 04 04 0f",
    "reference": "03 0c 07 01 01 01 01 05 b2 85 c9 47 00",
}
DAMAGED = {
    "checksum": {
        "p24": "f0 81 55 81 59 81 14 81 18 0c 23 0f",
        "rehastim2": "f0 81 1e 81 57 04 04 0f",
        "reference": "03 0c 07 01 01 01 01 05 b2 85 c9 46 00",
    },
    "too short": {"p24": "f0 81 55 0f", "rehastim2": "f0 81 1d 0f", "reference": "03 01 01 00"},
    "nothing in it": {"p24": "f0 0f", "rehastim2": "f0 0f", "reference": "01 00"},
}


def both(*words: str) -> tuple[Result, Result]:
    return CliRunner().invoke(wire, words), CliRunner().invoke(emssim, ["wire", *words])


@pytest.mark.parametrize("model", SOUND)
@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_frame_is_told_alike(model: str, damage: str) -> None:
    told = both("decode", model, "--from", "host", DAMAGED[damage][model], SOUND[model])
    shapes: list[Any] = []
    for result in told:
        assert (result.exit_code, result.stderr) == (0, "")
        bad, good = (json.loads(line) for line in result.stdout.splitlines())
        assert list(bad) == list(good) == ["command", "params", "error"]
        assert isinstance(bad["error"], str)
        assert bad["command"] != ""
        shapes.append((type(bad["params"]), good))
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("model", SOUND)
@pytest.mark.parametrize(("tail", "code"), [("f0 81", 0), ("f0", 0)])
def test_bytes_of_no_whole_frame_are_talk_and_no_fact(model: str, tail: str, code: int) -> None:
    for result in both("decode", model, "--from", "host", SOUND[model], tail):
        assert result.exit_code == code
        assert len(result.stdout.splitlines()) == 1
        assert "belong to no whole frame" in result.stderr
    for result in both("decode", model, tail):
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"no whole {model} frame" in result.stderr


@pytest.mark.parametrize("model", SOUND)
def test_json_without_bottom_is_refused_in_a_plain_sentence(model: str) -> None:
    command = {"p24": "ml_stop", "rehastim2": "Watchdog", "reference": "STOP"}[model]
    for depth in (50_000, 980):
        for result in both("encode", model, command, '{"packet_number": ' + "[" * depth + "]" * depth + "}"):
            assert result.exit_code == 2
            assert "recursion" not in result.stderr
            assert len(result.stderr) < 1_000
