"""`emscontrol screen ask` and `answer`."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import click

from emscontrol.cli.clinic.command import book_command, on_a_terminal
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.options import NOTE
from emscontrol.cli.clinic.planned import PLAN_OPTION, types_of
from emscontrol.cli.clinic.screen.facts import answer_facts
from emscontrol.clinic.patients.patients import find_patient
from emscontrol.clinic.screening.answering import Question, due_questions, give_answer, rule_named
from emscontrol.clinic.screening.on_record import on_record
from emscontrol.core.errors import UsageError
from emscontrol.core.units import counted
from emscontrol.safety.screening import Answer, Place
from emscontrol.safety.sites import known_muscles

ANSWERS: Final = ("yes", "no", "unknown")
_KEYS: Final = {"y": "yes", "yes": "yes", "n": "no", "no": "no", "?": "unknown", "unknown": "unknown"}
_EXCEPT: Final = re.compile(r"(?P<rule>[A-Za-z0-9_]+)=(?P<answer>yes|no|unknown)(?P<place>(:[a-z_]+){0,2})", re.ASCII)
_WHERE: Final = "REGION[:SIDE]"

Given: TypeAlias = dict[str, tuple[Answer, tuple[Place, ...]]]
"""{rule: answer and where}."""


@book_command
@click.argument("patient")
@PLAN_OPTION
@click.option("--all-no", is_flag=True, help="Each question was asked, and the answer was no, but for those of --except.")
@click.option(
    "--except",
    "exceptions",
    multiple=True,
    metavar="RULE=ANSWER[:REGION[:SIDE]]",
    help="Another answer than no, as SKIN=yes:thigh:left or DVT=unknown (repeatable).",
)
def ask(desk: Desk, patient: str, plan: int | None, all_no: bool, exceptions: tuple[str, ...]) -> None:
    """Ask PATIENT every question that is due: y for yes, n for no, ? for unknown, which counts as yes.

    Each answer is kept at once, so that nothing is lost when somebody breaks off. With --all-no nothing is asked here but
    what the record contradicts: an implant, a condition, reduced feeling.
    """
    if exceptions and not all_no:
        raise UsageError("--except is given without --all-no.", "Give both, or one answer with: emscontrol screen answer.")
    given = _exceptions(exceptions)
    with desk.reading("screening") as (session, _, now):
        row = find_patient(session, patient)
        questions = due_questions(session, row.id, now, types_of(session, row, plan))
        said = on_record(session, row.id, now) if all_no else {}
    if not all_no and questions and not on_a_terminal():
        raise UsageError(
            f"{counted(len(questions), 'question')} to ask, and there is no terminal to ask on.",
            "Give --all-no with --except RULE=ANSWER, or answer each with: emscontrol screen answer.",
        )
    if all_no:
        given = given | _singly(patient, [each for each in questions if each.rule.id not in given], said)
    kept = _all_at_once(desk, row.id, questions, given) if all_no else _one_by_one(desk, patient, row.id, questions)
    desk.paper.done(
        f"{counted(len(kept), 'answer')} kept of {patient}." if kept else f"Nothing is to be asked of {patient}.",
        {"patient": patient, "answers": kept},
    )


@book_command
@click.argument("patient")
@click.argument("rule")
@click.argument("answer", type=click.Choice(ANSWERS))
@click.option(
    "--where", "places", multiple=True, metavar=_WHERE, help="Where a yes applies; everywhere if left out (repeatable)."
)
@NOTE
def answer(desk: Desk, patient: str, rule: str, answer: str, places: tuple[str, ...], note: str) -> None:
    """Write down PATIENT's ANSWER to the question RULE."""
    where = [place_of(text) for place in places for text in [place]]
    with desk.writing("screening") as (session, actor, now):
        number = find_patient(session, patient).id
        row = give_answer(session, actor, now, number, rule.upper(), Answer(answer), where, note)
    facts = answer_facts(row)
    desk.paper.done(f"{row.rule}: {row.answer}; asked again from {desk.paper.shown(row.due_at)} on.", facts)


def place_of(text: str) -> Place:
    """A region or a muscle with its side, as thigh:left. Raises UsageError."""
    name, _, side = text.partition(":")
    plain = {"muscle": name, "side": side} if name in known_muscles() else {"region": name, "side": side}
    try:
        return Place.from_plain(plain)
    except ValueError as problem:
        raise UsageError(f"{text!r} is no place: {problem}.", f"Write {_WHERE}, as thigh:left, or a muscle's id.") from problem


def _exceptions(texts: Sequence[str]) -> Given:
    """{rule: answer and where}. Raises UsageError."""
    found: Given = {}
    for text in texts:
        match = _EXCEPT.fullmatch(text)
        if match is None:
            raise UsageError(f"--except {text!r} is no answer.", "Write it like SKIN=yes:thigh:left, PREGNANCY=unknown.")
        name = rule_named(match["rule"].upper()).id
        if name in found:
            raise UsageError(f"--except is given twice for {name}.")
        places = (place_of(match["place"].removeprefix(":")),) if match["place"] else ()
        found[name] = (Answer(match["answer"]), places)
    return found


def _singly(patient: str, questions: Sequence[Question], said: Mapping[str, str]) -> Given:
    """The answers to those questions to which the record says something else than no: asked on a terminal one by one.

    Raises UsageError elsewhere; a no to one of them is given on purpose.
    """
    against = [question for question in questions if question.rule.id in said]
    if not against:
        return {}
    if not on_a_terminal():
        named = "; ".join(f"{each.rule.id}: {said[each.rule.id]}" for each in against)
        example = " ".join(f"--except {each.rule.id}=…" for each in against)
        raise UsageError(
            f"A no to everything does not fit what is on record of {patient}. {named}.",
            f"Nothing was kept. Ask these, and answer each with yes, no or unknown: {example}",
        )
    click.echo(f"Not everything is no by the record of {patient}; these are asked. Ctrl+C keeps nothing.", err=True)
    return {
        each.rule.id: _asked(f"{number}/{len(against)}  {each.rule.question} (on record: {said[each.rule.id]})")
        for number, each in enumerate(against, start=1)
    }


def _all_at_once(desk: Desk, patient: int, questions: Sequence[Question], given: Given) -> list[dict[str, object]]:
    """Every due question with its answer, all of them or none."""
    names = [question.rule.id for question in questions]
    with desk.writing("screening") as (session, actor, now):
        rows = [
            give_answer(session, actor, now, patient, name, *given.get(name, (Answer.NO, ())))
            for name in (*names, *(name for name in given if name not in names))
        ]
    return [answer_facts(row) for row in rows]


def _one_by_one(desk: Desk, code: str, patient: int, questions: Sequence[Question]) -> list[dict[str, object]]:
    """Ask on the terminal, and keep each answer before the next question; who breaks off is told what was kept."""
    kept: list[dict[str, object]] = []
    for number, question in enumerate(questions, start=1):
        last = f" (last: {question.last.answer})" if question.last is not None else ""
        try:
            said, places = _asked(f"{number}/{len(questions)}  {question.rule.question}{last}")
        except click.Abort:
            waiting = counted(len(questions) - len(kept), "question")
            click.echo(
                f"\n{counted(len(kept), 'answer')} kept of {code}, {waiting} to ask: emscontrol screen ask {code}", err=True
            )
            raise
        with desk.writing("screening") as (session, actor, now):
            row = give_answer(session, actor, now, patient, question.rule.id, said, places)
        kept.append(answer_facts(row))
    return kept


def _asked(question: str) -> tuple[Answer, tuple[Place, ...]]:
    """The answer to one question, and where a yes applies."""
    click.echo(question, err=True)
    said = Answer(click.prompt("  y n ?", value_proc=_key, err=True))
    if said is not Answer.YES:
        return said, ()
    return said, click.prompt("  " + _ASK_WHERE, default="", show_default=False, value_proc=_places, err=True)


_ASK_WHERE: Final = "where, as thigh:left, several with a space between; Enter for everywhere"


def _key(text: str) -> str:
    try:
        return _KEYS[text.strip().lower()]
    except KeyError as problem:
        raise click.UsageError("y for yes, n for no, ? for unknown") from problem


def _places(text: str) -> tuple[Place, ...]:
    try:
        return tuple(place_of(word) for word in text.split())
    except UsageError as problem:
        raise click.UsageError(str(problem)) from problem
