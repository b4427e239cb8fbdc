"""The practice session: what it is, what is said beside it, and how it ends."""

from decimal import Decimal
from pathlib import Path

import pytest
from textual.pilot import Pilot

from emscontrol.cli.bench import workbench
from emscontrol.protocol.phase_rules import length_s
from emscontrol.protocol.travel import from_line
from emscontrol.session.states import State
from emscontrol.tui.app import EmsApp
from emscontrol.tui.commands.all import BY_PLACE
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import PracticeWanted
from emscontrol.tui.looks import CLOSED, STARTING, THEN
from emscontrol.tui.practice_session import BODY, practice_spec
from emscontrol.tui.widgets.coach import COACHING, Coach, coach_line
from tests.tui.stage import picture, play, session_of, until


def test_it_is_over_in_two_minutes_on_a_simulated_body_that_contracts_and_is_not_hurt(tmp_path: Path) -> None:
    from firmware_sim.body.patient import Patient
    from firmware_sim.body.pulse import Pulse

    spec = practice_spec(str(tmp_path))
    protocol = from_line(spec.protocol)
    assert Decimal(90) <= sum(length_s(phase) for phase in protocol.phases) <= Decimal(120)
    assert spec.device == "reference@sim"
    assert spec.speed == 1
    assert spec.body in {body.name for body in workbench().bodies()}
    for channel, comfort_ua in spec.comfort_ua.items():
        found = Patient.named(BODY, 1).thresholds(int(channel), Pulse(comfort_ua, protocol.phases[1].groups[0].pulse_width_us))
        assert found.motor is not None
        assert found.pain is not None
        assert found.motor < comfort_ua / 1000 < found.pain


@pytest.mark.parametrize("state", [STARTING, *State, CLOSED])
def test_every_state_has_something_to_say_and_names_a_key_that_does_something_there(state: str) -> None:
    for doing in ("", "something new", *THEN):
        line = coach_line(state, {"doing": doing})
        assert line
        assert "{" not in line
    wanted = {"connected": "arm", "armed": "start", "paused": "resume", CLOSED: "again"}
    if state in wanted:
        command = BY_PLACE[Where.SESSION][wanted[state]]
        assert f"Press {command.keys_told}:" in coach_line(state, {})
        assert command.states is None or state in command.states
    assert state in COACHING or state == State.RUNNING


def test_somebody_who_only_follows_the_line_comes_to_the_end_and_is_told_that_all_was_simulated(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        app.screen.post_message(PracticeWanted())
        await until(pilot, lambda: app.session is not None)
        session = session_of(app)

        def said() -> str:
            return "".join(str(coach.render()) for coach in session.query(Coach))

        await until(pilot, lambda: "Press a" in said())
        assert "SIMULATION" in picture(app)
        await pilot.press("a")
        await until(pilot, lambda: "Press s" in said())
        await pilot.press("s")
        await until(pilot, lambda: "The current rises" in said())
        await pilot.press("space")
        await until(pilot, lambda: "Press n" in said())
        await pilot.press("n")
        await until(pilot, lambda: "STOPPED" in picture(app))
        shown = picture(app)
        for words in ("SIMULATED", "kept in a book", "A session without the book", "Practise once more"):
            assert words in shown
        await pilot.press("enter")
        await until(pilot, lambda: "comfort" in picture(app).lower() and "Stimulator" in picture(app))

    play(tmp_path, act)
