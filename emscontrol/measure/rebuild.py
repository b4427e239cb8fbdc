"""What a procedure has found, worked out once more from its words alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from emscontrol.core.errors import JournalBroken
from emscontrol.core.events import Event
from emscontrol.measure.plan import Plan, plan_from_json
from emscontrol.measure.procedure import Procedure, Stimulus
from emscontrol.measure.words import Word

FINDINGS: Final = frozenset({"threshold_found", "threshold_absent", "curve_point", "curve_gap", "curve_fitted"})


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A procedure replayed: what its words have found, and whether they led it to its end.

    Of one that was stopped, `findings` is what was known by then.
    """

    plan: Plan
    findings: tuple[Event, ...]
    over: bool


def rebuild(events: Iterable[Event]) -> Rebuilt:
    """Replay the words of a record. Raises JournalBroken when it is of no procedure, or its words do not fit its steps."""
    plan: Plan | None = None
    procedure: Procedure | None = None
    findings: list[Event] = []
    for event in events:
        if event.kind == "session_opened":
            plan = plan_from_json(str(event.args["protocol_compiled"]))
            procedure = plan.begin()
        elif event.kind == "answered" and procedure is not None:
            _require_same(procedure.stimulus, event)
            heard = procedure.hear(Word(str(event.args["word"])))
            procedure = heard.then
            findings += heard.events
    if plan is None or procedure is None:
        raise JournalBroken("The record has no first line, so nothing is known of its procedure.")
    over = procedure.stimulus is None
    return Rebuilt(plan, tuple(findings if over else [*findings, *procedure.hear(Word.DONE).events]), over)


def _require_same(stimulus: Stimulus | None, event: Event) -> None:
    """The step that a word was about must be the one that the words before it led to."""
    said = (event.args["channel"], event.args["width_us"], event.args["amplitude_ua"])
    if stimulus is None or said != (stimulus.channel, stimulus.width_us, stimulus.amplitude_ua):
        raise JournalBroken(f"The words of the record do not lead to its step of {said[2]} µA at {said[1]} µs.")
