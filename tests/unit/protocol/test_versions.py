"""Files of every format stay readable; a newer one is refused with what it needs (F73, RC-36)."""

from decimal import Decimal
from pathlib import Path

import pytest

import emscontrol
from emscontrol.core.pulse import Shape
from emscontrol.protocol.bounds import BOUNDS
from emscontrol.protocol.load import load_file
from emscontrol.protocol.parts import Contract, Evidence, LmnStatus, Reference, Side, Use
from tests.unit.protocol.samples import GOOD, problems, the_problem

DATA = Path(__file__).parent / "data"


def test_every_format_has_a_fixture() -> None:
    assert {file.name for file in DATA.glob("format-*.yaml")} == {
        f"format-{n}.yaml" for n in range(1, int(BOUNDS["format"].high) + 1)
    }


def test_format_1_means_what_it_always_meant() -> None:
    made = load_file(DATA / "format-1.yaml").protocol
    assert (made.id, made.lmn_status, made.use, made.evidence) == (
        "every-key-of-format-1",
        LmnStatus.ANY,
        Use.NOT_RECOMMENDED,
        Evidence.D,
    )
    assert (made.revision, [c.mark for c in made.citations], made.notes) == (7, ["S/R", "R60"], "Two lines\nof notes.\n")
    assert list(made.channels) == [1, 3]
    assert (made.channels[1].electrode.area_mm2, made.channels[1].amplitude_cap_ua) == (9750, 62_500)
    assert (made.channels[3].side, made.channels[3].amplitude_cap_ua) == (Side.EITHER, None)
    first, second = made.phases
    assert (first.contract, first.duration_us, first.contractions) == (Contract.TOGETHER, 90_500_000, None)
    group = first.groups[0]
    assert (group.waveform, group.pulse_width_us, group.interphase_gap_us, group.recovery_ratio) == (
        Shape.ASYMMETRIC,
        250,
        100,
        4,
    )
    assert (group.rate_hz, group.intensity.of, group.intensity.fraction) == (Decimal("33.3"), Reference.MOTOR, Decimal("1.25"))
    assert (group.on_us, group.off_us, group.ramp_up_us, group.ramp_down_us) == (5_000_000, 10_000_000, 750_000, 0)
    assert (second.contract, second.stagger_us, second.contractions) == (Contract.STAGGERED, 500_000, 12)
    assert (second.groups[0].burst_pulses, second.groups[0].burst_interval_us) == (2, 8_500)
    assert (second.groups[1].waveform, second.groups[1].pulse_width_us) == (Shape.TRIANGULAR, 1000)


@pytest.mark.parametrize("version", [2, 3, 999])
def test_a_newer_format_is_told_what_it_needs_and_judged_by_nothing_else(version: int) -> None:
    text = GOOD.replace("format: 1", f"format: {version}\nsomething_new: 5")
    said = the_problem(text)
    assert said.startswith(
        f"f.yaml:1:9: format: found {version}, newer than this program (emscontrol {emscontrol.__version__} "
    )
    assert said.endswith(f"use an emscontrol that reads format {version}")


@pytest.mark.parametrize("version", ["0", "-1", "1.0", "one", '"1"', "true"])
def test_what_never_was_a_format_is_refused(version: str) -> None:
    assert ":9: format: found " in the_problem(GOOD.replace("format: 1", f"format: {version}"))


def test_a_file_without_a_format_is_refused() -> None:
    assert any("format: missing" in line for line in problems(GOOD.replace("format: 1\n", "")))
