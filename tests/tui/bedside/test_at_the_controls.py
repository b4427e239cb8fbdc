"""While a session runs: one stray key raises nothing, a seen alarm stands in the record, the patient is told in words."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from emscontrol.tui.app import EmsApp
from emscontrol.tui.commands.all import BY_PLACE
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import Errand
from emscontrol.tui.screens.bedside.contacts import Contacts
from emscontrol.tui.screens.bedside.control_lock import LET_GO_S, LOCK_AFTER_S, ControlLock
from emscontrol.tui.screens.bedside.patient_view import PatientView, said
from emscontrol.tui.widgets.envelope_bar import Ceiling, EnvelopeBar
from tests.tui.engine_stub import EngineStub, view
from tests.tui.stage import SPEC, picture, play, until


async def begin(app: EmsApp, pilot: Pilot[None], stub: EngineStub, **changes: Any) -> None:
    app.begin_session(Errand(SPEC, lambda _: None))
    stub.greet()
    stub.say(view(**changes))
    await until(pilot, lambda: app.session is not None and app.session.engine_state == changes.get("state", "running"))


def test_what_leads_to_current_is_locked_after_a_while_and_nothing_else_is() -> None:
    locking = {name for name, command in BY_PLACE[Where.SESSION].items() if command.locks}
    assert locking == {"arm", "start", "resume", "raise"}


def test_the_lock_shuts_after_a_while_without_a_key_and_one_key_only_opens_it() -> None:
    lock = ControlLock(0.0)
    assert lock.opened(1.0)
    assert lock.opened(LOCK_AFTER_S)
    late = 2 * LOCK_AFTER_S + 0.1
    assert lock.is_shut(late)
    assert not lock.opened(late)
    assert not lock.opened(late + 0.2)  # held, or clicked twice
    assert not lock.opened(late + 0.4)
    assert lock.opened(late + 0.4 + LET_GO_S)
    assert not ControlLock(0.0).opened(LOCK_AFTER_S + 0.1)  # also before the first key


def test_a_stray_plus_after_a_while_raises_nothing_and_minus_pause_and_stop_never_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emscontrol.tui.screens.bedside.control_lock.LOCK_AFTER_S", 2.0)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        await pilot.press("plus")
        await until(pilot, lambda: stub.verbs().count("adjust") == 1)
        await until(pilot, lambda: "LOCKED" in picture(app))
        await pilot.press("plus")
        await until(pilot, lambda: "were locked" in picture(app))
        assert stub.verbs().count("adjust") == 1
        await pilot.pause(LET_GO_S + 0.1)
        await pilot.press("plus")
        await until(pilot, lambda: stub.verbs().count("adjust") == 2)
        await until(pilot, lambda: "LOCKED" in picture(app))
        await pilot.press("minus", "p", "f12")
        await until(pilot, lambda: {"pause", "stop"} <= set(stub.verbs()) and stub.verbs().count("adjust") == 3)
        stub.close_session()

    play(tmp_path, act, size=(100, 30))


def test_an_alarm_that_was_seen_is_told_to_the_engine_with_its_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        stub.event("electrode_fault", "alarm_medium", "The electrode of channel 1 is off.")
        await until(pilot, lambda: "ALARM MEDIUM" in picture(app))
        await pilot.press("k")
        await until(pilot, lambda: "seen" in stub.verbs())
        assert next(line for line in stub.asked if line["do"] == "seen")["alarm"] == "The electrode of channel 1 is off."
        stub.close_session()

    play(tmp_path, act)


def test_the_patients_view_counts_down_and_stops_like_every_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        await pilot.press("v")
        await until(pilot, lambda: isinstance(app.screen, PatientView) and "C O N T R A C T" in picture(app))
        await pilot.press("space")
        await until(pilot, lambda: "stop" in stub.verbs())
        await pilot.press("v")
        await pilot.pause(0.5)  # some more views, with nothing there to show them
        await pilot.press("v")
        await until(pilot, lambda: "C O N T R A C T" in picture(app))
        stub.close_session()

    play(tmp_path, act)


def test_over_the_patients_view_pause_and_minus_count_alarms_are_seen_and_plus_only_leads_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        await pilot.press("v")
        await until(pilot, lambda: "C O N T R A C T" in picture(app))
        await pilot.press("minus", "p")
        await until(pilot, lambda: stub.verbs()[-2:] == ["adjust", "pause"])
        assert next(line for line in stub.asked if line["do"] == "adjust")["delta_ua"] < 0
        stub.event("electrode_fault", "alarm_medium", "The electrode of channel 1 is off.")
        await until(pilot, lambda: "ALARM MEDIUM: The electrode of channel 1 is off." in picture(app))
        assert isinstance(app.screen, PatientView)
        await pilot.press("plus")
        await until(pilot, lambda: app.screen is app.session)
        assert stub.verbs()[-1] == "pause"
        stub.close_session()

    play(tmp_path, act)


def test_a_busy_stimulator_is_asked_again_for_a_contact_and_not_for_ever() -> None:
    contacts = Contacts()
    contacts.begin([1, 2])
    asked = []
    for _ in range(100):
        channel = contacts.next()
        if channel is None:
            break
        asked.append(channel)
        contacts.refused()
    assert set(asked) == {1, 2}
    assert (contacts.words(1), contacts.words(2)) == ("NOT MEASURED", "NOT MEASURED")


@pytest.mark.parametrize(
    ("changes", "known", "word", "figure"),
    [
        ({"doing": "hold", "doing_left_us": 4_200_000}, True, "CONTRACT", "5"),
        ({"doing": "ramp up", "doing_left_us": 900_000}, True, "CONTRACT", "1"),
        ({"doing": "ramp down", "doing_left_us": 900_000}, True, "RELAX", "1"),
        ({"doing": "rest", "doing_left_us": 12_000_000}, True, "RELAX", "12"),
        ({"doing": "rest", "doing_left_us": 2_500_000}, True, "GET READY", "3"),
        ({"state": "paused"}, True, "PAUSE", ""),
        ({"state": "fault"}, True, "NO CURRENT", ""),
        ({"doing": "hold"}, False, "PLEASE WAIT", ""),
    ],
)
def test_the_patient_is_told_in_words_what_to_do(changes: dict[str, Any], known: bool, word: str, figure: str) -> None:
    assert said(view(**changes), known) == (word, figure)


def test_contacts_are_asked_for_one_after_the_other_and_told_by_ohm_or_as_none() -> None:
    contacts = Contacts()
    contacts.begin([1, 2])
    assert contacts.next() == 1
    assert contacts.next() is None  # the first is still being measured
    contacts.hear({"event": "electrode_checked", "args": {"channel": 1, "ohm": 1250}})
    assert contacts.next() == 2
    contacts.hear({"event": "electrode_checked", "args": {"channel": 2}})
    assert (contacts.words(1), contacts.words(2), contacts.words(3)) == ("1.2 kΩ", "NO CONTACT", "")
    assert contacts.next() is None


def test_the_bar_of_the_limit_says_percent_and_source_and_unknown_where_nobody_knows(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        bar = EnvelopeBar()
        await app.screen.mount(bar)
        assert bar.words == ""
        bar.limits({1: Ceiling(40_000, "charge, muscle catalogue, D")})
        bar.show(1, 10_000)
        assert bar.words.startswith(" 25 %")
        assert "limit 40.0 mA: charge, muscle catalogue, D" in bar.words
        bar.show(1, None)
        assert "? %" in bar.words

    play(tmp_path, act)
