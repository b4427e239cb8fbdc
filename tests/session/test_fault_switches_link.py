"""What the person wearing the electrodes experiences when the cable is bad: every switch of the link, every model.

The truth is the oscilloscope's; the limits are those of `firmware_sim.bounds`.
"""

from collections.abc import Iterator
from functools import cache

import pytest

from emscontrol.session.inputs import Connect, Stop
from emscontrol.session.states import State
from firmware_sim.faults import parse_fault
from firmware_sim.registry import MODELS, codec
from tests.session.rig import Rig
from tests.session.struck import RAMP_US, Struck, limit, struck

SETS = {"p24": "ml_update", "rehastim2": "StartChannelListMode", "reference": "CONTRACT"}
UNSEEING = ("p24", "rehastim2")


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def amplitudes(rig: Rig) -> set[int]:
    """Every current that ever flowed."""
    return {stretch.amplitude_ua for channel in rig.port.stage.channels for stretch in rig.stretches(channel)}


@cache
def planned(model: str) -> frozenset[int]:
    """Every current that flows when nothing is broken."""
    return frozenset(amplitudes(Rig(model).to_running().finish()))


def fine(case: Struck) -> None:
    assert case.is_honest, "the host believes that it is off"
    assert case.rig.port.stage.is_zero


@pytest.mark.parametrize(
    ("fault", "ids"),
    [
        ("duplicate", ("F10",)),
        ("duplicate_reply", ("F10",)),
        ("late:40", ("F12", "F14")),
        ("bunch:50", ("F12",)),
        ("drop_reply:1", ("F05",)),
        ("drop_command:1", ("F04",)),
        ("late_down:40", ("F14",)),
        ("jitter:5", ("F14",)),
        ("jitter_up:10", ("F14",)),
        ("jitter_down:10", ("F14",)),
        ("garble:0.0005", ("F06",)),
        ("garble_up:0.0005", ("F06",)),
        ("lose_bytes:0.0005", ("F09",)),
        ("lose_bytes_up:0.0005", ("F09",)),
        ("noise:65536", ("F08",)),
        ("start_bytes:65536", ("F08",)),
        ("noise_down:65536", ("F08",)),
        ("slow_reader:20000", ("F21",)),
    ],
)
def test_nothing_is_felt_of_a_cable_that_is_a_little_bad(model: str, fault: str, ids: tuple[str, ...]) -> None:
    case = struck(model, fault, after_us=RAMP_US)
    assert case.result == "completed", (ids, case.reason)
    assert amplitudes(case.rig) <= planned(model)
    assert case.rig.port.stage.peak_ua(1) == 16_000
    fine(case)


@pytest.mark.parametrize(
    ("fault", "row"),
    [
        ("garble:0.1", "F06"),
        ("garble_up:0.1", "F06"),
        ("garble_down:0.1", "F06"),
        ("lose_bytes:0.1", "F09"),
        ("lose_bytes_up:0.1", "F09"),
        ("lose_bytes_down:0.1", "F09"),
        ("jitter:100", "F14"),
        ("jitter_up:200", "F14"),
        ("jitter_down:100", "F14"),
    ],
)
@pytest.mark.parametrize("seed", [11])
def test_the_current_ends_in_time_when_the_cable_is_too_bad(model: str, fault: str, row: str, seed: int) -> None:
    case = struck(model, fault, seed=seed)
    assert case.result == "fault"
    assert case.within(limit(row, model))
    assert amplitudes(case.rig) <= planned(model), "no current that was never asked for"
    fine(case)


@pytest.mark.parametrize(
    ("fault", "row"),
    [
        ("drop_reply:1000", "F05"),
        ("dead_uplink", "F05"),
        ("bunch:5000", "F05"),
        ("drop_command:1000", "F04"),
        ("dead_downlink", "F04"),
        ("dead_link", "F03"),
        ("late:400", "F14"),
        ("late_down:400", "F14"),
    ],
)
def test_the_current_ends_in_time_from_the_moment_when_nothing_passes_any_more(model: str, fault: str, row: str) -> None:
    case = struck(model, fault)
    assert case.result == "fault"
    assert case.zero_ms() <= (limit(row, model).ms or 0)
    assert (case.gave_up_us() - case.at_us) / 1_000 <= 330, "the host knows it as soon, whoever ends the current"
    fine(case)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("odds", ["0.003", "0.01", "0.03"])
def test_no_damaged_set_point_is_ever_felt(model: str, odds: str, seed: int) -> None:
    """F06: over the wire of a RehaStim 2 one damaged frame in 256 passes its checksum of eight bits; see the next test."""
    case = struck(model, f"garble_down:{odds}", after_us=RAMP_US, seed=seed)
    assert amplitudes(case.rig) <= planned(model)
    assert case.result == "completed" or case.within(limit("F06", model))
    fine(case)


def test_a_damaged_set_point_that_passes_the_checksum() -> None:
    """F07: felt as it is on both stimulators, never beyond what they can make, and until the next set point; nothing tells."""
    for name in UNSEEING:
        rig = Rig(name).to_running(after_us=RAMP_US)
        forge_next_set_point(rig, name, 60.0)
        rig.finish()
        assert rig.port.stage.peak_ua(1) == 60_000, "the limit of this protocol"
        assert limit("F07", name).ms is None
        wrong = [stretch for stretch in rig.stretches(1) if stretch.amplitude_ua == 60_000]
        assert sum(stretch.to_us - stretch.from_us for stretch in wrong) <= 100_000
        assert rig.port.stage.is_zero


@pytest.mark.parametrize("current_ma", [16.1, 20.0, 60.0, 120.0])
def test_a_damaged_set_point_that_passes_the_checksum_is_not_felt_where_the_answer_repeats_it(current_ma: float) -> None:
    """F07 on a reference stimulator: what exceeds the limits it holds is refused, the rest is seen in its answer."""
    rig = Rig("reference").to_running(after_us=4_900_000)
    forge_next_set_point(rig, "reference", current_ma)
    case = Struck(rig, rig.now_us + 100_000)  # the second contraction begins 5 s after the first
    rig.finish()
    assert case.result == "fault"
    assert case.zero_ms() <= (limit("F07", "reference").ms or 0)
    assert rig.port.stage.peak_ua(1) <= 16_000
    fine(case)


def forge_next_set_point(rig: Rig, model: str, current_ma: float) -> None:
    """The next set point arrives with another current on channel 1 and a checksum that fits."""
    wire, carry = codec(model), rig.port.write

    def write(data: bytes, now_us: int) -> int:
        frames = wire.decode(data, "host")
        if any(frame.command == SETS[model] for frame in frames):
            rig.port.write = carry  # type: ignore[method-assign]
            for frame in frames:
                params = raised(frame.params, current_ma) if frame.command == SETS[model] else frame.params
                carry(wire.encode(str(frame.command), params), now_us)
            return len(data)
        return carry(data, now_us)

    rig.port.write = write  # type: ignore[method-assign]


def raised(params: dict[str, object], current_ma: float) -> dict[str, object]:
    """The same set point with another current on its first channel."""
    key = "each" if "each" in params else "channels"
    channels = params[key]
    assert isinstance(channels, (list, tuple))
    first = dict(channels[0])
    if "points" in first:
        first["points"] = [[width, current_ma * (1 if ma > 0 else -1) if ma else 0.0] for width, ma in first["points"]]
    elif "amplitude" in first:
        first["amplitude"] = round(current_ma * 10)
    else:
        first["current_ma"] = int(current_ma)
    return {**params, key: [first, *channels[1:]]}


def cuts(model: str) -> Iterator[int]:
    """Every place in a set point of this model, and behind it."""
    rig = Rig(model).to_running(after_us=RAMP_US)
    longest = 0
    carry = rig.port.write

    def write(data: bytes, now_us: int) -> int:
        nonlocal longest
        longest = max(longest, len(data))
        return carry(data, now_us)

    rig.port.write = write  # type: ignore[method-assign]
    rig.run.advance(rig.now_us + 200_000)
    return iter(range(longest + 1))


def test_half_a_command_is_never_felt_wherever_the_cable_breaks(model: str) -> None:
    """F02: the rest of the command arrives first when the cable is joined again, 3 s later, and brings nothing back."""
    for cut in cuts(model):
        rig = Rig(model).to_running(after_us=RAMP_US)
        first_us = rig.port.stage.first_output_us or 0
        rig.port.inject(parse_fault(f"cut_command:{cut}@{(rig.now_us - first_us) / 1e6:.6f}+3"), rig.now_us)
        case = Struck(rig, rig.now_us)
        before_ua = rig.port.stage.amplitude_ua(1)
        rig.finish()
        rig.port.read(rig.now_us + 5_000_000)
        assert case.result == "fault"
        assert case.zero_ms() <= (limit("F02", model).ms or 0) + 60, f"cut after {cut} bytes"
        highest_ua = before_ua + 1_000 if model in UNSEEING else max(planned(model))  # the others ramp by themselves
        assert max(s.amplitude_ua for s in rig.stretches(1) if s.to_us > case.at_us) <= highest_ua
        fine(case)


def test_the_current_ends_when_the_cable_breaks_inside_an_answer(model: str) -> None:
    """F02."""
    for cut in (0, 1, 3, 6):
        case = struck(model, f"cut_reply:{cut}")
        assert case.within(limit("F02", model))
        fine(case)


@pytest.mark.parametrize("fault", ["reorder:8", "reorder_reply:8", "reorder:2"])
@pytest.mark.parametrize("seed", range(3))
def test_stop_is_not_overtaken_by_an_older_command(model: str, fault: str, seed: int) -> None:
    """F11: after a stop that went through frames in disorder nothing comes back."""
    case = struck(model, fault, after_us=RAMP_US, seed=seed, stop_after_us=170_000)
    pressed_us = case.at_us + 170_000
    assert case.zero_ms(min(pressed_us, case.gave_up_us())) <= (limit("F11", model).ms or 0)
    fine(case)


def everything_said(model: str) -> list[bytes]:
    """What a host wrote from its first byte to the plateau."""
    rig = Rig(model)
    said: list[bytes] = []
    carry = rig.port.write

    def write(data: bytes, now_us: int) -> int:
        said.append(data)
        return carry(data, now_us)

    rig.port.write = write  # type: ignore[method-assign]
    rig.to_running()
    return said


@pytest.mark.parametrize("armed", [False, True])
def test_commands_of_another_session_are_not_obeyed_for_long(model: str, armed: bool) -> None:
    """F13: a stimulator of these models obeys them; an armed session sees it at its next poll, else their watchdog ends it."""
    rig = Rig(model)
    if armed:
        rig.to_armed()
    else:
        rig.run.give(Connect())
        rig.run.advance(rig.now_us + 1_000_000)
    at_us = rig.now_us
    for frame in everything_said(model):
        rig.port.write(frame, at_us)
    rig.run.advance(at_us + 5_000_000)
    case = Struck(rig, at_us)
    assert case.zero_ms() <= (limit("F13", model).ms or 0)
    assert not armed or (rig.engine.state is State.FAULT and case.zero_ms() <= 600)


def test_the_past_of_a_session_is_not_felt_once_more_after_its_stop(model: str) -> None:
    """F13: all that the host said arrives again, its stop included."""
    rig = Rig(model).to_running()
    rig.run.give(Stop("operator", "key"))
    at_us = rig.now_us
    rig.port.inject(parse_fault("replay:1000"), at_us)
    rig.finish()
    assert Struck(rig, at_us).zero_ms() <= 20
    fine(Struck(rig, at_us))


@pytest.mark.parametrize("frames", [1, 2, 5, 1000])
def test_what_was_said_a_moment_ago_is_not_felt_when_it_comes_again(model: str, frames: int) -> None:
    """F13 in mid-session: old set points are followed by the newest one at the same moment."""
    case = struck(model, f"replay:{frames}", after_us=RAMP_US)
    assert amplitudes(case.rig) <= planned(model)
    fine(case)


def test_old_answers_are_taken_for_nothing_new(model: str) -> None:
    """F13, from the device's side: at worst the session ends."""
    case = struck(model, "replay_reply:1000", after_us=RAMP_US)
    assert case.result == "completed" or case.zero_ms(case.gave_up_us()) <= 300
    assert amplitudes(case.rig) <= planned(model)
    fine(case)


@pytest.mark.parametrize("which", [1, 2, 3, 4])
def test_no_current_begins_when_something_else_is_on_the_port(model: str, which: int) -> None:
    """F16."""
    rig = Rig(model, faults=[f"stranger:{which}"])
    rig.run.give(Connect())
    rig.run.advance(rig.now_us + 10_000_000)
    assert rig.engine.state is not State.CONNECTED
    rig.finish()
    assert rig.port.stage.first_output_us is None
    assert rig.engine.result == "fault"


@pytest.mark.parametrize("which", [1, 2, 3, 4])
def test_the_current_ends_when_the_port_suddenly_leads_elsewhere(model: str, which: int) -> None:
    """F16 in mid-session: the stimulator is alone."""
    case = struck(model, f"stranger:{which}")
    assert case.zero_ms() <= (limit("F03", model).ms or 0)
    assert case.result == "fault"
    assert not case.believes_off or case.rig.port.stage.is_zero


def test_the_current_ends_when_another_program_writes_to_the_stimulator(model: str) -> None:
    """F18: its first command comes 200 ms after its first question."""
    case = struck(model, "foreign_writer:200")
    assert case.result == "fault"
    assert case.zero_ms() - 200 <= (limit("F18", model).ms or 0)


@pytest.mark.parametrize("speed", [1_000, 300])
def test_stop_does_not_wait_for_what_is_still_in_the_buffer(model: str, speed: int) -> None:
    """F21: 1 kB a second and slower, STOP during the ramp. At 300 bytes only an emptied buffer lets it through in time."""
    for pressed_us in range(0, 400_000, 50_000):
        rig = Rig(model).to_running(after_us=100_000)
        rig.port.inject(parse_fault(f"slow_reader:{speed}"), rig.now_us)
        rig.run.advance(rig.now_us + pressed_us)
        at_us = rig.now_us
        rig.run.give(Stop("operator", "key"))
        rig.finish()
        case = Struck(rig, at_us)
        assert case.zero_ms() <= (limit("F21", model).ms or 0)
        fine(case)
