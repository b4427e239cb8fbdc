"""A booked session: nothing is armed while the screening stands in the way, whatever the client has judged before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from emscontrol.core.booking import BookedChannel
from emscontrol.core.errors import SafetyRefusal, UsageError
from emscontrol.core.units import US_PER_S
from emscontrol.safety.screening import ScreeningFacts
from emscontrol.session.inputs import Arm, Connect
from emscontrol.session.states import State
from tests.session.booked import acknowledged, booking, overridden, screened
from tests.session.rig import MODELS, Rig

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def rig(facts: ScreeningFacts, model: str = "reference", now: datetime | None = NOW, **more: object) -> Rig:
    return Rig(model, booking=booking(facts).to_json(), now=now, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("model", MODELS)
def test_a_patient_of_whom_nothing_is_known_against_it_gets_the_session_and_the_record_says_whose_it_was(model: str) -> None:
    done = rig(screened(NOW), model).to_armed().start().finish()
    assert done.engine.result == "completed"
    told = next(event for _, event in done.events if event.kind == "booked")
    assert done.events[0][1].kind == "session_opened"
    assert done.events[1][1] is told
    assert (told.args["patient"], told.args["plan"], told.args["appointment"], told.args["staff"]) == ("P-17", 4, 40, "anna")
    assert told.args["channels"]["1"] == {"muscle": "quad_rf", "side": "left", "area_mm2": 4500, "electrode_set": None}
    assert "clear" in str(told.args["screening"])


@pytest.mark.parametrize("answer", ["yes", "unknown"])
def test_nobody_with_a_pacemaker_is_armed_and_unknown_counts_as_yes(answer: str) -> None:
    with pytest.raises(SafetyRefusal, match="PACEMAKER") as refusal:
        rig(screened(NOW, PACEMAKER=answer))
    assert refusal.value.rules == ("PACEMAKER",)


def test_nobody_who_was_never_asked_is_armed() -> None:
    with pytest.raises(SafetyRefusal, match="Not asked, or due again"):
        rig(replace(screened(NOW), answers=()))


def test_nobody_is_armed_on_a_list_of_rules_that_leaves_one_out() -> None:
    facts = screened(NOW, PACEMAKER="yes")
    with pytest.raises(SafetyRefusal, match="not the one this version was released with"):
        rig(replace(facts, rules=tuple(rule for rule in facts.rules if rule.id != "PACEMAKER")))


def test_what_the_client_says_about_pads_pulses_and_stimulator_is_not_believed() -> None:
    facts = screened(NOW, FRACTURE="yes")
    elsewhere = replace(facts, pads=(replace(facts.pads[0], muscle="biceps", region="arm"),), types=frozenset({"circ"}))
    with pytest.raises(SafetyRefusal, match="FRACTURE"):
        rig(elsewhere)


def test_a_session_with_the_electrodes_elsewhere_than_prescribed_is_refused() -> None:
    wrong = replace(booking(screened(NOW)), channels={1: BookedChannel("quad_rf", "right", 4500)})
    with pytest.raises(UsageError, match="not the one that was prescribed"):
        Rig("reference", booking=wrong.to_json(), now=NOW)


def test_without_the_time_of_day_nothing_booked_is_armed() -> None:
    with pytest.raises(SafetyRefusal, match="what day it is"):
        rig(screened(NOW), now=None)


def test_an_override_that_ends_while_the_session_waits_no_longer_arms_it() -> None:
    facts = overridden(screened(NOW, EPILEPSY="yes"), "EPILEPSY", NOW, NOW + timedelta(minutes=10))
    ready = rig(facts)
    ready.run.give(Connect())
    ready._wait(State.IDLE)
    ready.run.advance(ready.now_us + 601 * US_PER_S)
    with pytest.raises(SafetyRefusal, match="has to be asked again"):
        ready.run.give(Arm())
    assert ready.engine.state is State.CONNECTED
    assert not any(line.amplitude_ua for line in ready.lines)


def test_the_same_override_arms_it_in_time() -> None:
    facts = overridden(screened(NOW, EPILEPSY="yes"), "EPILEPSY", NOW, NOW + timedelta(minutes=10))
    assert rig(facts).to_armed().start().finish().engine.result == "completed"


def test_a_caution_that_nobody_read_is_in_the_way_until_it_is_acknowledged() -> None:
    facts = screened(NOW, GEL_ALLERGY="yes")
    with pytest.raises(SafetyRefusal, match="acknowledge"):
        rig(facts)
    assert rig(acknowledged(facts, "GEL_ALLERGY", NOW)).to_armed().start().finish().engine.result == "completed"


def test_where_nothing_is_felt_the_limit_is_three_fifths_and_no_hand_goes_above_it() -> None:
    facts = acknowledged(screened(NOW, sensation="absent"), "SENSATION", NOW)
    everywhere = rig(screened(NOW), comfort_ua={"1": 80_000, "2": 80_000})
    capped = rig(facts, comfort_ua={"1": 80_000, "2": 80_000})
    for channel in (1, 2):  # the reference stimulator gives 120 mA, which these pads and pulses allow
        assert everywhere.assembly.envelopes[channel].amplitude_max_ua == 100_000  # the patient's own cap, 1.25 x comfort
        assert capped.assembly.envelopes[channel].amplitude_max_ua == 72_000
        assert capped.assembly.program.plan_of(channel).cap_ua == 72_000
    with pytest.raises(SafetyRefusal, match="60 % of what the limits allow"):
        rig(facts, comfort_ua={"1": 120_000, "2": 120_000})


def test_a_practice_book_never_drives_a_real_stimulator() -> None:
    from emscontrol.wiring.booked import admit

    simulated = rig(screened(NOW))
    protocol_line, program, envelopes = simulated.spec.protocol, simulated.assembly.program, simulated.assembly.envelopes
    from emscontrol.protocol.travel import from_line

    with pytest.raises(SafetyRefusal, match="practice book"):
        admit(booking(screened(NOW)).to_json(), from_line(protocol_line), program, envelopes, False, NOW)
