"""A dataset in the manner of BIDS: events and a sampled trace for each session, with the sidecars that explain them.

BIDS has no place of its own for stimulation of muscles; the files are those of behaviour (`beh`), and the description says so.
"""

import csv
import gzip
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from emscontrol import __version__
from emscontrol.core.errors import UsageError
from emscontrol.core.units import UA_PER_MA, US_PER_S
from emscontrol.record.export import cell
from emscontrol.record.exports.place import ExportFolder
from emscontrol.record.exports.tables import Column, Kind, Row
from emscontrol.record.exports.text import as_cell
from emscontrol.record.exports.trace import RATE_HZ, SessionTrace, sampled

VERSION: Final = "1.10.0"
NOTHING: Final = "n/a"
TASK: Final = "stimulation"
FLAGS: Final = {"Simulated": "simulated", "Closed": "closed", "OffKnown": "off_known", "KeyDistrusted": "key_distrusted"}
"""In each sidecar, true or false: its name there, and the flag of the session."""
README: Final = (
    "Sessions of electrical muscle stimulation, written by emscontrol.\n\n"
    "BIDS has no part of its own for stimulation of muscles yet. Each session is kept as behavioural data: its events, and a\n"
    "continuous trace of the amplitudes that were commanded and, where the stimulator measures, delivered. Amplitudes are the\n"
    "peak of the first phase in mA; the trace is what was in force at each sample, not the course of single pulses.\n\n"
    "Each sidecar says by Simulated that no person can have been on the other end, by Closed that the record has its end, by\n"
    "OffKnown that the stimulator's last word was that no current flows, and by KeyDistrusted that the key which signed the\n"
    "record, or one that it follows, is not trusted any more.\n\n"
    "A session without a patient of the clinic's book is a participant of its own, named after the session: two of them may\n"
    "be of one person.\n"
)
EVENT_COLUMNS: Final = (
    Column("onset", Kind.NUMBER, "Since the first record of the session.", "s", US_PER_S),
    Column("duration", Kind.NUMBER, "How long it lasted; 0 for a moment.", "s", US_PER_S),
    Column("trial_type", Kind.TEXT, "phase, contraction, contraction_cut_short, or an event of the record."),
    Column("channel", Kind.WHOLE, "Channel of the stimulator, from 1."),
    Column("amplitude_ma", Kind.NUMBER, "Highest amplitude commanded in the contraction.", "mA", UA_PER_MA),
    Column("phase", Kind.WHOLE, "Phase of the programme, from 1."),
    Column("contraction", Kind.WHOLE, "Contraction of the channel within the phase, from 1."),
    Column("description", Kind.TEXT, "The name of the phase, or the record's own sentence."),
)


class BidsDataset:
    """One dataset with all sessions. Needs nothing but the standard library."""

    def __init__(self, folder: ExportFolder, nameless: bool) -> None:
        self._folder = folder
        self._session = ""
        self._trace = SessionTrace()
        self._subjects: dict[str, str] = {}  # label: what it stands for
        self._sessions: dict[tuple[str, str], str] = {}
        about = {
            "Name": "Sessions of electrical muscle stimulation",
            "BIDSVersion": VERSION,
            "DatasetType": "raw",
            "GeneratedBy": [{"Name": "emscontrol", "Version": __version__}],
        }
        self._json("dataset_description.json", about)
        folder.new("README").write_text(README, encoding="utf-8")

    def begin(self, session: str) -> None:
        """A trace of its own."""
        self._session, self._trace = session, SessionTrace()

    def rows(self, table: str, rows: Sequence[Row]) -> None:
        """Into the trace."""
        for row in rows:
            self._trace.take(table, row)

    def end(self) -> None:
        """The four files of the session."""
        trace = self._trace
        patient = trace.facts["patient"]
        subject = self._labelled(self._subjects, str(patient or f"session {self._session}"))
        session = re.sub(r"[^A-Za-z0-9]", "", self._session)
        if self._sessions.setdefault((subject, session), self._session) != self._session:
            raise UsageError(f"Two sessions would be ses-{session}.", "Export them apart.")
        stem = f"sub-{subject}/ses-{session}/beh/sub-{subject}_ses-{session}_task-{TASK}"
        self._events(stem, trace)
        self._stim(stem, trace)

    def finish(self) -> None:
        """The list of participants."""
        with self._folder.new("participants.tsv").open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file, delimiter="\t", lineterminator="\n")
            lines.writerow(["participant_id"])
            lines.writerows([f"sub-{label}"] for label in sorted(self._subjects))

    def close(self) -> None:
        """Nothing is open."""

    def _labelled(self, taken: dict[str, str], what: str) -> str:
        """A label of letters and digits. Raises UsageError where two things would have the same one."""
        label = re.sub(r"[^A-Za-z0-9]", "", what) or "x"
        if taken.setdefault(label, what) != what:
            raise UsageError(f"{taken[label]} and {what} would both be sub-{label}.", "Export them apart, or with --anonymous.")
        return label

    def _events(self, stem: str, trace: SessionTrace) -> None:
        with self._folder.new(f"{stem}_events.tsv").open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file, delimiter="\t", lineterminator="\n")
            lines.writerow([column.name for column in EVENT_COLUMNS])
            for one in trace.told():
                values = (
                    one.t_us,
                    one.lasted_us,
                    one.kind,
                    one.channel,
                    one.amplitude_ua,
                    one.phase,
                    one.contraction,
                    one.text,
                )
                lines.writerow([as_cell(column, value) or NOTHING for column, value in zip(EVENT_COLUMNS, values, strict=True)])
        described = {column.name: _described(column) for column in EVENT_COLUMNS}
        self._json(f"{stem}_events.json", _flags(trace) | described)

    def _stim(self, stem: str, trace: SessionTrace) -> None:
        count = trace.samples()
        step = trace.facts["amplitude_step_ma"]
        step_ua = step if isinstance(step, int) and step > 0 else 1
        columns = {f"ch{n}_commanded_ma": sampled(trace.commanded[n], count, step_ua) for n in sorted(trace.commanded)}
        columns |= {f"ch{n}_measured_ma": sampled(trace.measured[n], count) for n in sorted(trace.measured)}
        if not columns:
            return
        # the time of writing is left out of the file, so that the same session gives the same bytes
        with self._folder.new(f"{stem}_stim.tsv.gz").open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
            for values in zip(*columns.values(), strict=True):
                file.write("\t".join(map(_ma, values)).encode("ascii") + b"\n")
        about: dict[str, Any] = {"SamplingFrequency": RATE_HZ, "StartTime": 0, "Columns": list(columns)}
        about |= _flags(trace)
        self._json(f"{stem}_stim.json", about | {name: {"Description": _meaning(name), "Units": "mA"} for name in columns})

    def _json(self, name: str, told: Mapping[str, Any]) -> None:
        text = json.dumps(told, indent=1, ensure_ascii=False)
        self._folder.new(name).write_text(f"{text}\n", encoding="utf-8")


def _flags(trace: SessionTrace) -> dict[str, bool]:
    return {name: trace.facts.get(flag) is True for name, flag in FLAGS.items()}


def _described(column: Column) -> dict[str, str]:
    told = {"Description": cell(column.meaning)}
    return told | {"Units": column.unit} if column.unit else told


def _ma(amplitude_ua: int) -> str:
    whole, rest = divmod(amplitude_ua, UA_PER_MA)
    return f"{whole}.{rest:03d}".rstrip("0").rstrip(".")


def _meaning(column: str) -> str:
    if column.endswith("_commanded_ma"):
        return "Amplitude commanded at the time of the sample."
    held = "held until it confirms that the channel is off; 0 where nothing is known."
    return f"Peak current as the stimulator last measured it, {held}"
