"""A small practice clinic, made as the large one is: every session really ran, and the book knows what the journals tell."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.course.read import course_of_patient
from emscontrol.clinic.course.report import course_report
from emscontrol.clinic.sessions.adherence import adherence
from emscontrol.clinic.tables.findings import Outcome, Threshold
from emscontrol.clinic.tables.people import Patient, Staff
from emscontrol.clinic.tables.plans import Appointment, Plan
from emscontrol.clinic.tables.sessions import SessionEntry
from emscontrol.practice.cast import cast
from emscontrol.practice.clinic import make_clinic
from emscontrol.practice.followup import LEVER_M
from emscontrol.record.reports.blocks import Chart, Table
from emscontrol.record.verify import verify

NOW = datetime(2026, 3, 6, 17, tzinfo=UTC)
"""A Friday."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Book, Path]]:
    """One who began last week, missed a session and needs an override, one who may have nothing."""
    folder = tmp_path_factory.mktemp("practice")
    people = {person.code: person for person in cast()}
    some = [
        replace(people["P-126"], began_weeks=1, weeks=2, missed=(2,)),
        people["P-106"],
    ]
    book = make_clinic(folder, some, NOW, 1, lambda done, of: None)
    yield book, folder
    book.close()


def test_it_is_a_practice_book_with_four_staff_and_every_row_as_it_was_written(made: tuple[Book, Path]) -> None:
    book, _ = made
    assert book.about.practice
    with book.reading() as session:
        assert session.scalar(select(func.count()).select_from(Staff)) == 4
        assert session.scalar(select(func.count()).select_from(Patient)) == 2
        assert list(check(session)) == []


def test_what_was_planned_took_place_on_the_simulator_or_was_missed(made: tuple[Book, Path]) -> None:
    book, folder = made
    with book.reading() as session:
        past = session.scalars(select(Appointment).where(Appointment.ends_at < NOW).order_by(Appointment.number)).all()
        assert [row.status for row in past] == ["done", "missed", "done", "done"]
        assert [plan.status for plan in session.scalars(select(Plan))] == ["finished"]
        entries = session.scalars(select(SessionEntry).order_by(SessionEntry.opened_at)).all()
        assert [entry.result for entry in entries] == ["completed"] * 3
        assert all(entry.counts and entry.simulated for entry in entries)
        assert [entry.opened_at for entry in entries] == [row.starts_at for row in past if row.status == "done"]
        assert entries[0].contractions <= 10 < entries[1].contractions  # the first session is gentle
        found = adherence(session, past[0].plan_id or 0, NOW)
        assert (found.done, found.missed) == (3, 1)
    journals = sorted((folder / "practice" / "P-126" / "sessions").glob("*.jsonl"))
    assert len(journals) == 3
    assert all(verify(journal).ok and verify(journal).ended for journal in journals)


def test_levels_were_measured_on_the_body_each_week_and_strength_follows_from_its_pull(made: tuple[Book, Path]) -> None:
    book, folder = made
    with book.reading() as session:
        comfort = session.scalars(select(Threshold).where(Threshold.kind == "comfort").order_by(Threshold.measured_at)).all()
        assert len(comfort) == 2
        evoked = session.scalars(select(Outcome).where(Outcome.measure == "evoked").order_by(Outcome.taken_at)).all()
    first = min((folder / "practice" / "P-126" / "sessions").glob("*.jsonl"))
    pulls_mn = [
        record["force_mn"]
        for line in first.read_text("utf-8").splitlines()
        if (record := json.loads(line))["event"] == "body_answered"
    ]
    assert evoked[0].value_milli == pytest.approx(max(pulls_mn) * LEVER_M, abs=50)


def test_the_weeks_of_a_report_are_what_the_journals_say_on_the_disk(made: tuple[Book, Path]) -> None:
    book, folder = made
    with book.reading() as session:
        report = course_report(course_of_patient(session, "P-126", NOW, book.about))
    journals = sorted((folder / "practice" / "P-126" / "sessions").glob("*.jsonl"))
    lines = [[json.loads(line) for line in journal.read_text("utf-8").splitlines()] for journal in journals]
    totals = [next(line["channels"] for line in session if line["event"] == "totals") for session in lines]
    contractions = [sum(channel["contractions"] for channel in channels.values()) for channels in totals]
    charges_mc = [sum(channel["charge_pc"] for channel in channels.values()) / 1e9 for channels in totals]
    [sessions] = [block for block in report.sections[-1].blocks if isinstance(block, Table)]
    rows = [dict(zip(sessions.header, row, strict=True)) for row in sessions.rows]
    assert [row["what became of it"].split(":")[0] for row in rows] == ["given whole", "missed", "given whole", "given whole"]
    given = [row for row in rows if row["record"] == "intact"]
    assert [row["digest"] for row in given] == [session[-1]["hash"][:12] for session in lines]
    assert [int(row["contr."].split()[0]) for row in given] == contractions
    assert [float(row["mC"]) for row in given] == [pytest.approx(charge_mc, abs=0.05) for charge_mc in charges_mc]
    charts = [block for section in report.sections for block in section.blocks if isinstance(block, Chart)]
    weeks = [dict(zip(charts[0].table.header, row, strict=True)) for row in charts[0].table.rows]
    assert sum(int(week["contr."]) for week in weeks) == sum(contractions)
    assert sum(float(week["mC"]) for week in weeks) == pytest.approx(sum(charges_mc), abs=0.1)
    assert [week["missed"] for week in weeks] == ["1", "0"]
