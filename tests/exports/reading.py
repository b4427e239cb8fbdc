"""Exports read back, each with a reader that is not ours, as tables in the units of their headers."""

import csv
import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pyedflib

Lines = list[dict[str, Any]]
_NAMED = "patient opened protocol model result reason staff journal last_hash protocol_sha256 session muscle side wall"
_SOURCE = "indication serial firmware book signed_by distrusted"
_TOLD = "event severity phase_name sentence args answer threshold"
TEXTS = frozenset((*_NAMED.split(" "), *_SOURCE.split(" "), *_TOLD.split(" ")))


def from_csv(file: Path) -> Lines:
    """Cells as what their header says: numbers exact, flags, text, None for nothing."""
    with file.open(encoding="utf-8", newline="") as opened:
        return [{name: _value(name, text) for name, text in row.items()} for row in csv.DictReader(opened)]


def _value(name: str, text: str) -> Any:
    if text == "" or name in TEXTS:
        return text or None
    return {"true": True, "false": False}[text] if text in ("true", "false") else Decimal(text)


def from_jsonl(file: Path) -> Lines:
    """Objects, numbers exact."""
    return [json.loads(line, parse_float=Decimal) for line in file.read_text("utf-8").splitlines()]


def from_parquet(file: Path) -> Lines:
    """With pyarrow; numbers by their shortest decimal."""
    rows: Lines = pq.read_table(file).to_pylist()
    return [{name: Decimal(repr(v)) if isinstance(v, float) else v for name, v in row.items()} for row in rows]


def from_edf(file: Path) -> tuple[dict[str, list[int]], list[tuple[float, float, str]], dict[str, Any]]:
    """With pyedflib: signals in µA, annotations, header."""
    with pyedflib.EdfReader(str(file)) as opened:
        labels = opened.getSignalLabels()
        signals = {label: [round(ma * 1000) for ma in opened.readSignal(at)] for at, label in enumerate(labels)}
        assert {opened.getPhysicalDimension(at) for at in range(len(labels))} <= {"mA"}
        assert {opened.getSampleFrequency(at) for at in range(len(labels))} <= {100}
        notes = [
            (float(onset), float(lasted), str(text)) for onset, lasted, text in zip(*opened.readAnnotations(), strict=True)
        ]
        return signals, notes, opened.getHeader() | {"labels": labels}


def from_bids(folder: Path) -> tuple[dict[str, list[int]], list[dict[str, str]]]:
    """The trace in µA by column, and the events, of the one session in a dataset."""
    (stim,) = folder.glob("sub-*/ses-*/beh/*_stim.tsv.gz")
    (events,) = folder.glob("sub-*/ses-*/beh/*_events.tsv")
    about = json.loads(stim.with_name(stim.name.removesuffix(".tsv.gz") + ".json").read_text("utf-8"))
    assert (about["SamplingFrequency"], about["StartTime"]) == (100, 0)
    columns: dict[str, list[int]] = {name: [] for name in about["Columns"]}
    for line in gzip.decompress(stim.read_bytes()).decode("ascii").splitlines():
        for name, text in zip(about["Columns"], line.split("\t"), strict=True):
            columns[name].append(int(Decimal(text) * 1000))
    with events.open(encoding="utf-8", newline="") as opened:
        return columns, list(csv.DictReader(opened, delimiter="\t"))
