"""A session with somebody on the leads: what the body does and says comes into the record, in every kind of run."""

from pathlib import Path

import pytest

from emscontrol.core.events import Event
from emscontrol.protocol.library import load_named
from emscontrol.protocol.travel import to_line
from emscontrol.record.verify import verify
from emscontrol.session.spec import SessionSpec
from emscontrol.wiring.rehearsal import rehearse_session

LONG = "denervated-quadriceps-twitches"
SHORT = "acl-high-rate"  # 400 µs


def played(protocol: str, body: str, comfort_ua: int, journal: Path) -> list[tuple[int, Event]]:
    loaded = load_named(protocol)
    spec = SessionSpec(
        device="reference@sim",
        protocol=to_line(loaded.protocol),
        protocol_text=loaded.text,
        sha256=loaded.sha256,
        comfort_ua={"1": comfort_ua},
        journal=str(journal),
        body=body,
    )
    told: list[tuple[int, Event]] = []
    assembly = rehearse_session(spec, lambda event, now_us: told.append((now_us, event)))
    assert assembly.engine.result == "completed", assembly.engine.reason
    return told


def pull_n(told: list[tuple[int, Event]]) -> float:
    """The largest force that the record speaks of."""
    return max(int(str(event.args["force_mn"])) for _, event in told if event.kind == "body_answered") / 1_000


def test_long_pulses_move_a_muscle_without_its_nerve(tmp_path: Path) -> None:
    told = played(LONG, "conus", 70_000, tmp_path / "j.jsonl")
    assert pull_n(told) > 10  # its twitch is at most 34.8 N (physiology sheet 1.7); 70 mA are far above I50 = 24 mA
    assert not [event for _, event in told if event.kind == "body_said"]  # nothing is felt there


@pytest.mark.parametrize("comfort_ua", [20_000, 60_000, 120_000])
def test_short_pulses_move_nothing_there_at_any_current_that_is_allowed(comfort_ua: int, tmp_path: Path) -> None:
    """120 mA is all that the stimulator makes; sheet 2.3: a median fibre needs 1353 mA at 300 µs. Expected: under 0.5 N."""
    assert pull_n(played(SHORT, "conus", comfort_ua, tmp_path / "j.jsonl")) < 0.5


def test_the_same_short_pulses_move_a_healthy_muscle_whose_owner_says_so(tmp_path: Path) -> None:
    told = played(SHORT, "healthy", 35_000, tmp_path / "j.jsonl")
    assert pull_n(told) > 50
    said = [str(event.args["text"]) for _, event in told if event.kind == "body_said"]
    assert said[0] == "It tingles."
    assert "The muscle pulls." in said


def test_pain_is_said_while_it_is_felt_and_not_when_the_contraction_is_over(tmp_path: Path) -> None:
    told = played(SHORT, "thin_sensitive", 45_000, tmp_path / "j.jsonl")
    hurts_us = next(t for t, event in told if event.kind == "body_said" and event.args["word"] == "painful")
    begun_us = [t for t, event in told if event.kind == "contraction_started" and t <= hurts_us][-1]
    assert hurts_us - begun_us < 4_000_000  # in the rise or early on the plateau of ten seconds


def test_the_record_with_a_body_in_it_verifies_and_ends_with_its_closing_line(tmp_path: Path) -> None:
    told = played(SHORT, "healthy", 35_000, tmp_path / "j.jsonl")
    report = verify(tmp_path / "j.jsonl")
    assert report.ok
    assert report.ended
    assert told[-1][1].kind == "session_ended"
