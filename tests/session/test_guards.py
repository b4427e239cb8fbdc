"""Forbidden inputs, one by one: each guard of the engine, the turn and the clients by what happens without it."""

from itertools import pairwise
from pathlib import Path

import pytest

from emscontrol.core.errors import IllegalTransition, SafetyRefusal, StorageError
from emscontrol.core.pulse import NOTHING
from emscontrol.core.stimulator import DeviceFault, ReadBack
from emscontrol.session.inputs import Adjust, Arm, Clear, Close, Connect, Pause, Received, Resume, Start, Stop, Tell, Write
from emscontrol.session.links import StreamLink
from emscontrol.session.states import State
from emscontrol.session.turn import Turn
from firmware_sim.faults import parse_fault
from tests.session.rig import MODELS, SHORT, Rig

LONG = SHORT.replace("on_s: 3", "on_s: 12")


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def at_fault(model: str) -> Rig:
    """Running, then a fault that is over, with zero confirmed."""
    rig = Rig(model, text=LONG).to_running()
    first_us = rig.port.stage.first_output_us or 0
    rig.port.inject(parse_fault(f"electrode_off:1@{(rig.now_us - first_us) / 1e6:.6f}+0.3"), rig.now_us)
    rig.run.advance(rig.now_us + 1_000_000)
    assert rig.engine.state is State.FAULT
    assert rig.engine.off_confirmed
    return rig


def test_a_fault_latches_the_gate_itself(model: str) -> None:
    rig = at_fault(model)
    assert "electrode" in rig.assembly.gate.latched
    with pytest.raises(SafetyRefusal, match="electrode"):
        rig.assembly.gate.arm(rig.now_us)


@pytest.mark.parametrize("request_", [Arm(), Start(), Resume(), Pause(), Connect()])
def test_nothing_but_clear_and_close_leads_out_of_a_fault(model: str, request_: object) -> None:
    rig = at_fault(model)
    with pytest.raises((IllegalTransition, SafetyRefusal)):
        rig.run.give(request_)  # type: ignore[arg-type]
    rig.run.advance(rig.now_us + 3_000_000)
    assert rig.port.stage.is_zero


def test_a_fault_is_not_cleared_before_zero_is_confirmed(model: str) -> None:
    rig = Rig(model).to_running()
    rig.port.inject(parse_fault("dead_link"), rig.now_us)
    rig.run.advance(rig.now_us + 400_000)
    assert rig.engine.state is State.FAULT
    with pytest.raises(SafetyRefusal, match="Pull the leads"):
        rig.run.give(Clear())


def test_after_a_cleared_fault_the_current_rises_from_zero_over_two_seconds(model: str) -> None:
    rig = at_fault(model)
    full_ua = 16_000
    rig.run.give(Clear())
    rig.to_armed().start()
    began_us = rig.now_us
    rig.run.advance(began_us + 4_000_000)
    rises = [s for s in rig.stretches(1) if s.from_us >= began_us and s.amplitude_ua]
    assert rises[0].amplitude_ua <= 2_000
    assert next(s.from_us for s in rises if s.amplitude_ua > full_ua // 2) - rises[0].from_us >= 900_000


def test_the_gate_alone_keeps_the_slow_rise_after_a_fault(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The course already asks for a slow rise; with that switched off the gate still allows no faster one."""
    rig = at_fault(model)
    rig.run.give(Clear())
    monkeypatch.setattr(rig.engine._course, "_is_soft", lambda now_us: False)
    rig.to_armed().start()
    began_us = rig.now_us
    rig.run.advance(began_us + 4_000_000)
    rises = [s for s in rig.stretches(1) if s.from_us >= began_us and s.amplitude_ua]
    assert next(s.from_us for s in rises if s.amplitude_ua > 8_000) - rises[0].from_us >= 500_000


def test_a_resume_in_a_rest_rises_as_slowly_when_the_current_comes(model: str) -> None:
    text = SHORT.replace("off_s: 2", "off_s: 6").replace("on_s: 3", "on_s: 8")
    rig = Rig(model, text=text).to_running(after_us=9_000_000)  # in the rest after the first contraction
    assert rig.port.stage.is_zero
    rig.run.give(Pause())
    rig.run.advance(rig.now_us + 200_000)
    rig.run.give(Resume())
    at_us = rig.now_us
    rig.run.advance(at_us + 9_000_000)
    rises = [s for s in rig.stretches(1) if s.from_us >= at_us and s.amplitude_ua]
    assert next(s.from_us for s in rises if s.amplitude_ua > 12_000) - rises[0].from_us >= 950_000


def test_resume_waits_until_zero_is_in_force(model: str) -> None:
    rig = Rig(model).to_running()
    rig.port.inject(parse_fault("late:40"), rig.now_us)
    rig.run.give(Pause())
    with pytest.raises(SafetyRefusal, match="Zero"):
        rig.run.give(Resume())


def test_a_request_in_the_same_turn_as_a_standstill_does_not_swallow_the_stop(model: str) -> None:
    for request in (Pause(), Start(), Adjust(1, 1_000_000)):
        rig = Rig(model).to_running()
        effects = rig.engine.handle(request, rig.now_us + 400_000)
        assert isinstance(effects[0], Write)
        assert effects[0].urgent
        kinds = [effect.event.kind for effect in effects if isinstance(effect, Tell)]
        assert "tick_gap" in kinds
        assert rig.engine.state is State.FAULT


@pytest.mark.parametrize("request_", [Clear(), Arm(), Start(), Resume()])
def test_without_a_record_nothing_goes_on(model: str, request_: object, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = at_fault(model)
    monkeypatch.setattr(type(rig.journal), "failure", property(lambda self: StorageError("disk gone")))
    with pytest.raises(StorageError, match="disk gone"):
        rig.run.give(request_)  # type: ignore[arg-type]


def test_a_record_that_fails_ends_the_session_whenever_current_is_possible(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for prepare in (lambda r: r.to_armed(), lambda r: r.to_running()):
        rig = Rig(model)
        prepare(rig)
        with monkeypatch.context() as patch:
            patch.setattr(type(rig.journal), "failure", property(lambda self: StorageError("disk gone")))
            rig.run.advance(rig.now_us + 300_000)
        assert rig.engine.result == "fault"
        assert rig.port.stage.is_zero


def test_a_record_that_falls_behind_ends_the_session(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(model).to_running()
    monkeypatch.setattr(rig.journal, "lag_us", lambda now_us: 1_000_001)
    rig.run.advance(rig.now_us + 300_000)
    assert "journal_late" in rig.kinds()
    assert rig.port.stage.is_zero


def test_a_session_closed_before_zero_was_read_back_says_so(model: str) -> None:
    rig = Rig(model).to_running()
    rig.port.inject(parse_fault("dead_link"), rig.now_us)
    rig.run.advance(rig.now_us + 400_000)
    rig.run.give(Close())
    assert rig.engine.closed
    assert rig.engine.output_unknown


def test_a_handshake_that_never_came_leaves_the_output_unknown(model: str) -> None:
    rig = Rig(model, faults=["dead_link"])
    rig.run.give(Connect())
    rig.finish()
    assert rig.engine.result == "fault"
    assert rig.engine.output_unknown


def test_a_stop_while_connecting_is_followed_to_the_read_back(model: str) -> None:
    rig = Rig(model)
    rig.run.give(Connect())
    rig.run.give(Stop("operator", "key"))
    rig.finish()
    assert "stop_confirmed" in rig.kinds()
    assert not rig.engine.output_unknown


def test_an_unconfirmed_stop_after_arming_too_long_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig("p24").to_armed()
    receive = rig.assembly.gate.receive

    def still_on(data: bytes, now_us: int) -> list[object]:
        events = receive(data, now_us)
        return [ReadBack(True, frozenset({1}), "runs") if isinstance(e, ReadBack) else e for e in events]

    rig.run.advance(rig.now_us + 59_900_000)
    monkeypatch.setattr(rig.assembly.gate, "receive", still_on)
    rig.run.advance(rig.now_us + 2_000_000)
    assert rig.engine.state is State.FAULT
    assert "stop_unconfirmed" in rig.kinds()
    with pytest.raises((IllegalTransition, SafetyRefusal)):
        rig.run.give(Arm())


def test_a_report_that_the_stimulator_makes_unasked_of_a_channel_nobody_commanded_ends_it(model: str) -> None:
    """RC-11: the engine acts on a deviation, not only finds it."""
    rig = Rig(model).to_running()
    receive = rig.assembly.gate.receive

    def strange(data: bytes, now_us: int) -> list[object]:
        return [*receive(data, now_us), ReadBack(True, frozenset({7}), "")]

    rig.assembly.gate.receive = strange  # type: ignore[method-assign, assignment]
    rig.run.advance(rig.now_us + 400_000)
    assert "7" in rig.last("device_fault").sentence()
    assert rig.port.stage.is_zero


def test_a_report_from_before_the_stop_does_not_confirm_it(model: str) -> None:
    rig = Rig(model).to_running()
    rig.assembly.gate.receive = lambda data, now_us: [DeviceFault(9, "test"), ReadBack(False, frozenset(), "old")]  # type: ignore[method-assign]
    rig.run._turn.listen(rig.now_us)
    assert rig.engine.state is State.FAULT
    assert not rig.engine.off_confirmed


def test_after_some_stops_in_vain_the_stimulators_own_watchdog_gets_its_time() -> None:
    rig = Rig("p24").to_running()
    written: list[tuple[int, int]] = []
    write = rig.port.write
    rig.port.write = lambda data, now_us: (written.append((now_us, len(data))), write(data, now_us))[1]  # type: ignore[method-assign]
    rig.port.inject(parse_fault("stuck_on"), rig.now_us)
    rig.run.give(Stop("operator", "key"))
    rig.run.advance(rig.now_us + 9_000_000)
    times = sorted({at for at, _ in written})
    assert max(b - a for a, b in pairwise(times)) > 2_000_000


def test_the_operators_hand_cannot_end_the_session_at_a_cap() -> None:
    capped = SHORT.replace("height_cm: 9}}", "height_cm: 9}, amplitude_cap_ma: 17}")
    rig = Rig("p24", text=capped).to_running()
    rig.run.give(Adjust(1, 1_000))
    rig.run.advance(rig.now_us + 300_000)
    with pytest.raises(SafetyRefusal, match="17"):
        rig.run.give(Adjust(1, 1_000))
    rig.finish()
    assert rig.engine.result == "completed"


def test_another_stimulator_that_answers_after_a_fault_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """F19: who answers again must be who answered before."""
    rig = at_fault("p24")
    rig.run.give(Clear())
    monkeypatch.setattr("firmware_sim.p24.device.DEVICE_ID", "P24-OTHER1", raising=False)
    rig.engine._identity = type(rig.engine._identity)("p24", "P24-BEFORE", "1.0.0", "4.0.0")
    rig.run.give(Connect())
    rig.run.advance(rig.now_us + 300_000)
    assert rig.engine.result == "fault"
    assert "another stimulator" in rig.engine.reason


def test_a_stop_is_always_written_before_it_is_told(model: str) -> None:
    rig = Rig(model).to_running()
    assert isinstance(rig.engine.handle(Stop("operator", "key"), rig.now_us)[0], Write)
    program_end = Rig(model).to_running(after_us=7_900_000)
    effects = []
    while not any(isinstance(e, Tell) and e.event.kind == "stop_sent" for e in effects):
        due_us = program_end.engine.due_us()
        assert due_us is not None
        program_end.run.now_us = due_us
        effects = program_end.engine.handle(Received(b""), due_us)
    assert isinstance(effects[0], Write)


def test_preparing_needs_zero(model: str) -> None:
    rig = Rig(model).to_running()
    with pytest.raises(SafetyRefusal, match="no current"):
        rig.assembly.gate.prepare(rig.assembly.program.trains, rig.now_us)


def test_an_urgent_write_throws_away_what_still_waits() -> None:
    """RC-22."""
    done: list[str] = []

    class Stream:
        def discard_output(self) -> None:
            done.append("discard")

        def write(self, data: bytes) -> None:
            done.append(data.decode())

    link = StreamLink(Stream())  # type: ignore[arg-type]
    link.write(b"set", 0, urgent=False)
    link.write(b"stop", 0, urgent=True)
    assert done == ["set", "discard", "stop"]


def test_events_are_in_the_record_before_anybody_hears_them(tmp_path: Path) -> None:
    rig = Rig("p24")
    known: list[int] = []
    turn = Turn(rig.engine, rig.run._link, rig.journal, lambda event, now_us: known.append(len(rig.journal.lines)))
    before = len(rig.journal.lines)
    turn.take(Stop("operator", "key"), 0)
    assert known == list(range(before + 1, before + 1 + len(known)))
    assert NOTHING.is_zero
