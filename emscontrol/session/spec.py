"""What a client asks an engine process to run: plain values that travel as one line of JSON."""

import json
from dataclasses import asdict, dataclass, field

from emscontrol.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class SessionSpec:
    """One session.

    Amplitudes in µA by channel; `protocol` is the validated file as JSON, `protocol_text` its words for the journal.
    `procedure` is a `ProcedureSpec` as JSON where something is measured instead of a protocol played.
    `booking` is an `emscontrol.core.booking.Booking` as JSON where the session is an appointment of the clinic's book.
    `device` is MODEL@PORT; `speed` above 1 is for simulators only; `faults` are the simulator's own texts; `body` is
    the name of a simulated body, or the path of its file, "" for a lead that takes any current.
    """

    device: str
    protocol: str
    protocol_text: str
    sha256: str
    comfort_ua: dict[str, int]
    motor_ua: dict[str, int] = field(default_factory=dict)
    journal: str = ""
    home: str = ""
    speed: float = 1.0
    scope: str = ""
    faults: tuple[str, ...] = ()
    seed: int = 0
    watchdog_ms: int | None = None
    body: str = ""
    procedure: str = ""
    booking: str = ""

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "SessionSpec":
        """Read it back. Raises UsageError when it is not one."""
        try:
            data = dict(json.loads(text))
            data["faults"] = tuple(data.get("faults", ()))
            return cls(**data)
        except (ValueError, TypeError, KeyError) as problem:
            raise UsageError(f"The engine was given no session it understands: {problem}.") from problem


@dataclass(frozen=True, slots=True)
class ProcedureSpec:
    """One measuring procedure on one channel. `kind` is a name of `emscontrol.measure.plan.KINDS`; µA, µs, mm².

    `up_to_ua` is how far the operator allows the current to go; `step_ua` and `fine_ua` as in `emscontrol.measure.climb.Steps`.
    """

    kind: str
    channel: int
    muscle: str
    side: str
    area_mm2: int
    up_to_ua: int
    step_ua: int
    fine_ua: int
    widths_us: tuple[int, ...]
    period_us: int

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "ProcedureSpec":
        """Read it back. Raises UsageError when it is not one."""
        try:
            data = dict(json.loads(text))
            data["widths_us"] = tuple(data.get("widths_us", ()))
            return cls(**data)
        except (ValueError, TypeError, KeyError) as problem:
            raise UsageError(f"The engine was given no procedure it understands: {problem}.") from problem
