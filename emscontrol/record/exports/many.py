"""From journals to an export: which sessions, each verified, into the files of one format.

A journal is read once, verified on the way, and its rows wait in a hidden folder until it is known to be intact. Where damaged
ones are left out, or names are, it is verified first: rows cannot be taken back out of a table, and a pseudonym begins
with the digest.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Final

from emscontrol.core.errors import JournalBroken, UsageError
from emscontrol.record.distrust import Mistrust
from emscontrol.record.exports.dictionary import FILE, write_dictionary
from emscontrol.record.exports.formats import Format
from emscontrol.record.exports.place import ExportFolder
from emscontrol.record.exports.read import JournalReader, plain_arguments
from emscontrol.record.exports.session import NO_SUCH_CHANNEL, Signed
from emscontrol.record.exports.sinks import Sink
from emscontrol.record.exports.tables import Row
from emscontrol.record.exports.veil import Pseudonyms, SessionVeil, nameless_arguments
from emscontrol.record.line import BOOKED_AT
from emscontrol.record.place import SUFFIX, opened_at
from emscontrol.record.reading import Read
from emscontrol.record.reckon import CHANNELS_MAX
from emscontrol.record.replay import read_events
from emscontrol.record.signing import key_id
from emscontrol.record.verify import NOBODY, VerifyReport, verify

TOLD_EVERY: Final = 2000  # records from one word about the progress to the next

Progress = Callable[[int], object]
"""Told how many bytes of the journals have been read since the last time."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What became of it: sessions that are in the export, journals that were left out because they are damaged."""

    sessions: int
    left_out: tuple[Path, ...]
    files: tuple[str, ...]


def select(folder: Path, since: datetime | None, patient: str, book: str = "") -> list[Path]:
    """The journals of a folder, in order of time, opened at `since` or later and booked for the patient with this code.

    A journal whose name tells no time is looked into. `book` tells books apart that know the same code.
    """
    chosen = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        begun = opened_at(path)
        if since is not None and (begun is None or begun < since):
            continue
        booked = booking(path) if patient else ()
        if not patient or (booked[1:] == (patient,) and book in ("", *booked[:1])):
            chosen.append(path)
    return chosen


def booking(path: Path) -> tuple[str, ...]:
    """Book and code of the patient of a session, empty outside a book or where the beginning is damaged."""
    try:
        for record in read_events(path):
            if record.n == BOOKED_AT and record.event.kind == "booked":
                return str(record.event.args["book"]), str(record.event.args["patient"])
            if record.n >= BOOKED_AT:
                break
    except JournalBroken:
        return ()
    return ()


def export_sessions(
    paths: Sequence[Path],
    fmt: Format,
    folder: Path,
    *,
    overwrite: bool = False,
    pseudonyms: Pseudonyms | None = None,
    skip_damaged: bool = False,
    distrusted: Mapping[str, Mistrust] = NOBODY,
    progress: Progress = lambda _: None,
) -> Exported:
    """Write these sessions into the folder. With `pseudonyms` no name, code, date or free text is in any of it.
    `distrusted` are the keys, by public key, that are not trusted.

    Raises JournalBroken for a journal that does not verify (unless `skip_damaged`), UsageError when two have one name, when
    there are none, or when the format lacks its library; StorageError when the disk fails. Nothing is left behind then.
    """
    nameless = pseudonyms is not None
    left_out: list[Path] = []
    with ExportFolder(folder, overwrite) as place:
        sink = fmt.open(place, nameless)
        done = 0
        try:
            for path, session in _named(paths):
                if pseudonyms is None and not skip_damaged:
                    _while_verifying(path, session, sink, distrusted, progress)
                elif (report := verify(path, distrusted=distrusted)).ok:
                    _one(path, session, report, sink, pseudonyms, progress)
                elif skip_damaged:
                    left_out.append(path)
                    continue
                else:
                    raise _damaged(path, report)
                done += 1
            sink.finish()
        finally:
            sink.close()
        if not done:
            raise UsageError("There is no session to export.", "Name journals, or choose others with --since and --patient.")
        if fmt.dictionary:
            files = [*place.names, FILE]
            write_dictionary(place.new(FILE), files, nameless)
        return Exported(done, tuple(left_out), tuple(place.names))


def _while_verifying(path: Path, session: str, sink: Sink, distrusted: Mapping[str, Mistrust], progress: Progress) -> None:
    """A journal read once: its rows are written before it is known to be intact, and thrown away with all others when not."""
    reader = JournalReader(path, session)
    pace = _Pace(progress)

    def hear(read: Read, so_far: int) -> None:
        if read.n % TOLD_EVERY == 0:
            pace.done(so_far)
        for table, rows in reader.take(read.n, read.t_us, read.wall, read.event, read.args):
            _check_channels(path, reader)
            sink.rows(table, rows)

    sink.begin(session)
    report = verify(path, distrusted=distrusted, heard=hear)
    if not report.ok:
        raise _damaged(path, report)
    for table, rows in reader.rest(report.last_hash, _signed(report)):
        _check_channels(path, reader)
        sink.rows(table, rows)
    sink.end()
    pace.done(path.stat().st_size)


def _damaged(path: Path, report: VerifyReport) -> JournalBroken:
    return JournalBroken(f"{path} is not exported: {report.sentence()}", "Leave damaged ones out with --skip-damaged.")


def _signed(report: VerifyReport) -> Signed:
    return Signed(key_id(report.key) if report.key else None, report.signed_to, report.mistrust or None)


class _Pace:
    """Tells now and then how much of a file has been read."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._told = 0

    def done(self, read: int) -> None:
        """So many bytes up to now."""
        self._progress(read - self._told)
        self._told = read


def _one(path: Path, session: str, report: VerifyReport, sink: Sink, pseudonyms: Pseudonyms | None, progress: Progress) -> None:
    veil = None if pseudonyms is None else SessionVeil(pseudonyms, booking(path), report.last_hash)
    name, arguments = (session, plain_arguments) if veil is None else (veil.session, nameless_arguments)
    reader = JournalReader(path, name, report.last_good, report.last_hash, arguments, _signed(report))
    sink.begin(name)
    for table, row in _watched(reader.rows(), path.stat().st_size, report.last_good, progress):
        _check_channels(path, reader)
        sink.rows(table, (row if veil is None else veil(table, row),))
    sink.end()


def _check_channels(path: Path, reader: JournalReader) -> None:
    """A channel that no stimulator has is refused: not every format can hold it, and its number may be somebody's."""
    if reader.highest_channel > CHANNELS_MAX:
        raise JournalBroken(f"{path} is not exported: it names a channel {reader.highest_channel}.", NO_SUCH_CHANNEL)


def _watched(rows: Iterable[tuple[str, Row]], size: int, last_n: int, progress: Progress) -> Iterator[tuple[str, Row]]:
    """The rows, telling now and then how much of the file has been read."""
    seen = told = 0
    for table, row in rows:
        yield table, row
        if table == "events":
            seen += 1
            if seen % TOLD_EVERY == 0:
                now = size * seen // max(1, last_n)
                progress(now - told)
                told = now
    progress(size - told)


def _named(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """Each journal with the name of its session: letters, digits, `_`, `-` and points, so that it can name a file."""
    named: dict[str, Path] = {}
    for path in paths:
        name = re.sub(r"[^A-Za-z0-9_.-]+", "-", path.name.removesuffix(SUFFIX)).strip("-.") or "session"
        if name in named:
            raise UsageError(
                f"{named[name]} and {path} would be one session, {name}.", "Export them into folders of their own."
            )
        named[name] = path
    return [(path, name) for name, path in named.items()]


def day_begins(text: str, zone: tzinfo | None = None) -> datetime:
    """The moment at which a day or time (ISO 8601) begins; without an offset in `zone`, else by this computer's clock.

    Raises UsageError.
    """
    try:
        told = datetime.fromisoformat(text)
    except ValueError as problem:
        raise UsageError(f"{text!r} is no day.", "Write it as 2026-11-22, or with a time as 2026-11-22T09:00.") from problem
    if told.tzinfo is None:
        told = told.astimezone() if zone is None else told.replace(tzinfo=zone)
    return told.astimezone(UTC)
