"""Every command in every state, and the order in which the device looks at a frame."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.reference import framing, wire
from firmware_sim.reference.commands import BY_NAME, COMMANDS
from firmware_sim.reference.device import Reference
from firmware_sim.reference.layout import EACH, Kind
from firmware_sim.reference.tables import Result, State
from tests.unit.firmware_sim_reference.host import LIMITS, TRAIN, Host, contraction

GOOD: dict[str, dict[str, Any]] = {
    "HELLO": {"version_min": 1, "version_max": 3},
    "LIMITS": {"channel": 1, **LIMITS},
    "READ_LIMITS": {"channel": 1},
    "TRAIN": {"channel": 2, **TRAIN},
    "ARM": {"lease_ms": 300},
    "SET": {"each": [{"channel": 1, "amplitude": 100}]},
    "CONTRACT": {"each": [contraction(1, 100, 1_000_000, 0, 0)]},
    "CHECK": {"channel": 3},
}
"""What is accepted in a state in which the command is."""

ENDS = {
    "IDLE": {"ARM": State.ARMED},
    "ARMED": {"HELLO": State.IDLE, "STOP": State.IDLE, "SET": State.ACTIVE, "CONTRACT": State.ACTIVE},
    "ACTIVE": {"HELLO": State.IDLE, "STOP": State.IDLE},
    "FAULT": {"CLEAR": State.IDLE},
}
"""Where a command leads from a state; the others leave it as it is."""


def device_in(state: State) -> Host:
    """A host whose device is in this state, prepared on channels 1 and 2 where that can be."""
    host = Host()
    host.prepare((1, 2))
    if state in (State.ARMED, State.ACTIVE):
        host.arm()
    if state is State.ACTIVE:
        host.set(c1=10)
    if state is State.FAULT:
        host.port.device.heat(61, 0)  # type: ignore[attr-defined]
        host.port.device.heat(30, 0)  # type: ignore[attr-defined]
        host.heard()
    assert real_state(host) is state
    return host


def real_state(host: Host) -> State:
    """The state as it is."""
    state: State = host.port.device.state  # type: ignore[attr-defined]
    return state


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_every_command_in_every_state(command: str, state: State) -> None:
    host = device_in(state)
    params = dict(GOOD.get(command, {}))
    if command == "RENEW":
        params = {"state": int(state) if state in (1, 2) else 1, "channels": int(state is State.ACTIVE)}
    result, channel = host.result(command, **params)
    if state in BY_NAME[command].states:
        if command == "READ_LIMITS" and state is State.FAULT:
            assert (result, channel) == (Result.NO_LIMITS, 1)  # a fault has made the device forget them
        else:
            assert result == Result.OK
        assert real_state(host) is ENDS[state.name].get(command, state)
    else:
        assert result == (Result.NO_EPOCH if BY_NAME[command].with_epoch else Result.WRONG_STATE)
        assert channel == 0
        assert real_state(host) is state


def test_a_stop_is_obeyed_whatever_it_carries() -> None:
    for state in (State.ARMED, State.ACTIVE):
        host = device_in(state)
        (answer,) = host.send_bytes(framing.pack(BY_NAME["STOP"].code, 9, host.epoch, b"anything at all"))
        assert answer.params["result"] == Result.OK
        assert real_state(host) is State.IDLE


@pytest.mark.parametrize("command", [command.name for command in COMMANDS if command.name != "STOP"])
def test_a_payload_of_another_length_is_refused(command: str) -> None:
    host = device_in(State.ACTIVE)
    params = {"state": 2, "channels": 1} if command == "RENEW" else GOOD.get(command, {})
    layout = BY_NAME[command].request
    payload = layout.pack(params)
    wrong = [payload + b"\x00", *([payload[:-1], b""] if payload else [])]
    for data in wrong:
        (answer,) = host.send_bytes(framing.pack(BY_NAME[command].code, 9, host.epoch, data))
        assert answer.params["result"] == Result.BAD_LENGTH
        assert answer.params["channel"] == 0
    assert real_state(host) is State.ACTIVE


@pytest.mark.parametrize("command", ["SET", "CONTRACT"])
def test_a_count_that_does_not_fit_the_payload_is_a_bad_length(command: str) -> None:
    host = device_in(State.ARMED)
    payload = bytearray(BY_NAME[command].request.pack(GOOD[command]))
    payload[0] = 2
    (answer,) = host.send_bytes(framing.pack(BY_NAME[command].code, 99, host.epoch, bytes(payload)))
    assert answer.params["result"] == Result.BAD_LENGTH


def ranges() -> list[tuple[str, str, int, bool]]:
    """(command, field, a value just outside its range, whether it is in the group)."""
    found = []
    for command in COMMANDS:
        for fields, each in ((command.request.fields, False), (command.request.each, True)):
            for field in fields:
                low, high = field.bounds
                least, most = field.kind.bounds
                outside = [value for value in (low - 1, high + 1) if least <= value <= most]
                found += [(command.name, field.name, value, each) for value in outside]
    return found


@pytest.mark.parametrize(("command", "field", "value", "each"), ranges())
def test_a_value_outside_its_range_is_refused(command: str, field: str, value: int, each: bool) -> None:
    needs_idle = State.IDLE in BY_NAME[command].states
    host = device_in(State.IDLE if needs_idle else State.ARMED)
    params: dict[str, Any] = {"state": 1, "channels": 0} if command == "RENEW" else dict(GOOD[command])
    if each:
        params[EACH] = [{**params[EACH][0], field: value}]
    else:
        params[field] = value
    before = real_state(host)
    result, channel = host.result(command, **params)
    if field == "channel":
        assert (result, channel) == (Result.UNKNOWN_CHANNEL, value)
    else:
        assert result == Result.BAD_VALUE
        assert channel == params.get("channel", 1 if each else 0)
    assert real_state(host) is before


def test_fields_that_do_not_go_together_are_bad_values() -> None:
    host = device_in(State.ARMED)
    for change in (
        {"recovery_ratio": 2},
        {"shape": 1},
        {"shape": 2, "recovery_ratio": 3},
        {"burst_interval_us": 1},
    ):
        assert host.result("TRAIN", channel=1, **{**TRAIN, **change}) == (Result.BAD_VALUE, 1)
    assert host.result("CONTRACT", each=[contraction(2, 0, 0, 0, 0)]) == (Result.BAD_VALUE, 2)
    assert host.result("CONTRACT", each=[contraction(1, 100, 1_000_000, 0, 0), contraction(2, 9, 0, 0, 0)]) == (3, 2)
    assert real_state(host) is State.ARMED


def test_the_counts_of_channels_have_their_range() -> None:
    host = device_in(State.ARMED)
    assert host.result("CONTRACT", each=[]) == (Result.BAD_VALUE, 0)
    nine = [{"channel": 1, "amplitude": 0}] * 9
    assert host.result("SET", each=nine) == (Result.BAD_VALUE, 0)


def test_a_channel_named_twice_is_unknown() -> None:
    host = device_in(State.ARMED)
    row = {"channel": 1, "amplitude": 10}
    assert host.result("SET", each=[row, row]) == (Result.UNKNOWN_CHANNEL, 1)
    assert host.result("CONTRACT", each=[contraction(2, 1, 1_000_000, 0, 0)] * 2) == (Result.UNKNOWN_CHANNEL, 2)
    assert host.port.stage.is_zero


def test_the_first_field_from_the_left_decides() -> None:
    host = device_in(State.IDLE)
    assert host.result("LIMITS", channel=9, **{**LIMITS, "flags": 9}) == (Result.UNKNOWN_CHANNEL, 9)
    bad = [{"channel": 1, "amplitude": 1300}, {"channel": 9, "amplitude": 0}]
    host.arm()
    assert host.result("SET", each=bad) == (Result.BAD_VALUE, 1)


def test_the_order_in_which_the_device_looks() -> None:
    """Each frame has every mistake from its place in the order on; each time the first one is mended."""
    host = device_in(State.IDLE)
    host.ok("STATUS")  # number 6 or so is the last
    old = (host.seq - 1) % 65_536
    new = host.seq + 1

    def answered(code: int, seq: int, epoch: int, payload: bytes) -> int:
        (answer,) = host.send_bytes(framing.pack(code, seq, epoch, payload))
        return int(answer.params["result"]) if answer.command else -1

    bad_set = b"\x01\x09\xff\xff"  # channel 9 at 6553.5 mA
    unknown = host.send_bytes(framing.pack(0x33, old, 5, b"\x01"))[0]
    assert unknown.error == "unknown_command"
    assert unknown.params["data"] == "0100"
    assert answered(0x09, old, 5, bad_set + b"\x00") == Result.BAD_LENGTH
    assert answered(0x09, old, 5, bad_set) == Result.STALE
    assert answered(0x09, new, 5, bad_set) == Result.NO_EPOCH
    host.seq = new - 1  # what was refused for its epoch has not used up its number
    host.arm()
    assert answered(0x0D, new + 1, 5, b"") == Result.WRONG_STATE
    assert answered(0x09, new + 2, host.epoch + 1, bad_set) == Result.WRONG_EPOCH
    assert answered(0x09, new + 2, host.epoch, bad_set) == Result.UNKNOWN_CHANNEL
    assert answered(0x09, new + 3, host.epoch, b"\x01\x01\xff\xff") == Result.BAD_VALUE
    assert answered(0x09, new + 4, host.epoch, b"\x01\x08\x01\x00") == Result.NO_TRAIN


@pytest.mark.parametrize("command", [c.name for c in COMMANDS if not c.with_epoch and c.name not in ("HELLO", "STOP")])
def test_a_command_without_epoch_carries_none(command: str) -> None:
    host = device_in(State.IDLE)
    assert host.result(command, epoch=7, **GOOD.get(command, {})) == (Result.WRONG_EPOCH, 0)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize(("seq", "epoch"), [(0, 0), (0, 77), (40_000, 0), (1, 2**32 - 1)])
def test_stop_needs_nothing(state: State, seq: int, epoch: int) -> None:
    host = device_in(state)
    answer = host.ask("STOP", seq=seq, epoch=epoch)
    after = State.FAULT if state is State.FAULT else State.IDLE
    assert (answer["result"], answer["state"], answer["epoch"]) == (0, after, epoch)
    assert real_state(host) is after
    assert host.port.stage.is_zero


def test_versions() -> None:
    host = device_in(State.ACTIVE)
    for low, high in ((2, 255), (5, 2)):
        assert host.result("HELLO", version_min=low, version_max=high) == (Result.NO_VERSION, 0)
        assert real_state(host) is State.ACTIVE
        assert not host.port.stage.is_zero
    assert host.ok("HELLO", version_min=1, version_max=1)["version"] == 1
    assert host.ok("HELLO", version_min=1, version_max=255)["version"] == 1


def test_who_it_is_and_what_it_can() -> None:
    host = Host()
    identity = host.ok("IDENTIFY")
    assert {name: identity[name] for name in ("maker", "model", "serial", "firmware")} == {
        "maker": "emscontrol",
        "model": "reference",
        "serial": "REF-SIM001",
        "firmware": "1.0.0",
    }
    can = host.ok("CAPABILITIES")
    assert (can["channels"], can["flags"], can["shapes"], can["burst_max"]) == (8, 3, 15, 6)
    assert (can["amplitude_max"], can["voltage_max"], can["lease_max_ms"]) == (1200, 1500, 500)
    assert (can["width_min_us"], can["width_max_us"]) == (20, 200_000)
    assert (can["period_min_us"], can["period_max_us"]) == (2500, 5_000_000)


def any_value(kind: Kind) -> st.SearchStrategy[int]:
    """A number of a type, often a small one."""
    low, high = kind.bounds
    return st.integers(low, high) | st.integers(max(low, 0), min(high, 9))


def any_payload(name: str) -> st.SearchStrategy[bytes]:
    """A payload of the right length for a command, with any values."""
    layout = BY_NAME[name].request
    row = st.fixed_dictionaries({field.name: any_value(field.kind) for field in layout.each})
    fields: dict[str, st.SearchStrategy[Any]] = {field.name: any_value(field.kind) for field in layout.fields}
    if layout.each:
        fields[EACH] = st.lists(row, max_size=12)
    return st.fixed_dictionaries(fields).map(layout.pack)


ANY_COMMAND = st.sampled_from(sorted(BY_NAME)).flatmap(lambda name: st.tuples(st.just(name), any_payload(name)))


@given(st.lists(st.tuples(ANY_COMMAND, st.booleans(), st.integers(0, 700_000)), max_size=30))
@settings(max_examples=120, deadline=None)
def test_any_commands_at_all_are_answered_once_and_never_exceed_the_limits(
    commands: list[tuple[tuple[str, bytes], bool, int]],
) -> None:
    host = Host()
    host.ready((1, 2), {"amplitude_max": 50})
    for (name, payload), with_epoch, later_us in commands:
        host.seq += 1
        host.wait(host.now_us + later_us)
        epoch = host.epoch if with_epoch else 0
        device = host.port.device
        assert isinstance(device, Reference)
        host.port.write(framing.pack(BY_NAME[name].code, host.seq, epoch, payload), host.now_us)
        said = wire.decode(host.port.read(host.now_us), "device")
        answers = [frame for frame in said if frame.command != "EVENT"]
        assert [frame.command for frame in answers] == [f"{name}_ANSWER"]
        assert answers[0].error is None
        assert answers[0].params["seq"] == host.seq
        if name == "ARM" and answers[0].params["result"] == 0:
            host.epoch = answers[0].params["epoch"]
        limits = device._arming.limits
        for channel in range(1, 9):
            most = limits[channel].amplitude_max * 100 if channel in limits else 0
            assert host.port.stage.amplitude_ua(channel) <= most
        assert host.port.stage.is_zero or device.state is State.ACTIVE
