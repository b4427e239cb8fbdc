"""The simulator against the page it is written from: its tables, and every sentence with "shall"."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from firmware_sim.reference.commands import BY_NAME, COMMANDS, EVENT, EVENT_CODE, STATUS_BLOCK
from firmware_sim.reference.layout import Kind, Layout
from firmware_sim.reference.tables import Bit, Result, Shape, State

PAGE = (Path(__file__).parents[3] / "docs" / "reference-protocol.md").read_text(encoding="utf-8")
KINDS = {"u8": Kind.U8, "i8": Kind.I8, "u16": Kind.U16, "u32": Kind.U32, "text": Kind.TEXT}
STATES = {"any": set(State), "–": set(), **{f"`{state.name}`": {state} for state in State}}


def cells(section: str, width: int) -> list[list[str]]:
    """The rows, without the head, of the first table of a piece of the page."""
    found: list[list[str]] = []
    for line in section.splitlines():
        if line.startswith("|"):
            found.append([cell.strip() for cell in line.strip("|").split("|")])
        elif found:
            break
    assert all(len(row) == width for row in found)
    return found[2:]


def section(title: str) -> str:
    """A chapter of the page."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_command_has_the_code_the_states_and_the_epoch_of_the_page() -> None:
    rows = cells(section("Commands"), 6)
    assert {row[1].strip("`") for row in rows} == BY_NAME.keys() | {EVENT}
    for code, name, states, epoch, renews, _ in rows:
        if name == f"`{EVENT}`":
            assert int(code, 16) == EVENT_CODE
            continue
        command = BY_NAME[name.strip("`")]
        assert command.code == int(code, 16)
        assert command.states == set().union(*(STATES[state] for state in states.split(", ")))
        assert command.with_epoch == (epoch == "that of `ARM`") == (renews == "yes")


def payload_tables() -> dict[str, list[list[str]]]:
    """`HELLO, request` and so on: the rows of its table; none where it is empty."""
    tables = {}
    pieces = re.split(r"\n`([A-Z_]+)`(?: \(0x..\))?, (request|answer|from the device):?", section("Payloads"))
    for name, kind, text in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        tables[f"{name}, {kind}"] = cells(text, 4)
    return tables


@pytest.mark.parametrize("title", payload_tables())
def test_every_payload_has_the_fields_of_the_page(title: str) -> None:
    name, _, kind = title.partition(", ")
    layout = STATUS_BLOCK if name == EVENT else BY_NAME[name].request if kind == "request" else BY_NAME[name].answer
    rows = payload_tables()[title]
    fixed = [row for row in rows if "×" not in row[0] and row[0] != "`count`"]
    assert [tuple(field_of(row)) for row in fixed] == [shown(layout, field.name) for field in layout.fields]
    each = [row for row in rows if "×" in row[0]]
    assert [tuple(field_of(row)) for row in each] == [shown(layout, field.name, each=True) for field in layout.each]
    counts = [row for row in rows if row[0] == "`count`"]
    assert len(counts) == bool(layout.each)
    if counts:
        assert counts[0][1] == "u8"
        assert layout.count == tuple(int(limit) for limit in counts[0][2].split("–"))


def field_of(row: list[str]) -> tuple[str, Kind, int, int]:
    """Name, type and range of a row."""
    kind = KINDS[row[1]]
    low, high = (int(limit) for limit in row[2].split("–")) if row[2] else kind.bounds
    return row[0].split(" ")[-1].strip("`"), kind, low, high


def shown(layout: Layout, name: str, each: bool = False) -> tuple[str, Kind, int, int]:
    """The same of a field of the simulator."""
    field = next(field for field in (layout.each if each else layout.fields) if field.name == name)
    return field.name, field.kind, *field.bounds


def test_there_is_a_table_for_every_payload() -> None:
    expected = {f"{command.name}, request" for command in COMMANDS} | {f"{command.name}, answer" for command in COMMANDS}
    assert payload_tables().keys() == expected | {f"{EVENT}, from the device"}


def test_the_numbers_of_states_results_shapes_and_faults_are_those_of_the_page() -> None:
    assert {row[0].strip("`"): int(row[1]) for row in cells(section("States"), 3)} == {s.name: s.value for s in State}
    assert {row[1].strip("`"): int(row[0]) for row in cells(section("Results"), 3)} == {r.name: r.value for r in Result}
    assert {row[0].strip("`"): int(row[1]) for row in cells(section("Pulses"), 4)} == {s.name: s.value for s in Shape}
    bits = {row[1].strip("`"): 1 << int(row[0]) for row in cells(section("Faults"), 3)}
    assert bits == {str(bit.name): bit.value for bit in Bit}


OF_THE_HOST = "a requirement of the host, of the hardware, or of later versions"
SHALL = {
    "*shall* is a requirement": OF_THE_HOST,
    "A host shall have one command outstanding": OF_THE_HOST,
    "A device that has a newer version shall keep": OF_THE_HOST,
    "the patient's stop button shall open the output circuit in hardware": OF_THE_HOST,
    "shall not reset the output stage; a device that restarts shall come up in `IDLE`": (
        "test_lease.test_a_device_that_restarts_is_idle_with_all_output_off"
    ),
    "its length shall be exactly that": "test_commands.test_a_payload_of_another_length_is_refused",
    "It shall drop without an answer, and count": "test_framing.test_what_is_no_frame_is_dropped_and_counted",
    "the receiver shall drop it then": "test_framing.test_half_a_frame_is_not_completed_after_100_ms",
    "the device shall go to `IDLE` at once and answer `MISBELIEF`": "test_lease.test_a_wrong_belief_ends_the_output",
    "The device shall refuse, before anything of it takes effect": "test_limits.test_what_exceeds_the_limits_is_refused",
    "all pulses of a burst shall end before the period does": "test_limits.test_pulses_end_before_the_next_begins",
    "A pulse that has begun shall be finished, both phases unchanged": (
        "test_last_pulse.test_a_set_lets_the_pulse_that_has_begun_finish"
    ),
    "the device shall take back the charge that it has left": (
        "test_last_pulse.test_a_pulse_that_a_stop_cuts_off_is_discharged"
    ),
    "they shall be a multiple of `recovery_ratio`": "test_limits.test_asymmetric_amplitudes_are_multiples_of_the_ratio",
    "`end` shall be above zero": "test_commands.test_fields_that_do_not_go_together_are_bad_values",
}


def test_every_sentence_with_shall_has_its_test() -> None:
    text = " ".join(PAGE.split())
    assert text.count("shall") == sum(sentence.count("shall") for sentence in SHALL)
    for sentence, place in SHALL.items():
        assert text.count(sentence) == 1, sentence
        if place != OF_THE_HOST:
            module, _, name = place.partition(".")
            assert callable(getattr(import_module(f"tests.unit.firmware_sim_reference.{module}"), name))
