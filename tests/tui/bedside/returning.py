"""A patient who was here before: a session of last week in the index, at the same muscle and side."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from emscontrol.clinic.tables.sessions import SessionChannel, SessionEntry
from tests.tui.house import in_book, make_house, this_moment


def make_returning(home: Path) -> None:
    """The clinic of `make_house` at this moment; P-001 had a whole session a week ago."""
    make_house(home, this_moment())
    in_book(home, _last_week, now=this_moment())


def _last_week(session: Any) -> None:
    entry = SessionEntry(
        journal_id="0" * 64,
        patient_id=1,
        plan_id=1,
        appointment_id=None,
        opened_at=this_moment() - timedelta(days=7),
        duration_us=700_000_000,
        result="completed",
        reason="the program is over",
        counts=True,
        simulated=True,
        device="reference@sim",
        staff="anna",
        protocol_sha256="",
        contractions_prescribed=8,
        contractions=8,
        pulses=1000,
        charge_pc=1_000_000,
        finding="",
    )
    session.add(entry)
    session.flush()
    session.add(
        SessionChannel(
            session_id=entry.id,
            channel=1,
            muscle="quad_all",
            side="left",
            comfort_ua=23_000,
            peak_ua=23_000,
            contractions=8,
            pulses=1000,
            charge_pc=1_000_000,
            on_us=80_000_000,
            electrode_set_id=1,
        )
    )
