"""`emscontrol plan add` and `change`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.options import SEEN
from emscontrol.cli.clinic.plan.facts import channel_facts, plan_facts
from emscontrol.cli.clinic.typed import DAY, day
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.plans.prescribe import Order, prescribe
from emscontrol.clinic.plans.upkeep import change as change_plan
from emscontrol.clinic.plans.upkeep import channels
from emscontrol.clinic.tables.facts import Stimulator
from emscontrol.clinic.tables.plans import Plan
from emscontrol.core.errors import UsageError
from emscontrol.protocol.library import load_named
from emscontrol.protocol.load import LoadedProtocol, load_file

_SIDES = ("left", "right")


@book_command
@click.argument("patient")
@click.argument("protocol")
@click.option("--goal", required=True, help="What the patient is to be able to do.")
@click.option("--per-week", type=click.IntRange(1), required=True, help="Sessions a week.")
@click.option("--weeks", type=click.IntRange(1), required=True, help="How many weeks.")
@click.option(
    "--side", "sides", multiple=True, metavar="[CH=]SIDE", help="left or right, where the protocol leaves it open; or 2=left."
)
@click.option("--start", type=day, default=None, metavar=DAY, help="First day; today if left out.")
@click.option("--therapist", default=None, metavar="CODE", help="Who treats; who is logged in if left out.")
@click.option("--stimulator", default=None, metavar="NAME", help="The clinic's stimulator; its only one if left out.")
@click.option("--progression", default="hold", show_default=True, metavar="NAME", help="How it goes on: emscontrol plan rules.")
@click.option(
    "--rest-h", type=click.IntRange(0), default=None, help="Hours between two sessions of one muscle; as the rules say."
)
@click.option("--slot-min", type=click.IntRange(1), default=None, help="Minutes of an appointment; as the session needs.")
def add(desk: Desk, patient: str, protocol: str, **given: Any) -> None:
    """Prescribe PROTOCOL (an id of the library, or a file) to PATIENT. Its text is kept as it is now."""
    loaded = _protocol(protocol)
    with desk.writing("plans") as (session, actor, _):
        order = Order(
            patient=patient,
            goal=given["goal"],
            sessions_per_week=given["per_week"],
            weeks=given["weeks"],
            starts_on=given["start"] or desk.today(),
            therapist=given["therapist"] or actor.code,
            stimulator=given["stimulator"] or _only_stimulator(session),
            sides=_sides(given["sides"], loaded),
            progression=given["progression"],
            rest_min_h=given["rest_h"],
            slot_min=given["slot_min"],
        )
        row = prescribe(session, actor, loaded, order)
        [facts] = plan_facts(session, [row])
        facts["channels"] = channel_facts(channels(session, row.id))
    whole = row.sessions_per_week * row.weeks
    words = f"Plan {row.id}: {facts['title']}, {whole} sessions for {patient}, {row.slot_min} min each."
    desk.paper.done(words, facts)
    click.echo(f"Next: emscontrol appointment plan {row.id} --at 10:00", err=True)


@book_command
@click.argument("plan", type=int)
@click.option("--goal", default=None, help="What the patient is to be able to do.")
@click.option("--per-week", "sessions_per_week", type=click.IntRange(1), default=None, help="Sessions a week.")
@click.option("--weeks", type=click.IntRange(1), default=None, help="How many weeks.")
@click.option("--start", "starts_on", type=day, default=None, metavar=DAY, help="First day.")
@click.option("--therapist", default=None, metavar="CODE", help="Who treats.")
@click.option("--stimulator", default=None, metavar="NAME", help="The clinic's stimulator.")
@click.option("--progression", default=None, metavar="NAME", help="How it goes on: emscontrol plan rules.")
@click.option("--rest-h", "rest_min_h", type=click.IntRange(0), default=None, help="Hours between two sessions of one muscle.")
@click.option("--slot-min", type=click.IntRange(1), default=None, help="Minutes of an appointment.")
@SEEN
def change(desk: Desk, plan: int, seen: int | None, **given: Any) -> None:
    """Change figures of PLAN. Another protocol, patient or place is another plan; appointments stay where they are."""
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted:
        raise UsageError("Nothing is to be changed.", "Say what, as --weeks 8; see --help.")
    with desk.writing("plans") as (session, actor, _):
        version = seen or by_id(session, Plan, plan, "plan").version
        row = change_plan(session, actor, plan, version, **wanted)
        [facts] = plan_facts(session, [row])
    desk.paper.done(f"Plan {plan} is changed, version {row.version}.", facts)


def _protocol(text: str) -> LoadedProtocol:
    """A file where there is one of this name, else a protocol of the library."""
    path = Path(text)
    return load_file(path) if path.suffix or path.exists() else load_named(text)


def _only_stimulator(session: Session) -> str:

    names = list(session.scalars(select(Stimulator.name).where(Stimulator.withdrawn_at.is_(None)).order_by(Stimulator.name)))
    if len(names) != 1:
        remedy = (
            f"Say which with --stimulator: {', '.join(names)}." if names else "Enter one: emscontrol appointment stimulator."
        )
        raise UsageError(f"The clinic has {'several stimulators' if names else 'no stimulator'}.", remedy)
    return names[0]


def _sides(texts: Sequence[str], loaded: LoadedProtocol) -> dict[int, str]:
    """{channel: side}. A side without a channel is that of every channel that the protocol leaves open."""
    open_ones = [number for number, channel in loaded.protocol.channels.items() if channel.side.value not in _SIDES]
    found: dict[int, str] = {}
    for text in texts:
        channel, _, side = text.rpartition("=")
        if side not in _SIDES or (channel and (not channel.isdecimal() or int(channel) not in loaded.protocol.channels)):
            raise UsageError(f"--side {text!r} is no side.", "Write left or right, or for one channel of the protocol 2=left.")
        found |= {int(channel): side} if channel else {number: side for number in open_ones if number not in found}
    return found
