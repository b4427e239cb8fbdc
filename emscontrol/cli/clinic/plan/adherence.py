"""`emscontrol plan adherence`."""

from typing import Any

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.sessions.adherence import Adherence, Trend, current_trends
from emscontrol.clinic.sessions.adherence import adherence as adherence_of
from emscontrol.clinic.tables.plans import Plan
from emscontrol.core.units import counted

_COLUMNS = {
    "channel": "CHANNEL",
    "at": "SESSION",
    "peak_ma": "PEAK MA",
    "comfort_ma": "COMFORT MA",
    "contractions": "CONTRACTIONS",
}


@book_command
@click.argument("plan", type=int)
def adherence(desk: Desk, plan: int) -> None:
    """What was delivered against what PLAN prescribed, and how the current went, session by session."""
    with desk.reading("look") as (session, _, now):
        by_id(session, Plan, plan, "plan")
        found, ways = adherence_of(session, plan, now), current_trends(session, plan)
    rows = [row for way in ways for row in _rows(way)]
    if desk.as_json:
        desk.paper.facts({"plan": plan, **adherence_facts(found), "given": rows})
        return
    desk.paper.lines(adherence_lines(found), {})
    if rows:
        desk.paper.rows("given", rows, _COLUMNS, "")


def adherence_facts(found: Adherence) -> dict[str, Any]:
    """The sums of one plan."""
    return {
        "planned": found.planned,
        "done": found.done,
        "missed": found.missed,
        "sessions": found.sessions,
        "interrupted": found.interrupted,
        "contractions": found.contractions,
        "contractions_prescribed": found.prescribed,
        "adherence": None if found.permille is None else found.permille / 1000,
        "minutes": round(found.duration_us / 60e6, 1),
        "charge_mc": found.charge_pc / 1e9,
    }


def adherence_lines(found: Adherence) -> list[str]:
    """The same for people."""
    share = "nothing was due yet" if found.permille is None else f"{found.permille / 10:g} %"
    return [
        f"Adherence: {share}",
        f"  {counted(found.planned, 'appointment')} so far: {found.done} done, {found.missed} missed",
        f"  {counted(found.sessions, 'session')}, {found.interrupted} interrupted, {found.duration_us / 60e6:.1f} min, "
        f"{found.charge_pc / 1e9:.1f} mC",
        f"  {found.contractions} of {counted(found.prescribed, 'contraction')}",
    ]


def _rows(way: Trend) -> list[dict[str, Any]]:
    return [
        {
            "channel": way.channel,
            "muscle": way.muscle,
            "side": way.side,
            "at": given.opened_at,
            "peak_ma": given.peak_ua / 1000,
            "comfort_ma": given.comfort_ua / 1000,
            "contractions": given.contractions,
        }
        for given in way.given
    ]
