"""F41: whatever raises inside the engine's loop, the stop goes out first, then the record, then the exit."""

import signal
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from emscontrol.session.endpoint import Endpoint
from emscontrol.session.links import TimedLink
from emscontrol.session.realtime import RealTimeRun
from emscontrol.session.runtime import runtime_folder
from emscontrol.session.signals import CAUGHT, SignalPipe
from tests.session.rig import MODELS, Rig

# every part that the loop calls in each turn, by what it is for
PARTS: dict[str, Callable[[Rig, RealTimeRun], tuple[Any, str]]] = {
    "reading the port": lambda rig, run: (run._link, "read"),
    "the driver's ear": lambda rig, run: (rig.assembly.gate, "receive"),
    "keep-alives": lambda rig, run: (rig.assembly.gate, "tick"),
    "the budget": lambda rig, run: (rig.assembly.gate, "exhausted"),
    "the program": lambda rig, run: (rig.engine._course, "wanted"),
    "milestones": lambda rig, run: (rig.engine._course, "reached"),
    "deadlines": lambda rig, run: (rig.engine._course, "due_us"),
    "the engine itself": lambda rig, run: (rig.engine, "handle"),
    "the clients": lambda rig, run: (run._clients, "overdue"),
    "the journal's age": lambda rig, run: (rig.journal, "lag_us"),
}


@pytest.fixture
def signals() -> Iterator[SignalPipe]:
    before = {number: signal.getsignal(number) for number in CAUGHT}
    yield SignalPipe()
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)


class Bang(Exception):
    """What a test throws."""


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("part", PARTS)
def test_current_ends_at_once_when_the_program_fails_inside(
    part: str, model: str, tmp_path: Path, signals: SignalPipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(model).to_running()
    ticks = count(rig.now_us, 2_000)
    run = RealTimeRun(
        rig.engine,
        TimedLink(rig.port),
        rig.journal,
        Endpoint(runtime_folder(str(tmp_path)), f"{model}@sim"),
        signals,
        lambda: next(ticks),
        pace=1.0,
        simulated=True,
        journal_path="memory",
    )
    owner, name = PARTS[part](rig, run)

    def raises(*args: object, **named: object) -> None:
        raise Bang(part)

    monkeypatch.setattr(owner, name, raises)
    assert not rig.port.stage.is_zero
    with pytest.raises(Bang) as problem:
        run.run()
    monkeypatch.undo()
    failed_us = next(ticks)
    run.fail(problem.value)
    rig.port.read(next(ticks))
    zero_us = rig.zero_since_us()
    assert zero_us is not None
    assert zero_us - failed_us <= 150_000  # the matrix's figure for F41
    assert b"engine_fault" in rig.journal.lines[-1]
    assert part.encode() in rig.journal.lines[-1]


def test_even_a_record_that_fails_does_not_hold_back_the_stop(
    tmp_path: Path, signals: SignalPipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig("p24").to_running()
    ticks = count(rig.now_us, 2_000)
    endpoint = Endpoint(runtime_folder(str(tmp_path)), "p24@sim")
    run = RealTimeRun(
        rig.engine,
        TimedLink(rig.port),
        rig.journal,
        endpoint,
        signals,
        lambda: next(ticks),
        pace=1.0,
        simulated=True,
        journal_path="",
    )

    def raises(*args: object, **named: object) -> None:
        raise OSError("disk gone")

    monkeypatch.setattr(rig.journal, "append", raises)
    run.fail(Bang("first"))
    rig.port.read(next(ticks))
    assert rig.zero_since_us() is not None
