"""Comfort levels and motor thresholds on the command line: what is missing, too much, or mixed up."""

from pathlib import Path

import pytest

from tests.cli.command import USAGE, Command
from tests.cli.files import COMFORT, FAST, QUICK, by_motor


@pytest.mark.parametrize("verb", [("run", *FAST), ("preview",)], ids=["run", "preview"])
def test_one_sentence_names_all_that_is_missing_and_too_much(emscontrol: Command, verb: tuple[str, ...]) -> None:
    said = emscontrol(
        verb[0], QUICK, *verb[1:], "--comfort", "1=20", "--comfort", "3=20", "--comfort", "11=5", "--motor", "7=5"
    )
    assert (said.code, said.out) == (USAGE, "")
    assert said.err.splitlines() == [
        "--comfort is missing for channel 2; --comfort is given for channels 3, 11, which the protocol does not use; "
        "--motor is given for channel 7, which the protocol does not use.",
        "This protocol needs --comfort 1=MA --comfort 2=MA.",
    ]


def test_run_says_which_motor_thresholds_are_needed(emscontrol: Command, tmp_path: Path) -> None:
    said = emscontrol("run", by_motor(tmp_path), *FAST, *COMFORT, "--motor", "2=10")
    assert (said.code, said.out) == (USAGE, "")
    assert "--motor is missing for channel 1, which" in said.err
    assert "--motor 1=MA --motor 2=MA" in said.err
    assert emscontrol("run", by_motor(tmp_path), *FAST, *COMFORT, "--motor", "1=10", "--motor", "2=10").code == 0


def test_preview_shows_the_motor_level_that_it_assumes(emscontrol: Command, tmp_path: Path) -> None:
    file = by_motor(tmp_path)
    said = emscontrol("preview", file)
    [line] = [line for line in said.out.splitlines() if line.startswith("Comfort levels")]
    assert line == (
        "Comfort levels (examples; give --comfort and --motor for the patient): "
        "channel 1 30 mA (motor threshold 18 mA), channel 2 30 mA (motor threshold 18 mA)"
    )
    facts = emscontrol("preview", file, "--json").facts
    assert (facts["comfort_ma"], facts["motor_ma"]) == ({"1": 30.0, "2": 30.0}, {"1": 18.0, "2": 18.0})
    given = emscontrol("preview", file, "--json", *COMFORT, "--motor", "1=9.5", "--motor", "2=10").facts
    assert given["motor_ma"] == {"1": 9.5, "2": 10.0}
    assert emscontrol("preview", QUICK, "--json", *COMFORT).facts["motor_ma"] == {}
    assert "motor" not in emscontrol("preview", QUICK).out


def test_a_motor_threshold_alone_is_not_passed_over(emscontrol: Command, tmp_path: Path) -> None:
    said = emscontrol("preview", by_motor(tmp_path), "--motor", "1=10")
    assert (said.code, "without --comfort" in said.err) == (USAGE, True)


def test_a_motor_threshold_above_the_comfort_level_is_a_warning(emscontrol: Command) -> None:
    given = (*COMFORT, "--motor", "1=20.1", "--motor", "2=20")
    for said in (emscontrol("run", QUICK, *FAST, *given), emscontrol("preview", QUICK, *given)):
        assert said.code == 0
        assert said.err.count("Warning") == 1
        assert "the motor threshold of channel 1, 20.1 mA, is above its comfort level, 20.0 mA" in said.err
        assert "Warning" not in said.out


@pytest.mark.parametrize("figure", ["4000", "-5", "30.123456", "22,5", "22.5mA"])
def test_a_figure_that_is_not_taken_is_answered_with_what_is(emscontrol: Command, figure: str) -> None:
    said = emscontrol("preview", QUICK, "--comfort", f"1={figure}")
    assert said.code == USAGE
    assert "from 0 to 999.999 with a point and at most three decimals, no sign, no unit" in " ".join(said.err.split())
    assert emscontrol("preview", QUICK, "--comfort", "1=20.125", "--comfort", "2=20").code == 0
