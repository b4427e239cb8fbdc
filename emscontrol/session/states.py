"""The states of a session and the only ways between them.

Everything that decides which state follows which lives in this file. `STOP` and `FAULT` are legal everywhere; they are added
once, below, for every state. A trigger that has no entry is refused and changes nothing.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from emscontrol.core.errors import IllegalTransition


class State(StrEnum):
    """Where a session is."""

    IDLE = "idle"  # no handshake yet
    CONNECTED = "connected"  # the stimulator answered; nothing is prepared
    ARMED = "armed"  # ready at zero; only START is missing
    RUNNING = "running"  # the program's clock runs; current may flow
    PAUSED = "paused"  # the clock stands, all channels at zero
    STOPPING = "stopping"  # stop sent, zero not read back yet
    FAULT = "fault"  # stopped by a fault; zero may not be confirmed
    ENDED = "ended"  # over; nothing more is sent but a stop


class Trigger(StrEnum):
    """What can move a session on."""

    HANDSHAKE = "handshake"  # the stimulator answered
    READY = "ready"  # the stimulator is prepared at zero
    DISARM = "disarm"  # armed too long without a start
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"  # the program is over
    OFF = "off"  # zero has been read back after a stop
    CLEAR = "clear"  # the operator has seen the fault's cause
    GIVE_UP = "give_up"  # zero could not be read back, or the operator closes the session
    STOP = "stop"
    FAULT = "fault"


_TABLE: Final[dict[State, dict[Trigger, State]]] = {
    State.IDLE: {Trigger.HANDSHAKE: State.CONNECTED},
    State.CONNECTED: {Trigger.READY: State.ARMED},
    State.ARMED: {Trigger.START: State.RUNNING, Trigger.DISARM: State.CONNECTED},
    State.RUNNING: {Trigger.PAUSE: State.PAUSED, Trigger.FINISH: State.STOPPING},
    State.PAUSED: {Trigger.RESUME: State.RUNNING},
    State.STOPPING: {Trigger.OFF: State.ENDED},
    State.FAULT: {Trigger.CLEAR: State.IDLE, Trigger.GIVE_UP: State.ENDED},
    State.ENDED: {},
}

_STOP_LEADS_TO: Final = dict.fromkeys(State, State.STOPPING) | {
    State.FAULT: State.FAULT,  # a stop does not take a fault away
    State.ENDED: State.ENDED,
}
_FAULT_LEADS_TO: Final = dict.fromkeys(State, State.FAULT) | {State.ENDED: State.ENDED}

TRANSITIONS: Final[Mapping[State, Mapping[Trigger, State]]] = {
    state: {**row, Trigger.STOP: _STOP_LEADS_TO[state], Trigger.FAULT: _FAULT_LEADS_TO[state]} for state, row in _TABLE.items()
}

WATCHED: Final = frozenset({State.ARMED, State.RUNNING, State.PAUSED})
"""The states in which a standstill of the loop or a strange report of the stimulator is a fault."""


def after(state: State, trigger: Trigger) -> State:
    """The state that follows. Raises IllegalTransition when there is none; then nothing has changed."""
    row = TRANSITIONS[state]
    if trigger not in row:
        possible = ", ".join(sorted(t.value for t in row))
        raise IllegalTransition(f"Cannot {trigger.value} while {state.value}.", f"Possible now: {possible}.")
    return row[trigger]
