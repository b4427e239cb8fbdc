"""The library: each file loads, names its sources and its row, and keeps to the figures of that row."""

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from emscontrol.core.errors import ProtocolFileError
from emscontrol.core.pulse import Shape
from emscontrol.protocol import Contract, Group, PhaseSpec, Protocol, Use, load_file
from emscontrol.protocol.library import library_folder, library_ids, load_named
from emscontrol.protocol.phase_rules import length_s
from emscontrol.protocol.travel import from_line, to_line
from emscontrol.safety.sites import site

Range = tuple[str, str]


@dataclass(frozen=True)
class Row:
    """A row of the clinical reference: the ranges that the work phases keep to; times in seconds, total in minutes."""

    row: str
    channels: range
    rate_hz: Range
    width_us: Range
    on_s: Range
    off_s: Range
    ramp_up_s: Range
    ramp_down_s: Range
    use: Use
    evidence: str
    contractions: range | None = None
    minutes: Range | None = None
    shape: Shape = Shape.SYMMETRIC
    source: str = ""
    mark: str = "S"


STD, SPEC = Use.STANDARD, Use.SPECIALIST
ANY = ("0", "1")  # the row gives no figure
ROWS = {
    "acl-quadriceps": Row("D10", range(1, 5), ("30", "50"), ("250", "400"), ("6", "10"), ("12", "50"), ("2", "2"), ("1", "1"), STD, "A", range(12, 16), source="Nussbaum 2017"),
    "acl-quadriceps-hamstrings": Row("D10", range(1, 5), ("30", "50"), ("250", "400"), ("6", "10"), ("12", "50"), ("2", "2"), ("1", "1"), STD, "A", range(12, 16), source="Nussbaum 2017"),
    "acl-high-rate": Row("D11", range(1, 3), ("75", "75"), ("400", "400"), ("10", "10"), ("50", "50"), ("2", "2"), ANY, STD, "A", range(10, 11), source="Fitzgerald 2003"),
    "immobilised-quadriceps": Row("D01", range(1, 3), ("100", "100"), ("400", "400"), ("5", "5"), ("10", "10"), ("0.75", "0.75"), ("0.75", "0.75"), STD, "B", minutes=("40", "40"), source="Dirks 2014", mark="R80"),
    "icu-six-channels": Row("D03", range(6, 7), ("50", "50"), ("250", "400"), ("5", "5"), ("5", "10"), ("2", "2"), ANY, SPEC, "B", minutes=("60", "60"), shape=Shape.ASYMMETRIC, source="Kho 2012"),
    "icu-quadriceps-peroneus": Row("D04", range(4, 5), ("45", "45"), ("400", "400"), ("12", "12"), ("6", "6"), ("0.8", "0.8"), ("0.8", "0.8"), SPEC, "B", minutes=("55", "55"), source="Gerovasili 2009", mark="R80"),
    "icu-quadriceps-short": Row("D05", range(1, 3), ("50", "50"), ("300", "500"), ("8", "8"), ("20", "20"), ("2", "2"), ("1", "1"), SPEC, "B", minutes=("25", "25"), source="Segers 2014"),
    "older-adult-quadriceps": Row("D08", range(1, 3), ("60", "60"), ("300", "300"), ("3.5", "3.5"), ("4.5", "4.5"), ("0.5", "0.5"), ANY, STD, "B", minutes=("30", "30.1"), source="Kern 2014", mark="R80"),
    "knee-replacement-quadriceps": Row("D13", range(1, 3), ("50", "50"), ("250", "250"), ("15", "15"), ("45", "45"), ("3", "3"), ANY, STD, "A", range(15, 16), source="Stevens-Lapsley 2012"),
    "foot-drop-strengthening": Row("N05", range(1, 2), ("35", "35"), ("300", "300"), ("5", "10"), ("5", "10"), ("1", "1"), ("1", "1"), STD, "A", minutes=("30", "30"), source="Yan 2005", mark="R60"),
    "wrist-extensors-stroke": Row("N01", range(1, 3), ("20", "50"), ("200", "300"), ("5", "5"), ("5", "20"), ("1", "1"), ("1", "1"), STD, "A", minutes=("30", "30"), source="Powell 1999", mark="R80"),
    "shoulder-subluxation-stroke": Row("N03", range(1, 3), ("30", "30"), ("200", "300"), ("10", "15"), ("10", "20"), ("2", "2"), ("2", "2"), STD, "A", minutes=("30", "60"), source="Ito 2023"),
    "sci-quadriceps-resistance": Row("N09", range(1, 3), ("30", "35"), ("300", "450"), ("5", "5"), ("5", "180"), ("0.5", "0.5"), ANY, SPEC, "B", range(40, 41), source="PMC4750814"),
    "sci-gluteal-pressure-relief": Row("N11", range(2, 5), ("50", "50"), ("300", "400"), ("1", "1"), ("4", "1024"), ("0.5", "0.5"), ("0.3", "0.3"), SPEC, "B", minutes=("60", "60"), source="Smit 2013"),
    "calf-pump": Row("C01", range(2, 3), ("36", "36"), ("200", "350"), ("1", "1.5"), ("10", "12"), ("0.5", "0.5"), ("0.5", "0.5"), SPEC, "B", minutes=("60", "240"), source="Juthberg"),
    "sci-quadriceps-doublets": Row("N09", range(1, 3), ("17.5", "17.5"), ("300", "450"), ("5", "5"), ("5", "5"), ("0.5", "0.5"), ANY, SPEC, "D", range(10, 11), source="no trial found", mark="X"),
}  # fmt: skip

FILES = sorted(library_folder().glob("*.yaml"))
BESIDE_THE_WORK = ("warm-up", "cool-down")


def _protocol(name: str) -> Protocol:
    return load_named(name).protocol


def _work(protocol: Protocol) -> list[PhaseSpec]:
    return [phase for phase in protocol.phases if phase.name not in BESIDE_THE_WORK]


def _groups(protocol: Protocol) -> list[Group]:
    return [group for phase in _work(protocol) for group in phase.groups]


def _within(value: Decimal | int, span: Range) -> bool:
    return Decimal(span[0]) <= value <= Decimal(span[1])


def test_the_library_is_the_table() -> None:
    assert set(library_ids()) == set(ROWS)
    assert len(ROWS) >= 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_is_sound_and_named_by_its_id(path: Path) -> None:
    protocol = load_file(path).protocol
    assert protocol.id == path.stem
    assert protocol.lmn_status.value == "intact"
    assert from_line(to_line(protocol)) == protocol


@pytest.mark.parametrize("name", ROWS)
def test_each_file_cites_its_row_and_its_source_with_the_mark(name: str) -> None:
    protocol, row = _protocol(name), ROWS[name]
    assert re.search(rf"\b[Rr]ow {row.row}\b", protocol.notes)
    assert any(row.source in citation.text and citation.mark == row.mark for citation in protocol.citations)
    assert (protocol.use, protocol.evidence.value) == (row.use, row.evidence)


@pytest.mark.parametrize("name", ROWS)
def test_the_work_keeps_to_the_figures_of_the_row(name: str) -> None:
    protocol, row = _protocol(name), ROWS[name]
    assert len(protocol.channels) in row.channels
    for group in _groups(protocol):
        assert group.waveform is row.shape
        for value, span in (
            (group.rate_hz, row.rate_hz), (group.pulse_width_us, row.width_us), (group.on_s, row.on_s), (group.off_s, row.off_s),
            (group.ramp_up_s, row.ramp_up_s), (group.ramp_down_s, row.ramp_down_s),
        ):  # fmt: skip
            assert _within(value, span), (value, span)
    if row.contractions is not None:
        assert sum(phase.contractions or 0 for phase in _work(protocol)) in row.contractions
    if row.minutes is not None:
        assert _within(sum(map(length_s, protocol.phases), Decimal()) / 60, row.minutes)


@pytest.mark.parametrize("name", ROWS)
def test_every_site_is_offered_and_every_session_is_an_hour_at_most(name: str) -> None:
    protocol = _protocol(name)
    for channel in protocol.channels.values():
        assert site(channel.muscle).cap_ua > 0
    assert sum(map(length_s, protocol.phases), Decimal()) <= 3600


@pytest.mark.parametrize("name", ROWS)
def test_ramps_shorter_than_half_a_second_in_the_source_are_owned_up_to(name: str) -> None:
    protocol = _protocol(name)
    assert all(group.ramp_up_s >= Decimal("0.5") for phase in protocol.phases for group in phase.groups)
    if ROWS[name].row == "N11":  # the only row here whose rise is shorter: 0.3 s
        assert "0.5 s in place of 0.3 s" in " ".join(protocol.notes.split())


def test_the_two_rates_of_six_channels_are_kept_apart() -> None:
    widths = {c: g.pulse_width_us for g in _groups(_protocol("icu-six-channels")) for c in g.channels}
    cycles = {c: (g.on_s, g.off_s) for g in _groups(_protocol("icu-six-channels")) for c in g.channels}
    muscles = {c: channel.muscle for c, channel in _protocol("icu-six-channels").channels.items()}
    assert {muscles[c]: w for c, w in widths.items()} == {"quad_all": 400, "ta": 250, "gastroc": 250}
    assert {muscles[c]: v for c, v in cycles.items()} == {"quad_all": (5, 10), "ta": (5, 5), "gastroc": (5, 5)}


def test_pressure_relief_is_three_minutes_on_and_seventeen_off() -> None:
    phases = _protocol("sci-gluteal-pressure-relief").phases
    counts = [phase.contractions or 0 for phase in phases]
    assert sum(counts) == 3 * 36  # 36 cycles of 1 s and 4 s are 3 min
    rests = [phase.groups[0].off_s - 4 for phase in phases if phase.groups[0].off_s > 4]
    assert rests == [17 * 60] * 3


def test_resistance_training_is_four_sets_of_ten_with_three_minutes_between() -> None:
    phases = _work(_protocol("sci-quadriceps-resistance"))
    assert [phase.contractions for phase in phases] == [9, 1, 9, 1, 9, 1, 10]
    assert [phase.groups[0].off_s for phase in phases if phase.contractions == 1] == [180] * 3


def test_the_kinds_of_protocol_that_the_library_shows() -> None:
    protocols = [_protocol(name) for name in ROWS]
    assert {phase.contract for p in protocols for phase in p.phases} == set(Contract)
    assert {1, 2, 4, 6} <= {len(p.channels) for p in protocols}
    assert any(group.burst for p in protocols for phase in p.phases for group in phase.groups)
    assert sum({"warm-up", "cool-down"} <= {phase.name for phase in p.phases} for p in protocols) >= 10
    assert {group.intensity.of.value for p in protocols for phase in p.phases for group in phase.groups} == {"motor", "comfort"}


def test_a_name_that_is_not_there_gets_the_nearest() -> None:
    with pytest.raises(ProtocolFileError, match="The nearest is acl-quadriceps"):
        load_named("acl-quadricep")
    with pytest.raises(ProtocolFileError, match="It holds: acl-high-rate"):
        load_named("../../etc/passwd")
