"""What was found can be worked out from the record's words alone, and words that do not fit are noticed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from emscontrol.core.errors import JournalBroken
from emscontrol.core.events import Event, make
from emscontrol.measure.climb import Steps
from emscontrol.measure.plan import KINDS, Plan, plan_from_json
from emscontrol.measure.plot import table
from emscontrol.measure.procedure import Procedure
from emscontrol.measure.rebuild import rebuild
from emscontrol.measure.strength_duration import CurvePoint
from emscontrol.measure.suggestion import Suggestion, assess
from emscontrol.measure.words import Word
from tests.session.patient import Patient

STEPS = Steps(1000, 500, 500, 60_000)
WIDTHS = (100, 300, 1000)


def opened(plan: Plan) -> Event:
    return make(
        "session_opened", protocol_id=plan.kind, protocol_text="", protocol_compiled=plan.to_json(), protocol_sha256="",
        port="p24@sim", simulated=True, comfort={}, envelope={}, limits_sha256="", device={}, capabilities={}, versions={},
    )  # fmt: skip


def recorded(plan: Plan, word: Callable[[int, int], str]) -> list[Event]:
    """The record of a procedure that is played without an engine."""
    procedure: Procedure = plan.begin()
    events = [opened(plan)]
    while (stimulus := procedure.stimulus) is not None:
        said = Word(word(stimulus.amplitude_ua, stimulus.width_us)) if stimulus.amplitude_ua else Word.UP
        said = Word.AGAIN if stimulus.held else said
        heard = procedure.hear(said)
        step = {"channel": stimulus.channel, "width_us": stimulus.width_us, "amplitude_ua": stimulus.amplitude_ua}
        events += [make("answered", who="operator", word=said.value, **step), *heard.events]
        procedure = heard.then
    return events


@pytest.mark.parametrize("kind", KINDS)
def test_the_words_alone_lead_to_the_same_findings(kind: str) -> None:
    record = recorded(Plan(kind, 1, WIDTHS, STEPS), Patient().word)
    findings = tuple(event for event in record if event.kind not in ("session_opened", "answered"))
    rebuilt = rebuild(event for event in record if event not in findings)
    assert rebuilt.over
    assert findings
    assert rebuilt.findings == findings


def test_of_a_procedure_that_was_stopped_what_was_known_is_found() -> None:
    record = recorded(Plan("threshold", 1, (300,), STEPS), Patient().word)
    words = [event for event in record if event.kind in ("session_opened", "answered")]
    rebuilt = rebuild(words[:20])
    assert not rebuilt.over
    kinds = {event.args["threshold"]: event.kind for event in rebuilt.findings}
    assert kinds == {"sensory": "threshold_found", "motor": "threshold_absent", "comfort": "threshold_absent"}


def test_words_that_do_not_lead_to_their_step_are_refused() -> None:
    record = recorded(Plan("threshold", 1, (300,), STEPS), Patient().word)
    changed = replace(record[5], args={**record[5].args, "amplitude_ua": 40_000})
    with pytest.raises(JournalBroken, match="40000"):
        rebuild([*record[:5], changed])


def test_a_record_without_a_procedure_is_refused() -> None:
    with pytest.raises(JournalBroken, match="first line"):
        rebuild([])
    plan = Plan("threshold", 1, (300,), STEPS).to_json()
    for text in ("{}", "[" * 100_000, plan.replace('"channel":1', '"channel":Infinity')):
        with pytest.raises(JournalBroken, match="no procedure"):
            plan_from_json(text)
    with pytest.raises(JournalBroken, match="'dance'"):
        plan_from_json(Plan("threshold", 1, (300,), STEPS).to_json().replace("threshold", "dance"))


def test_a_width_that_hurt_is_told_as_such_and_not_as_silent() -> None:
    """3 mA were too much at 1 ms: nothing is known above 2 mA, and the words alone say so, also in the reason."""
    plan = Plan("strength-duration", 1, (300, 1000), STEPS)
    record = recorded(plan, lambda level_ua, width_us: "too-much" if level_ua >= 3_000 else "nothing")
    points = rebuild(record).points
    assert [(point.width_us, point.at_ua, point.too_much_ua) for point in points] == [(1000, None, 3_000), (300, None, 3_000)]
    assert table(points)[0] == "1 ms: none at 2 mA, not tried higher: too much at 3 mA"
    assert "3.0 mA was too much" in assess(points).reason
    quiet = rebuild(recorded(replace(plan, steps=Steps(1000, 500, 500, 5_000)), lambda level_ua, width_us: "nothing")).points
    assert table(quiet) == ["1 ms: no contraction up to 5 mA"]
    assert "too much" not in assess(quiet).reason


def test_short_pulses_that_hurt_do_not_speak_against_a_nerve() -> None:
    points = (CurvePoint(100_000, 19_500, 20_000), CurvePoint(50_000, 20_500, 21_000), CurvePoint(1_000, 24_000, None, 25_000))
    assessment = assess(points)
    assert assessment.suggestion is Suggestion.UNDECIDED
    assert "25.0 mA was too much" in assessment.reason
    assert "Go higher" not in assessment.reason
