"""One appointment, ready to be run, as plain values: it can be kept in a file for a day without the book."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from emscontrol.clinic.prescription.resting import Worked
from emscontrol.core.booking import Booking
from emscontrol.core.errors import UsageError
from emscontrol.safety.screening import ScreeningFacts


@dataclass(frozen=True, slots=True)
class Level:
    """One level of one channel, with the words that tell where it comes from."""

    channel: int
    kind: str  # comfort or motor
    amplitude_ua: int
    estimated: bool
    words: str


def amplitudes_ua(levels: Iterable[Level], kind: str) -> dict[str, int]:
    """The levels of one kind by channel."""
    return {str(level.channel): level.amplitude_ua for level in levels if level.kind == kind}


@dataclass(frozen=True, slots=True)
class Prescription:
    """What is to be given. `protocol_text` is the plan's protocol as it has become, `sha256` that of this very text.

    `worked` are sessions after which its muscles still may rest, `zone` the clinic's time zone.
    `device` is MODEL@PORT, "" where no stimulator has been settled; `stimulator` its number in the book.
    """

    booking: Booking
    title: str
    starts_at: datetime
    birth_year: int | None
    device: str
    stimulator: int | None
    protocol_text: str
    sha256: str
    levels: tuple[Level, ...]
    worked: tuple[Worked, ...]
    zone: str

    @property
    def estimated(self) -> tuple[Level, ...]:
        """The levels that were not measured with these pulses."""
        return tuple(level for level in self.levels if level.estimated)

    def amplitudes_ua(self, kind: str) -> dict[str, int]:
        """The levels of one kind by channel, as a session takes them."""
        return amplitudes_ua(self.levels, kind)

    def facts(self) -> ScreeningFacts:
        """What was asked of the patient."""
        return ScreeningFacts.from_json(self.booking.screening)

    def with_facts(self, facts: ScreeningFacts) -> "Prescription":
        """The same with what has been asked since."""
        return replace(self, booking=replace(self.booking, screening=facts.to_json()))

    def for_staff(self, code: str) -> "Prescription":
        """The same, run by this member of staff."""
        return replace(self, booking=replace(self.booking, staff=code))

    def to_json(self) -> str:
        """One line."""
        plain = asdict(self) | {
            "booking": self.booking.to_json(),
            "starts_at": self.starts_at.isoformat(),
            "worked": [one.as_plain() for one in self.worked],
        }
        return json.dumps(plain, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Prescription":
        """Read it back. Raises UsageError when it is not one."""
        try:
            data = dict(json.loads(text))
            worked = tuple(Worked.from_plain(one) for one in data.pop("worked"))
            levels = tuple(Level(**level) for level in data.pop("levels"))
            booking = Booking.from_json(data.pop("booking"))
            starts_at = datetime.fromisoformat(data.pop("starts_at"))
            return cls(booking=booking, levels=levels, starts_at=starts_at, worked=worked, **data)
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            raise UsageError(f"That is no prescription: {problem}.", "Fetch the day's agenda again.") from problem
