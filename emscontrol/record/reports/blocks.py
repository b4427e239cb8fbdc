"""What a report is made of. A report is put together once, and each writer (page, PDF, text) walks its blocks."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from emscontrol.record.reports.drawing import Drawing


class Weight(StrEnum):
    """How loudly a notice is told: by word and mark, never by colour alone."""

    NOTE = "note"
    CAUTION = "caution"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values, both as they are to be read, units included."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells as they are to be read. `caption` says what a row is; `figures`: columns, from 0, set to the right."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture and the figures that it is drawn from."""

    drawing: Drawing
    table: Table


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that must not be overlooked. A `headline`, one or two words, is told in the largest letters of the report."""

    text: str
    weight: Weight = Weight.NOTE
    headline: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Seal:
    """A digest in full and as a QR code, with what it stands for."""

    digest: str
    text: str


Block: TypeAlias = Facts | Table | Chart | Notice | Text | Seal


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it. `half` ones that follow each other share two columns where there is room."""

    title: str
    blocks: tuple[Block, ...]
    half: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report. `notices` stand above all else (a simulation, a record not intact); `made` says when and by what."""

    title: str
    subtitle: str
    notices: tuple[Notice, ...]
    sections: tuple[Section, ...]
    made: str
