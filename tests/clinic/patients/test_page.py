"""A patient's page: what stands on it, and that a long history costs no more statements."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.patients.conditions import add_condition
from emscontrol.clinic.patients.electrode_sets import open_set
from emscontrol.clinic.patients.implants import add_implant
from emscontrol.clinic.patients.muscles import examine
from emscontrol.clinic.patients.outcomes import Entered, record_outcome
from emscontrol.clinic.patients.page import patient_page
from emscontrol.clinic.patients.page_rows import PatientPage
from emscontrol.clinic.patients.patients import add_patient, set_name
from emscontrol.clinic.patients.thresholds import Measured, record_threshold
from emscontrol.clinic.tables.findings import ScreeningAnswer
from emscontrol.core.errors import UsageError
from emscontrol.safety.screening_rules import RELEASED_DIGEST
from tests.clinic.conftest import NOW, THERAPIST
from tests.clinic.patients.rows import (
    appointment,
    plan_channel,
    plan_of,
    plan_step,
    protocol_text,
    session_channel,
    session_entry,
)
from tests.clinic.statements import counted

DAY = timedelta(days=1)
STATEMENTS_MAX = 20


def _page(book: Book, patient: int) -> PatientPage:
    with book.reading() as session:
        return patient_page(session, patient, NOW, book.about)


def _findings(session: Session, patient: int) -> None:
    set_name(session, THERAPIST, patient, given="Hilde", family="Muster", contact="030 1")
    add_condition(session, THERAPIST, NOW, patient, "stroke", "2025-11")
    examine(
        session,
        THERAPIST,
        NOW,
        patient_id=patient,
        muscle="quad_all",
        side="left",
        lmn="intact",
        sensation="normal",
        how="1 ms test",
        examined_at=NOW,
    )
    add_implant(session, THERAPIST, NOW, patient, kind="metal", region="thigh", side="left", placed_on="2020")


def _weeks(session: Session, patient: int, weeks: int) -> None:
    """So many weeks of treatment before NOW, three sessions each, everything measured each week."""
    session.add(protocol_text())
    session.flush()
    plan = plan_of(patient)
    session.add(plan)
    session.flush()
    session.add_all((plan_channel(plan.id), plan_step(plan.id, NOW)))
    pads = open_set(session, THERAPIST, NOW, patient, label="left thigh", area_mm2=4500, opened_on="2026-02-01")
    for number in range(weeks * 3):
        at = NOW - (weeks * 7 - number * 7 // 3) * DAY
        entry = session_entry(patient, f"{patient}-{number}", at, plan.id)
        session.add_all((entry, appointment(patient, plan.id, at, "done" if number % 9 else "missed")))
        session.flush()
        session.add(session_channel(entry.id, 1, "quad_all", "left", pads.id))
    for week in range(weeks):
        at = NOW - (weeks - week) * 7 * DAY
        for kind, amplitude_ua in (("motor", 18_000), ("comfort", 25_000)):
            measured = Measured("quad_all", "left", kind, 4500, 300, amplitude_ua + week, "by hand", at)
            record_threshold(session, THERAPIST, NOW, patient, measured)
        for name, text in (("mrc", "3"), ("mvc", f"{50 + week / 10:.1f}")):
            scale = "Nm" if name == "mvc" else ""
            record_outcome(
                session, THERAPIST, NOW, patient, Entered(name, text, at, muscle="quad_all", side="left", scale=scale)
            )
    session.add_all(appointment(patient, plan.id, NOW + day * DAY, "booked") for day in range(1, 8))


def test_everything_of_a_patient_stands_on_the_page(book: Book, patient: int) -> None:
    with book.writing(THERAPIST, NOW) as session:
        _findings(session, patient)
        _weeks(session, patient, 6)
    page = _page(book, patient)
    assert (page.code, page.given, page.family, page.contact) == ("P-1", "Hilde", "Muster", "030 1")
    assert (page.birth_year, page.notes) == (1958, "left knee")
    assert [(row.condition, row.words, row.since) for row in page.conditions] == [("stroke", "Stroke", "2025-11")]
    assert [(row.muscle, row.side, row.lmn, row.sensation) for row in page.muscles] == [
        ("quad_all", "left", "intact", "normal")
    ]
    assert [(row.kind, row.region, row.placed_on) for row in page.implants] == [("metal", "thigh", "2020")]
    assert [(row.kind, row.amplitude_ua, row.age_days, row.due) for row in page.thresholds] == [
        ("motor", 18_005, 7, True),
        ("comfort", 25_005, 7, True),
    ]
    assert [(row.measure, row.shown, row.trend.count, row.trend.change_milli) for row in page.outcomes] == [
        ("mrc", "3", 6, 0),
        ("mvc", "50.5 Nm", 6, 500),
    ]
    (plan,) = page.plans
    assert (plan.title, plan.goal, plan.planned, plan.given, plan.missed, plan.booked) == (
        *("Quadriceps, high rate", "climb stairs", 18),
        *(16, 2, 7),
    )
    of_missed = 2 * 10  # as many as the others have
    assert (plan.contractions, plan.contractions_prescribed, plan.open_steps) == (180, 180 + of_missed, 1)
    assert plan.channels == ("1: quad_all left",)
    assert [row.starts_at for row in page.next_appointments] == [NOW + day * DAY for day in range(1, 6)]
    assert [row.starts_at < NOW for row in page.last_appointments] == [True] * 5
    assert len(page.last_sessions) == 5
    assert page.last_sessions[0].opened_at == max(row.opened_at for row in page.last_sessions)
    assert [(each.label, each.uses) for each in page.electrode_sets] == [("left thigh", 18)]
    assert page.alerts == (
        "The screening was never made.",
        "Thresholds of quad_all left are 7 days old: measure them again.",
        f"Plan {plan.id} has a proposal that waits for a decision.",
        "Nothing of MRC, MVC and girth has changed in 4 weeks: review the plan.",
    )
    for field in fields(PatientPage):
        assert getattr(page, field.name) is not None, field.name


def test_the_number_of_statements_does_not_grow_with_the_history(book: Book, patient: int) -> None:
    with book.writing(THERAPIST, NOW) as session:
        other = add_patient(session, THERAPIST, NOW, code="P-2").id
        _findings(session, patient)
        _weeks(session, patient, 20)
    counts = []
    for number in (other, patient):
        with book.reading() as session, counted(book) as told:
            about = book.about
            told.clear()
            page = patient_page(session, number, NOW, about)
        counts.append(len(told))
        assert len(page.last_sessions) <= 5
    assert counts[0] == counts[1] <= STATEMENTS_MAX


def test_an_empty_page_has_its_own_alert_and_one_of_nobody_is_refused(book: Book, patient: int) -> None:
    page = _page(book, patient)
    assert page.alerts == ("The screening was never made.",)
    assert (page.given, page.family, page.contact) == ("", "", "")
    assert page.outcomes == page.plans == page.last_sessions == page.electrode_sets == ()
    with pytest.raises(UsageError, match="no patient 99"):
        _page(book, 99)


def test_only_what_is_ones_own_stands_on_a_page(book: Book, patient: int) -> None:
    with book.writing(THERAPIST, NOW) as session:
        other = add_patient(session, THERAPIST, NOW, code="P-2").id
        _findings(session, patient)
        _weeks(session, patient, 2)
    mine = _page(book, other)
    nothing = {field.name: () for field in fields(PatientPage) if isinstance(getattr(mine, field.name), tuple)}
    assert replace(mine, alerts=()) == replace(mine, **nothing)


def test_what_needs_a_look_is_told(book: Book, patient: int) -> None:
    def answer(rule: str, asked_days_ago: int, due_days: int) -> ScreeningAnswer:
        asked_at = NOW - asked_days_ago * DAY
        return ScreeningAnswer(
            patient_id=patient,
            rule=rule,
            answer="no",
            places=[],
            note="",
            asked_at=asked_at,
            asked_by="anna",
            due_at=asked_at + due_days * DAY,
            rules_sha256=RELEASED_DIGEST,
        )

    with book.writing(THERAPIST, NOW) as session:
        session.add_all((answer("DVT", 100, 90), answer("DVT", 5, 90), answer("HEART", 40, 30), answer("SKIN", 1, 1)))
        session.add(session_entry(patient, "j1", NOW - DAY, result="interrupted", reason="the record has no end"))
        open_set(session, THERAPIST, NOW, patient, label="ta", area_mm2=2500, opened_on="2025-12-01")
        session.add(protocol_text())
        session.flush()
        session.add(plan_of(patient))
    page = _page(book, patient)
    assert page.alerts == (
        "The screening is incomplete: 42 questions open.",
        "The last session (2026-03-01) was not completed: interrupted, the record has no end.",
        "Electrodes ta: Opened on 2025-12-01; a set is renewed after 3 months.",
        f"Plan {page.plans[0].id} has no appointment booked; 0 of 18 sessions were given.",
    )
