"""Whose session it is, and on what grounds: what the clinic's book tells an engine, as plain values.

It travels as JSON to the engine process and stands in the journal, so that the book's index of sessions can be made again
from journals alone.
"""

import json
from dataclasses import asdict, dataclass, field

from emscontrol.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class BookedChannel:
    """Where the electrodes of one channel are. `electrode_set` is the id of the pads in the book, None where none is known."""

    muscle: str
    side: str
    area_mm2: int
    electrode_set: int | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """One appointment of one patient, ready to be run.

    `book` is the book's own uuid; `practice` tells that it is for simulators only. `number` is which session of its plan it
    is, from 1; `contractions` what all channels together are to get. `screening` is what was asked of the patient, with the
    rules, as `emscontrol.safety.screening.ScreeningFacts` writes it: the engine judges it again.
    """

    book: str
    practice: bool
    patient: str
    plan: int
    appointment: int
    number: int
    staff: str
    contractions: int
    screening: str
    channels: dict[int, BookedChannel] = field(default_factory=dict)

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Booking":
        """Read it back. Raises UsageError when it is not one."""
        try:
            data = dict(json.loads(text))
            channels = {int(number): BookedChannel(**channel) for number, channel in data.pop("channels").items()}
            return cls(**data, channels=channels)
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            raise UsageError(f"The engine was given no booking it understands: {problem}.") from problem
