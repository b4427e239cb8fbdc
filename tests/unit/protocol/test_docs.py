"""The page about protocol files is true: examples load, errors are those that come, every key and range is named."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from emscontrol.protocol.bounds import BOUNDS, DEPTH_MAX, DIGITS_MAX, LINE_MAX, LINES_MAX, NODES_MAX, SIZE_MAX_BYTES
from emscontrol.protocol.load import load_file, load_text
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import (
    Burst,
    Channel,
    Citation,
    Contract,
    Electrode,
    Evidence,
    Group,
    Intensity,
    LmnStatus,
    PhaseSpec,
    Reference,
    Side,
    Use,
)
from emscontrol.protocol.scalars import AmbiguousScalar, read_plain
from tests.unit.protocol.samples import problems

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "protocol-files.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
ROWS = {match[1]: match[0] for match in re.finditer(r"^\| `(\w+)` \|.*$", PAGE, re.MULTILINE)}


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_loads(example: str) -> None:
    assert load_text(example).protocol.phases


def test_the_errors_shown_are_those_that_come() -> None:
    shown = re.findall(r"^thigh\.yaml:\d+:\d+: (.*)$", PAGE, re.MULTILINE)
    said = problems(EXAMPLES[0].replace("rate_hz: 35", "rate_hz: 350", 1).replace("on_s: 5\n", "on_ms: 5\n", 1))
    for line in shown:
        assert any(line in got for got in said), said
    assert len(shown) == 2


@pytest.mark.parametrize("part", [Protocol, Citation, Channel, Electrode, PhaseSpec, Group, Burst, Intensity])
def test_every_key_is_named(part: type[BaseModel]) -> None:
    for key in part.model_fields:
        assert f"`{key}`" in PAGE, key


@pytest.mark.parametrize("choices", [Contract, Evidence, LmnStatus, Reference, Side, Use])
def test_every_choice_is_named(choices: type) -> None:
    for choice in choices:
        assert f"`{choice.value}`" in PAGE


RANGES = {
    "electrode_side_cm": "electrode",
    "electrode_diameter_cm": "electrode",
    "channel": "channels",
    "burst_pulses": "burst",
    "burst_interval_ms": "burst",
    "short_pulse_width_us": "pulse_width_us",
    "fraction_of_comfort": "intensity",
    "fraction_of_motor": "intensity",
}


@pytest.mark.parametrize(
    "name", [n for n in BOUNDS if n not in ("format", "fraction", "pulses_per_s", "session_s", "recovery_ratio")]
)
def test_every_range_is_the_one_in_force(name: str) -> None:
    bound = BOUNDS[name]
    row = ROWS[RANGES.get(name, name)] if name != "channel" else PAGE
    assert re.search(rf"\b{re.escape(str(bound.low))} to {re.escape(str(bound.high))}\b", row), row
    assert bound.unit in row


def test_limits_of_a_file_are_the_ones_in_force() -> None:
    words = " ".join(PAGE.split())
    for figure in (
        f"{SIZE_MAX_BYTES // 1024} KiB", f"{LINES_MAX} lines of {LINE_MAX} characters", f"{NODES_MAX} keys and values",
        f"{DEPTH_MAX} levels", f"at most {DIGITS_MAX} characters", f"at most {BOUNDS['pulses_per_s'].high} pulses/s",
        f"({BOUNDS['session_s'].high} s)",
    ):  # fmt: skip
        assert figure in words, figure


def test_spellings_that_are_said_to_be_refused_are_refused() -> None:
    section = PAGE.partition("read differently is refused and named: ")[2].partition("a date")[0]
    spellings = re.findall(r"`([^`]+)`", section)
    assert len(spellings) > 12
    for spelling in spellings:
        with pytest.raises(AmbiguousScalar):
            read_plain(spelling)


def test_the_program_example_means_what_it_says() -> None:
    loaded = load_file(ROOT / "protocols" / "acl-quadriceps.yaml")
    assert loaded.protocol.phases[0].groups[0].on_us == 6_000_000
