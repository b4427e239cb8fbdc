"""One journal for a program or a notebook: verified when it is opened, then read as typed values.

Tables come as columns, which pandas, polars and the standard library take alike; nothing here needs any of them. The file is
read anew by each call, so a long journal takes no memory that is not asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final, TypeAlias

from emscontrol.core.errors import JournalBroken
from emscontrol.record.dose import ChannelDose
from emscontrol.record.exports.read import JournalReader
from emscontrol.record.exports.tables import TABLES, Value
from emscontrol.record.opened_event import JournalEvent, journal_event, time_of_day
from emscontrol.record.replay import read_verified
from emscontrol.record.report import VerifyReport

Columns: TypeAlias = dict[str, list[int | float | str | bool | None]]
"""A table by column, units in the names; None where a figure does not apply or is not known."""


@dataclass(frozen=True, slots=True)
class Session:
    """What the journal says of its session as a whole; None where it does not say.

    `result` is completed, stopped, fault or refused, None when the journal was not closed. `duration_us` counts from the start
    of the programme, pauses included. `patient` to `number` are those of the clinic's book.
    """

    protocol: str | None
    indication: str | None
    model: str | None
    simulated: bool | None
    opened: datetime | None
    serial: str | None
    firmware: str | None
    result: str | None
    reason: str | None
    duration_us: int | None
    records: int | None
    patient: str | None
    plan: int | None
    appointment: int | None
    number: int | None
    protocol_sha256: str | None


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel: where it was, and what it was given; None where the record does not say.

    Totals are the record's own, or, of one without, what its lines add up to, where they do add up.
    """

    channel: int
    muscle: str | None
    side: str | None
    area_mm2: int | None
    comfort_ua: int | None
    contractions: int | None
    pulses: int | None
    peak_ua: int | None
    plateau_ua: int | None
    charge_pc: int | None
    on_us: int | None
    dose: ChannelDose | None


class OpenJournal:
    """One verified journal. Make it with `emscontrol.record.open_journal`.

    `report` is what verify found. Of a journal that is not intact everything here ends with `report.last_good`, the last record
    up to which it stands.
    """

    def __init__(self, path: Path, report: VerifyReport) -> None:
        self.path: Final = path
        self.report: Final = report
        if not report.last_good:
            raise JournalBroken(f"{path}: not one record of it stands.", "Run `emscontrol verify` on it.")

    @property
    def events(self) -> Iterator[JournalEvent]:
        """Every record in order. Raises JournalBroken where the file is no longer the one that was verified."""
        first_us: int | None = None
        for record in read_verified(self.path, self.report.last_good, self.report.last_hash):
            first_us = record.t_us if first_us is None else first_us
            yield journal_event(record, first_us)

    def of(self, *kinds: str) -> Iterator[JournalEvent]:
        """The records of these kinds."""
        return (event for event in self.events if event.kind in kinds)

    @cached_property
    def session(self) -> Session:
        """The session as a whole."""
        row, *_ = self._facts["sessions"]
        return Session(
            protocol=_text(row["protocol"]),
            indication=_text(row["indication"]),
            model=_text(row["model"]),
            simulated=None if row["simulated"] is None else bool(row["simulated"]),
            opened=time_of_day(str(row["opened"])),
            serial=_text(row["serial"]),
            firmware=_text(row["firmware"]),
            result=_text(row["result"]),
            reason=_text(row["reason"]),
            duration_us=_whole(row["duration_s"]),
            records=_whole(row["records"]),
            patient=_text(row["patient"]),
            plan=_whole(row["plan"]),
            appointment=_whole(row["appointment"]),
            number=_whole(row["number"]),
            protocol_sha256=_text(row["protocol_sha256"]),
        )

    @cached_property
    def channels(self) -> tuple[Channel, ...]:
        """Every channel that has a comfort level, electrodes or totals."""
        doses = {dose.channel: dose for dose in self.report.dose}
        rows = {number: row for row in self._facts["channels"] if (number := _whole(row["channel"])) is not None}
        return tuple(
            self._channel(channel, rows.get(channel, {}), doses.get(channel))
            for channel in sorted(rows | dict(self.report.totals))
        )

    def set_points(self) -> Columns:
        """What each channel was commanded, from when on."""
        return self._columns("set_points")

    def contractions(self) -> Columns:
        """Each contraction of each channel, with its highest amplitude."""
        return self._columns("contractions")

    def measured(self) -> Columns:
        """What the stimulator itself measured."""
        return self._columns("measured")

    def thresholds(self) -> Columns:
        """What a measurement found, or did not find."""
        return self._columns("thresholds")

    def _channel(self, channel: int, row: dict[str, Value], dose: ChannelDose | None) -> Channel:
        totals = self.report.totals.get(channel, {})
        return Channel(
            channel=channel,
            muscle=_text(row.get("muscle")),
            side=_text(row.get("side")),
            area_mm2=_whole(row.get("area_cm2")) or (dose.area_mm2 if dose else None),
            comfort_ua=_whole(row.get("comfort_ma")),
            contractions=totals.get("contractions"),
            pulses=totals.get("pulses"),
            peak_ua=totals.get("peak_ua"),
            plateau_ua=totals.get("plateau_ua"),
            charge_pc=totals.get("charge_pc"),
            on_us=totals.get("on_us"),
            dose=dose,
        )

    @cached_property
    def _facts(self) -> dict[str, list[dict[str, Value]]]:
        return {table: list(self._rows(table)) for table in ("sessions", "channels")}

    def _rows(self, table: str) -> Iterator[dict[str, Value]]:
        """The rows of one table in the record's own whole numbers."""
        names = [column.name for column in TABLES[table].columns]
        reader = JournalReader(self.path, self.path.stem, self.report.last_good, self.report.last_hash)
        return (dict(zip(names, row, strict=True)) for name, row in reader.rows() if name == table)

    def _columns(self, table: str) -> Columns:
        columns = [column for column in TABLES[table].columns if column.name != "session"]
        told: Columns = {column.name: [] for column in columns}
        for row in self._rows(table):
            for column in columns:
                value = row[column.name]
                told[column.name].append(value / column.scale if column.scale > 1 and isinstance(value, int) else value)
        return told


def _whole(value: Value) -> int | None:
    return value if type(value) is int else None


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None
