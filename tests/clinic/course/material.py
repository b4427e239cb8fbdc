"""Courses made by hand, for what is pure: plans, appointments and sessions without a book."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from emscontrol.clinic.appointments.between import Occasion
from emscontrol.clinic.book.book import About
from emscontrol.clinic.course.course import Course, Got, LevelOf, Performed, Record, Standing
from emscontrol.clinic.patients.outcomes import SeriesOf
from emscontrol.clinic.patients.trends import Point
from emscontrol.clinic.plans.plan_page import PlanPage
from emscontrol.clinic.sessions.adherence import NONE
from emscontrol.protocol.load import load_text
from tests.clinic.conftest import NOW
from tests.session.rig import SHORT

ABOUT = About("u", "clinic", "Test clinic", "Europe/Berlin", 15, 7)
INTACT = Record(Standing.INTACT, "ab" * 32, "Intact and closed: 9 records.")
LOADED = load_text(SHORT)
_numbers = count(1)


def occasion(appointment: int, at: datetime, status: str, **other: Any) -> Occasion:
    told = {
        "version": 1,
        "patient": "P-1",
        "called": "Hildegard Muster",
        "plan": 1,
        "title": "t",
        "number": appointment,
        "whole": 18,
        "starts_at": at,
        "ends_at": at + timedelta(minutes=45),
        "therapist": "anna",
        "stimulator": "S-1",
        "status": status,
        "reason": "",
        "moved": 0,
        "time_why": "",
    }
    return Occasion(appointment=appointment, **(told | other))


def performed(appointment: int | None, at: datetime, contractions: int = 4, **other: Any) -> Performed:
    told = {
        "id": next(_numbers),
        "journal_id": "f" * 64,
        "plan_id": 1,
        "duration_us": 600_000_000,
        "result": "completed",
        "reason": "the program is over",
        "counts": True,
        "simulated": False,
        "contractions_prescribed": 4,
        "pulses": 800,
        "charge_pc": 2_000_000_000,
        "record": INTACT,
        "channels": (Got(1, "quad_rf", "left", 20_000, 16_000, contractions),),
    }
    return Performed(appointment_id=appointment, opened_at=at, contractions=contractions, **(told | other))


def page(appointments: Sequence[Occasion] = (), **other: Any) -> PlanPage:
    told = {
        "id": 1,
        "version": 1,
        "patient": "P-1",
        "called": "Hildegard Muster",
        "status": "active",
        "goal": "stairs",
        "sessions_per_week": 3,
        "weeks": 6,
        "rest_min_h": 48,
        "slot_min": 45,
        "starts_on": "2026-03-02",
        "therapist": "anna",
        "stimulator": "S-1",
        "progression": "strength",
        "prescribed_by": "anna",
        "loaded": LOADED,
        "channels": ("1  Rectus femoris left, pads of 45 cm²",),
        "changed": "nothing",
        "library": "",
        "steps": (),
        "outlook": "",
        "proposes": False,
        "given": NONE,
    }
    return PlanPage(appointments=tuple(appointments), **(told | other))


def course(
    plan: PlanPage,
    sessions: Sequence[Performed] = (),
    levels: Mapping[LevelOf, tuple[Point, ...]] | None = None,
    results: Mapping[SeriesOf, tuple[Point, ...]] | None = None,
    **other: Any,
) -> Course:
    told = {
        "made_at": NOW,
        "about": ABOUT,
        "patient": "P-1",
        "conditions": ("Stroke",),
        "alerts": (),
        "skin": "",
        "only": 1,
        "since": None,
        "until": None,
    }
    return Course(plans=(plan,), sessions=tuple(sessions), levels=levels or {}, results=results or {}, **(told | other))
