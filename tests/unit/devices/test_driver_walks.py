"""Random walks of operators and faults: whatever happens, each set point has one outcome and a stop ends at zero."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.stimulator import Acked, Command, ReadBack, Refused, Uncertain
from emscontrol.devices import registry
from firmware_sim.faults import FaultKind
from tests.unit.devices.driver_bench import MS, WIDEST, Bench, cleared, only, outputs, train

TRAIN = train()
FAULTS = (
    "drop_reply:1",
    "garble:0.02",
    "lose_bytes:0.02",
    "late:40",
    "late:140",
    "late:400",
    "duplicate",
    "dead_link",
    "dead_uplink",
    "dead_downlink",
    "reboot",
    "electrode_off:1",
    "nak:1/255",
    "nak:1/2",
    "stuck_on",
    "freeze",
)
steps = st.lists(
    st.tuples(
        st.sampled_from(("connect", "prepare", "send", "send", "send", "stop", "read_back", "fault", "mend")),
        st.integers(0, 50),
        st.sampled_from((0, 1, 5, 50, 100, 300, 600, 2_600)),
    ),
    max_size=30,
)


def act(bench: Bench, action: str, value: int, number: int) -> None:
    driver, now_us = bench.driver, bench.now_us
    calls = {
        "connect": lambda: driver.connect(now_us),
        "prepare": lambda: driver.prepare({1: TRAIN, 2: TRAIN}, {1: WIDEST, 2: WIDEST}, now_us),
        "send": lambda: driver.send(cleared(outputs(TRAIN, ch1=2_000 * value), number), now_us),
        "stop": lambda: driver.stop(now_us),
        "read_back": lambda: driver.read_back(now_us),
    }
    if action == "fault":
        bench.inject(FAULTS[value % len(FAULTS)])
    elif action == "mend":
        mend(bench)
    else:
        try:
            bench.write(calls[action]())
        except RuntimeError:
            assert action in ("prepare", "send")  # not connected, not prepared or busy


def mend(bench: Bench) -> None:
    for kind in FaultKind:
        bench.port.faults.clear(kind)


@pytest.mark.parametrize("model", sorted(registry.MODELS))
@given(walk=steps, ready=st.booleans(), seed=st.integers(0, 1_000))
@settings(max_examples=50, deadline=None)
def test_each_set_point_has_one_outcome_and_a_stop_ends_at_zero(
    model: str, walk: list[tuple[str, int, int]], ready: bool, seed: int
) -> None:
    bench = Bench(model, seed=seed)
    if ready:
        bench.ready(1, 2)
    for number, (action, value, for_ms) in enumerate(walk, 1):
        act(bench, action, value, number)
        bench.run(for_ms * MS)
        due_us = bench.driver.due_us()
        assert due_us is None or due_us > bench.now_us
    mend(bench)
    bench.run(3_000 * MS)
    assert not bench.driver.busy
    outcomes = [
        event.number
        for _, event in bench.events
        if isinstance(event, Acked | Refused | Uncertain) and event.command is Command.OUTPUTS
    ]
    assert len(outcomes) == len(set(outcomes))
    bench.stop(for_us=1_500 * MS)
    assert bench.port.stage.is_zero
    for report in only(ReadBack, bench.read_back(for_us=1_500 * MS)):
        assert report.output_on is False
