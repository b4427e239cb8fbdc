"""`emscontrol screen override`, `withdraw-override` and `acknowledge`."""

from datetime import date, datetime, timedelta

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.options import WHY
from emscontrol.cli.clinic.screen.facts import override_facts
from emscontrol.cli.clinic.typed import DAY, day
from emscontrol.clinic.patients.patients import find_patient
from emscontrol.clinic.screening.acknowledging import acknowledge as read
from emscontrol.clinic.screening.answering import newest_answers, rule_named
from emscontrol.clinic.screening.overrides import give_override
from emscontrol.clinic.screening.overrides import withdraw_override as take_back
from emscontrol.clinic.screening.plain import tell
from emscontrol.core.errors import UsageError


@book_command
@click.argument("patient")
@click.argument("rule")
@WHY
@click.option("--until", type=day, default=None, metavar=DAY, help="Its last day; as long as the rule allows if left out.")
def override(desk: Desk, patient: str, rule: str, why: str, until: date | None) -> None:
    """Take RULE upon yourself for PATIENT: for specialists, with a reason and an end. Some rules nobody can override."""
    with desk.writing("override") as (session, actor, now):
        number = find_patient(session, patient).id
        row = give_override(session, actor, now, number, rule.upper(), why, _end(desk, rule.upper(), until, now))
    facts = override_facts(row)
    desk.paper.done(f"{row.rule} is overridden for {patient} until {desk.paper.shown(row.expires_at)}, by {row.staff}.", facts)


@book_command
@click.argument("override", type=int)
@WHY
def withdraw_override(desk: Desk, override: int, why: str) -> None:
    """Take OVERRIDE (a number of `screen show`) back. Anybody who treats may, when he sees a reason."""
    with desk.writing("screening") as (session, actor, now):
        row = take_back(session, actor, now, override, why)
    desk.paper.done(f"{row.rule} is not overridden any more.", override_facts(row))


@book_command
@click.argument("patient")
@click.argument("rules", nargs=-1, required=True)
def acknowledge(desk: Desk, patient: str, rules: tuple[str, ...]) -> None:
    """The cautions RULES were read for PATIENT, as they follow from his answers of now."""
    told = []
    with desk.writing("screening") as (session, actor, now):
        number = find_patient(session, patient).id
        newest = newest_answers(session, number)
        for name in rules:
            found = rule_named(name.upper())
            if found.id not in newest:
                raise UsageError(f"{found.id} has to be asked first.", f"emscontrol screen answer {patient} {found.id} …")
            read(session, actor, now, number, found.id, newest[found.id].id)
            told.append((found.id, tell(found.id)))
    lines = [f"{name}: {words}" for name, words in told]
    desk.paper.lines(
        [*lines, f"Read and acknowledged for {patient}."], {"patient": patient, "acknowledged": [n for n, _ in told]}
    )


def _end(desk: Desk, rule: str, until: date | None, now: datetime) -> datetime | None:
    """The end of that day; on the last day that the rule allows, the moment up to which it does."""
    if until is None:
        return None
    begins, ends = desk.day_of(until)
    latest = now + timedelta(days=rule_named(rule).days)
    return latest if begins <= latest < ends else ends
