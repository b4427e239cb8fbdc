"""What a body did, as JSON lines, beside the oscilloscope's.

    {"t_us": 1200000, "channel": 1, "force_n": 84.31, "word": "contraction", "discomfort": 1.2, "says": "The muscle pulls."}

While a channel has force or a feeling there is a line every 50 ms, and one when it is at rest again. `says` is what the patient
said since the last line of that channel, or null. Times are those of the oscilloscope.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TextIO

from firmware_sim.body.patient import Patient
from firmware_sim.body.sensation import Word
from firmware_sim.body.speech import Saying

EVERY_US: Final = 50_000
LEAST_N: Final = 0.05
"""Less force than this is rest."""


@dataclass(frozen=True, slots=True)
class BodyLine:
    """One line."""

    t_us: int
    channel: int
    force_n: float
    word: str
    discomfort: float
    says: str | None


class BodyRecord:
    """Watches a patient and gives lines to a sink, in order of time."""

    def __init__(self, patient: Patient, sink: Callable[[BodyLine], object]) -> None:
        self._patient: Final = patient
        self._sink: Final = sink
        self._next_us: int | None = None
        self._resting: Final[set[int]] = set()
        self._file: TextIO | None = None
        self._heard: Final[list[Saying]] = []
        patient.watch(self.look)
        patient.listen(self._heard.append)

    @classmethod
    def to_file(cls, patient: Patient, path: Path | str) -> "BodyRecord":
        """Writes to a new file, each line flushed at once. Raises OSError when it cannot be made, or is there already."""
        file = Path(path).open("x", encoding="utf-8", buffering=1)  # noqa: SIM115 - open until close()
        record = cls(patient, lambda line: file.write(json.dumps(asdict(line)) + "\n"))
        record._file = file
        return record

    def look(self, now_us: int) -> None:
        """Writes what is due up to now."""
        if self._next_us is None:
            began_us = self._patient.began_us
            if began_us is None:
                return
            self._next_us = began_us // EVERY_US * EVERY_US
        while self._next_us <= now_us:
            at_us, self._next_us = self._next_us, self._next_us + EVERY_US
            for channel in self._patient.channels:
                self._write(channel, at_us)

    def close(self) -> None:
        """Nothing more is written."""
        if self._file is not None:
            self._file.close()

    def _write(self, channel: int, at_us: int) -> None:
        patient = self._patient
        force_n, feeling = patient.look(channel, at_us)
        rests = abs(force_n) < LEAST_N and feeling.word is Word.NOTHING
        if rests and channel in self._resting:
            return
        (self._resting.add if rests else self._resting.discard)(channel)
        said = [saying for saying in self._heard if saying.channel == channel and saying.t_us <= at_us]
        for saying in said:
            self._heard.remove(saying)
        words = " ".join(saying.sentence for saying in said) or None
        self._sink(BodyLine(at_us, channel, round(force_n, 2), feeling.word.value, round(feeling.discomfort, 2), words))
