"""Somebody who stands beside a simulated patient in real time: passes on what is said, and writes down force and feeling."""

import sys
from pathlib import Path
from typing import Final, TextIO

from firmware_sim.body.patient import Patient
from firmware_sim.body.reading import BodyError
from firmware_sim.body.record import BodyRecord
from firmware_sim.body.speech import Saying


class Bystander:
    """Writes each sentence of a patient to `out`, and a record if there is one."""

    def __init__(self, patient: Patient, record: BodyRecord | None = None, out: TextIO | None = None) -> None:
        self.patient: Final = patient
        self._record: Final = record
        self._out: Final = sys.stderr if out is None else out
        patient.listen(self._pass_on)
        self._out.write(f"{patient.profile.name}: {patient.profile.about} (seed {patient.seed})\n")

    @classmethod
    def beside(cls, name: str | None, seed: int, record: Path | None) -> "Bystander | None":
        """Beside the body of this name; None without a name.

        Raises BodyError for a name that is not known, and for a record without a body, OSError when the record cannot be made.
        """
        if name is None:
            if record is not None:
                raise BodyError("a body record needs a body: give --body NAME as well.")
            return None
        patient = Patient.named(name, seed)
        return cls(patient, BodyRecord.to_file(patient, record) if record else None)

    def leave(self) -> None:
        """Closes the record."""
        if self._record is not None:
            self._record.close()

    def _pass_on(self, saying: Saying) -> None:
        self._out.write(f"channel {saying.channel}: {saying.sentence}\n")
        self._out.flush()
