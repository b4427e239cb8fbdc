"""A journal as what a report tells of it, read only as far as it stands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Final

from emscontrol.core.errors import JournalBroken, UsageError
from emscontrol.core.events import Event
from emscontrol.measure.plan import Plan, plan_from_json
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.travel import from_line
from emscontrol.record.dose import ChannelDose
from emscontrol.record.exports.read import JournalReader
from emscontrol.record.exports.tables import TABLES, Row
from emscontrol.record.exports.trace import SessionTrace
from emscontrol.record.known_zero import KnownZero
from emscontrol.record.line import Record
from emscontrol.record.refusals import Refusal
from emscontrol.record.replay import read_events
from emscontrol.record.report import VerifyReport
from emscontrol.record.reports.session_counts import Counted, Counts, counts_of
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

    `verified` is what verify says of the whole file; all else is of the records that stand, `last` the last of them. `totals`
    is None where nothing can be said of them, `told_totals` says that they are the record's own and not counted here.
    `measured` is what the stimulator reported by channel, `samples` its single measurements (time, µA). `channels` are rows of
    the table `channels` of the exports, in whole numbers of the record (µA, mm²).
    """

    name: str
    verified: VerifyReport
    opening: Mapping[str, Any]
    opened: str
    last: Event
    booked: Mapping[str, Any] | None = None
    protocol: Protocol | None = None
    plan: Plan | None = None
    events: list[At] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    start_us: int | None = None
    last_us: int = 0
    zero_known: bool = True
    totals: Mapping[int, Mapping[str, int]] | None = None
    told_totals: bool = False
    measured: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    samples: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    dose: tuple[ChannelDose, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    refusals_more: int = 0
    trace: SessionTrace = field(default_factory=SessionTrace)
    channels: dict[int, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.take_counts(counts_of(self.verified))

    def take_counts(self, counts: Counts) -> None:
        """These figures are those of what stands."""
        self.totals, self.told_totals, self.measured, self.dose, self.refusals, self.refusals_more = counts

    @property
    def closed(self) -> bool:
        """Whether its last record is the closing one."""
        return self.last.kind == "session_ended"

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
    session = SessionRecord(path.name, verified, first.event.args, first.wall, first.event)
    session.protocol, session.plan = _played(first.event)
    count = Counted() if not (verified.ok and verified.ended) else None
    reader = JournalReader(path, session.name, verified.last_good, verified.last_hash)
    for table, row in reader.rows_of(_heard(session, count, chain((first,), records))):
        _take(session, table, row)
    if count:
        session.take_counts(count.found(verified))
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


def _heard(session: SessionRecord, count: Counted | None, records: Iterable[Record]) -> Iterator[Record]:
    """Passes the records on and keeps what a report tells of them; all is kept before a record is passed on."""
    zero, begin_us = KnownZero(), None
    for record in records:
        event = record.event
        begin_us = record.t_us if begin_us is None else begin_us
        t_us = record.t_us - begin_us
        session.counts[event.kind] = session.counts.get(event.kind, 0) + 1
        zero.take(event)
        if count:
            count.take(record)
        if event.kind not in BULK:
            session.events.append(At(t_us, event))
        if event.kind == "started" and session.start_us is None:
            session.start_us = t_us
        if event.kind == "booked" and session.booked is None:
            session.booked = event.args
        session.last_us, session.last = max(session.last_us, t_us), event
        session.zero_known = zero.zero
        yield record


def _take(session: SessionRecord, table: str, row: Row) -> None:
    """A row of the exports: the course of the amplitudes, and what stands in tables of its own."""
    session.trace.take(table, row)
    if table not in ("measured", "channels"):
        return
    told: dict[str, Any] = dict(zip((column.name for column in TABLES[table].columns), row, strict=True))
    if table == "measured":
        session.samples.setdefault(told["channel"], []).append((told["t_s"], told["amplitude_ma"]))
    else:
        session.channels[told["channel"]] = told
