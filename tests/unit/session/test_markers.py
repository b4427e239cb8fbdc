"""What a laboratory is told of a session: which events, in which words, and what is commanded at any moment."""

import re
from string import Formatter
from typing import Any

from emscontrol.core.arguments import ArgType
from emscontrol.core.events import EVENTS, make
from emscontrol.devices.registry import MODELS, profile
from emscontrol.session.markers import CHANNELS, MARKERS, Levels, Marker, Narrator, joined, markers_of
from tests.exports.test_nameless import FIGURES, SECRET

HARMLESS = {ArgType.COUNT, ArgType.CHANNEL, ArgType.CHANNELS}
RAMPS = {"rise_us": 100_000, "hold_us": 200_000, "fall_us": 100_000}


def message(kind: str, t_us: int, **args: Any) -> dict[str, Any]:
    return {"type": "event", "event": kind, "t_us": t_us, "args": dict(make(kind, **args).args)}


def output(channel: int, amplitude_ua: int, **more: int) -> dict[str, int]:
    return {"channel": channel, "amplitude_ua": amplitude_ua, "width_us": 300, "period_us": 20_000, **more}


def test_every_marker_is_of_an_event_and_has_counts_and_channels_only() -> None:
    for kind, template in MARKERS.items():
        names = [name for _, name, _, _ in Formatter().parse(template) if name]
        for name in names:
            args = EVENTS[kind].args
            assert args[name if name in args else "channels"].type in HARMLESS, kind


def test_no_text_of_any_event_is_in_a_marker_and_every_alarm_is_one() -> None:
    for kind, row in EVENTS.items():
        told = markers_of(kind, make(kind, **{name: FIGURES[arg.type] for name, arg in row.args.items()}).args)
        assert all(re.fullmatch(r"[a-z_]+(/[a-z_0-9]+)*", text) for text in told), told
        assert not any(SECRET.lower() in text.lower() for text in told)
        if row.severity.is_alarm:
            assert told[0].startswith(f"alarm/{kind}")
    assert markers_of("something_new", {}) == []


def test_words_of_markers() -> None:
    assert markers_of("contraction_started", {"phase": 1, "index": 1, "of": 2, "channels": [1, 3]}) == [
        "contraction/begin/ch1",
        "contraction/begin/ch3",
    ]
    assert markers_of("phase_started", {"name": "Erika", "index": 2, "of": 3}) == ["phase/2"]
    assert markers_of("state_changed", {"from_state": "idle", "to_state": "running", "cause": "x"}) == ["state/running"]
    assert markers_of("electrode_fault", {"channel": 2, "text": "x"}) == ["alarm/electrode_fault/ch2"]
    assert markers_of("electrode_fault", {"channel": None, "text": "x"}) == ["alarm/electrode_fault"]
    assert markers_of("measured", {"channel": 1}) == []
    assert [joined({"simulated": told}) for told in (True, False)] == ["session/joined/simulated", "session/joined"]


def test_a_set_point_is_told_for_all_channels_and_a_stop_is_zero() -> None:
    narrator = Narrator()
    heard = list(narrator.hear(message("set_point", 5, number=1, outputs=[output(1, 4_000), output(3, 6_000)], cause="x")))
    assert heard == [Levels(5, (4_000, 0, 6_000, 0, 0, 0, 0, 0))]
    assert list(narrator.hear(message("set_point", 7, number=2, outputs=[output(3, 6_500)], cause="x"))) == [
        Levels(7, (0, 0, 6_500, 0, 0, 0, 0, 0))
    ]
    assert not narrator.ramping
    assert list(narrator.hear(message("stop_sent", 9))) == [Marker(9, "stop/sent"), Levels(9, (0,) * CHANNELS)]
    assert list(narrator.hear({"type": "view", "channels": {}})) == []


def test_a_contraction_of_the_stimulators_own_rises_holds_falls_and_ends() -> None:
    narrator = Narrator()
    told = message("set_point", 0, number=1, outputs=[output(1, 10_000, **RAMPS)], cause="x")
    assert list(narrator.hear(told)) == [Levels(0, (0,) * CHANNELS)]
    assert [narrator.levels(t_us).ua[0] for t_us in (50_000, 100_000, 250_000, 350_000, 400_000)] == [
        5_000,
        10_000,
        10_000,
        5_000,
        0,
    ]
    again = message("set_point", 60_000, number=2, outputs=[output(1, 10_000, **RAMPS)], cause="x")
    assert next(iter(narrator.hear(again))).ua[0] == 6_000  # type: ignore[union-attr]
    narrator.forget(399_999)
    assert narrator.ramping
    narrator.forget(400_000)
    assert not narrator.ramping


def test_every_stimulator_has_room_in_the_stream() -> None:
    assert max(profile(name).capabilities.channels for name in MODELS) == CHANNELS
