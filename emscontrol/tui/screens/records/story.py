"""A journal as what a person wants to know of a session: plain values for the screens. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from emscontrol.clinic.sessions.content import lines_of, standing
from emscontrol.clinic.sessions.read_journal import ChannelFacts, JournalFacts, read_journal
from emscontrol.core.errors import JournalBroken, UsageError
from emscontrol.core.units import US_PER_S
from emscontrol.program.timing import schedule
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.travel import from_line
from emscontrol.record.line import Record, parse
from emscontrol.record.proof import WITHOUT
from emscontrol.tui.places import place_name
from emscontrol.tui.screens.records.amplitudes import amplitudes
from emscontrol.tui.screens.records.ending import Ending, ending

NOISE: Final = frozenset(
    {"set_point", "acked", "measured", "read_back", "session_opened", "booked", "contraction_ended", "totals"}
)
"""What the charts and the table show better than sentences."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event: seconds since the start of the program (before it, negative), its severity, its sentence."""

    at_s: float
    severity: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Channel:
    """What one channel got, beside what it was to get; `prescribed` None where no protocol tells."""

    number: int
    where: str
    prescribed: int | None
    contractions: int
    pulses: int
    comfort_ua: int
    peak_ua: int
    charge_pc: int
    on_us: int


@dataclass(frozen=True, slots=True)
class Story:
    """One session. `amplitudes` by channel in seconds and mA; `battery_percent` is the last one that was reported.

    Of a record that is not intact all but whose it is and its result is told as far as it stands.
    """

    facts: JournalFacts
    protocol: str
    title: str
    opened_at: datetime
    channels: tuple[Channel, ...]
    amplitudes: Mapping[int, Sequence[tuple[float, float]]]
    events: tuple[Told, ...]
    ending: Ending
    battery_percent: int | None


def story_of(content: bytes, known: Mapping[str, str] = WITHOUT) -> Story:
    """Read a whole journal; `known` are names of stations by public key.

    Raises JournalBroken when its first record cannot be believed, UsageError when it is no journal.
    """
    if not content:
        raise UsageError("Nothing was written into this record: its engine ended before the session was opened.")
    facts = read_journal(content, known)
    lines = lines_of(content)
    records = _records(lines if facts.intact else standing(lines, facts.last_hash)) or _records(lines[:1])
    opening: Mapping[str, Any] = records[0].event.args
    protocol = _protocol(str(opening["protocol_compiled"]))
    return Story(
        facts=facts,
        protocol=str(opening["protocol_id"]),
        title=protocol.title if protocol else str(opening["protocol_id"]),
        opened_at=facts.opened_at,
        channels=tuple(_channel(each, protocol) for each in facts.channels),
        amplitudes=amplitudes(records),
        events=_events(records),
        ending=ending(records, facts.intact),
        battery_percent=next((_level(r) for r in reversed(records) if r.event.kind == "battery"), None),
    )


def _records(lines: Sequence[bytes]) -> list[Record]:
    """Every whole line that can be read."""
    found = []
    for line in lines:
        try:
            if line.endswith(b"\n"):
                found.append(parse(line))
        except JournalBroken:
            continue
    return found


def _protocol(compiled: str) -> Protocol | None:
    try:
        return from_line(compiled)
    except UsageError:
        return None


def _channel(facts: ChannelFacts, protocol: Protocol | None) -> Channel:
    number = facts.channel
    label = protocol.channels[number].label if protocol and number in protocol.channels else ""
    prescribed = sum(number in contraction.channels for contraction in schedule(protocol)[1]) if protocol else None
    return Channel(
        number=number,
        where=label or place_name(facts.muscle, facts.side),
        prescribed=prescribed,
        contractions=facts.contractions,
        pulses=facts.pulses,
        comfort_ua=facts.comfort_ua,
        peak_ua=facts.peak_ua,
        charge_pc=facts.charge_pc,
        on_us=facts.on_us,
    )


def _events(records: Sequence[Record]) -> tuple[Told, ...]:
    start_us = next((record.t_us for record in records if record.event.kind == "started"), 0)
    return tuple(
        Told((record.t_us - start_us) / US_PER_S, record.event.severity.value, record.event.sentence())
        for record in records
        if record.event.kind not in NOISE
    )


def _level(record: Record) -> int:
    level = record.event.args["level_percent"]
    return level if isinstance(level, int) else 0
