"""A booked session: nothing is armed while the screening stands in the way, whatever the client has judged before."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from emscontrol.core.booking import BookedChannel, Booking
from emscontrol.core.errors import SafetyRefusal, UsageError
from emscontrol.core.units import US_PER_S
from emscontrol.protocol.travel import from_line
from emscontrol.safety.screening import ScreeningFacts
from emscontrol.session.inputs import Arm, Connect, Pause, Resume
from emscontrol.session.states import State
from emscontrol.wiring.booked import admit
from emscontrol.wiring.procedures import assemble_procedure
from tests.session.booked import acknowledged, booking, overridden, screened
from tests.session.rig import MODELS, SHORT, Rig

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def rig(
    facts: ScreeningFacts, model: str = "reference", now: datetime | None = NOW, comfort_ua: dict[str, int] | None = None
) -> Rig:
    return Rig(model, booking=booking(facts, comfort_ua=comfort_ua).to_json(), now=now, comfort_ua=comfort_ua)


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


def admitted(text: str, *, simulated: bool) -> None:
    ready = rig(screened(NOW))
    spec = replace(ready.spec, booking=text)
    admit(spec, from_line(spec.protocol), ready.assembly.program, ready.assembly.envelopes, simulated, NOW)


def test_a_practice_book_never_drives_a_real_stimulator() -> None:
    with pytest.raises(SafetyRefusal, match="practice book"):
        admitted(booking(screened(NOW)).to_json(), simulated=False)
    admitted(replace(booking(screened(NOW)), practice=False).to_json(), simulated=False)


@pytest.mark.parametrize("value", ["", 0, None, [], "no", 1])
def test_a_flag_that_is_none_lets_no_practice_book_through(value: object) -> None:
    told = json.loads(booking(screened(NOW)).to_json()) | {"practice": value}
    with pytest.raises(UsageError, match="no booking it understands"):
        admitted(json.dumps(told), simulated=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("patient", None),
        ("plan", -1),
        ("plan", True),
        ("appointment", 1.0),
        ("comfort_ua", {"1": "20000"}),
        ("channels", {"1": {"muscle": "quad_rf", "side": "left", "area_mm2": "4500", "electrode_set": None}}),
        ("channels", {"1": {}, "01": {}}),
        ("screening", {}),
    ],
)
def test_a_booking_with_anything_of_another_kind_is_none(name: str, value: object) -> None:
    told = json.loads(booking(screened(NOW)).to_json()) | {name: value}
    with pytest.raises(UsageError):
        Booking.from_json(json.dumps(told))
    with pytest.raises(UsageError):
        Booking.from_json(json.dumps({key: part for key, part in told.items() if key != name}))
    with pytest.raises(UsageError):
        Booking.from_json("[" * 100_000)


def test_a_booking_travels_unchanged() -> None:
    sent = replace(booking(screened(NOW)), asked="asked without the book: DVT no", motor_ua={"1": 9_000})
    assert Booking.from_json(sent.to_json()) == sent


def test_another_text_or_other_levels_than_were_prescribed_are_refused() -> None:
    harder = SHORT.replace("fraction: 0.8", "fraction: 1")
    with pytest.raises(UsageError, match="its text differs"):
        Rig("reference", text=harder, booking=booking(screened(NOW)).to_json(), now=NOW)
    with pytest.raises(UsageError, match="not those of the book"):
        Rig("reference", booking=booking(screened(NOW)).to_json(), now=NOW, comfort_ua={"1": 20_000, "2": 20_500})


def test_a_session_that_was_paused_until_the_screening_was_over_is_not_resumed() -> None:
    facts = overridden(screened(NOW, EPILEPSY="yes"), "EPILEPSY", NOW, NOW + timedelta(minutes=10))
    playing = rig(facts).to_running()
    playing.run.give(Pause("operator"))
    playing.run.advance(playing.now_us + 601 * US_PER_S)
    with pytest.raises(SafetyRefusal, match="has to be asked again"):
        playing.run.give(Resume("operator"))
    assert playing.engine.state is State.PAUSED
    assert not playing.engine.view(playing.now_us)["channels"]["1"]["amplitude_ua"]  # type: ignore[index]


def test_whether_the_stimulator_is_declared_for_long_pulses_is_not_the_clients_word() -> None:
    """The client says that it is; the P24 that will really play them is not."""
    text = SHORT.replace("lmn_status: intact", "lmn_status: damaged")
    facts = replace(
        screened(NOW),
        device_denervation=True,
        muscles=tuple(replace(muscle, lmn="absent") for muscle in screened(NOW).muscles),
    )
    with pytest.raises(SafetyRefusal, match="DENERV_DEV"):
        Rig("p24", text=text, booking=booking(facts, text=text).to_json(), now=NOW)


def test_what_was_asked_without_the_book_stands_in_the_record() -> None:
    told = replace(booking(screened(NOW)), asked="asked without the book: DVT no").to_json()
    played = Rig("reference", booking=told, now=NOW)
    assert "asked without the book: DVT no" in str(next(e for _, e in played.events if e.kind == "booked").args["screening"])


def test_a_measurement_belongs_to_no_appointment() -> None:
    spec = replace(rig(screened(NOW)).spec, procedure="{}")
    with pytest.raises(UsageError, match="belongs to no appointment"):
        assemble_procedure(spec)
