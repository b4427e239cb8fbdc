"""What the person wearing the electrodes experiences when the computer, the program or the record fails: every such mishap.

The same limits as for faults of the device; every model. With real processes: tests/pty.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from emscontrol.core.errors import StorageError
from emscontrol.core.events import make
from emscontrol.record.journal import Journal
from emscontrol.session.inputs import Halt
from emscontrol.session.states import State
from firmware_sim.fault_matrix import MATRIX
from firmware_sim.host_faults import HOST_KINDS, HostKind
from firmware_sim.registry import MODELS
from tests.session.rig import SHORT, Rig
from tests.session.struck import RAMP_US, Struck, limit

Patch = pytest.MonkeyPatch
LONG = SHORT.replace("on_s: 3", "on_s: 12")
BEGAN = datetime(2026, 3, 29, 0, 59, 58, tzinfo=UTC)


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Bang(Exception):
    """What a test throws."""


def stands_still(rig: Rig, _patch: Patch, length_ms: int) -> None:
    """No turn of the loop for so long; the device goes on."""
    rig.run.now_us += length_ms * 1_000
    rig.run.settle()


def is_gone(rig: Rig, _patch: Patch, _length: int) -> None:
    """Nothing of the host moves any more: killed, or for ever in one call."""
    rig.port.read(rig.now_us + 10_000_000)


def raises(rig: Rig, patch: Patch, _length: int) -> None:
    """A call of the loop raises; what the process does then is its last resort, a stop and an end."""

    def bang(now_us: int) -> None:
        raise Bang

    with patch.context() as broken:
        broken.setattr(rig.assembly.gate, "tick", bang)
        with pytest.raises(Bang):
            rig.run.advance(rig.now_us + 1_000_000)
    rig.port.write(rig.assembly.gate.stop(rig.now_us), rig.now_us)


def client_is_gone(rig: Rig, _patch: Patch, _length: int) -> None:
    rig.run.give(Halt(make("client_gone", client="test"), "test is gone", fault=False))


def client_is_silent(rig: Rig, _patch: Patch, _length: int) -> None:
    rig.run.advance(rig.now_us + 2_000_000)
    rig.run.give(Halt(make("lease_lost", client="test", silent_us=2_000_000), "test is silent", fault=False))


def record_fails(rig: Rig, patch: Patch, _length: int) -> None:
    patch.setattr(type(rig.journal), "failure", property(lambda _: StorageError("disk full")))


def record_lags(rig: Rig, patch: Patch, length_ms: int) -> None:
    began_us = rig.now_us
    patch.setattr(rig.journal, "lag_us", lambda now_us: min(now_us - began_us, length_ms * 1_000))


def clock_jumps(rig: Rig, patch: Patch, by_s: int) -> None:
    """The time of day is another one for everybody who asks for it."""
    jumped = BEGAN + timedelta(seconds=by_s)
    patch.setattr(rig.journal, "_wall_clock", lambda: jumped.isoformat(timespec="milliseconds"))
    patch.setattr(time, "time", jumped.timestamp)
    patch.setattr(time, "time_ns", lambda: round(jumped.timestamp() * 1e9))


MISHAPS: Mapping[HostKind, tuple[Callable[[Rig, Patch, int], None], tuple[int, ...]]] = {
    HostKind.STANDSTILL: (stands_still, (350, 600, 10_000)),
    HostKind.KILLED: (is_gone, (0,)),
    HostKind.HANG: (is_gone, (0,)),
    HostKind.EXCEPTION: (raises, (0,)),
    HostKind.CLIENT_GONE: (client_is_gone, (0,)),
    HostKind.LEASE_LOST: (client_is_silent, (0,)),
    HostKind.JOURNAL_FAILS: (record_fails, (0,)),
    HostKind.JOURNAL_LOST: (record_fails, (0,)),
    HostKind.JOURNAL_LAGS: (record_lags, (1_500, 5_000)),
}
ENDING = [
    (kind, length, row.id)
    for row in MATRIX
    for kind in row.host
    if row.max_ms > 0 and kind in MISHAPS
    for length in MISHAPS[kind][1]
]


@pytest.mark.parametrize(("kind", "length", "row"), ENDING)
@pytest.mark.parametrize("after_us", [RAMP_US, 2_800_000])
def test_the_current_ends_in_time(model: str, kind: HostKind, length: int, row: str, after_us: int, monkeypatch: Patch) -> None:
    rig = Rig(model, text=LONG).to_running(after_us=after_us)
    assert not rig.port.stage.is_zero
    at_us = rig.now_us
    MISHAPS[kind][0](rig, monkeypatch, length)
    gone = kind in (HostKind.KILLED, HostKind.HANG, HostKind.EXCEPTION)
    if not gone:
        rig.finish()
    rig.port.read(rig.now_us + 3_000_000)
    case = Struck(rig, at_us)
    assert case.zero_ms() <= (limit(row, model).ms or 0)
    assert case.is_honest
    assert gone or case.result in ("fault", "stopped")


@pytest.mark.parametrize("length_ms", [40, 120, 200, 290])
def test_nothing_is_felt_of_a_computer_that_stands_still_for_a_moment(model: str, length_ms: int) -> None:
    """F51, F52: shorter than T_TICK_GAP the session goes on, and no step that was missed is made up for at once."""
    rig = Rig(model).to_running(after_us=RAMP_US)
    rig.run.now_us += length_ms * 1_000
    rig.run.settle()
    rig.finish()
    assert rig.engine.result == "completed"
    assert rig.port.stage.peak_ua(1) == 16_000
    assert Struck(rig, 0).believes_off


@pytest.mark.parametrize("length_ms", [350, 600, 10_000])
def test_no_step_is_made_up_for_after_a_standstill(model: str, length_ms: int) -> None:
    """F40, F54."""
    rig = Rig(model).to_running(after_us=RAMP_US)
    rig.port.read(rig.now_us + length_ms * 1_000)  # a reference stimulator makes its ramp itself, until its lease ends
    woken_us, woken_ua = rig.now_us + length_ms * 1_000, rig.port.stage.amplitude_ua(1)
    stands_still(rig, pytest.MonkeyPatch(), length_ms)
    rig.finish()
    assert "tick_gap" in rig.kinds()
    assert max((s.amplitude_ua for s in rig.stretches(1) if s.from_us >= woken_us), default=0) <= woken_ua
    assert rig.engine.result == "fault"
    assert limit("F40", model).ms is not None


@pytest.mark.parametrize("by_s", [1, -1, 3_600, -3_600, 86_400, -86_400, 31_536_000, -31_536_000])
def test_nothing_is_felt_when_the_time_of_day_jumps(model: str, by_s: int, monkeypatch: Patch) -> None:
    """F58: phases, ramps and limits know the monotonic clock only."""
    low, high = HOST_KINDS[HostKind.CLOCK_JUMPS].low, HOST_KINDS[HostKind.CLOCK_JUMPS].high
    assert low <= by_s <= high
    rig = Rig(model).to_running(after_us=RAMP_US)
    with monkeypatch.context() as patch:
        clock_jumps(rig, patch, by_s)
        rig.finish()
    calm = Rig(model).to_running(after_us=RAMP_US).finish()
    assert rig.engine.result == "completed"
    assert rig.stretches(1) == calm.stretches(1)
    assert limit("F58", model).ms is None


def test_every_mishap_is_staged_here() -> None:
    assert MISHAPS.keys() | {HostKind.CLOCK_JUMPS} == set(HostKind)
    assert {kind for row in MATRIX for kind in row.host} == set(HostKind)


def test_nothing_begins_again_when_a_frozen_record_comes_back(model: str, monkeypatch: Patch) -> None:
    """F63: the disk took five seconds and goes on as if nothing had been."""
    rig = Rig(model).to_running()
    with monkeypatch.context() as patch:
        record_lags(rig, patch, 5_000)
        rig.run.advance(rig.now_us + 2_000_000)
    assert rig.engine.state is not State.RUNNING
    at_us = rig.now_us
    rig.run.advance(at_us + 10_000_000)
    assert [s for s in rig.stretches(1) if s.amplitude_ua and s.from_us >= at_us] == []
    assert isinstance(rig.journal, Journal)
