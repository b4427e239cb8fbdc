"""A journal's records as one value: whose session it was, how it ended, what each channel got. Pure.

Nothing in a journal makes this fail but a first record that cannot be read: a journal is known by it. Of one that is not intact
the records that do not fit are read for whose session it was and what became of it, and the finding says that they cannot be
believed; what each channel got is counted from those that stand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

from emscontrol.clinic.sessions.content import lines_of, standing
from emscontrol.clinic.sessions.reckoning import reckoned
from emscontrol.core.errors import JournalBroken, UsageError
from emscontrol.program.timing import schedule
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.travel import from_line
from emscontrol.record.line import BOOKED_AT, Record, link, parse
from emscontrol.record.proof import WITHOUT
from emscontrol.record.verify import VerifyReport, verify_lines

INTERRUPTED: Final = "interrupted"
_FIGURES: Final = ("pulses", "contractions", "peak_ua", "charge_pc", "on_us")
_FRAME: Final = frozenset({b"session_opened", b"booked", b"connected", b"started", b"totals", b"session_ended"})
_NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)  # of a journal whose wall clock says nothing


@dataclass(frozen=True, slots=True)
class BookedAs:
    """What the journal says of the appointment. `channels` is by number: muscle, side, area_mm2, electrode_set."""

    book: str
    patient: str
    plan: int
    appointment: int
    number: int
    staff: str
    contractions: int
    channels: Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """One channel: where it was, what the patient tolerated there, and what it got."""

    channel: int
    muscle: str
    side: str
    electrode_set: int | None
    comfort_ua: int
    pulses: int
    contractions: int
    peak_ua: int
    charge_pc: int
    on_us: int


@dataclass(frozen=True, slots=True)
class JournalFacts:
    """What one journal tells. `intact` is verify's word and `finding` its sentence; `closed` says that it has an end.

    `signature` tells by whose key it is signed; `key` is that key, "" where it is chained only, `signer` the station that is
    known to have it, "" for a key that is not known here. `last_hash` is that of the last record up to which it stands.
    """

    journal_id: str
    opened_at: datetime
    booked: BookedAs | None
    result: str
    reason: str
    duration_us: int
    intact: bool
    closed: bool
    finding: str
    simulated: bool
    device: str
    protocol_sha256: str
    contractions_prescribed: int
    channels: tuple[ChannelFacts, ...]
    key: str
    signer: str
    signature: str
    last_hash: str

    @property
    def contractions(self) -> int:
        """Begun, all channels together."""
        return sum(channel.contractions for channel in self.channels)


def read_journal(content: bytes, known: Mapping[str, str] = WITHOUT) -> JournalFacts:
    """Read a journal; `known` are names of stations by public key.

    Raises JournalBroken when its first record cannot be believed, UsageError when it is no journal.
    """
    lines = lines_of(content)
    first = link(lines[0].rstrip(b"\n")) if lines and lines[0].endswith(b"\n") else None
    if first is None or first.n != 1 or first.event != "session_opened":
        if lines and lines[0].startswith(b'{"n":1,'):
            raise JournalBroken("The first record of this journal was changed or is not whole.", "It cannot be handed in.")
        raise UsageError("This is no journal of a session.", "Give a file of the folder sessions.")
    report = verify_lines(lines, known)
    try:
        totals = _totals(lines, report)
        return _facts(first.hash, _records(lines, report.ended), totals, report)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as problem:
        raise JournalBroken(f"What this journal says makes no sense: {problem!r:.200}.", "It cannot be handed in.") from problem


def _facts(
    journal_id: str, records: Sequence[Record], totals: Mapping[int, Mapping[str, int]], report: VerifyReport
) -> JournalFacts:
    opening, protocol = records[0].event.args, _protocol(records[0])
    booked = _booked(records)
    result, reason, duration_us = _ending(records, report)
    return JournalFacts(
        journal_id=journal_id,
        opened_at=_time(records[0].wall),
        booked=booked,
        result=result,
        reason=reason,
        duration_us=duration_us,
        intact=report.ok,
        closed=report.ok and report.ended,
        finding=report.sentence(),
        simulated=bool(opening["simulated"]),
        device=_device(records),
        protocol_sha256=str(opening["protocol_sha256"]),
        contractions_prescribed=booked.contractions if booked else prescribed_contractions(protocol),
        channels=_channels(opening, totals, booked, protocol),
        key=report.key if report.signed_to else "",
        signer=report.signer if report.signed_to else "",
        signature=report.signature_sentence(),
        last_hash=report.last_hash,
    )


def prescribed_contractions(protocol: Protocol | None) -> int:
    """What a protocol asks for, all channels together."""
    return sum(len(contraction.channels) for contraction in schedule(protocol)[1]) if protocol else 0


def _records(lines: Sequence[bytes], ended: bool) -> list[Record]:
    """Whole lines that can be read as records, whether they fit the chain or not; of a closed journal its frame only."""
    found = []
    for line in lines:
        try:
            if line.endswith(b"\n") and (not ended or _kind(line) in _FRAME):
                found.append(parse(line))
        except JournalBroken:
            continue  # verify has found it, and says so
    return found


def _kind(line: bytes) -> bytes:
    return line.partition(b'"event":"')[2].partition(b'"')[0]


def _protocol(first: Record) -> Protocol | None:
    """What was played; None for a measurement, which has a procedure in its place."""
    try:
        return from_line(str(first.event.args["protocol_compiled"]))
    except UsageError:
        return None


def _booked(records: Sequence[Record]) -> BookedAs | None:
    if len(records) < BOOKED_AT or records[1].n != BOOKED_AT or records[1].event.kind != "booked":
        return None
    args = {name: value for name, value in records[1].event.args.items() if name not in ("channels", "screening")}
    channels = cast("Mapping[str, Mapping[str, Any]]", records[1].event.args["channels"])
    return BookedAs(channels={int(number): channel for number, channel in channels.items()}, **cast("dict[str, Any]", args))


def _totals(lines: Sequence[bytes], report: VerifyReport) -> Mapping[int, Mapping[str, int]]:
    """As verify tells them of an intact record; else what the lines that stand add up to, as far as they make sense."""
    if report.ok and report.totals:
        return report.totals
    return reckoned(_records(lines if report.ok else standing(lines, report.last_hash), ended=False))


def _ending(records: Sequence[Record], report: VerifyReport) -> tuple[str, str, int]:
    """Result, reason and duration; what is not closed was interrupted, and lasted to its last record at least."""
    last = records[-1]
    if report.ended and last.event.kind == "session_ended":
        args = last.event.args
        return str(args["result"]), str(args["reason"]), cast("int", args["duration_us"])
    started = next((record.t_us for record in records if record.event.kind == "started"), last.t_us)
    return INTERRUPTED, "the record has no end", max(0, last.t_us - started)


def _channels(
    opening: Mapping[str, Any], totals: Mapping[int, Mapping[str, int]], booked: BookedAs | None, protocol: Protocol | None
) -> tuple[ChannelFacts, ...]:
    comfort = {int(number): int(amplitude_ua) for number, amplitude_ua in opening["comfort"].items()}
    made = []
    for number in sorted(comfort.keys() | totals.keys() | (booked.channels.keys() if booked else set())):
        place, got = _place(number, booked, protocol), totals.get(number, {})
        made.append(
            ChannelFacts(
                channel=number,
                muscle=str(place.get("muscle", "")),
                side=str(place.get("side", "")),
                electrode_set=place.get("electrode_set"),
                comfort_ua=comfort.get(number, 0),
                **{figure: got.get(figure, 0) for figure in _FIGURES},
            )
        )
    return tuple(made)


def _place(number: int, booked: BookedAs | None, protocol: Protocol | None) -> Mapping[str, Any]:
    """Where a channel was: as the book said, else as the protocol says."""
    if booked and number in booked.channels:
        return booked.channels[number]
    if protocol and number in protocol.channels:
        return {"muscle": protocol.channels[number].muscle, "side": protocol.channels[number].side.value}
    return {}


def _device(records: Sequence[Record]) -> str:
    """The address that was asked for and, where it answered, who was there."""
    port = str(records[0].event.args["port"])
    told = next((record.event.args for record in records if record.event.kind == "connected"), None)
    return f"{port} {told['model']} {told['serial']}".strip() if told else port


def _time(wall: str) -> datetime:
    try:
        told = datetime.fromisoformat(wall)
    except ValueError:
        return _NEVER
    return told if told.tzinfo else told.replace(tzinfo=UTC)
