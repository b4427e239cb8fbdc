"""Bodies on simulated stimulators: what a session delivers, what a device notices of its electrodes, when each pulse comes."""

from itertools import pairwise
from pathlib import Path

import pytest

from firmware_sim.body.force import QUADRICEPS, Fibres
from firmware_sim.body.patient import Patient
from firmware_sim.body.pulse import Pulse
from firmware_sim.body.reading import BodyError
from firmware_sim.body.sensation import Word
from firmware_sim.output import OutputStage, Run
from firmware_sim.p24.pulse import pulse
from firmware_sim.p24.states import ChannelState
from firmware_sim.world import make
from tests.session.rig import MODELS, Rig
from tests.unit.firmware_sim.p24_host import Host, train
from tests.unit.firmware_sim_rehastim2.host import Host as RehaStim2Host

ROOT = Path(__file__).parents[3]
S = 1_000_000


class Spy(Patient):
    """Keeps what is handed over."""

    def __init__(self) -> None:
        super().__init__(Patient.named("healthy").profile)
        self.runs: list[Run] = []

    def receive(self, channel: int, run: Run) -> None:
        super().receive(channel, run)
        self.runs.append(run)

    def times(self) -> list[int]:
        """When each pulse began."""
        return [r.first_us + k * r.period_us + o for r in self.runs for k in range(r.count) for o in r.offsets_us]


def test_an_unknown_body_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BodyError, match="no body is called 'nobody'; there are conus"):
        make("p24", body="nobody")
    with pytest.raises(KeyError, match="no model"):
        make("p42", body="healthy")


@pytest.mark.parametrize("model", MODELS)
def test_with_a_healthy_body_exactly_the_same_comes_out(model: str) -> None:
    strong = {"1": 35_000, "2": 35_000}
    without = Rig(model, comfort_ua=strong).to_armed().start().finish()
    with_body = Rig(model, comfort_ua=strong, body="healthy").to_armed().start().finish()
    assert with_body.lines == without.lines
    assert with_body.kinds() == without.kinds()
    patient = with_body.port.body
    assert patient is not None
    for channel in (1, 2):
        assert patient.charge_uc(channel) == pytest.approx(with_body.port.stage.charge_pc(channel) / 1e6)
        assert patient.peak_n(channel, with_body.now_us) > 50
    words = [saying.word for saying in patient.says(with_body.now_us) if saying.channel == 1]
    assert words[:2] == [Word.TINGLING, Word.CONTRACTION]
    assert Word.NOTHING not in words, "that a feeling short of strong is over is not worth a word"


@pytest.mark.parametrize("model", MODELS)
def test_the_session_on_denervated_muscle_makes_no_force(model: str) -> None:
    rig = Rig(model, body="conus").to_armed().start().finish()
    patient = rig.port.body
    assert patient is not None
    assert rig.port.stage.pulses(1) > 100
    assert patient.peak_n(1, rig.now_us) < 0.01
    assert patient.says(rig.now_us) == []


# ---- P24


def on_a_person(name: str = "healthy") -> tuple[Host, Patient]:
    host = Host(body=name)
    patient = host.port.body
    assert patient is not None
    return host, patient


def test_a_p24_reports_an_electrode_that_hardly_touches() -> None:
    host, patient = on_a_person()
    host.start(train(0, 40, width_us=300))
    host.wait(S)
    assert host.ask("ml_get_current_data", selection=4)["channel_state"][0] == 0
    patient.load(1).set_contact_fraction(0.01, S)
    host.wait(S + 100_000)
    assert host.ask("ml_get_current_data", selection=4)["channel_state"][0] == ChannelState.ELECTRODE_ERROR
    assert host.port.stage.is_zero


def test_a_p24_reports_that_its_voltage_does_not_suffice() -> None:
    host, patient = on_a_person()
    host.start(train(0, 40, width_us=300))
    patient.load(1).set_contact_fraction(0.2, 0)
    host.wait(S)
    assert host.ask("ml_get_current_data", selection=4)["channel_state"][0] == ChannelState.CURRENT_TOO_LOW
    delivered = host.port.stage.charge_pc(1) / (50 * 40_000 * 300)
    assert 0.5 < delivered < 0.95


def test_a_p24_hands_over_every_pulse_at_its_time() -> None:
    spy = Spy()
    host = Host(body=spy)
    host.start(train(0, 20, period_ms=20, ramp=4))
    host.wait(S)
    spy.charge_uc(1)
    assert spy.times() == list(range(0, S, 20_000))
    assert {run.pulse.gap_us for run in spy.runs} == {100}
    assert [run.pulse.amplitude_ua for run in spy.runs] == [4_000, 8_000, 12_000, 16_000, 20_000]


def test_the_phases_of_a_p24_pulse() -> None:
    doublet = pulse([[200, 20], [200, -20], [5000, 0], [200, 20], [200, -20]])
    assert (doublet.offsets_us, doublet.gap_us, doublet.burst) == ((0, 5400), 0, 2)
    assert pulse([[200, 20], [100, 0], [200, -20]]).gap_us == 100
    assert pulse([[200, 20]]).gap_us is None
    assert pulse([[300, 0], [200, 20], [50, 0], [400, -10]]).offsets_us == (0,)
    assert pulse([[300, 0]]).offsets_us == (0,)


def test_a_doublet_pattern_is_two_pulses_for_the_muscle() -> None:
    stage, spy = OutputStage(1), Spy()
    stage.connect(spy)
    stage.set_train(1, 0, 60_000, 300, 100_000, burst=2, offsets_us=(0, 5_000))
    stage.deliver(1, 3, 200_000)
    times = [0, 5_000, 100_000, 105_000, 200_000, 205_000]
    fibres = Fibres(QUADRICEPS.scaled(fatigue=0.70))
    r = spy.recruited(1, Pulse(60_000, 300))
    for at_us in times:
        fibres.pulses(at_us, 0, 1, r)
    assert spy.force_n(1, 260_000) == pytest.approx(fibres.force_n(260_000))
    assert spy.times() == times
    assert spy.charge_uc(1) == pytest.approx(6 * 60 * 0.3)


# ---- RehaStim 2


def test_a_rehastim2_hands_over_doublets_at_their_times() -> None:
    host, spy = RehaStim2Host().connect(), Spy()
    host.device.stage.connect(spy)
    host.set_up([1], t1_ms=50, t2_ms=8)
    begin_us = host.now_us
    host.start({1: 20}, mode="doublet")
    host.run_alive(begin_us + S)
    host.stop()
    spy.charge_uc(1)
    times = spy.times()
    assert len(times) == host.device.stage.pulses(1) >= 38
    assert times == sorted(times)
    assert {later - earlier for earlier, later in pairwise(times)} == {8_000, 42_000}


def test_a_rehastim2_hands_over_single_pulses_as_runs() -> None:
    host, spy = RehaStim2Host().connect(), Spy()
    host.device.stage.connect(spy)
    host.set_up([1], t1_ms=25)
    begin_us = host.now_us
    host.start({1: 20})
    host.run_alive(begin_us + S, every_us=37_001)
    host.stop()
    spy.charge_uc(1)
    times = spy.times()
    assert times[0] == host.shown(1)[0][0]
    assert len(times) == host.device.stage.pulses(1)
    assert {later - earlier for earlier, later in pairwise(times)} == {25_000}
    assert len(spy.runs) < 5


def test_a_rehastim2_reports_an_electrode_that_hardly_touches() -> None:
    host, patient = RehaStim2Host().connect(), Patient.named("healthy")
    host.device.stage.connect(patient)
    host.set_up([1], t1_ms=25)
    host.start({1: 40})
    host.later(300)
    assert not host.stage_is_silent()
    patient.load(1).set_contact_fraction(0.01, host.now_us)
    said = host.later(100)
    assert [frame.command for frame in said] == ["StimulationError"]
    assert host.stage_is_silent()


# ---- the reference stimulator


def test_the_denervation_protocol_moves_the_conus_body_and_short_pulses_do_not() -> None:
    text = (ROOT / "protocols" / "denervated-quadriceps-twitches.yaml").read_text("utf-8")
    long = Rig("reference", text=text, comfort_ua={"1": 40_000}, body="conus").to_armed().start().finish()
    short = Rig("reference", comfort_ua={"1": 100_000, "2": 100_000}, body="conus").to_armed().start().finish()
    for rig in (long, short):
        assert rig.engine.result == "completed"
        assert rig.port.stage.pulses(1) > 100
    moved, unmoved = (rig.port.body.peak_n(1, rig.now_us) for rig in (long, short) if rig.port.body is not None)
    assert moved > 20
    assert unmoved < 0.01
