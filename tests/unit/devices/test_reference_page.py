"""The published page of the reference protocol is the command table of its driver."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from emscontrol.cli.wire import wire
from emscontrol.devices.exchange import REPEATS
from emscontrol.devices.reference.commands import COMMANDS, RESULT_MEANINGS, FaultBit, Result, Status
from emscontrol.devices.reference.driver import CONNECT_WAIT_US, MANNERS
from emscontrol.devices.reference.page import filled, tables

PAGE = (Path(__file__).parents[3] / "docs" / "reference-protocol.md").read_text(encoding="utf-8")


def test_the_tables_of_the_page_are_those_of_the_command_table() -> None:
    assert filled(PAGE) == PAGE


def test_a_page_that_lacks_a_table_is_not_taken_for_a_whole_one() -> None:
    with pytest.raises(ValueError, match="no part results"):
        filled(PAGE.replace("<!-- generated: results -->", ""))


def test_the_tables_are_printed_for_whoever_keeps_the_page() -> None:
    printed = CliRunner().invoke(wire, ["tables", "reference"])
    assert printed.exit_code == 0
    assert printed.output == "\n\n".join(tables().values()) + "\n"


def test_every_result_has_its_words() -> None:
    assert set(RESULT_MEANINGS) == set(Result)


def test_codes_and_names_are_given_once() -> None:
    assert len({command.code for command in COMMANDS}) == len({command.name for command in COMMANDS}) == len(COMMANDS)


def test_the_times_of_a_repeat_are_those_of_the_driver() -> None:
    waits = f"waits {MANNERS.wait_us // 1_000} ms for an answer ({CONNECT_WAIT_US // 1_000} ms for that of `HELLO`), repeats"
    assert f"{waits} {['', 'once', 'twice'][REPEATS]}," in PAGE


@pytest.mark.parametrize("state", Status)
def test_the_states_have_the_numbers_of_the_page(state: Status) -> None:
    assert f"| `{state.name}` | {state.value} |" in PAGE


@pytest.mark.parametrize("bit", FaultBit)
def test_the_fault_bits_have_the_places_of_the_page(bit: FaultBit) -> None:
    assert f"| {bit.value.bit_length() - 1} | `{bit.name}` |" in PAGE
