"""The table of transitions, walked whole: every state with every trigger."""

import pytest

from emscontrol.core.errors import IllegalTransition
from emscontrol.session.states import TRANSITIONS, State, Trigger, after

# written from the words of the design: what may lead where; everything else is refused
ALLOWED = {
    (State.IDLE, Trigger.HANDSHAKE): State.CONNECTED,
    (State.CONNECTED, Trigger.READY): State.ARMED,
    (State.ARMED, Trigger.START): State.RUNNING,
    (State.ARMED, Trigger.DISARM): State.CONNECTED,
    (State.RUNNING, Trigger.PAUSE): State.PAUSED,
    (State.RUNNING, Trigger.FINISH): State.STOPPING,
    (State.PAUSED, Trigger.RESUME): State.RUNNING,
    (State.STOPPING, Trigger.OFF): State.ENDED,
    (State.FAULT, Trigger.CLEAR): State.IDLE,
    (State.FAULT, Trigger.GIVE_UP): State.ENDED,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("trigger", Trigger)
def test_every_state_with_every_trigger(state: State, trigger: Trigger) -> None:
    if trigger is Trigger.STOP:
        expected = state if state in (State.FAULT, State.ENDED) else State.STOPPING
    elif trigger is Trigger.FAULT:
        expected = State.ENDED if state is State.ENDED else State.FAULT
    elif (state, trigger) in ALLOWED:
        expected = ALLOWED[state, trigger]
    else:
        with pytest.raises(IllegalTransition, match=state.value):
            after(state, trigger)
        return
    assert after(state, trigger) is expected


def test_stop_and_fault_are_legal_everywhere() -> None:
    assert all({Trigger.STOP, Trigger.FAULT} <= set(TRANSITIONS[state]) for state in State)


def test_running_is_reached_from_armed_or_paused_only() -> None:
    sources = {state for state, row in TRANSITIONS.items() if State.RUNNING in row.values()}
    assert sources == {State.ARMED, State.PAUSED}


def test_nothing_leads_out_of_the_end() -> None:
    assert set(TRANSITIONS[State.ENDED].values()) == {State.ENDED}
