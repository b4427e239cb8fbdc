"""What a procedure has found, worked out once more from its words alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from emscontrol.core.errors import JournalBroken, SafetyRefusal
from emscontrol.core.events import Event
from emscontrol.measure.curve import CurveSearch
from emscontrol.measure.plan import Plan, plan_from_json
from emscontrol.measure.procedure import Heard, Procedure, Stimulus
from emscontrol.measure.strength_duration import CurvePoint
from emscontrol.measure.words import Word

FINDINGS: Final = frozenset({"threshold_found", "threshold_absent", "curve_point", "curve_gap", "curve_fitted"})


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A procedure replayed: what its words have found, and whether they led it to its end.

    Of one that was stopped, `findings` is what was known by then. `points` are those of a curve, with what was too much.
    """

    plan: Plan
    findings: tuple[Event, ...]
    over: bool
    points: tuple[CurvePoint, ...] = ()


def rebuild(events: Iterable[Event]) -> Rebuilt:
    """Replay the words of a record. Raises JournalBroken when it is of no procedure, or its words do not fit its steps."""
    plan: Plan | None = None
    procedure: Procedure | None = None
    findings: list[Event] = []
    named: set[tuple[int, int, int]] = set()
    for event in events:
        if event.kind == "session_opened":
            plan = plan_from_json(str(event.args["protocol_compiled"]))
            procedure = plan.begin()
        elif event.kind == "answered" and procedure is not None:
            heard = _heard(procedure, event, named)
            procedure = heard.then
            findings += heard.events
    if plan is None or procedure is None:
        raise JournalBroken("The record has no first line, so nothing is known of its procedure.")
    over = procedure.stimulus is None
    if not over:
        heard = procedure.hear(Word.DONE)
        procedure, findings = heard.then, [*findings, *heard.events]
    return Rebuilt(plan, tuple(findings), over, procedure.points if isinstance(procedure, CurveSearch) else ())


def _heard(procedure: Procedure, event: Event, named: set[tuple[int, int, int]]) -> Heard:
    """Let the procedure hear a word of the record once more. `named` are the steps that words have been about so far.

    A word is about the step that the words before it led to; only too much may be said late, of one that was given before.
    """
    word, stimulus = Word(str(event.args["word"])), procedure.stimulus
    channel, width_us, amplitude_ua = (int(str(event.args[name])) for name in ("channel", "width_us", "amplitude_ua"))
    step = (channel, width_us, amplitude_ua)
    in_hand = stimulus is not None and step == (stimulus.channel, stimulus.width_us, stimulus.amplitude_ua)
    if stimulus is None or not (in_hand or (word is Word.TOO_MUCH and step in named)):
        raise JournalBroken(f"The words of the record do not lead to its step of {step[2]} µA at {step[1]} µs.")
    named.add(step)
    try:
        return procedure.hear(word, Stimulus(*step))
    except SafetyRefusal as refusal:
        raise JournalBroken(f"The record has a word that its procedure refuses: {refusal}") from None
