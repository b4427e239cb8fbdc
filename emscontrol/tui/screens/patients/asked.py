"""One question of the screening as it is asked: its words, what is known already, and how the answer is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from emscontrol.core.errors import UsageError
from emscontrol.desk.desk import AtWork
from emscontrol.tui.language import _

if TYPE_CHECKING:
    from emscontrol.safety.screening import Place


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. `last` is what was answered before, `on_record` what the record says to it by itself; "" for nothing."""

    rule: str
    question: str
    means: str
    last: str
    on_record: str


def asked_words(asked: Asked, given: Sequence[tuple[Asked, str]]) -> Text:
    told = Text(asked.question, style="bold")
    if asked.on_record:
        told.append("\n\n" + _("On record: {what}").format(what=asked.on_record), style="not bold")
    if asked.last:
        told.append("\n\n" + _("Last time: {answer}.").format(answer=answer_words(asked.last)), style="not bold")
    told.append("\n\n" + _("If yes: {means}").format(means=asked.means), style="not bold")
    told.append("\n\n" + _("y yes   n no   ? not known, which counts as yes"), style="not bold")
    if given:
        before, answer = given[-1]
        told.append(
            "\n\n"
            + _("Before: {question} {answer}. Backspace asks it again.").format(
                question=before.question, answer=answer_words(answer).upper()
            ),
            style="not bold dim",
        )
    return told


def answer_words(answer: str) -> str:
    """An answer as people say it."""
    return {"yes": _("yes"), "no": _("no"), "unknown": _("not known")}.get(answer, answer)


def due_of(at: AtWork, code: str) -> tuple[int, list[Asked]]:
    """The patient's number, and what is due of him."""
    from emscontrol.clinic.patients.patients import find_patient
    from emscontrol.clinic.screening.answering import due_questions
    from emscontrol.clinic.screening.on_record import on_record
    from emscontrol.clinic.screening.plain import tell
    from emscontrol.tui.places import named

    number = find_patient(at.session, code).id
    known = on_record(at.session, number, at.now)
    return number, [
        Asked(
            each.rule.id,
            each.rule.question,
            tell(each.rule.id),
            each.last.answer if each.last is not None else "",
            named(known.get(each.rule.id, "")),
        )
        for each in due_questions(at.session, number, at.now)
    ]


def give(at: AtWork, patient_id: int, rule: str, answer: str, where: str) -> None:
    """Keep one answer. Raises UsageError for a place that is none."""
    from emscontrol.clinic.screening.answering import give_answer
    from emscontrol.safety.screening import Answer

    give_answer(at.session, at.actor, at.now, patient_id, rule, Answer(answer), places_of(where))


def places_of(text: str) -> "list[Place]":
    """What was typed for where: places with a comma or semicolon between; none for everywhere. Raises UsageError."""
    parts = [part.strip() for part in text.replace(";", ",").split(",")]
    return [place_of(word) for part in parts for word in (part.split() if ":" in part else [part]) if word]


def place_of(text: str) -> "Place":
    """A region or a muscle, by name or id, with its side: `thigh left`, `left thigh`, `thigh:left`. Raises UsageError."""
    from emscontrol.safety.screening import Place
    from emscontrol.safety.screening_places import SIDES
    from emscontrol.safety.sites import known_muscles
    from emscontrol.tui.places import muscle_id

    words = text.replace(":", " ").split()
    sides = {side: side for side in SIDES} | {_(side): side for side in SIDES}
    said = next((word for word in (*words[-1:], *words[:1]) if word.lower() in sides), "")
    side = sides.get(said.lower(), "")
    name = muscle_id(" ".join(word for word in words if word != said))
    plain = {"muscle": name} if name in known_muscles() else {"region": name.lower().replace(" ", "_")}
    try:
        return Place.from_plain(plain | {"side": side})
    except ValueError as problem:
        raise UsageError(
            _("{text} is no place: {why}.").format(text=repr(text), why=problem),
            _("Write it like thigh left, or the name of a muscle; Enter alone is everywhere."),
        ) from problem
