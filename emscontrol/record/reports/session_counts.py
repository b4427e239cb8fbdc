"""What each channel got, counted: by verify of a record that is whole, here of the part of one that stands."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from emscontrol.core.errors import JournalBroken
from emscontrol.core.events import Event
from emscontrol.record.delivered import INCOMPLETE
from emscontrol.record.dose import ChannelDose, doses
from emscontrol.record.line import Record
from emscontrol.record.reckon import Reckoner
from emscontrol.record.refusals import Refusal, Refusals
from emscontrol.record.replay import read_verified
from emscontrol.record.report import VerifyReport

UNREAD: Final = "not all of what stands can be read"


class Counts(NamedTuple):
    """By channel totals and what the stimulator reported; `totals` None where nothing can be said of them.

    `told` says that the totals are the record's own and not counted from its lines.
    """

    totals: Mapping[int, Mapping[str, int]] | None
    told: bool
    measured: Mapping[int, Mapping[str, int]]
    dose: tuple[ChannelDose, ...]
    refusals: tuple[Refusal, ...]
    refusals_more: int


def counts_of(verified: VerifyReport) -> Counts:
    """Of a closed record that is intact and has totals."""
    found = verified
    return Counts(found.totals, found.totals_told, found.measured, found.dose, found.refusals, found.refusals_more)


class Counted:
    """Feed it the records that stand with `take`, then ask what they add up to."""

    def __init__(self) -> None:
        self._reckoner, self._refusals = Reckoner(), Refusals()
        self._totals: Event | None = None

    def take(self, record: Record) -> None:
        """The next record."""
        if record.event.kind == INCOMPLETE:
            self._reckoner.lost = True
        self._reckoner.take(record.event.kind, record.event.args, record.t_us)
        self._refusals.take(record.n, record.event.kind, record.event.args)
        if record.event.kind == "totals":
            self._totals = record.event

    def found(self, verified: VerifyReport) -> Counts:
        """The record's own totals where verify has nothing against them, else what its lines add up to."""
        reckoner, told = self._reckoner, self._totals
        if any(problem.kind == "totals" for problem in verified.problems):
            told = None
        totals = _rows(told) if told else None if reckoner.lost else reckoner.channels()
        measured = {channel: {"pulses": each.pulses, "peak_ua": each.peak_ua} for channel, each in reckoner.measured.items()}
        return Counts(totals, told is not None, measured, doses(reckoner), self._refusals.rows(), self._refusals.more)


def as_it_stands(path: Path, verified: VerifyReport) -> VerifyReport:
    """The same of the journal at `path`, with figures of nothing but the records that stand.

    Verify counts a record before it comes upon the signature that does not fit, and tells totals that lie as the record's own.
    Here such a record is read once more, up to the last that stands; where that cannot be, there are no figures.
    """
    if verified.ok:
        return verified
    count = Counted()
    try:
        for record in read_verified(path, verified.last_good, verified.last_hash):
            count.take(record)
    except JournalBroken:
        nothing = replace(verified, totals={}, totals_told=False, totals_checked=False, totals_unheld=UNREAD)
        return replace(nothing, measured={}, dose=(), refusals=(), refusals_more=0)
    found = count.found(verified)
    unheld = verified.totals_unheld if found.told or found.totals is None else ""
    return replace(
        verified,
        totals=found.totals or {},
        totals_told=found.told,
        totals_checked=verified.totals_checked and found.told,
        totals_unheld=unheld,
        measured=found.measured,
        dose=found.dose,
        refusals=found.refusals,
        refusals_more=found.refusals_more,
    )


def _rows(totals: Event) -> dict[int, dict[str, int]]:
    rows: Any = totals.args["channels"]
    return {int(channel): dict(row) for channel, row in rows.items()}
