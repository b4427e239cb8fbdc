"""Whose session it is, and on what grounds: what the clinic's book tells an engine, as plain values.

It travels as JSON to the engine process and stands in the journal, so that the book's index of sessions can be made again
from journals alone. Every value is read for what it must be: a figure that is no whole number or a flag that is no flag is
no booking.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

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
    is, from 1; `contractions` what all channels together are to get. `sha256` is that of the protocol's text that is
    prescribed, `comfort_ua` and `motor_ua` the levels by channel. `screening` is what was asked of the patient, with the
    rules, as `emscontrol.safety.screening.ScreeningFacts` writes it: the engine judges it again. `asked` tells what was said
    when it was begun: why it is on another day than its own, and what was asked while the book was out of reach.
    """

    book: str
    practice: bool
    patient: str
    plan: int
    appointment: int
    number: int
    staff: str
    contractions: int
    sha256: str
    screening: str
    comfort_ua: Mapping[str, int]
    motor_ua: Mapping[str, int] = field(default_factory=dict)
    channels: Mapping[int, BookedChannel] = field(default_factory=dict)
    asked: str = ""

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Booking":
        """Read it back. Raises UsageError when it is not one, or anything in it is not of its kind."""
        try:
            data = json.loads(text)
            if not isinstance(data, dict) or set(data) != {each.name for each in fields(cls)}:
                raise ValueError("its parts are not those of a booking")
            return cls(**{name: _READ[name](data[name]) for name in data})
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
            raise UsageError(f"The engine was given no booking it understands: {problem}.") from problem


def _text(value: object) -> str:
    if type(value) is not str:
        raise ValueError(f"{value!r} is no text")
    return value


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no whole number of zero or more")
    return value


def _flag(value: object) -> bool:
    if type(value) is not bool:
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def _levels(value: Any) -> dict[str, int]:
    return {_text(channel): _count(amplitude_ua) for channel, amplitude_ua in value.items()}


def _channels(value: Any) -> dict[int, BookedChannel]:
    read = {int(_text(number)): _channel(channel) for number, channel in value.items()}
    if len(read) != len(value):
        raise ValueError("a channel is named twice")
    return read


def _channel(value: Any) -> BookedChannel:
    pads = value["electrode_set"]
    return BookedChannel(
        _text(value["muscle"]), _text(value["side"]), _count(value["area_mm2"]), None if pads is None else _count(pads)
    )


_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "book": _text,
    "practice": _flag,
    "patient": _text,
    "plan": _count,
    "appointment": _count,
    "number": _count,
    "staff": _text,
    "contractions": _count,
    "sha256": _text,
    "screening": _text,
    "comfort_ua": _levels,
    "motor_ua": _levels,
    "channels": _channels,
    "asked": _text,
}
"""How each part of a booking is read."""
