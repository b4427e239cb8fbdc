"""The formats of a report, and a report as a file that is there whole or not at all."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from emscontrol.core.errors import UsageError
from emscontrol.record.export import refuse_target
from emscontrol.record.reports.blocks import Report
from emscontrol.record.reports.html import html
from emscontrol.record.reports.pdf import pdf
from emscontrol.record.reports.text import text
from emscontrol.record.whole_files import write_whole

FORMATS: Final[Mapping[str, Callable[[Report], bytes]]] = {
    "html": lambda report: html(report).encode("utf-8"),
    "pdf": pdf,
    "text": lambda report: text(report).encode("utf-8"),
}
"""By name: what makes the bytes of a report."""


def write_report(report: Report, kind: str, target: Path, overwrite: bool = False) -> None:
    """Write a report into a file of mode 0600.

    Raises UsageError when it exists and `overwrite` is False, when it is a folder or a journal, or without the library that
    the format needs; StorageError when nothing can be written there.
    """
    refuse_target(target)
    content = FORMATS[kind](report)
    try:
        write_whole(target, content, first=not overwrite)
    except FileExistsError as problem:
        raise UsageError(f"{target} exists already.", "Choose another name, or replace it with --overwrite.") from problem
    except ValueError as problem:
        raise UsageError(f"That is no path: {problem}.", "Choose another place with -o.") from problem
