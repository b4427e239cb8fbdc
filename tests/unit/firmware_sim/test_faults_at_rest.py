"""A schedule says that it rests exactly while none of its faults is in force."""

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.faults import Fault, FaultKind, FaultSchedule

KINDS = (FaultKind.LATE, FaultKind.DROP_REPLY, FaultKind.DEAD_LINK, FaultKind.REBOOT, FaultKind.ELECTRODE_OFF)
TIMES = st.integers(0, 60)
FAULTS = st.builds(
    Fault,
    kind=st.sampled_from(KINDS),
    argument=st.just(2.0),
    at_us=st.none() | TIMES,
    duration_us=st.none() | TIMES,
)
Deed = Fault | int | tuple[str, FaultKind]
DEEDS: st.SearchStrategy[Deed] = st.one_of(
    FAULTS, TIMES, st.tuples(st.sampled_from(["clear", "take", "begin"]), st.sampled_from(KINDS))
)


@given(st.lists(FAULTS, max_size=3), st.lists(DEEDS, max_size=20))
@settings(max_examples=300, deadline=None)
def test_it_rests_while_no_fault_is_in_force(planned: list[Fault], deeds: list[Deed]) -> None:
    schedule, now_us = FaultSchedule(planned), 0
    for deed in deeds:
        match deed:
            case Fault():
                schedule.add(deed, now_us)
            case int():
                now_us += deed
            case ("clear", kind):
                schedule.clear(kind)
            case ("take", kind):
                schedule.take(kind, now_us)
            case _:
                schedule.begin(now_us)
        in_force = any(schedule.active(kind, now_us) for kind in FaultKind)
        assert schedule.rest(now_us) == (not in_force)
