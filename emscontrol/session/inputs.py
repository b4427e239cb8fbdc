"""What goes into the engine and what comes out of it. Plain values; the runner does the I/O."""

from dataclasses import dataclass

from emscontrol.core.events import Event

# -- inputs -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Connect:
    """Begin the handshake with the stimulator."""


@dataclass(frozen=True, slots=True)
class Arm:
    """Prepare the stimulator at zero."""


@dataclass(frozen=True, slots=True)
class Start:
    """Let the program run."""

    who: str = "operator"


@dataclass(frozen=True, slots=True)
class Pause:
    """All channels to zero, settings kept."""

    who: str = "operator"


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on from zero."""

    who: str = "operator"


@dataclass(frozen=True, slots=True)
class Adjust:
    """Raise or lower one channel's target by `delta_ua` µA."""

    channel: int
    delta_ua: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The operator's word about the step that a procedure has just given on this channel."""

    channel: int
    word: str
    who: str = "operator"


@dataclass(frozen=True, slots=True)
class Check:
    """Measure the electrodes of one channel at rest."""

    channel: int


@dataclass(frozen=True, slots=True)
class Clear:
    """The operator has seen the fault's cause."""


@dataclass(frozen=True, slots=True)
class Close:
    """The operator leaves a session that is at fault."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Turn everything off, whatever the state. `who` asked, `cause` why."""

    who: str
    cause: str


@dataclass(frozen=True, slots=True)
class Halt:
    """Something around the session makes it stop.

    `event` says what, `reason` becomes the session's reason; its result is `fault` or, without `fault`, `stopped`.
    """

    event: Event
    reason: str
    fault: bool = True


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes from the stimulator (possibly none)."""

    data: bytes


@dataclass(frozen=True, slots=True)
class LinkFailed:
    """The port is gone or does not take bytes."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """An event that only has to be told and recorded."""

    event: Event


Input = (
    Connect
    | Arm
    | Start
    | Pause
    | Resume
    | Adjust
    | Answer
    | Check
    | Clear
    | Close
    | Stop
    | Halt
    | Received
    | LinkFailed
    | Note
)

# -- effects ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes for the stimulator. Urgent ones go out alone: whatever still waits in the port is thrown away first."""

    data: bytes
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Tell:
    """An event for the journal and for every client."""

    event: Event


Effect = Write | Tell
