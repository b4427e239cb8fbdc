"""The session log for a spreadsheet (csv) or a script (json).

Only a journal that verifies is exported; one that was interrupted says so in the export. Text in a spreadsheet can be a
formula, so cells that would start one are marked with an apostrophe; numbers stay numbers.
"""

import csv
import errno
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TextIO

from emscontrol.core.errors import JournalBroken, StorageError, UsageError
from emscontrol.core.events import printable
from emscontrol.record.irreplaceable import is_irreplaceable
from emscontrol.record.keys import KeyRing
from emscontrol.record.replay import read_verified
from emscontrol.record.rows import COLUMNS, Cell, rows
from emscontrol.record.sink import rest_of
from emscontrol.record.verify import VerifyReport, read_lines, verify

EXPORT_FORMAT: Final = 1
DISK_FAILS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG)
BEGINNING: Final = re.compile(rb'\{"n":[1-9][0-9]{0,18},"t_us":-?[0-9]+,"wall":"[^"\\]*","event":"')
"""How every line of a journal begins, its hash right or not."""
NOT_CLOSED: Final = "not_closed"  # in the column `event` of the last row, when the journal has no closing line
KEY_NOT_TRUSTED: Final = "key_not_trusted"  # there, after it, when the key that signed it is in doubt
NOT_ASKED: Final = KeyRing()  # nobody's keys are known, and nobody's are distrusted
_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # tab, CR and LF start one too, but are escaped before


def export(path: Path, fmt: str, out: TextIO, ring: KeyRing = NOT_ASKED) -> None:
    """Write the journal at `path` to `out` as csv or json. A csv `out` is opened with newline="".

    `ring` are the keys that are known here.

    Raises JournalBroken, before anything is written, when the journal is not intact, later when it is another one suddenly;
    UsageError for another format.
    """
    write = FORMATS.get(fmt)
    if write is None:
        raise UsageError(f"There is no export format {fmt!r}.", f"Known are {', '.join(FORMATS)}.")
    report = verify(path, ring.names(), distrusted=ring.mistrusted())
    if not report.ok:
        raise JournalBroken(
            f"{path} is not exported: {report.sentence()}", "Run `emscontrol verify` on it for the particulars."
        )
    write(path, report, out)


def write_export(path: Path, fmt: str, target: Path, overwrite: bool = False, ring: KeyRing = NOT_ASKED) -> None:
    """Export into a new file at `target`, mode 0600, which appears whole or not at all.

    Raises UsageError when it exists and `overwrite` is False, when it is a folder or a journal, or when nothing can be made
    there; StorageError when the disk fails; else as `export`.
    """
    try:
        refuse_target(target, path)
        fd, name = tempfile.mkstemp(dir=target.parent, prefix=".export-", suffix=".part")
        part = Path(name)
        try:
            with open(fd, "w", encoding="utf-8", newline="") as out:
                export(path, fmt, out, ring)
                out.flush()
                os.fsync(out.fileno())
            move(part, target, overwrite)
        finally:
            part.unlink(missing_ok=True)
    except FileExistsError as problem:
        raise UsageError(f"{target} exists already.", "Choose another name, or replace it with --overwrite.") from problem
    except OSError as problem:
        kind = StorageError if problem.errno in DISK_FAILS else UsageError
        raise kind(f"{target} cannot be written: {problem.strerror}.", "Choose another place.") from problem
    except ValueError as problem:
        raise UsageError(f"That is no path: {problem}.", "Choose another place.") from problem


def cell(value: Cell) -> str:
    """A value as it stands in a cell: numbers plainly, text escaped and never a formula."""
    if not isinstance(value, str):
        return str(value) if isinstance(value, int) else f"{value:f}"
    text = printable(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def refuse_target(target: Path, path: Path | None = None) -> None:
    """Neither a record nor a key nor a book is ever replaced by an export, whatever may be overwritten.

    `path` is the journal that is exported.
    """
    if target.is_dir():
        raise UsageError(f"{target} is a folder.", "Name a file in it.")
    if not target.is_file():
        return
    if path is not None and path.exists() and target.samefile(path):
        raise UsageError(f"{target} is the journal itself.", "Choose another name.")
    if _is_journal(target):
        raise UsageError(f"{target} is a journal.", "Choose another name; a record is never replaced.")
    if _is_irreplaceable(target):
        raise UsageError(f"{target} is a key, a list of keys or a book.", "Choose another name; it is never replaced.")


def _is_irreplaceable(target: Path) -> bool:
    try:
        return is_irreplaceable(target)
    except OSError as problem:
        raise UsageError(f"{target} cannot be looked at: {problem.strerror}.", "Choose another name.") from problem


def _is_journal(target: Path) -> bool:
    """True when it begins with a record, or is the reserve beside a journal, which holds none unless it was needed."""
    first = next(read_lines(target), None)
    if first is not None and BEGINNING.match(first.data):
        return True
    beside = target.with_suffix("")
    return rest_of(beside) == target and beside.is_file() and _is_journal(beside)


def move(part: Path, target: Path, overwrite: bool) -> None:
    """Give a finished file its name, over another one only if that was asked for. Raises FileExistsError."""
    if overwrite:
        part.replace(target)
    elif sys.platform == "win32":
        part.rename(target)  # refuses an existing target there
    else:
        target.hardlink_to(part)  # refuses an existing target, without a gap between looking and moving


def _csv(path: Path, report: VerifyReport, out: TextIO) -> None:
    table = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    for row in rows(read_verified(path, report.last_good, report.last_hash)):
        table.writerow({name: cell(value) for name, value in row.items()})
    if not report.ended:
        table.writerow({"event": NOT_CLOSED, "sentence": cell(report.sentence())})
    if report.mistrust:
        table.writerow({"event": KEY_NOT_TRUSTED, "sentence": cell(report.mistrust)})


def _json(path: Path, report: VerifyReport, out: TextIO) -> None:
    """One object; its records are written one a line, so that a long session needs no memory."""
    head: dict[str, object] = {
        "format": EXPORT_FORMAT,
        "journal": path.name,
        "ended": report.ended,
        "last_hash": report.last_hash,
    }
    head |= {"finding": report.sentence(), "signature": report.signature_sentence(), "distrusted": report.mistrust}
    out.write(json.dumps(head)[:-1] + ', "records": [')
    for record in read_verified(path, report.last_good, report.last_hash):
        event = record.event
        members = {"n": record.n, "t_us": record.t_us, "wall": record.wall, "event": event.kind, "severity": event.severity}
        out.write(",\n" if record.n > 1 else "\n")
        out.write(json.dumps(members | {"sentence": event.sentence(), "args": dict(event.args)}))
    out.write("\n]}\n")


FORMATS: Final[Mapping[str, Callable[[Path, VerifyReport, TextIO], None]]] = {"csv": _csv, "json": _json}
