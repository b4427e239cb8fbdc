"""A command whose answer comes late is told as it was when it was given, and in the order of commands."""

from pathlib import Path

from emscontrol.core.events import Event, make
from emscontrol.record.exports.read import JournalReader, one_by_one
from emscontrol.record.exports.tables import TABLES, Row
from tests.unit.record.sample import opened, set_point

ANSWERED = ("t_s", "number", "channel", "amplitude_ma", "phase", "contraction", "answer", "answer_t_s")


def begun(index: int) -> Event:
    return make("contraction_started", phase=1, index=index, of=2, channels=[1])


def test_a_command_keeps_the_contraction_of_its_time_however_late_its_answer() -> None:
    reader = JournalReader(Path("one.jsonl"), "one")
    told: list[tuple[str, Row]] = []
    course = [
        opened(),
        make("phase_started", name="work", index=1, of=1),
        begun(1),
        set_point(1, 5000),
        begun(2),
        set_point(2, 6000),
        make("acked", number=2),
    ]
    for n, event in enumerate(course, 1):
        told += one_by_one(reader.take(n, 10 * n, "", event.kind, event.args))
    names = TABLES["set_points"].names
    rows = [dict(zip(names, row, strict=True)) for table, row in told if table == "set_points"]
    assert [tuple(row[name] for name in ANSWERED) for row in rows] == [
        (30, 1, 1, 5000, 1, 1, None, None),
        (50, 2, 1, 6000, 1, 2, "acked", 60),
    ]
