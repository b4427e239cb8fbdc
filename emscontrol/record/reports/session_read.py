"""A journal as what a report tells of it, read only as far as it stands."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from emscontrol.core.errors import JournalBroken, UsageError
from emscontrol.core.events import Event
from emscontrol.measure.plan import Plan, plan_from_json
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.travel import from_line
from emscontrol.record.dose import ChannelDose, doses
from emscontrol.record.exports.read import JournalReader
from emscontrol.record.exports.tables import TABLES
from emscontrol.record.exports.trace import SessionTrace
from emscontrol.record.known_zero import KnownZero
from emscontrol.record.line import Record
from emscontrol.record.reckon import Measured, Reckoner
from emscontrol.record.refusals import Refusals
from emscontrol.record.replay import read_events
from emscontrol.record.report import VerifyReport
from emscontrol.record.verify import verify

BULK: Final = frozenset(
    {"set_point", "acked", "measured", "read_back", "contraction_started", "contraction_ended", "checkpoint"}
)
"""Events that are counted and drawn, not kept one by one."""


@dataclass(frozen=True, slots=True)
class At:
    """An event, in µs since the first record."""

    t_us: int
    event: Event


@dataclass(slots=True)
class SessionRecord:
    """One session. Times are µs since its first record; `start_us` is when its programme began, None where it did not.

    `verified` is what verify says of the whole file; all else is of the records that stand. `totals` is None where nothing
    can be said of them, `told_totals` says that they are the record's own and not counted here. `measured` is what the
    stimulator reported by channel, `samples` its single measurements (time, µA). `channels` are rows of the table `channels`
    of the exports, in whole numbers of the record (µA, mm²).
    """

    name: str
    verified: VerifyReport
    opening: Mapping[str, Any]
    opened: str
    closed: bool = False
    booked: Mapping[str, Any] | None = None
    protocol: Protocol | None = None
    plan: Plan | None = None
    events: list[At] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    start_us: int | None = None
    last_us: int = 0
    last_record: str = ""
    zero_known: bool = True
    totals: Mapping[int, Mapping[str, int]] | None = None
    told_totals: bool = False
    measured: Mapping[int, Measured] = field(default_factory=dict)
    samples: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    dose: tuple[ChannelDose, ...] = ()
    refusals: Refusals = field(default_factory=Refusals)
    trace: SessionTrace = field(default_factory=SessionTrace)
    channels: dict[int, dict[str, Any]] = field(default_factory=dict)

    def of(self, *kinds: str) -> list[At]:
        """The events of these kinds, in order."""
        return [each for each in self.events if each.event.kind in kinds]


def read_session(path: Path, known: Mapping[str, str]) -> SessionRecord:
    """Read a journal. `known` are names of stations by public key.

    Raises JournalBroken when not even its first record stands, UsageError when it cannot be read.
    """
    verified = verify(path, known)
    records = _standing(path, verified.last_good)
    first = next(records, None)
    if first is None or first.event.kind != "session_opened":
        raise JournalBroken(
            f"There is no report of {path}: not even its first record stands.", "Run `emscontrol verify` on it."
        )
    session = SessionRecord(path.name, verified, first.event.args, first.wall)
    session.protocol, session.plan = _played(first.event)
    _gather(session, first, records)
    _trace(session, path)
    return session


def _standing(path: Path, last_good: int) -> Iterator[Record]:
    """The records up to the last one that stands; what comes after it is not looked at."""
    if not last_good:
        return
    for record in read_events(path):
        yield record
        if record.n >= last_good:
            return


def _played(first: Event) -> tuple[Protocol | None, Plan | None]:
    """The protocol of a session, or the procedure of a measurement; neither for an electrode check."""
    compiled = str(first.args["protocol_compiled"])
    try:
        return from_line(compiled), None
    except UsageError:
        pass
    try:
        return None, plan_from_json(compiled)
    except JournalBroken:
        return None, None


def _gather(session: SessionRecord, first: Record, rest: Iterator[Record]) -> None:
    reckoner, zero, told = Reckoner(), KnownZero(), None
    for record in _all(first, rest):
        event, t_us = record.event, record.t_us - first.t_us
        session.counts[event.kind] = session.counts.get(event.kind, 0) + 1
        reckoner.take(event.kind, event.args, record.t_us)
        session.refusals.take(record.n, event.kind, event.args)
        zero.take(event)
        if event.kind not in BULK:
            session.events.append(At(t_us, event))
        if event.kind == "started" and session.start_us is None:
            session.start_us = t_us
        if event.kind == "totals":
            told = {int(channel): dict(row) for channel, row in _rows(event).items()}
        session.last_us, session.last_record = max(session.last_us, t_us), event.sentence()
        session.closed = event.kind == "session_ended"
    booked = session.of("booked")
    session.booked = booked[0].event.args if booked else None
    session.zero_known = zero.zero
    believed = told is not None and not any(problem.kind == "totals" for problem in session.verified.problems)
    session.told_totals = believed
    session.totals = told if believed else None if reckoner.lost else reckoner.channels()
    session.measured, session.dose = reckoner.measured, doses(reckoner)


def _all(first: Record, rest: Iterator[Record]) -> Iterator[Record]:
    yield first
    yield from rest


def _rows(totals: Event) -> Mapping[str, Mapping[str, int]]:
    rows: Any = totals.args["channels"]
    return dict(rows)


def _trace(session: SessionRecord, path: Path) -> None:
    """The course of the amplitudes, as the exports have it."""
    reader = JournalReader(path, session.name, session.verified.last_good, session.verified.last_hash)
    for table, row in reader.rows():
        session.trace.take(table, row)
        if table in ("measured", "channels"):
            told: dict[str, Any] = dict(zip((column.name for column in TABLES[table].columns), row, strict=True))
            if table == "measured":
                session.samples.setdefault(told["channel"], []).append((told["t_s"], told["amplitude_ma"]))
            else:
                session.channels[told["channel"]] = told
    if session.plan:
        session.channels.setdefault(session.plan.channel, {}).update(_place(str(session.opening["protocol_text"])))


def _place(procedure: str) -> dict[str, Any]:
    """Where a procedure had its pads; nothing of what makes no sense."""
    try:
        told = json.loads(procedure)
    except (ValueError, RecursionError):
        return {}
    kinds = (("muscle", "muscle", str), ("side", "side", str), ("area_mm2", "area_cm2", int))
    return {column: told[name] for name, column, kind in kinds if isinstance(told, dict) and type(told.get(name)) is kind}
