"""What the index says of a session, held against what its record says. Pure."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from emscontrol.clinic.book.book import About
from emscontrol.clinic.course.course import Entry, Got
from emscontrol.clinic.sessions.index import counts
from emscontrol.clinic.sessions.read_journal import JournalFacts
from emscontrol.clinic.tables.base import CODE, LINE

_SHOWN_MAX: Final = 120

Cell: TypeAlias = int | str | bool | None

COMPARED: Final[tuple[tuple[str, Callable[[Entry], Cell], Callable[[JournalFacts], Cell]], ...]] = (
    ("session", lambda entry: entry.journal_id, lambda facts: facts.journal_id),
    ("appointment", lambda entry: entry.appointment_id, lambda facts: facts.booked.appointment if facts.booked else None),
    ("result", lambda entry: entry.result, lambda facts: facts.result[:CODE]),
    ("reason", lambda entry: entry.reason, lambda facts: facts.reason[:LINE]),
    ("duration, µs", lambda entry: entry.duration_us, lambda facts: facts.duration_us),
    ("simulated", lambda entry: entry.simulated, lambda facts: facts.simulated),
    ("contractions", lambda entry: entry.contractions, lambda facts: facts.contractions),
    ("prescribed", lambda entry: entry.contractions_prescribed, lambda facts: facts.contractions_prescribed),
    ("pulses", lambda entry: entry.pulses, lambda facts: sum(channel.pulses for channel in facts.channels)),
    ("charge, pC", lambda entry: entry.charge_pc, lambda facts: sum(channel.charge_pc for channel in facts.channels)),
)
"""Name, what the index has, what the record has. When it was is left out: of a wrong clock the index says another time."""


def differences(entry: Entry, got: Sequence[Got], patient: str, facts: JournalFacts, about: About) -> list[str]:
    """What they differ in, each as a phrase with what the record says first; empty where the index says what the record says.

    `patient` is the code of whom the index has it of, `got` what the index says of each channel.
    """
    return [
        f"{name} {_shown(of_record)}, in the index {_shown(of_index)}"
        for name, of_index, of_record in _cells(entry, got, patient, facts, about)
        if of_index != of_record
    ]


def _cells(
    entry: Entry, got: Sequence[Got], patient: str, facts: JournalFacts, about: About
) -> Iterator[tuple[str, Cell, Cell]]:
    yield "patient", patient, facts.booked.patient if facts.booked else None
    if entry.plan_id is not None:  # the index leaves it out where the book does not have the plan
        yield "plan", entry.plan_id, facts.booked.plan if facts.booked else None
    if entry.counts:  # one of two that overlap does not count either, which its record cannot know
        yield "counting", True, counts(facts, about)
    for name, of_index, of_record in COMPARED:
        yield name, of_index(entry), of_record(facts)
    indexed, recorded = {each.channel: each for each in got}, {each.channel: each for each in _got(facts)}
    for channel in sorted(indexed.keys() | recorded.keys()):
        yield f"channel {channel}", _told(indexed.get(channel)), _told(recorded.get(channel))


def _got(facts: JournalFacts) -> Iterator[Got]:
    for each in facts.channels:
        place = each.muscle[:CODE], each.side[:CODE]
        yield Got(each.channel, *place, each.comfort_ua, each.peak_ua, each.contractions)


def _told(got: Got | None) -> str | None:
    if got is None:
        return None
    return f"{got.side} {got.muscle}, comfort {got.comfort_ua} µA, peak {got.peak_ua} µA, {got.contractions} contractions"


def _shown(value: Cell) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else f"{value!s:.{_SHOWN_MAX}}"
