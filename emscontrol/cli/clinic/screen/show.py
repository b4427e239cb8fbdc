"""`emscontrol screen due` and `show`."""

from typing import Any

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.planned import PLAN_OPTION, plan_of, screened, types_of
from emscontrol.cli.clinic.screen.facts import answer_facts, finding_facts, looked_at, override_facts
from emscontrol.clinic.agenda.skin import skin_in_the_way
from emscontrol.clinic.patients.patients import find_patient
from emscontrol.clinic.screening.answering import due_questions, newest_answers
from emscontrol.clinic.screening.overrides import overrides_in_force
from emscontrol.core.units import counted
from emscontrol.desk.wording import in_words
from emscontrol.safety.screening import ScreeningVerdict, Standing, judge_screening

_ANSWERS = {"rule": "RULE", "answer": "ANSWER", "where": "WHERE", "asked_at": "ASKED", "asked_by": "BY", "due_at": "DUE AGAIN"}
_DUE = {"rule": "RULE", "last": "LAST", "question": "QUESTION"}
_OVERRIDES = {"override": "NUMBER", "rule": "OVERRIDDEN", "staff": "BY", "expires_at": "UNTIL", "reason": "REASON"}


@book_command
@click.argument("patient")
@PLAN_OPTION
def due(desk: Desk, patient: str, plan: int | None) -> None:
    """Which questions are to be asked of PATIENT, never asked ones and those whose answer is too old."""
    with desk.reading("look") as (session, _, now):
        row = find_patient(session, patient)
        questions = due_questions(session, row.id, now, types_of(session, row, plan))
        rows = [{"rule": q.rule.id, "question": q.rule.question, "last": q.last and q.last.answer} for q in questions]
    desk.paper.rows("due", rows, _DUE, f"Nothing is to be asked of {patient}.")


@book_command
@click.argument("patient")
@PLAN_OPTION
@click.option("--all", "everything", is_flag=True, help="Also every answer that was no.")
def show(desk: Desk, patient: str, plan: int | None, everything: bool) -> None:
    """What stands in the way of a session of PATIENT's plan, with each reason and what to do; and the answers."""
    with desk.reading("look") as (session, _, now):
        row = find_patient(session, patient)
        chosen = plan_of(session, row, plan)
        verdict = None if chosen is None else judge_screening(screened(session, chosen), now)
        answers = [answer_facts(each) for each in newest_answers(session, row.id).values()]
        overrides = [override_facts(each) for each in overrides_in_force(session, row.id, now)]
        waiting = len(due_questions(session, row.id, now, types_of(session, row, plan)))
        skin = skin_in_the_way(session, row.id, desk.zone)
    number = None if chosen is None else chosen.id
    facts = {"patient": patient, "plan": number, "due": waiting, "answers": answers, "overrides": overrides, "skin": skin}
    if desk.as_json:
        desk.paper.facts(facts | {"verdict": verdict and _verdict(verdict, skin)})
        return
    desk.paper.lines(_lines(desk, patient, number, waiting, verdict, skin), {})
    if told := [each for each in answers if everything or each["answer"] != "no"]:
        desk.paper.rows("answers", told, _ANSWERS, "")
    if overrides:
        desk.paper.rows("overrides", overrides, _OVERRIDES, "")


def _verdict(verdict: ScreeningVerdict, skin: str) -> dict[str, Any]:
    return {
        "clear": not verdict.standing and not skin,
        "findings": finding_facts(verdict.findings),
        "cap_percent": {str(channel): percent for channel, percent in verdict.cap_percent.items()},
        "expires_at": verdict.expires_at,
    }


def _skin_lines(patient: str, skin: str) -> list[str]:
    """What the skin keeps from starting, and what lifts it; nothing where it is well."""
    return [f"  BLOCK, SKIN AFTER A SESSION: {skin}", f"    {looked_at(patient)}"] if skin else []


def _lines(desk: Desk, patient: str, plan: int | None, waiting: int, verdict: ScreeningVerdict | None, skin: str) -> list[str]:
    asked = (
        f"{counted(waiting, 'question')} to ask: emscontrol screen ask {patient}" if waiting else "every question is answered"
    )
    if verdict is None:
        without = f"{patient} has no plan that the answers could be held against; {asked}."
        return [without, *_skin_lines(patient, skin)]
    stands = bool(verdict.standing or skin)
    lines = [f"{patient}, plan {plan}: {'something stands in the way' if stands else 'clear'}; {asked}."]
    lines += _skin_lines(patient, skin)
    for each in verdict.findings:
        if not each.unasked:
            lines.append(f"  {each.standing.value.replace('_', ' ').upper()} {each.rule}: {in_words(each.reason, desk.zone)}")
            lines += [] if each.standing is Standing.ACKNOWLEDGED else [f"    {in_words(each.remedy, desk.zone)}"]
    for channel, percent in sorted(verdict.cap_percent.items()):
        lines.append(f"  channel {channel} gets {percent} % of its limit at most")
    if not stands and verdict.expires_at is not None:
        lines.append(f"  this holds until {desk.paper.shown(verdict.expires_at)}")
    return lines
