"""`emscontrol plan add` and `change`."""

from collections.abc import Sequence
from typing import Any, Final

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.cli.clinic.command import book_command, on_a_terminal
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.options import SEEN
from emscontrol.cli.clinic.plan.facts import channel_facts, plan_facts
from emscontrol.cli.clinic.typed import DAY, day
from emscontrol.cli.protocols import protocol_of
from emscontrol.cli.whole import Whole
from emscontrol.clinic.appointments.renewing import still_to_come
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.plans.prescribe import Order, prescribe
from emscontrol.clinic.plans.rules import HOLD, usual_set
from emscontrol.clinic.plans.upkeep import change as change_plan
from emscontrol.clinic.plans.upkeep import channels
from emscontrol.clinic.tables.facts import Stimulator
from emscontrol.clinic.tables.plans import Plan
from emscontrol.core.errors import UsageError
from emscontrol.core.units import counted
from emscontrol.protocol.load import LoadedProtocol

_SIDES = ("left", "right")
RHYTHM: Final = frozenset({"sessions_per_week", "weeks", "starts_on", "rest_min_h", "slot_min", "therapist", "stimulator"})
"""What appointments were booked by: those still to come stay as they were when it changes."""


@book_command
@click.argument("patient")
@click.argument("protocol")
@click.option("--goal", required=True, help="What the patient is to be able to do.")
@click.option("--per-week", type=Whole(1), required=True, help="Sessions a week.")
@click.option("--weeks", type=Whole(1), required=True, help="How many weeks.")
@click.option(
    "--side", "sides", multiple=True, metavar="[CH=]SIDE", help="left or right, where the protocol leaves it open; or 2=left."
)
@click.option("--start", type=day, default=None, metavar=DAY, help="First day; today if left out.")
@click.option("--therapist", default=None, metavar="CODE", help="Who treats; who is logged in if left out.")
@click.option("--stimulator", default=None, metavar="NAME", help="The clinic's stimulator; its only one if left out.")
@click.option(
    "--progression",
    default=None,
    metavar="NAME",
    help="How it goes on: emscontrol plan rules. Left out, hold; of a protocol for muscle without a nerve, denervated.",
)
@click.option("--rest-h", type=Whole(0), default=None, help="Hours between two sessions of one muscle; as the rules say.")
@click.option("--slot-min", type=Whole(1), default=None, help="Minutes of an appointment; as the session needs.")
def add(desk: Desk, patient: str, protocol: str, **given: Any) -> None:
    """Prescribe PROTOCOL (an id of the library, or a file) to PATIENT. Its text is kept as it is now."""
    loaded = protocol_of(protocol)
    sides = _sides(given["sides"], loaded)
    usual = usual_set(loaded.protocol)
    with desk.writing("plans") as (session, actor, _):
        order = Order(
            patient=patient,
            goal=given["goal"],
            sessions_per_week=given["per_week"],
            weeks=given["weeks"],
            starts_on=given["start"] or desk.today(),
            therapist=given["therapist"] or actor.code,
            stimulator=given["stimulator"] or _only_stimulator(session),
            sides=sides,
            progression=given["progression"] or usual,
            rest_min_h=given["rest_h"],
            slot_min=given["slot_min"],
        )
        row = prescribe(session, actor, loaded, order)
        [facts] = plan_facts(session, [row])
        facts["channels"] = channel_facts(channels(session, row.id))
    whole = row.sessions_per_week * row.weeks
    words = f"Plan {row.id}: {facts['title']}, {whole} sessions for {patient}, {row.slot_min} min each."
    desk.paper.done(words, facts)
    if given["progression"] is None and usual != HOLD:
        told = f"It goes on by the rules {usual}, as its protocol is for muscle without a nerve: {row.rest_min_h} h of rest."
        click.echo(f"{told} Others: emscontrol plan change {row.id} --progression NAME --rest-h HOURS", err=True)
    click.echo(f"Next: emscontrol appointment plan {row.id} --at 10:00", err=True)


@book_command
@click.argument("plan", type=int)
@click.option("--goal", default=None, help="What the patient is to be able to do.")
@click.option("--per-week", "sessions_per_week", type=Whole(1), default=None, help="Sessions a week.")
@click.option("--weeks", type=Whole(1), default=None, help="How many weeks.")
@click.option("--start", "starts_on", type=day, default=None, metavar=DAY, help="First day.")
@click.option("--therapist", default=None, metavar="CODE", help="Who treats.")
@click.option("--stimulator", default=None, metavar="NAME", help="The clinic's stimulator.")
@click.option("--progression", default=None, metavar="NAME", help="How it goes on: emscontrol plan rules.")
@click.option("--rest-h", "rest_min_h", type=Whole(0), default=None, help="Hours between two sessions of one muscle.")
@click.option("--slot-min", type=Whole(1), default=None, help="Minutes of an appointment.")
@SEEN
def change(desk: Desk, plan: int, seen: int | None, **given: Any) -> None:
    """Change figures of PLAN. Another protocol, patient or place is another plan; appointments stay where they are."""
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted:
        raise UsageError("Nothing is to be changed.", "Say what, as --weeks 8; see --help.")
    with desk.writing("plans") as (session, actor, now):
        version = seen or by_id(session, Plan, plan, "plan").version
        row = change_plan(session, actor, plan, version, **wanted)
        [facts] = plan_facts(session, [row])
        coming = still_to_come(session, plan, now) if RHYTHM & wanted.keys() else ()
        at = f"{coming[0].starts_at.astimezone(desk.zone):%H:%M}" if coming else ""
    desk.paper.done(f"Plan {plan} is changed, version {row.version}.", facts | {"still_booked_as_before": len(coming)})
    if coming:
        many = counted(len(coming), "appointment")
        click.echo(
            f"{many} still to come {'stands' if len(coming) == 1 else 'stand'} as booked before. To call off and book anew: "
            f'emscontrol appointment plan {plan} --at {at} --anew "why"',
            err=True,
        )


def _only_stimulator(session: Session) -> str:
    """The clinic's one stimulator. Raises UsageError where there is none, or a choice."""
    names = list(session.scalars(select(Stimulator.name).where(Stimulator.withdrawn_at.is_(None)).order_by(Stimulator.name)))
    if len(names) != 1:
        remedy = (
            f"Say which with --stimulator: {', '.join(names)}." if names else "Enter one: emscontrol appointment stimulator."
        )
        raise UsageError(f"The clinic has {'several stimulators' if names else 'no stimulator'}.", remedy)
    return names[0]


def _sides(texts: Sequence[str], loaded: LoadedProtocol) -> dict[int, str]:
    """{channel: side}. A side without a channel is that of every channel that the protocol leaves open.

    One that nobody has named is asked for on a terminal. Raises UsageError elsewhere.
    """
    open_ones = [number for number, channel in loaded.protocol.channels.items() if channel.side.value not in _SIDES]
    found: dict[int, str] = {}
    for text in texts:
        channel, _, side = text.rpartition("=")
        if side not in _SIDES or (channel and (not channel.isdecimal() or int(channel) not in loaded.protocol.channels)):
            raise UsageError(f"--side {text!r} is no side.", "Write left or right, or for one channel of the protocol 2=left.")
        found |= {int(channel): side} if channel else {number: side for number in open_ones if number not in found}
    for number in open_ones:
        if number not in found:
            found[number] = _asked_side(number, loaded)
    return found


def _asked_side(number: int, loaded: LoadedProtocol) -> str:
    place = f"channel {number} ({loaded.protocol.channels[number].muscle})"
    if not on_a_terminal():
        raise UsageError(
            f"{loaded.protocol.id} leaves the side of {place} open.",
            f"Say it: --side left or --side right; --side {number}=left for this channel alone.",
        )
    side: str = click.prompt(f"Side of {place}", type=click.Choice(_SIDES), err=True)
    return side
