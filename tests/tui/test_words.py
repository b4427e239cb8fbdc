"""A protocol in plain words."""

from pathlib import Path

import pytest

from emscontrol.protocol.library import library_folder, library_ids
from emscontrol.protocol.load import load_file
from emscontrol.tui.words import describe, needs_motor

QUICK = Path(__file__).parent / "quick.yaml"


def test_every_figure_of_a_phase_is_said_with_its_unit() -> None:
    text = "\n".join(describe(load_file(QUICK).protocol, {1: 20_000, 2: 10_000}))
    for words in (
        "work: 20 contractions",
        "1 rectus femoris, 2 vastus medialis",
        "6 s on (rising 0.5 s, falling 0.5 s), 20 s off",
        "50 Hz, 300 µs symmetric",
        "80 % of the comfort level: channel 1 16.0 mA, channel 2 8.0 mA",
        "Channel 2: never above 40.0 mA, says the protocol.",
    ):
        assert words in text


@pytest.mark.parametrize("name", library_ids())
def test_every_protocol_of_the_library_can_be_told(name: str) -> None:
    protocol = load_file(library_folder() / f"{name}.yaml").protocol
    text = "\n".join(describe(protocol, {}))
    for phase in protocol.phases:
        assert phase.name in text
    for channel in protocol.channels.values():
        assert channel.label in text


def test_the_motor_threshold_is_asked_for_where_the_protocol_needs_it() -> None:
    assert needs_motor(load_file(QUICK).protocol) == frozenset()
    calf = load_file(library_folder() / "calf-pump.yaml").protocol
    assert needs_motor(calf)
