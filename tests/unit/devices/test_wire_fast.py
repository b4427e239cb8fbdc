"""The compiled encoders make the same bytes, and the same refusals, as the plain ones."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.devices.sciencemode2 import wire as wire2
from emscontrol.devices.sciencemode4 import wire as wire4

DATA = Path(__file__).parent.parent.parent / "data"
UPDATES = [
    v
    for v in json.loads((DATA / "sciencemode4.json").read_text())
    if v["command"] == "ml_update" and "softstart" not in v["params"]  # ScienceMode 3 is left to the plain encoder
]
STARTS = [
    v for v in json.loads((DATA / "sciencemode2.json").read_text()) if v["command"] == "StartChannelListMode" and v["canonical"]
]


def name(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def trains_of(params: dict[str, Any]) -> list[wire4.MlTrain]:
    return [
        (c["channel"], round(c["period_ms"] * 1000), c["ramp"], [(us, round(ma * 1000)) for us, ma in c["points"]])
        for c in params["channels"]
    ]


@pytest.mark.parametrize("vector", UPDATES, ids=name)
def test_update_makes_the_vectors(vector: dict[str, Any]) -> None:
    params = vector["params"]
    assert wire4.encode_ml_update(params["packet_number"], trains_of(params)).hex(" ") == vector["hex"]


@pytest.mark.parametrize("vector", STARTS, ids=name)
def test_start_makes_the_vectors(vector: dict[str, Any]) -> None:
    params = vector["params"]
    pulses = [(c["mode"], c["pulse_width_us"], c["current_ma"] * 1000) for c in params["channels"]]
    assert wire2.encode_start(params["packet_number"], pulses).hex(" ") == vector["hex"]


points = st.lists(st.tuples(st.integers(0, 4095), st.integers(-260, 260).map(lambda half: half * 500)), min_size=1, max_size=16)
periods = st.integers(1, 32766).map(lambda half: half * 500) | st.integers(1, 32767).map(lambda quarter: quarter * 250)
trains = st.lists(st.tuples(st.integers(0, 7), periods, st.integers(0, 15), points), max_size=8, unique_by=lambda t: t[0]).map(
    sorted
)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 63), trains)
def test_update_is_the_plain_encoding(packet_number: int, drawn: list[wire4.MlTrain]) -> None:
    [frame] = wire4.Decoder("host").feed(wire4.encode_ml_update(packet_number, drawn))
    assert frame.error is None
    assert frame.params["packet_number"] == packet_number
    assert trains_of(frame.params) == drawn
    assert frame.raw == wire4.encode("ml_update", frame.params)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 255),
    st.lists(
        st.tuples(st.sampled_from(["single", "doublet", "triplet"]), st.integers(0, 500), st.integers(0, 130)),
        min_size=1,
        max_size=8,
    ),
)
def test_start_is_the_plain_encoding(packet_number: int, drawn: list[tuple[str, int, int]]) -> None:
    fast = wire2.encode_start(packet_number, [(mode, width_us, ma * 1000) for mode, width_us, ma in drawn])
    channels = [{"mode": mode, "pulse_width_us": width_us, "current_ma": ma} for mode, width_us, ma in drawn]
    assert fast == wire2.encode("StartChannelListMode", {"packet_number": packet_number, "channels": channels})


GOOD = (0, 20_000, 0, [(200, 10_000), (100, 0), (200, -10_000)])


@pytest.mark.parametrize(
    ("packet_number", "trains", "field"),
    [
        (64, [GOOD], "packet_number"),
        (-1, [GOOD], "packet_number"),
        (0, [(8, *GOOD[1:])], "channels[0].channel"),
        (0, [(-1, *GOOD[1:])], "channels[0].channel"),
        (0, [GOOD, GOOD], "channels[1].channel"),
        (0, [(3, *GOOD[1:]), GOOD], "channels[1].channel"),
        (0, [(0, 0, 0, GOOD[3])], "channels[0].period_ms"),
        (0, [(0, 16_383_500, 0, GOOD[3])], "channels[0].period_ms"),
        (0, [(0, 8_192_250, 0, GOOD[3])], "channels[0].period_ms"),  # a quarter, and too long for quarters
        (0, [(0, 20_100, 0, GOOD[3])], "channels[0].period_ms"),
        (0, [(0, 20_000, 16, GOOD[3])], "channels[0].ramp"),
        (0, [(0, 20_000, 0, [])], "channels[0].points"),
        (0, [(0, 20_000, 0, [(200, 0)] * 17)], "channels[0].points"),
        (0, [(0, 20_000, 0, [(4096, 0)])], "channels[0].points[0].duration_us"),
        (0, [(0, 20_000, 0, [(200, 130_500)])], "channels[0].points[0].current_ma"),
        (0, [(0, 20_000, 0, [(200, 0), (200, -130_500)])], "channels[0].points[1].current_ma"),
        (0, [(0, 20_000, 0, [(200, 20_300)])], "channels[0].points[0].current_ma"),
        (0, [(0, 20_000, 0, [(200, -1)])], "channels[0].points[0].current_ma"),
    ],
)
def test_update_refuses_with_the_plain_sentence(packet_number: int, trains: list[wire4.MlTrain], field: str) -> None:
    with pytest.raises(wire4.BadParameter) as refusal:
        wire4.encode_ml_update(packet_number, trains)
    assert (refusal.value.command, refusal.value.field) == ("ml_update", field)


@pytest.mark.parametrize(
    ("packet_number", "pulses", "field"),
    [
        (256, [("single", 200, 10_000)], "packet_number"),
        (0, [], "channels"),
        (0, [("single", 200, 0)] * 9, "channels"),
        (0, [("quadruplet", 200, 0)], "channels[0].mode"),
        (0, [("single", 501, 0)], "channels[0].pulse_width_us"),
        (0, [("single", 200, 0), ("single", 200, 131_000)], "channels[1].current_ma"),
        (0, [("single", 200, 10_500)], "channels[0].current_ma"),
        (0, [("single", 200, -1_000)], "channels[0].current_ma"),
    ],
)
def test_start_refuses_with_the_plain_sentence(packet_number: int, pulses: list[wire2.Pulse], field: str) -> None:
    with pytest.raises(wire2.BadParameter) as refusal:
        wire2.encode_start(packet_number, pulses)
    assert (refusal.value.command, refusal.value.field) == ("StartChannelListMode", field)
