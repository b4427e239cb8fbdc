"""Rows and facts on standard output: aligned for people, one JSON object for programs. Nothing of it can steer a terminal."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias
from unicodedata import east_asian_width
from zoneinfo import ZoneInfo

import click

from emscontrol.core.arguments import printable

Fact: TypeAlias = Any
"""A value of JSON, or a date, a time with its zone, or a Decimal."""

Columns: TypeAlias = Mapping[str, str]
"""{key of a row: heading}, in the order in which they are printed."""

_GAP: Final = "  "


@dataclass(frozen=True, slots=True)
class Paper:
    """Where a command prints its facts: `as_json` for programs, else in words with times in `zone`.

    `noted` is called with every time that people are shown.
    """

    as_json: bool
    zone: ZoneInfo
    noted: Callable[[], None] = lambda: None

    def rows(self, name: str, rows: Sequence[Mapping[str, Fact]], columns: Columns, empty: str) -> None:
        """A list: as JSON every key of every row under `name`; for people these columns, `empty` on standard error for none."""
        if self.as_json:
            self.facts({name: list(rows)})
            return
        if not rows:
            click.echo(empty, err=True)
            return
        cells = [tuple(columns.values()), *(tuple(self.shown(row[key]) for key in columns) for row in rows)]
        for line in _aligned(cells):
            click.echo(line)

    def facts(self, facts: Mapping[str, Fact]) -> None:
        """One JSON object."""
        click.echo(json.dumps(self._plain(facts)))

    def done(self, sentence: str, facts: Mapping[str, Fact]) -> None:
        """What was done: one sentence for people, the facts for programs."""
        if self.as_json:
            self.facts(facts)
        else:
            click.echo(printable(sentence))

    def lines(self, lines: Sequence[str], facts: Mapping[str, Fact]) -> None:
        """Several lines for people, the facts for programs."""
        if self.as_json:
            self.facts(facts)
        else:
            for line in lines:
                click.echo(printable(line))

    def shown(self, value: Fact) -> str:
        """One value for people."""
        if value is None or value == "":
            return "–"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, datetime):
            self.noted()
            return f"{value.astimezone(self.zone):%a %Y-%m-%d %H:%M}"
        if isinstance(value, float | Decimal):
            return f"{float(value):.10g}"
        if isinstance(value, list | tuple):
            return ", ".join(map(self.shown, value)) or "–"
        return printable(str(value))

    def _plain(self, value: Fact) -> Fact:
        """A value as JSON has it; times with the offset of the clinic's zone."""
        if isinstance(value, datetime):
            return value.astimezone(self.zone).isoformat()
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Decimal):
            return float(value)
        if isinstance(value, Mapping):
            return {key: self._plain(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._plain(inner) for inner in value]
        return value


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines with each column as wide as its widest cell; the last one hangs free."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        _GAP.join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
