"""EDF+ with edfio: a file for each session, a signal for each channel commanded and measured, annotations beside them.

A figure has 10 µA in EDF's 16 bits; what is finer is rounded down. Measured values are rare and are held until the next one or
until the channel is turned off; 0 there means that nothing is known.
"""

import re
from array import array
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from emscontrol.core.units import UA_PER_MA
from emscontrol.record.exports.place import ExportFolder
from emscontrol.record.exports.tables import Row, Value
from emscontrol.record.exports.trace import RATE_HZ, SessionTrace, Step, Told, sampled

if TYPE_CHECKING:
    import edfio

STEP_UA: Final = 10
DIGITAL: Final = (-(2**15), 2**15 - 1)
YEARS: Final = range(1985, 2085)  # that an EDF header can say
UNKNOWN_DATE: Final = date(1985, 1, 1)  # what the standard has for a date that is not told
TEXT_MAX: Final = 120  # an annotation; the longest one makes every second of the file longer
CODE_MAX: Final = 60


class EdfFiles:
    """An EDF+ file for each session. Raises ImportError without edfio."""

    def __init__(self, folder: ExportFolder, nameless: bool) -> None:
        import edfio  # noqa: F401 -- missing, it is missing now and not after the first session

        self._folder = folder
        self._session = ""
        self._trace = SessionTrace()

    def begin(self, session: str) -> None:
        """A trace of its own."""
        self._session, self._trace = session, SessionTrace()

    def rows(self, table: str, rows: Sequence[Row]) -> None:
        """Into the trace."""
        for row in rows:
            self._trace.take(table, row)

    def end(self) -> None:
        """The file of the session."""
        edf(self._trace).write(self._folder.new(f"{self._session}.edf"))

    def finish(self) -> None:
        """Each session has its file."""

    def close(self) -> None:
        """Nothing is open."""


def edf(trace: SessionTrace) -> "edfio.Edf":
    """The session as an EDF+ in memory."""
    import edfio

    count = trace.samples()
    step_ua = trace.facts["amplitude_step_ma"]
    steps_ua = step_ua if isinstance(step_ua, int) and step_ua > 0 else 1
    signals = []
    for channel in sorted(trace.commanded.keys() | trace.measured.keys()) or (1,):  # nothing commanded is a trace at zero
        signals.append(_signal(f"Ch{channel} commanded", trace.commanded.get(channel, []), count, steps_ua))
        if channel in trace.measured:
            signals.append(_signal(f"Ch{channel} measured", trace.measured[channel], count, 1))
    begun = _begun(trace.facts["opened"])
    return edfio.Edf(
        signals,
        patient=edfio.Patient(code=_code(trace.facts["patient"])),
        recording=edfio.Recording(
            startdate=UNKNOWN_DATE if begun is None else begun.date(),
            equipment_code=_code(trace.facts["model"]),
            additional=("SIMULATION",) if trace.simulated else (),
        ),
        starttime=time(0) if begun is None else begun.time(),
        data_record_duration=1,
        annotations=[
            edfio.EdfAnnotation(told.t_us / 1e6, told.lasted_us / 1e6 or None, _annotation(told)) for told in trace.told()
        ],
    )


def _signal(label: str, steps: list[Step], count: int, step_ua: int) -> "edfio.EdfSignal":
    import edfio
    import numpy as np

    values: array[int] = sampled(steps, count, step_ua)
    digital: Any = np.minimum(np.frombuffer(values, dtype=np.int32) // STEP_UA, DIGITAL[1]).astype(np.int16)
    return edfio.EdfSignal.from_digital(
        digital,
        RATE_HZ,
        label=label,
        transducer_type="stimulator",
        physical_dimension="mA",
        physical_range=(DIGITAL[0] * STEP_UA / UA_PER_MA, DIGITAL[1] * STEP_UA / UA_PER_MA),
        digital_range=DIGITAL,
        prefiltering="held until the next value",
    )


def _annotation(told: Told) -> str:
    """One annotation: what, on which channel, and the record's own sentence."""
    if told.kind == "phase":
        what = f"phase {told.phase}"
    elif told.contraction is not None:
        what = f"{told.kind} {told.contraction} channel {told.channel}"
    else:
        what = told.kind if told.channel is None else f"{told.kind} channel {told.channel}"
    text = f"{what}: {told.text}" if told.text else what
    return "".join(c for c in text if c.isprintable())[:TEXT_MAX]


def _begun(opened: Value) -> datetime | None:
    """The time of day of the first record, as the clock on the wall showed it; None for what an EDF header cannot say."""
    try:
        begun = datetime.fromisoformat(str(opened))
    except ValueError:
        return None
    return begun.replace(tzinfo=None, microsecond=0) if begun.year in YEARS else None


def _code(value: Value) -> str:
    """A header's word: ASCII without blanks, X for unknown."""
    return re.sub(r"[^!-~]+", "_", str(value))[:CODE_MAX] if value else "X"
