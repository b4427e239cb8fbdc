"""Simulated bodies measured on simulated stimulators: what is found is what the body truly has."""

from pathlib import Path

import pytest

from emscontrol.core.events import Event
from emscontrol.core.events import make as make_event
from emscontrol.measure.rebuild import FINDINGS, rebuild
from emscontrol.record.replay import read_events
from emscontrol.record.verify import verify
from emscontrol.session.spec import ProcedureSpec
from emscontrol.wiring.bedside import SimulatedLink, bystander_of
from emscontrol.wiring.practice import measure_body, simulated_patient
from emscontrol.wiring.procedures import session_of, usual_widths_us
from firmware_sim.body.patient import Thresholds
from firmware_sim.body.pulse import Pulse
from firmware_sim.world import make
from tests.session.patient import curve_spec, threshold_spec

BODIES = ("healthy", "disuse", "stroke", "sci", "conus", "regrowing", "icu_oedema", "elderly", "numb_skin")


def measured(asked: ProcedureSpec, model: str, body: str, folder: Path) -> dict[str, list[Event]]:
    """Events of each kind, of a procedure that came to its end with an intact record."""
    events: dict[str, list[Event]] = {}
    session = session_of(asked, f"{model}@sim", str(folder / "record.jsonl"))
    engine = measure_body(session, body, lambda event, _: events.setdefault(event.kind, []).append(event)).engine
    assert (engine.result, engine.reason) == ("completed", "the procedure is done")
    assert not engine.output_unknown
    assert verify(folder / "record.jsonl").ok
    return events


def true_of(body: str, width_us: int) -> Thresholds:
    """The body's own figures, as currents that the stimulator has to put out."""
    return simulated_patient(body).thresholds(2, Pulse(1_000, width_us))


@pytest.mark.parametrize("body", BODIES)
def test_the_thresholds_of_every_body_are_found_within_a_step(body: str, tmp_path: Path) -> None:
    events = measured(threshold_spec(up_to_ua=50_000), "p24", body, tmp_path)
    true = true_of(body, 300)
    found = {event.args["threshold"]: event.args for event in events.get("threshold_found", [])}
    absent = {event.args["threshold"]: event.args["up_to_ua"] for event in events.get("threshold_absent", [])}
    assert found.keys() | absent.keys() == {"sensory", "motor", "comfort"}
    for name, true_ma in (("sensory", true.sensory), ("motor", true.motor)):
        true_ua = None if true_ma is None else true_ma * 1000
        if name in found:
            assert true_ua is not None
            assert found[name]["below_ua"] < true_ua <= found[name]["amplitude_ua"]
            assert found[name]["amplitude_ua"] - found[name]["below_ua"] == 500
        else:
            assert true_ua is None or true_ua > absent[name]
    if "comfort" in found and true.pain is not None:
        assert found["comfort"]["amplitude_ua"] < true.pain * 1000


CURVES = {
    "healthy": ("innervated", (150, 250)),  # §2.2: chronaxie of the nerve 200 µs
    "conus": ("denervated", (15_000, 25_000)),  # §2.3: 20 ms
    "regrowing": ("partly denervated", None),
}


@pytest.mark.parametrize("body", CURVES)
def test_a_curve_with_long_pulses_tells_a_nerve_from_none(body: str, tmp_path: Path) -> None:
    suggestion, chronaxie_us = CURVES[body]
    asked = curve_spec(widths_us=usual_widths_us("reference"), up_to_ua=75_000)
    events = measured(asked, "reference", body, tmp_path)
    for event in events["curve_point"]:
        width_us, below_ua, at_ua = (event.args[name] for name in ("width_us", "below_ua", "amplitude_ua"))
        true_ma = true_of(body, width_us).motor
        assert true_ma is not None
        assert below_ua < true_ma * 1000 <= at_ua
    fitted = events["curve_fitted"][0].args
    assert fitted["suggestion"] == suggestion
    curves = fitted["curves"]
    if chronaxie_us is not None:
        best, low, high = curves["1"]["chronaxie_us"]
        assert chronaxie_us[0] <= low <= best <= high <= chronaxie_us[1]
    else:
        assert curves["1"]["chronaxie_us"][2] < 1_000 < 10_000 < curves["2"]["chronaxie_us"][0]
    records = [record.event for record in read_events(tmp_path / "record.jsonl")]
    assert rebuild(event for event in records if event.kind not in FINDINGS).findings[-1] == events["curve_fitted"][0]


def test_a_denervated_muscle_does_nothing_on_short_pulses(tmp_path: Path) -> None:
    """§2.3: no stimulator reaches it at 300 µs; the 1 ms test stays silent, and the curve says that it cannot tell more."""
    events = measured(curve_spec(up_to_ua=20_000), "p24", "conus", tmp_path)
    assert "curve_point" not in events
    assert [(e.args["width_us"], e.args["up_to_ua"]) for e in events["curve_gap"]] == [(1000, 20_000)]
    assert events["curve_fitted"][0].args["suggestion"] == "undecided"


def test_the_usual_widths_are_those_the_device_can_and_may_make() -> None:
    assert usual_widths_us("p24") == (1000, 700, 500, 300, 200, 100)
    assert usual_widths_us("rehastim2") == (500, 300, 200, 100)
    assert usual_widths_us("reference")[0] == 200_000


def test_in_practice_the_body_shows_what_each_step_did() -> None:
    """Whoever practises at the keys sees by it whether the muscle has contracted."""
    port = make("p24", body="healthy")
    bystander = bystander_of(SimulatedLink(port))
    assert bystander is not None
    asked = make_event("asked", number=1, channel=2, width_us=300, amplitude_ua=9_000)
    told = list(bystander.after(asked, 1_000_000))
    assert [(event.kind, event.args["channel"], event.args["force_mn"]) for event in told] == [("body_answered", 2, 0)]
    assert not list(bystander.after(make_event("started"), 1_000_000))
