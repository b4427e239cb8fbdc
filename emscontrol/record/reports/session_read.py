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
from emscontrol.record.keys import KeyRing
from emscontrol.record.known_zero import KnownZero
from emscontrol.record.line import BOOKED_AT, Record
from emscontrol.record.reckon import CHANNELS_MAX
from emscontrol.record.refusals import Refusal
from emscontrol.record.replay import read_verified
from emscontrol.record.report import VerifyReport
from emscontrol.record.reports.session_counts import Counted, Counts, counts_of
from emscontrol.record.sink import is_being_written
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
    `running` says that a session writes it at this moment.
    `measured` is what the stimulator reported by channel, `samples` its single measurements (time, µA). `channels` are rows of
    the table `channels` of the exports, in whole numbers of the record (µA, mm²); `channels_more` are left out, being more
    than any stimulator has.
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
    running: bool = False
    totals: Mapping[int, Mapping[str, int]] | None = None
    told_totals: bool = False
    measured: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    samples: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    dose: tuple[ChannelDose, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    refusals_more: int = 0
    trace: SessionTrace = field(default_factory=SessionTrace)
    channels: dict[int, dict[str, Any]] = field(default_factory=dict)
    channels_more: int = 0

    def __post_init__(self) -> None:
        self.take_counts(counts_of(self.verified))

    def take_counts(self, counts: Counts) -> None:
        """These figures are those of what stands."""
        self.totals, self.told_totals, self.measured, self.dose, self.refusals, self.refusals_more = counts

    @property
    def closed(self) -> bool:
        """Whether its last record is the closing one."""
        return self.last.kind == "session_ended"

    @property
    def simulated(self) -> bool:
        """Whether the stimulator was a program."""
        return bool(self.opening["simulated"])

    @property
    def complete(self) -> bool:
        """Whether it is known to hold the whole session: otherwise nothing can be said of what is not in it."""
        return self.verified.ok and self.closed

    @property
    def whole(self) -> bool:
        """Whether all its lines stand, even if the totals lie: otherwise what they add up to is the least that was given."""
        return not self.verified.more and all(problem.kind == "totals" for problem in self.verified.problems)

    @property
    def goes_on(self) -> bool:
        """Whether there is more than can be read here, so that nobody knows how its last contractions ended."""
        return self.running or not self.whole

    @property
    def at_least(self) -> str:
        """What stands before a figure that was added up."""
        return "" if self.whole else "at least "

    def of(self, *kinds: str) -> list[At]:
        """The events of these kinds, in order."""
        return [each for each in self.events if each.event.kind in kinds]


def read_session(path: Path, ring: KeyRing) -> SessionRecord:
    """Read a journal. `ring` are the keys that are known here, and which of them are no longer trusted.

    Raises JournalBroken when not even its first record stands, or it changes meanwhile, UsageError when it cannot be read.
    """
    running = is_being_written(path)  # asked first: one that ends meanwhile is told with its end
    verified = verify(path, ring.names(), distrusted=ring.mistrusted())
    records = read_verified(path, verified.last_good, verified.last_hash)
    first = next(records, None)
    if first is None or first.event.kind != "session_opened":
        raise JournalBroken(f"{path}: not even its first record stands.", "Run `emscontrol verify` on it.")
    session = SessionRecord(path.name, verified, first.event.args, first.wall, first.event)
    session.running = running and not verified.ended
    session.protocol, session.plan = _played(first.event)
    count = Counted() if not (verified.ok and verified.ended and verified.totals_told) else None
    reader = JournalReader(path, session.name, verified.last_good, verified.last_hash)
    for table, row in reader.rows_of(_heard(session, count, chain((first,), records))):
        _take(session, table, row)
    if count:
        session.take_counts(count.found(verified))
    session.zero_known = session.zero_known and verified.ok  # what does not stand may have asked for current
    return session


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
        zero.take(event.kind, event.args)
        if count:
            count.take(record)
        if event.kind not in BULK:
            session.events.append(At(t_us, event))
        if event.kind == "started" and session.start_us is None:
            session.start_us = t_us
        if event.kind == "booked" and record.n == BOOKED_AT:
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
    elif len(session.channels) == CHANNELS_MAX:
        session.channels_more += 1
    else:
        session.channels[told["channel"]] = told
