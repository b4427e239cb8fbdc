"""What a client asks an engine process to run: plain values that travel as one line of JSON."""

import json
from dataclasses import asdict, dataclass, field

from emscontrol.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class SessionSpec:
    """One session.

    Amplitudes in µA by channel; `protocol` is the validated file as JSON, `protocol_text` its words for the journal.
    `device` is MODEL@PORT; `speed` above 1 is for simulators only; `faults` are the simulator's own texts.
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
