"""What happens to electrodes and skin in the course of time (§3.4), seen through an output stage."""

from itertools import pairwise
from random import Random

import pytest

from firmware_sim.body.load import Load
from firmware_sim.body.patient import Patient
from firmware_sim.body.profile import Profile, Site, SkinProfile
from firmware_sim.body.pulse import Pulse
from firmware_sim.output import OutputStage
from firmware_sim.scope import Scope, ScopeLine

S = 1_000_000
TRAIN = (30_000, 300, 20_000)  # µA, µs, µs


class Leads:
    """A stage with a healthy person on it, 30 mA, 300 µs, 50 Hz on channel 1."""

    def __init__(self, voltage_mv: int = 150_000, skin: SkinProfile | None = None) -> None:
        self.lines: list[ScopeLine] = []
        self.stage = OutputStage(2, Scope.in_memory(self.lines), voltage_mv=voltage_mv)
        self.patient = Patient(Profile("test", "test", Site(skin=skin or SkinProfile())))
        self.stage.connect(self.patient)
        self.load = self.patient.load(1)
        self.stage.set_train(1, 0, *TRAIN)
        self.at_us = 0

    def play(self, seconds: float) -> int:
        """Lets pulses come; how many were delivered."""
        before, count = self.stage.pulses(1), round(seconds * 50)
        self.stage.deliver(1, count, self.at_us + (count - 1) * 20_000)
        self.at_us += count * 20_000
        return self.stage.pulses(1) - before


def test_in_full_contact_the_body_gets_what_is_set() -> None:
    leads = Leads()
    assert leads.play(1) == 50
    assert leads.stage.amplitude_ua(1) == 30_000
    assert leads.stage.charge_pc(1) == 50 * 30_000 * 300
    assert leads.patient.charge_uc(1) == pytest.approx(50 * 9)
    assert (leads.stage.has_contact(1), leads.stage.is_clipped(1)) == (True, False)
    assert leads.lines == [ScopeLine(0, 1, 30_000, 300, 20_000, 0)]


def test_drying_raises_the_voltage_then_clips_and_the_force_fades_although_30_ma_are_set() -> None:
    """The pads' contact falls to 0.3 within 30 min; 60 V are not enough for that."""
    leads = Leads(voltage_mv=60_000)
    leads.load.dry_out(0)
    voltages, forces = [], []
    for _ in range(8):
        leads.play(1)
        forces.append(max(leads.patient.force_n(1, leads.at_us - t) for t in (20_000, 0)))
        flow = leads.stage.flow(1)
        assert flow is not None
        voltages.append(flow.end_mv)
        leads.at_us += 4 * 60 * S  # rest, so that the muscle is fresh again
    assert all(later >= earlier for earlier, later in pairwise(voltages))
    assert voltages[0] == pytest.approx(29_490, rel=0.01)
    assert voltages[-1] == 60_000
    assert leads.stage.is_clipped(1)
    assert leads.stage.set_ua(1) == 30_000
    assert forces[-1] < 0.75 * forces[0]


def test_an_edge_comes_off_and_goes_back_on() -> None:
    leads = Leads(voltage_mv=60_000)
    leads.play(1)
    leads.load.set_contact_fraction(0.1, leads.at_us, over_us=S)
    leads.play(2)
    assert leads.load.contact_fraction == 0.1
    assert leads.stage.is_clipped(1) or not leads.stage.has_contact(1)
    assert 0 < leads.stage.amplitude_ua(1) <= 30_000  # current goes on flowing, through a tenth of the area
    leads.load.set_contact_fraction(1.0, leads.at_us)
    assert (leads.stage.has_contact(1), leads.stage.is_clipped(1)) == (True, False)


def test_a_lead_that_is_off_lets_nothing_through() -> None:
    leads = Leads()
    leads.stage.set_contact(1, False, 0)
    assert (leads.play(1), leads.stage.amplitude_ua(1), leads.stage.has_contact(1)) == (0, 0, False)
    assert leads.stage.open_channels == {1}
    flow = leads.stage.flow(1)
    assert flow is not None
    assert flow.peak_mv == 150_000
    leads.stage.set_contact(1, True, leads.at_us)
    assert leads.play(1) == 50


def test_a_channel_that_is_off_is_open_when_nothing_is_on_it() -> None:
    leads = Leads()
    leads.stage.set_train(1, S, 0, 0, 0)
    leads.load.set_contact_fraction(0.0, S)
    assert leads.stage.open_channels == {1}
    leads.load.set_contact_fraction(1.0, 2 * S)
    assert leads.stage.open_channels == set()


def test_a_short_brings_full_current_and_no_contraction() -> None:
    leads = Leads()
    leads.load.set_short(30, 0)
    assert leads.play(1) == 50
    assert leads.stage.charge_pc(1) == 50 * 30_000 * 300
    assert leads.patient.charge_uc(1) == 0
    assert leads.patient.peak_n(1, leads.at_us) == 0.0
    flow = leads.stage.flow(1)
    assert flow is not None
    assert flow.impedance_ohm == 30
    leads.load.set_short(None, leads.at_us)
    leads.play(1)
    assert leads.patient.peak_n(1, leads.at_us) > 50


def test_sweat_weakens_the_force_and_all_looks_well() -> None:
    dry, wet = Leads(), Leads()
    wet.load.set_sweat(True, 0)
    for leads in (dry, wet):
        leads.play(1)
    assert wet.patient.charge_uc(1) == pytest.approx(0.8 * dry.patient.charge_uc(1))
    assert wet.patient.peak_n(1, S) < 0.7 * dry.patient.peak_n(1, S)
    assert not wet.stage.is_clipped(1)
    assert wet.stage.charge_pc(1) == dry.stage.charge_pc(1)
    wet.load.set_sweat(False, S)
    assert wet.load.circuit == dry.load.circuit


def test_cold_dry_skin_clips_at_first_and_is_better_after_a_while() -> None:
    leads = Leads(voltage_mv=36_000, skin=SkinProfile(cold_and_dry_s=90))
    assert leads.stage.is_clipped(1)
    leads.play(90)
    leads.play(1)
    assert not leads.stage.is_clipped(1)
    assert leads.load.circuit.rp_factor == 1.0


def test_a_broken_lead_loses_single_pulses_the_same_ones_with_the_same_seed() -> None:
    def delivered(seed: int) -> tuple[int, int]:
        leads = Leads()
        leads.load.break_lead(2.0, Random(seed), 0)
        return leads.play(60), leads.stage.missed(1)

    pulses, missed = delivered(1)
    assert pulses + missed == 3000
    assert 300 < missed < 900  # two openings a second of about 100 ms each
    assert delivered(1) == (pulses, missed)
    assert delivered(2) != (pulses, missed)


def test_pieces_of_a_run_are_the_same_whoever_cuts_them() -> None:
    """A drying electrode: one run of a minute, against single pulses."""
    at_once, one_by_one = Leads(voltage_mv=40_000), Leads(voltage_mv=40_000)
    for leads in (at_once, one_by_one):
        leads.load.set_contact_fraction(0.2, 0, over_us=50 * S)
    at_once.play(60)
    for _ in range(3000):
        one_by_one.play(0.02)
    assert at_once.stage.charge_pc(1) == pytest.approx(one_by_one.stage.charge_pc(1), rel=1e-6)
    assert at_once.lines == one_by_one.lines
    assert at_once.patient.force_n(1, 60 * S) == one_by_one.patient.force_n(1, 60 * S)


def test_impossible_figures_are_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        Load().set_contact_fraction(1.5, 0)
    with pytest.raises(ValueError, match="above 0"):
        Load().set_short(0, 0)


def test_pads_of_another_size() -> None:
    small, large = (Load(pads=pads).flow(Pulse(30_000, 300), 10_000_000).end_mv for pads in (1.0, 2.0))
    assert small == pytest.approx(2 * large, rel=0.001)
