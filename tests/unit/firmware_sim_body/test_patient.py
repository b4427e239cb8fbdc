"""Whole bodies: what each named one does, in words that a test can state (§5), and how a person talks back."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.body.library import find, names
from firmware_sim.body.patient import Patient
from firmware_sim.body.profile import MuscleProfile, Profile, Site, SpasmProfile
from firmware_sim.body.pulse import Pulse
from firmware_sim.body.record import BodyLine, BodyRecord
from firmware_sim.body.sensation import Word
from firmware_sim.output import OutputStage

S = 1_000_000


class Bedside:
    """A person on a stage without any device."""

    def __init__(self, body: str | Profile, seed: int = 0) -> None:
        self.patient = Patient.named(body, seed) if isinstance(body, str) else Patient(body, seed)
        self.stage = OutputStage(2)
        self.stage.connect(self.patient)
        self.at_us = 0

    def train(self, ma: float, width_us: int = 300, rate_hz: float = 50, seconds: float = 1.0, **form: object) -> float:
        """A train and a second of rest; the largest force in it (N)."""
        period_us, begin_us = round(S / rate_hz), self.at_us
        count = max(1, round(seconds * rate_hz))
        self.stage.set_train(1, begin_us, round(ma * 1000), width_us, period_us, **form)  # type: ignore[arg-type]
        self.stage.deliver(1, count, begin_us + (count - 1) * period_us)
        end_us = begin_us + count * period_us
        self.stage.set_train(1, end_us, 0, 0, 0)
        self.at_us = end_us + S
        return max(self.patient.force_n(1, t) for t in range(begin_us, self.at_us, 10_000))


def test_healthy_no_feeling_then_tingling_then_contraction_then_pain() -> None:
    bed = Bedside("healthy")
    for ma in (5, 10, 22, 32, 45):
        bed.train(ma)
    assert [saying.word for saying in bed.patient.says(bed.at_us) if saying.word is not Word.NOTHING] == [
        Word.TINGLING,
        Word.CONTRACTION,
        Word.STRONG,
        Word.PAINFUL,
    ]
    assert bed.patient.says(bed.at_us) == []


def test_force_contraction_feeling_and_charge_can_be_asked_for() -> None:
    bed = Bedside("healthy")
    bed.stage.set_train(1, 0, 30_000, 300, 20_000)
    bed.stage.deliver(1, 50, 49 * 20_000)
    patient, now_us = bed.patient, S
    assert patient.force_n(1, now_us) == pytest.approx(0.5 * 285, rel=0.05)  # half of the fibres at I50
    assert patient.contracts(1, now_us)
    assert patient.feeling(1, now_us).word is Word.STRONG
    assert patient.feeling(1, now_us).discomfort == pytest.approx(4 * (30 / 35 - 0.6) / 0.4, abs=0.02)
    assert patient.charge_uc(1) == pytest.approx(50 * 30 * 0.3)
    assert patient.peak_n(1, now_us) >= patient.force_n(1, now_us)
    assert 0.9 < patient.strength(1, now_us) < 1
    assert (patient.channels, patient.began_us) == ([1], 0)
    assert not patient.contracts(1, 10 * S)
    assert patient.feeling(1, 10 * S).word is Word.NOTHING
    assert patient.force_n(2, 10 * S) == 0.0


def test_true_thresholds_of_the_reference() -> None:
    true = Patient.named("healthy").thresholds(1, Pulse(0, 300))
    assert true.sensory == pytest.approx(7.33, abs=0.01)
    assert true.motor == pytest.approx(17.95, abs=0.01)
    assert true.median == pytest.approx(30.0, abs=0.01)
    assert true.pain == pytest.approx(35.0, abs=0.01)


def test_true_thresholds_are_what_the_stimulator_puts_out_where_current_goes_past_the_muscle() -> None:
    """1.4 times the usual motor threshold of 17.95 mA has to reach the muscle; a quarter of the current does not."""
    true = Patient.named("icu_oedema").thresholds(1, Pulse(0, 300))
    assert true.motor == pytest.approx(1.4 * 17.95 / 0.75, abs=0.02)
    assert true.median == pytest.approx(1.4 * 30.0 / 0.75, abs=0.02)
    assert (true.sensory, true.pain) == (None, None)


@pytest.mark.parametrize("name", ["conus", "denervated", "degenerated"])
def test_short_pulses_do_nothing_in_muscle_without_nerve(name: str) -> None:
    bed = Bedside(name)
    assert max(bed.train(ma) for ma in (40, 80, 130)) < 0.5
    assert not bed.patient.contracts(1, bed.at_us)
    assert bed.train(130, width_us=1_000, rate_hz=20) < 0.5


def test_long_pulses_move_the_conus_body_and_nothing_is_said() -> None:
    bed = Bedside("conus")
    assert bed.train(60, width_us=100_000, rate_hz=1, seconds=3, gap_us=0) > 20
    assert bed.patient.says(bed.at_us) == []


def test_long_pulses_hurt_a_denervated_muscle_under_skin_that_feels() -> None:
    bed = Bedside("denervated")
    bed.train(16, width_us=100_000, rate_hz=0.5, seconds=4)
    assert next(saying.word for saying in bed.patient.says(bed.at_us)) is Word.PAINFUL
    assert not bed.patient.contracts(1, bed.at_us)


def test_a_triangle_moves_the_fibres_without_nerve_and_not_the_neighbours() -> None:
    triangle = {"width_us": 200_000, "rate_hz": 0.5, "seconds": 4, "shape": "triangular", "gap_us": None}
    without = Bedside("conus").train(30, **triangle)  # type: ignore[arg-type]
    healthy = Bedside("healthy").train(30, **triangle)  # type: ignore[arg-type]
    assert without > 25  # 0.88 of a twitch of 34.8 N
    assert healthy < 5


def test_the_degenerated_muscle_needs_more_and_gives_less() -> None:
    fresh, old = (Bedside(name).train(60, width_us=100_000, rate_hz=1, seconds=2) for name in ("conus", "degenerated"))
    assert old < 0.1 * fresh


def test_pulses_that_reach_nobody_leave_a_contraction_alone() -> None:
    followed, alone = Bedside("healthy"), Bedside("healthy")
    for bed in (followed, alone):
        bed.stage.set_train(1, 0, 40_000, 300, 20_000)
        bed.stage.deliver(1, 50, 49 * 20_000)
        bed.stage.set_train(1, S, 5_000, 300, 20_000)
    followed.stage.deliver(1, 20, S + 19 * 20_000)
    for at_us in range(S, S + 800_000, 50_000):
        assert followed.patient.force_n(1, at_us) == alone.patient.force_n(1, at_us)


def test_a_regrowing_nerve_answers_both_ways() -> None:
    assert Bedside("regrowing").train(60) > 5
    long = Bedside("regrowing").train(40, width_us=100_000, rate_hz=1, seconds=2)
    only_nerve = Profile("x", "x", Site(muscle=MuscleProfile(force=0.6, nerve=1.5)))
    part = 0.4 * Bedside(only_nerve).train(40, width_us=100_000, rate_hz=1, seconds=2)
    assert long > part + 3


@pytest.mark.parametrize("name", ["sci", "sci_acute", "conus", "icu_oedema", "numb_skin"])
def test_who_feels_nothing_says_nothing(name: str) -> None:
    bed = Bedside(name)
    bed.train(120)
    assert bed.patient.says(bed.at_us) == []
    assert bed.patient.feeling(1, bed.at_us - 1_500_000).word is Word.NOTHING


def test_the_weak_are_weaker_and_the_fat_need_more_current() -> None:
    force = {name: Bedside(name).train(40) for name in names()}
    assert force["disuse"] == pytest.approx(0.5 * force["healthy"], rel=0.03)
    assert force["sci"] < force["sci_acute"] < force["disuse"] + 1 < force["healthy"]
    assert force["obese"] < 0.6 * force["healthy"]
    assert force["icu_oedema"] < 0.3 * force["healthy"]
    assert force["stroke"] == pytest.approx(0.6 * 0.8 * force["healthy"], rel=0.03)
    for other in ("numb_skin", "elderly", "thin_sensitive", "partial", "regrowing"):
        assert force[other] <= force["healthy"]


def test_somebody_sensitive_hurts_sooner() -> None:
    sensitive = Bedside("thin_sensitive").patient.thresholds(1, Pulse(0, 300))
    usual = Bedside("healthy").patient.thresholds(1, Pulse(0, 300))
    assert sensitive.pain == pytest.approx(0.7 * (usual.pain or 0))
    assert sensitive.motor == usual.motor


def test_chronic_injury_tires_more_than_acute_than_healthy() -> None:
    left = {}
    for name in ("healthy", "sci_acute", "sci"):
        strong = find(name).usual.muscle.fatigue
        bed = Bedside(Profile(name, name, Site(muscle=MuscleProfile(fatigue=strong))))
        bed.train(60, rate_hz=33, seconds=60)
        left[name] = bed.patient.strength(1, bed.at_us)
    assert left["healthy"] > left["sci_acute"] > left["sci"]


_ANY = st.tuples(
    st.integers(0, 130_000),  # µA
    st.integers(0, 300_000),  # width
    st.integers(0, 2_000_000),  # period
    st.integers(0, 4),  # pulses
    st.sampled_from(["rectangular", "triangular"]),
    st.sampled_from([None, 0, 100, 5_000]),
    st.sampled_from([(0,), (0, 5_000)]),
    st.floats(0.0, 1.0),  # contact
)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(names()), st.lists(_ANY, min_size=1, max_size=6))
def test_whatever_a_device_does_a_body_stays_within_reason(name: str, doings: list[tuple]) -> None:  # type: ignore[type-arg]
    bed = Bedside(name)
    BodyRecord(bed.patient, lambda line: None)
    at_us = 0
    for ua, width_us, period_us, count, shape, gap_us, offsets_us, contact in doings:
        bed.patient.load(1).set_contact_fraction(contact, at_us)
        bed.stage.set_train(
            1, at_us, ua, width_us, period_us, shape=shape, gap_us=gap_us, offsets_us=offsets_us, burst=len(offsets_us)
        )
        bed.stage.deliver(1, count, at_us + max(0, count - 1) * period_us)
        at_us += count * period_us + 10_000
        bed.patient.advance(at_us)
        assert -60 < bed.patient.force_n(1, at_us) < 400
        assert 0 <= bed.patient.strength(1, at_us) <= 1 + 1e-9
        assert 0 <= bed.patient.feeling(1, at_us).discomfort <= 10
        assert bed.stage.amplitude_ua(1) <= ua
    assert bed.patient.charge_uc(1) <= bed.stage.charge_pc(1) / 1e6 + 1e-4  # the stage drops fractions of a pC


# ---- spasms


def test_spasms_come_at_random_as_often_as_they_should_and_the_same_with_the_same_seed() -> None:
    def bursts(seed: int) -> list[int]:
        bed = Bedside("sci", seed)
        bed.stage.set_train(1, 0, 1_000, 300, 20_000)
        bed.stage.deliver(1, 1, 0)
        looks = range(0, 10 * 3600 * S, 500_000)
        on = [bed.patient.force_n(1, t) > 5 for t in looks]
        return [k for k in range(1, len(on)) if on[k] and not on[k - 1]]

    assert 20 <= len(bursts(1)) <= 65  # ten hours of 4 an hour
    assert bursts(1) == bursts(1) != bursts(2)


def test_a_spastic_antagonist_pulls_the_other_way() -> None:
    spasms = SpasmProfile(per_hour=3600, force_n=40, length_s=1, against=True)
    bed = Bedside(Profile("x", "x", Site(spasms=spasms)))
    bed.stage.set_train(1, 0, 1_000, 300, 20_000)
    bed.stage.deliver(1, 1, 0)
    lowest = min(bed.patient.force_n(1, t) for t in range(0, 20 * S, 20_000))
    assert lowest == pytest.approx(-40, abs=1)


# ---- people


def test_people_differ_and_the_same_seed_is_the_same_person() -> None:
    one, again, other = (Patient.named("healthy", seed, varied=True).profile.usual.muscle for seed in (1, 1, 2))
    assert one == again != other
    drawn = [Patient.named("healthy", seed, varied=True).profile.usual.muscle for seed in range(300)]
    middle = sorted(muscle.force for muscle in drawn)[150]
    assert middle == pytest.approx(1.0, abs=0.1)
    assert all(muscle.force > 0 and muscle.fatigue > 0 for muscle in drawn)
    assert Patient.named("healthy", 1).profile.usual.muscle.force == 1.0


def test_a_channel_can_be_another_muscle() -> None:
    mixed = Profile("x", "x", Site(), {2: Site(muscle=MuscleProfile(denervated=1.0))})
    patient = Patient(mixed)
    assert patient.recruited(1, Pulse(40_000, 300)) > 0.8
    assert patient.recruited(2, Pulse(40_000, 300)) < 1e-6


_RUN = st.tuples(st.integers(2_000, 900_000), st.integers(0, 60), st.integers(1, 30))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["healthy", "regrowing", "worn_pads", "stroke"]), st.lists(_RUN, min_size=1, max_size=5))
def test_looking_changes_nothing(name: str, runs: list[tuple[int, int, int]]) -> None:
    """One who asks after every pulse and one who asks at the end find the same (§1.2: within 1e-6; here to the last bit)."""
    asked, left_alone = Bedside(name), Bedside(name)
    for bed in (asked, left_alone):
        at_us = 0
        for wait_us, ma, count in runs:
            bed.stage.set_train(1, at_us, ma * 1000, 300, 20_000)
            if bed is asked:
                for k in range(count):
                    bed.stage.deliver(1, 1, at_us + k * 20_000)
                    bed.patient.force_n(1, at_us + k * 20_000 + 7_000)
            else:
                bed.stage.deliver(1, count, at_us + (count - 1) * 20_000)
            at_us += count * 20_000
            bed.stage.set_train(1, at_us, 0, 0, 0)
            at_us += wait_us
        bed.at_us = at_us + S
    assert asked.patient.force_n(1, asked.at_us) == left_alone.patient.force_n(1, asked.at_us)
    assert asked.patient.strength(1, asked.at_us) == left_alone.patient.strength(1, asked.at_us)
    assert asked.patient.charge_uc(1) == pytest.approx(left_alone.patient.charge_uc(1))


# ---- the record


def test_the_record_follows_force_and_words(tmp_path: Path) -> None:
    bed, lines = Bedside("healthy"), list[BodyLine]()
    BodyRecord(bed.patient, lines.append)
    record = BodyRecord.to_file(bed.patient, tmp_path / "body.jsonl")
    bed.train(30)
    bed.patient.advance(10 * S)
    record.close()
    assert [line.t_us for line in lines] == sorted(line.t_us for line in lines)
    assert max(line.force_n for line in lines) == pytest.approx(142, rel=0.05)
    said = [line.says for line in lines if line.says]
    assert said == ["It pulls hard.", "Now I feel nothing."]
    assert (lines[-1].force_n, lines[-1].word) == (pytest.approx(0, abs=0.05), "nothing")
    assert lines[-1].t_us < 3 * S
    written = [json.loads(line) for line in (tmp_path / "body.jsonl").read_text("utf-8").splitlines()]
    assert [each["t_us"] for each in written] == [line.t_us for line in lines]
    assert list(written[0]) == ["t_us", "channel", "force_n", "word", "discomfort", "says"]


def test_who_listens_hears_each_sentence_once() -> None:
    bed, heard = Bedside("healthy"), list[str]()
    bed.patient.listen(lambda saying: heard.append(saying.sentence))
    for ma in (10, 30):
        bed.train(ma)
        bed.patient.advance(bed.at_us)
        bed.patient.advance(bed.at_us + S)
        bed.at_us += S
    assert heard == ["It tingles.", "It pulls hard.", "Now I feel nothing."]
