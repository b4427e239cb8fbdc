"""Walks both command tables: what must hold for every command and every field."""

import re
from itertools import pairwise

import pytest

from emscontrol.devices.codecs import codec
from emscontrol.devices.declare.command import Command, Table
from emscontrol.devices.declare.plain import Fixed
from emscontrol.devices.declare.quantity import Scale
from tests.unit.devices.wire_params import SCIENCEMODE

TABLES = {model: codec(model).TABLE for model in SCIENCEMODE}
COMMANDS = [pytest.param(m, c, id=f"{m}-{c.name}") for m, table in TABLES.items() for c in table.commands]
STYLE = {"p24": re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*"), "rehastim2": re.compile(r"([A-Z][a-z0-9]*)+")}
HIGHEST = {"p24": 0x3FF, "rehastim2": 0xFF}  # 10 and 8 bits
# Command numbers as the sheets list them; independent of the tables.
NUMBERS = {
    "p24": {*range(6), *range(30, 38), *range(50, 70)},
    "rehastim2": {
        *range(1, 5),
        *range(10, 14),
        *range(30, 39),
        *range(50, 59),
        60,
        *range(70, 78),
        *range(80, 88),
        89,
        90,
    },
}


@pytest.mark.parametrize("model", TABLES)
def test_every_number_of_the_sheet_is_there_once(model: str) -> None:
    numbers = [command.number for command in TABLES[model].commands]
    assert len(numbers) == len(set(numbers))
    assert set(numbers) == NUMBERS[model]


@pytest.mark.parametrize(("model", "command"), COMMANDS)
def test_command_is_named_numbered_and_explained(model: str, command: Command) -> None:
    assert STYLE[model].fullmatch(command.name)
    assert 0 <= command.number <= HIGHEST[model]
    assert command.sender in ("host", "device")
    assert len(command.meaning.split()) >= 2


@pytest.mark.parametrize(("model", "command"), COMMANDS)
def test_answer_is_the_next_number_from_the_device(model: str, command: Command) -> None:
    if command.answer:
        answer = TABLES[model].by_name[command.answer]
        assert command.sender == "host"
        assert (answer.number, answer.sender) == (command.number + 1, "device")


@pytest.mark.parametrize("model", TABLES)
def test_only_what_the_sheet_leaves_unanswered_has_no_answer(model: str) -> None:
    silent = {c.name for c in TABLES[model].commands if c.sender == "host" and not c.answer}
    assert silent == {"p24": set(), "rehastim2": {"InitAck", "Watchdog"}}[model]


@pytest.mark.parametrize(("model", "command"), COMMANDS)
def test_every_value_has_a_legal_name_a_sentence_and_its_limits(model: str, command: Command) -> None:
    for value in command.explain():
        assert re.fullmatch(r"([a-z][a-z0-9_]*)(\[\]\.[a-z][a-z0-9_]*)*", value.name)
        assert value.meaning.strip()
        assert value.allowed.strip()


@pytest.mark.parametrize(("model", "command"), COMMANDS)
def test_value_with_a_unit_in_its_name_says_the_unit(model: str, command: Command) -> None:
    units = {"_us": "µs", "_ms": "ms", "_ma": "mA", "_mv": "mV", "_percent": "%", "_rpm": "rpm", "_dnm": "dNm", "_deg": "°"}
    for value in command.explain():
        for ending, unit in units.items():
            if value.name.endswith(ending) and value.allowed != "true or false":
                assert unit in value.allowed


@pytest.mark.parametrize(("model", "command"), COMMANDS)
def test_layouts_of_one_command_are_told_apart_by_their_keys_or_a_fixed_byte(model: str, command: Command) -> None:
    for one, other in pairwise(command.layouts):
        fixed = {f.value for layout in (one, other) for f in layout.fields if isinstance(f, Fixed)}
        assert one.keys != other.keys or len(fixed) > 1


def test_table_refuses_a_name_or_number_given_twice() -> None:
    one = Command("one", 1, "host", "first of two")
    for twin in (
        Command("one", 2, "host", "same name"),
        Command("two", 1, "host", "same number"),
        Command("two", 1, "device", "too"),
    ):
        with pytest.raises(ValueError, match="share"):
            Table(Scale(0, 1), one, twin)
