"""The encoder refuses, with a sentence, whatever it could only send by changing it."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.errors import UsageError
from emscontrol.devices.codecs import codec
from emscontrol.devices.declare.refusal import BadParameter
from emscontrol.devices.sciencemode2 import wire as wire2
from emscontrol.devices.sciencemode4 import wire as wire4
from tests.unit.devices.wire_params import SCIENCEMODE

DATA = Path(__file__).parent.parent.parent / "data"
FILES = {"p24": "sciencemode4.json", "rehastim2": "sciencemode2.json"}
LEGAL = {m: [v for v in json.loads((DATA / f).read_text()) if v["canonical"]] for m, f in FILES.items()}

TRAIN = {"channel": 0, "period_ms": 20, "ramp": 0, "points": [[200, 20], [100, 0], [200, -20]]}


def update(**changes: Any) -> dict[str, Any]:
    return {"packet_number": 1, "channels": [TRAIN | changes]}


def start(**changes: Any) -> dict[str, Any]:
    return {
        "packet_number": 1,
        "channels": [{"channel": 1, "mode": "single", "pulse_width_us": 200, "current_ma": 20} | changes],
    }


TIMING = next(v["params"] for v in LEGAL["rehastim2"] if v["command"] == "InitChannelListMode")
CURRENT_DATA = next(v["params"] for v in LEGAL["p24"] if v["name"] == "ml_get_ack_sel2")

P24_REFUSED = [
    # the trap of the vendor library: 20.3 mA became +20.0 and −20.5
    ("ml_update", update(points=[[200, 20.3], [200, -20.3]]), "channels[0].points[0].current_ma", "20.3", "0.5 mA"),
    (
        "ml_update",
        update(points=[[200, 20.000000000000004]]),
        "channels[0].points[0].current_ma",
        "20.000000000000004",
        "0.5 mA",
    ),
    ("ml_update", update(points=[[200, 130.5]]), "channels[0].points[0].current_ma", "130.5", "130"),
    ("ml_update", update(points=[[200, float("nan")]]), "channels[0].points[0].current_ma", "nan", "130"),
    ("ml_update", update(points=[[200, float("inf")]]), "channels[0].points[0].current_ma", "inf", "130"),
    ("ml_update", update(points=[[200, "20"]]), "channels[0].points[0].current_ma", "'20'", "130"),
    ("ml_update", update(points=[[200, True]]), "channels[0].points[0].current_ma", "True", "130"),
    ("ml_update", update(points=[[200, 10**6000]]), "channels[0].points[0].current_ma", "256 bits", "130"),
    ("ml_update", update(points=[[4096, 0]]), "channels[0].points[0].duration_us", "4096", "4095"),
    ("ml_update", update(points=[[0.5, 0]]), "channels[0].points[0].duration_us", "0.5", "whole"),
    ("ml_update", update(points=[[200]]), "channels[0].points[0]", "1 entries", "2"),
    ("ml_update", update(points=[[200, 0]] * 17), "channels[0].points", "17 entries", "16"),
    ("ml_update", update(points=[]), "channels[0].points", "0 entries", "1 to 16"),
    ("ml_update", update(points="ab"), "channels[0].points", "'ab'", "list"),
    # 20,000 ms must not wrap to 3,616 ms, nor 12.25 ms become 12
    ("ml_update", update(period_ms=20_000), "channels[0].period_ms", "20000", "16383"),
    ("ml_update", update(period_ms=16_383.5), "channels[0].period_ms", "16383.5", "16383"),
    ("ml_update", update(period_ms=0), "channels[0].period_ms", "0", "0.5"),
    ("ml_update", update(period_ms=12.25), "channels[0].period_ms", "12.25", "0.5"),
    ("ml_update", update(period_ms=12.1, quarter_ms=True), "channels[0].period_ms", "12.1", "0.25"),
    ("ml_update", update(period_ms=8192, quarter_ms=True), "channels[0].period_ms", "8192", "8191.75"),
    ("ml_update", update(quarter_ms=1), "channels[0].quarter_ms", "1", "true or false"),
    ("ml_update", update(ramp=16), "channels[0].ramp", "16", "15"),
    ("ml_update", update(channel=8), "channels[0].channel", "8", "7"),
    ("ml_update", update(channle=1), "channels[0].'channle'", "not a parameter", "channel, "),
    ("ml_update", {"packet_number": 1, "channels": [TRAIN, TRAIN]}, "channels[1].channel", "0", "ascending"),
    (
        "ml_update",
        {"packet_number": 1, "channels": [{k: TRAIN[k] for k in TRAIN if k != "ramp"}]},
        "channels[0].ramp",
        "missing",
        "15",
    ),
    ("ml_update", {"packet_number": 1, "channels": [7]}, "channels[0]", "7", "object"),
    ("ml_update", {"packet_number": 1, "channels": {}}, "channels", "{}", "list"),
    # soft start exists with four channels only; on a P24 its bit would be channel 5
    ("ml_update", update(channel=4) | {"softstart": True}, "channels[0].channel", "4", "3"),
    ("ml_stop", {}, "packet_number", "missing", "63"),
    ("ml_stop", {"packet_number": 64}, "packet_number", "64", "63"),
    ("ml_stop", {"packet_number": True}, "packet_number", "True", "63"),
    ("ml_stop", {"packet_number": 1, "now": True}, "'now'", "not a parameter", "packet_number"),
    ("ml_stop", [1], "parameters", "list", "object"),
    ("ml_init", {"packet_number": 1, "stop_all_on_error": 0}, "stop_all_on_error", "0", "true or false"),
    ("ll_init", {"packet_number": 1, "high_voltage": 7}, "high_voltage", "7", "6"),
    ("ll_init", {"packet_number": 1, "high_voltage": 0, "measurement": 4}, "measurement", "4", "3"),
    ("ll_channel_config", {"packet_number": 1, "execute": True, "channel": 4, "points": [[200, 1]]}, "channel", "4", "3"),
    ("ll_channel_config", {"packet_number": 1, "execute": True, "channel": 1, "points": []}, "points", "0 entries", "1 to 16"),
    ("ml_get_current_data", {"packet_number": 1, "selection": 5}, "selection", "5", "4"),
    ("ml_get_current_data_ack", CURRENT_DATA | {"selection": 9}, "selection", "9", ""),
    (
        "ml_get_current_data_ack",
        CURRENT_DATA | {"electrode_error": [False] * 7 + [True]},
        "electrode_error",
        "not transmitted",
        "first 4",
    ),
    ("get_device_id_ack", {"packet_number": 1, "result": 0, "device_id": "short"}, "device_id", "'short'", "10"),
    ("get_device_id_ack", {"packet_number": 1, "result": 0, "device_id": "Ω" * 10}, "device_id", "Ω", "10"),
    ("set_power", {"packet_number": 1, "modules": "xyz"}, "modules", "'xyz'", "16 hex"),
    ("ml_updat", {"packet_number": 1}, "command", "'ml_updat'", "ml_update"),
]
REHASTIM2_REFUSED = [
    ("StartChannelListMode", start(current_ma=10.5), "channels[0].current_ma", "10.5", "whole"),
    ("StartChannelListMode", start(current_ma=131), "channels[0].current_ma", "131", "130"),
    ("StartChannelListMode", start(pulse_width_us=501), "channels[0].pulse_width_us", "501", "500"),
    ("StartChannelListMode", start(mode="twice"), "channels[0].mode", "twice", "doublet"),
    ("StartChannelListMode", start(mode=0), "channels[0].mode", "0", "single"),
    ("StartChannelListMode", start(channel=0), "channels[0].channel", "0", "1 to 8"),
    (
        "StartChannelListMode",
        {"packet_number": 1, "channels": start()["channels"] * 2},
        "channels[1].channel",
        "1",
        "ascending",
    ),
    ("StartChannelListMode", {"packet_number": 1, "channels": []}, "channels", "0 entries", "1 to 8"),
    ("InitChannelListMode", TIMING | {"main_interval_ms": 20.25}, "main_interval_ms", "20.25", "0.5 ms"),
    ("InitChannelListMode", TIMING | {"main_interval_ms": 1025.5}, "main_interval_ms", "1025.5", "1025"),
    # 1 ms would be count 0, which a device takes for one-shot
    ("InitChannelListMode", TIMING | {"main_interval_ms": 1}, "main_interval_ms", "1", "null"),
    ("InitChannelListMode", TIMING | {"inter_pulse_interval_ms": None}, "inter_pulse_interval_ms", "None", "129"),
    ("InitChannelListMode", TIMING | {"inter_pulse_interval_ms": 129.5}, "inter_pulse_interval_ms", "129.5", "129"),
    ("InitChannelListMode", TIMING | {"active_channels": [1, 1]}, "active_channels", "twice", "different"),
    ("InitChannelListMode", TIMING | {"active_channels": [0]}, "active_channels", "0", "1 to 8"),
    ("InitChannelListMode", TIMING | {"low_frequency_factor": 8}, "low_frequency_factor", "8", "7"),
    ("SinglePulse", {"packet_number": 1, "channel": 0, "pulse_width_us": 200, "current_ma": 1}, "channel", "0", "1 to 8"),
    ("GetStimulationModeAck", {"packet_number": 1, "result": -8, "mode": 0}, "mode", "although result is -8", "nothing"),
    ("GetStimulationModeAck", {"packet_number": 1, "result": 0}, "mode", "missing", "2"),
    ("InitAck", {"packet_number": 256, "result": 0}, "packet_number", "256", "255"),
]


@pytest.mark.parametrize(
    ("wire", "command", "params", "field", "problem", "allowed"),
    [pytest.param(wire4, *row, id=f"p24-{row[0]}-{row[2]}-{row[3]}") for row in P24_REFUSED]
    + [pytest.param(wire2, *row, id=f"rehastim2-{row[0]}-{row[2]}-{row[3]}") for row in REHASTIM2_REFUSED],
)
def test_refusal_names_command_field_value_and_what_is_allowed(
    wire: Any, command: str, params: Any, field: str, problem: str, allowed: str
) -> None:
    with pytest.raises(BadParameter) as refusal:
        wire.encode(command, params)
    bad: BadParameter = refusal.value
    assert issubclass(BadParameter, ValueError)
    assert issubclass(BadParameter, UsageError)
    assert bad.field == field
    assert problem in bad.problem
    assert allowed in bad.allowed
    assert command in str(bad)
    assert field in str(bad)


def places(params: Any) -> Iterator[tuple[Any, Any]]:
    """Every container and key of nested parameters."""
    for key in params if isinstance(params, dict) else range(len(params)):
        yield params, key
        if isinstance(params[key], dict | list):
            yield from places(params[key])


strange = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.binary(max_size=2)
    | st.lists(st.none(), max_size=2)
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(SCIENCEMODE)), st.data())
def test_strange_value_is_sent_as_it_is_or_refused(model: str, data: st.DataObject) -> None:
    """One value of a vector replaced by anything: either the frame says exactly that, or BadParameter, and nothing else."""
    wire = codec(model)
    vector = data.draw(st.sampled_from(LEGAL[model]))
    params = copy.deepcopy(vector["params"])
    container, key = data.draw(st.sampled_from(list(places(params))))
    container[key] = data.draw(strange)
    try:
        raw = wire.encode(vector["command"], params)
    except wire.BadParameter:
        return
    [frame] = wire.Decoder(None).feed(raw)
    assert frame.error is None
    assert as_sent(vector["command"], frame.params) == as_sent(vector["command"], params)


def as_sent(command: str, params: dict[str, Any]) -> dict[str, Any]:
    """Parameters without what is left out when it has its default, and without channel numbers that are not transmitted."""
    silent = {"quarter_ms": False, "measurement": 0, "connector": 0}
    if command == "StartChannelListMode":
        return params | {"channels": [{k: group[k] for k in group if k != "channel"} for group in params["channels"]]}
    if command == "ml_update":
        return params | {"channels": [as_sent("", train) for train in params["channels"]]}
    return {key: value for key, value in params.items() if key not in silent or value != silent[key]}
