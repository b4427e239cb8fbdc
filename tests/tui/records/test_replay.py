"""A session played again: where the player stands, and a screen that nobody can take for a session."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from emscontrol.cli.bench import workbench
from emscontrol.core.events import make
from emscontrol.record.key_files import station_signer
from emscontrol.record.line import Record
from emscontrol.record.playback import Playback
from emscontrol.record.replay import read_records
from emscontrol.session.endpoint import Endpoint
from emscontrol.session.runtime import runtime_folder
from emscontrol.tui.app import EmsApp
from emscontrol.tui.house import ReplayWanted
from emscontrol.tui.screens.records import replay
from emscontrol.tui.screens.records.page import RecordsPage
from emscontrol.tui.screens.records.player import SPEEDS, Player, cut
from emscontrol.tui.screens.records.record import RecordScreen
from emscontrol.tui.screens.records.replay import ReplayScreen
from emscontrol.tui.widgets.channel_strip import ChannelStrip
from tests.tui.house import settled
from tests.tui.records.material import AT, broken_off, keep, signed, whole
from tests.tui.stage import Act, picture, until
from tests.unit.record.stations import chained_anew

S = 1_000_000


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return list(read_records(whole().splitlines(keepends=True)))


def at(records: Sequence[Record], place_us: int) -> Player:
    player = Player(records)
    player.jump(place_us)
    return player


# -- the player --------------------------------------------------------------------------------------------------------


def test_time_passes_by_the_speed_and_stands_still_when_paused(records: list[Record]) -> None:
    player = Player(records)
    player.pass_time(1.5)
    assert player.at_us == 1.5 * S
    player.faster(1)
    player.pass_time(0.5)
    assert (player.speed, player.at_us) == (2.0, 2.5 * S)
    player.pause()
    player.pass_time(100)
    assert player.at_us == 2.5 * S
    player.pause()
    player.pass_time(100)
    assert (player.at_us, player.playing) == (player.end_us, False)
    player.pause()
    assert (player.at_us, player.playing) == (0, True), "at its end it begins again"


def test_speeds_have_ends(records: list[Record]) -> None:
    player = Player(records, speed=3.0)
    player.faster(1)
    assert player.speed == 4.0
    for step, end in ((1, SPEEDS[-1]), (-1, SPEEDS[0])):
        for _ in SPEEDS:
            player.faster(step)
        assert player.speed == end


def test_jumps_go_to_contractions_and_never_out_of_the_record(records: list[Record]) -> None:
    player = Player(records)
    player.to_contraction(1)
    assert player.at_us == 5 * S, "the first begins at once, the second after 5 s"
    player.to_contraction(1)
    assert player.at_us == player.end_us
    player.to_contraction(-1)
    assert player.at_us == 5 * S
    player.jump(2 * S)
    player.to_contraction(-1)
    assert player.at_us == 5 * S, "back to the begin of the one that is under way"
    player.jump(S // 2)
    player.to_contraction(-1)
    assert player.at_us == 0, "so shortly after it began, back means the one before"
    player.jump(-10 * S)
    assert player.at_us == 0


@given(st.lists(st.integers(0, 9 * S), min_size=1, max_size=12))
def test_a_view_does_not_depend_on_the_way_there(places_us: list[int]) -> None:
    records = RECORDS
    player = Player(records)
    for place_us in places_us:
        player.jump(place_us - int(player.at_us))
        playback = Playback()
        for record in player.happened():
            playback.take(record)
        assert player.view() == playback.view(records[0].t_us + int(player.at_us))


RECORDS = list(read_records(whole().splitlines(keepends=True)))


def test_the_curve_is_what_was_commanded_in_the_last_seconds(records: list[Record]) -> None:
    """A ramp of 1 s to 16 mA, 1.5 s of hold, a fall of 0.5 s; 2 s of rest."""
    curve = at(records, 2 * S).lanes(1.5)[1]
    assert (curve[0], curve[-1]) == ((0.5, pytest.approx(8.0)), (2.0, pytest.approx(16.0)))
    assert at(records, 4 * S).lanes(60)[1][0] == (-56.0, 0.0)
    assert at(records, 4 * S).lanes(60)[1][-1] == (4.0, 0.0)
    assert max(level for _, level in at(records, 8 * S).lanes(1.0)[2]) == pytest.approx(16.0, abs=0.01)


def test_a_part_of_a_line_has_its_edges() -> None:
    line = [(1.0, 0.0), (1.0, 10.0), (3.0, 10.0), (5.0, 0.0)]
    assert cut(line, 0.0, 1.0) == [(0.0, 0.0), (1.0, 0.0), (1.0, 10.0), (1.0, 10.0)]
    assert cut(line, 4.0, 6.0) == [(4.0, 5.0), (5.0, 0.0), (6.0, 0.0)]
    assert cut([], 0.0, 1.0) == [(0.0, 0.0), (1.0, 0.0)]


# -- the screen --------------------------------------------------------------------------------------------------------


def watch(home: Path, path: Path, act: Act, size: tuple[int, int] = (80, 24), speed: float = 1.0) -> EmsApp:
    """The program with nothing but a replay."""
    app = EmsApp(str(home), workbench(), only=ReplayWanted(str(path), speed))

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: app.screen.query(ChannelStrip) or "problem" in picture(app))
            await act(app, pilot)

    asyncio.run(run())
    return app


def replay_of(app: EmsApp) -> Player:
    assert isinstance(app.screen, ReplayScreen)
    assert app.screen._player is not None
    return app.screen._player


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40)])
def test_in_every_state_and_size_it_says_that_it_is_a_replay(tmp_path: Path, size: tuple[int, int]) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        player = replay_of(app)
        player.playing = False
        for place_us in (0, 500_000, 2 * S, 4 * S, player.end_us):
            player.jump(place_us - int(player.at_us))
            app.screen._show()  # type: ignore[attr-defined]
            await pilot.pause()
            rows = picture(app).splitlines()
            assert "REPLAY, nothing flows by it  SIMULATION" in rows[0]
            assert "REPLAY of a record: nothing is connected here" in "\n".join(rows[-4:])
            assert "no current flows" not in picture(app), "of other terminals nothing is known"
            assert "STOP" not in picture(app)
            assert "CURRENT ON" not in picture(app)

    watch(tmp_path, keep(tmp_path, whole()), act, size)


def test_what_the_session_showed_stands_there(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        replay_of(app).playing = False
        replay_of(app).jump(2 * S - int(replay_of(app).at_us))
        app.screen._show()  # type: ignore[attr-defined]
        await pilot.pause()
        shown = picture(app)
        assert "it was RUNNING" in shown
        assert "CONTRACT, HOLD 0.5 s" in shown
        assert "16.0 mA" in app.screen.query(ChannelStrip).first().words.replace("\n", " ")
        assert "0:02 / 0:09" in shown
        assert "Contraction 1 of 2 on channels 1, 2." in shown

    watch(tmp_path, keep(tmp_path, whole()), act, (100, 40))


def test_space_pauses_and_goes_on_f12_only_pauses_and_nothing_is_stopped(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        player = replay_of(app)
        for key, plays in (("space", False), ("space", True), ("f12", False), ("f12", False), ("p", True)):
            await pilot.press(key)
            assert player.playing is plays, key
        await pilot.press("f12")
        assert "For sessions of other terminals: emscontrol stop" in " ".join(picture(app).split())
        await pilot.press("right")
        assert player.at_us == player.end_us, "ten seconds are more than there are"
        await pilot.press("up", "up", "plus", "plus", "minus")
        assert (player.at_us, player.speed) == (0.0, 2.0)
        await pilot.press("down")
        assert player.at_us == 5 * S
        assert app.session is None

    watch(tmp_path, keep(tmp_path, whole()), act)


def test_its_help_says_replay_and_only_what_holds_there(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await pilot.press("question_mark")
        await until(pilot, lambda: "Ten seconds back." in picture(app))
        shown = " ".join(picture(app).split())
        assert shown.count("REPLAY of a record: nothing is connected here") == 2, "above and below"
        assert "STOP" not in shown
        for words in ("Current on", "ON OTHER SCREENS", "While a session is open"):
            assert words.lower() not in shown.lower()
        for said in ("Ten seconds on.", "To the next contraction.", "Half as fast.", "Leave the replay.", "emscontrol stop"):
            assert shown.count(said) == 1, said
        await pilot.press("enter")
        assert isinstance(app.screen, ReplayScreen)

    watch(tmp_path, keep(tmp_path, whole()), act, (120, 40))


def test_while_it_is_read_it_says_so_and_no_key_does_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may_read, read = threading.Event(), replay._read

    def slowly(path: Path, home: str) -> tuple[list[Record], str, bool]:
        assert may_read.wait(20)
        return read(path, home)

    monkeypatch.setattr(replay, "_read", slowly)
    app = EmsApp(str(tmp_path), workbench(), only=ReplayWanted(str(keep(tmp_path, whole())), 1.0))

    async def run() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "Reading the record …" in picture(app))
            await pilot.press("space", "p", "left", "right", "up", "down", "plus", "minus", "f12", "enter")
            assert "Reading the record …" in picture(app)
            may_read.set()
            await until(pilot, lambda: app.screen.query(ChannelStrip))
            assert (replay_of(app).playing, replay_of(app).speed) == (True, 1.0)
            await until(pilot, lambda: "Reading the record …" not in picture(app))

    try:
        asyncio.run(run())
    finally:
        may_read.set()


def test_it_plays_by_itself(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await until(pilot, lambda: "COMPLETED: the program is over" in picture(app))
        assert not replay_of(app).playing

    watch(tmp_path, keep(tmp_path, whole()), act, speed=64.0)


def test_at_the_end_of_a_crash_nobody_knows_what_flows(tmp_path: Path) -> None:
    """Nothing is told of current after the last record, by a word or by a figure."""

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        player = replay_of(app)
        await until(pilot, lambda: "not closed" in picture(app))
        for place_us, known in ((player.end_us - 1000, True), (player.end_us, False), (player.end_us - 1000, True)):
            player.playing = False
            player.jump(place_us - int(player.at_us))
            app.screen._show()  # type: ignore[attr-defined]
            await pilot.pause()
            words = "\n".join(strip.words for strip in app.screen.query(ChannelStrip))
            assert ("it was RUNNING" in picture(app), "output unknown" in words) == (known, not known)
            assert ("it was UNKNOWN" in picture(app)) is not known
            assert ("the record has no end" in " ".join(picture(app).split())) is not known

    watch(tmp_path, keep(tmp_path, broken_off()), act, (120, 24))


def test_a_crash_after_a_confirmed_zero_leaves_nothing_unknown(tmp_path: Path) -> None:
    lines = whole().splitlines(keepends=True)
    confirmed = next(place for place, line in enumerate(lines) if b'"stop_confirmed"' in line)
    records = list(read_records(lines[: confirmed + 1]))
    assert not at(records, 60 * S).view()["output_unknown"]
    asked = next(place for place, line in enumerate(lines) if b'"contraction_started"' in line)
    assert at(list(read_records(lines[: asked + 5])), 60 * S).view()["output_unknown"]


def test_an_end_leaves_it_unknown_where_current_was_measured_after_the_stop_or_the_record_lies(tmp_path: Path) -> None:
    records = RECORDS
    assert not at(records, 60 * S).view()["output_unknown"]
    measured = make("measured", channel=1, amplitude_ua=22_000, set_ua=0, pulses=5)
    last = records[-1]
    after = at([*records[:-1], Record(last.n, last.t_us, last.wall, measured), last], 60 * S)
    assert (after.ended, after.view()["output_unknown"]) == (True, True)
    lies = [line.replace(b'"peak_ua":16000', b'"peak_ua":1000') for line in whole().splitlines(keepends=True)]
    read, finding, intact = replay._read(keep(tmp_path, b"".join(chained_anew(lies))), str(tmp_path))
    assert "Not intact" in finding
    assert "The totals do not agree with the lines. Chained, not signed." in finding
    player = Player(read, intact=intact)
    player.jump(player.end_us - 1)
    assert not player.view()["output_unknown"]
    player.jump(1)
    assert player.view()["output_unknown"]


def test_after_what_makes_no_sense_as_a_session_no_current_is_told(records: list[Record]) -> None:
    place = max(place for place, record in enumerate(records) if record.event.args.get("outputs"))
    row = {"channel": 1, "amplitude_ua": 9_000, "width_us": 300, "period_us": 0}
    nonsense = make("set_point", number=1, outputs=[row], cause="x")
    strange = [*records[:place], records[place]._replace(event=nonsense), *records[place + 1 :]]
    from_us = records[place].t_us - records[0].t_us
    assert not at(strange, from_us - 1).view()["output_unknown"]
    assert at(strange, from_us).view()["output_unknown"]
    assert at(strange, 60 * S).view()["output_unknown"]


def test_an_end_that_is_not_signed_is_told_of_a_known_station_too(tmp_path: Path) -> None:
    own = station_signer(tmp_path / "keys", "2026-03-02T08:00:00+00:00")
    lines = signed(whole().splitlines(keepends=True), own).splitlines(keepends=True)
    assert replay._read(keep(tmp_path, b"".join(lines)), str(tmp_path))[1] == ""
    end = next(place for place, line in enumerate(lines) if b'"contraction_ended"' in line)
    finding = replay._read(keep(tmp_path, b"".join(lines[:end]), AT + timedelta(hours=1)), str(tmp_path))[1]
    assert f"what follows, up to record {end}, is chained, not signed" in finding


def test_a_session_of_another_terminal_is_told_while_a_replay_is_watched(tmp_path: Path) -> None:
    folder = runtime_folder(str(tmp_path))
    engine = Endpoint(folder, "p24@sim")  # it listens, which is all that is asked of it

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await until(pilot, lambda: "a SESSION RUNS in another terminal; to stop it: emscontrol stop" in picture(app))

    try:
        watch(tmp_path, keep(tmp_path, whole()), act)
    finally:
        engine.close()


@pytest.mark.parametrize("key", ["q", "escape", "ctrl+q"])
def test_leaving_ends_the_program_that_was_opened_for_it(tmp_path: Path, key: str) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await pilot.press(key)
        await until(pilot, lambda: app._exit)

    assert not watch(tmp_path, keep(tmp_path, whole()), act).return_code


def test_a_damaged_record_is_played_as_far_as_it_stands(tmp_path: Path) -> None:
    lines = whole("p24").splitlines(keepends=True)
    lines[60] = lines[60].replace(b"1", b"2", 1)

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await until(pilot, lambda: "everything fits up to record 60" in picture(app))
        assert replay_of(app).records[-1].n == 60

    watch(tmp_path, keep(tmp_path, b"".join(lines)), act)


def test_from_the_list_and_from_a_record_p_plays_it_and_leads_back(tmp_path: Path) -> None:
    keep(tmp_path, broken_off(), AT)
    keep(tmp_path, whole(), AT + timedelta(hours=1))
    app = EmsApp(str(tmp_path), workbench())

    async def run() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            await pilot.press("enter")
            await pilot.press("f7")
            await settled(pilot)
            await pilot.press("p")
            await until(pilot, lambda: app.screen.query(ChannelStrip))
            assert replay_of(app).records[-1].event.kind == "session_ended"
            await pilot.press("q")
            assert isinstance(app.screen, RecordsPage)
            await pilot.press("enter")
            await settled(pilot)
            await pilot.press("p")
            await until(pilot, lambda: app.screen.query(ChannelStrip))
            await pilot.press("escape")
            assert isinstance(app.screen, RecordScreen)

    asyncio.run(run())
