"""Evidence, arranged for the checks: the journal's records, the times of current, what was said about the session."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from emscontrol.trials.oracle.asked import Place, places
from emscontrol.trials.oracle.facts import DEVICES, Device
from emscontrol.trials.trial import Evidence, Trial
from firmware_sim.scope import ScopeLine


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the journal, read. `line` counts from 1."""

    line: int
    t_us: int
    event: str
    args: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Flow:
    """A time with current on any channel."""

    from_us: int
    to_us: int


@dataclass(slots=True)
class Case:
    """One trial as the checks see it. `lines` are the oscilloscope's by channel, each with the next one's time."""

    evidence: Evidence
    records: list[Record]
    flows: list[Flow]
    places: Mapping[int, Place]
    lines: Mapping[int, Sequence[tuple[ScopeLine, int, int]]]
    by_event: Mapping[str, Sequence[Record]] = field(default_factory=dict)

    @property
    def trial(self) -> Trial:
        """What was drawn."""
        return self.evidence.trial

    @property
    def device(self) -> Device:
        """The facts of its model."""
        return DEVICES[self.trial.model]

    def of(self, *events: str) -> list[Record]:
        """The records of these kinds, in order."""
        found = [record for event in events for record in self.by_event.get(event, ())]
        return found if len(events) == 1 else sorted(found, key=lambda record: record.line)


def read(evidence: Evidence) -> Case:
    """Arrange it. Lines that are no JSON are left to the check of the record."""
    records, by_event = _records(evidence.journal)
    lines = _lines(evidence)
    return Case(evidence, records, _flows(lines), places(evidence.trial), lines, by_event)


def _records(journal: Sequence[bytes]) -> tuple[list[Record], dict[str, list[Record]]]:
    records: list[Record] = []
    by_event: dict[str, list[Record]] = {}
    for number, args in enumerate(_parsed(journal), 1):
        try:
            record = Record(number, args["t_us"], args["event"], args)
        except (KeyError, TypeError):
            continue
        records.append(record)
        by_event.setdefault(record.event, []).append(record)
    return records, by_event


def _parsed(journal: Sequence[bytes]) -> Sequence[Any]:
    """Each line's JSON, None where it is none: all at once, and one by one only where that does not give as many."""
    with suppress(ValueError):
        parsed: list[Any] = json.loads(b"[%b]" % b",".join(journal))
        if len(parsed) == len(journal):
            return parsed
    return [_of_line(line) for line in journal]


def _of_line(line: bytes) -> Any:
    with suppress(ValueError):
        return json.loads(line)
    return None


def _lines(evidence: Evidence) -> dict[int, list[tuple[ScopeLine, int, int]]]:
    """By channel: (line, until when, how many journal lines there were). A state that lasts no time gives no pulse."""
    seen: dict[int, list[tuple[ScopeLine, int]]] = {}
    for each in evidence.scope:
        seen.setdefault(each.line.channel, []).append((each.line, each.journalled))
    found = {}
    for channel, own in seen.items():
        ends = [line.t_us for line, _ in own[1:]] + [evidence.watched_us]
        found[channel] = [(line, end, known) for (line, known), end in zip(own, ends, strict=True) if end > line.t_us]
    return found


def _flows(lines: Mapping[int, Sequence[tuple[ScopeLine, int, int]]]) -> list[Flow]:
    spans = sorted((line.t_us, end) for own in lines.values() for line, end, _ in own if line.amplitude_ua)
    flows: list[Flow] = []
    begin = end = -1
    for start, stop in spans:
        if start > end:
            if end > begin:
                flows.append(Flow(begin, end))
            begin, end = start, stop
        else:
            end = max(end, stop)
    if end > begin >= 0:
        flows.append(Flow(begin, end))
    return flows
