"""The library: each file loads, names its sources and its row, and keeps to the figures of that row."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from emscontrol.core.errors import ProtocolFileError
from emscontrol.protocol.library import library_folder, library_ids, load_named
from emscontrol.protocol.load import load_file
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Contract, Group, PhaseSpec
from emscontrol.protocol.phase_rules import length_s
from emscontrol.protocol.travel import from_line, to_line
from emscontrol.safety.sites import site

DATA = Path(__file__).parent / "data"
ROWS: dict[str, dict[str, Any]] = tomllib.loads((DATA / "rows.toml").read_text(encoding="utf-8"), parse_float=Decimal)
GROUP_KEYS = ("rate_hz", "pulse_width_us", "on_s", "off_s", "ramp_up_s", "ramp_down_s")
FILES = sorted(library_folder().glob("*.yaml"))
BESIDE_THE_WORK = ("warm-up", "cool-down")


def _protocol(name: str) -> Protocol:
    return load_named(name).protocol


def _work(protocol: Protocol) -> list[PhaseSpec]:
    return [phase for phase in protocol.phases if phase.name not in BESIDE_THE_WORK]


def _groups(protocol: Protocol) -> list[Group]:
    return [group for phase in _work(protocol) for group in phase.groups]


def _within(value: Decimal | int, span: list[Decimal | int]) -> bool:
    return span[0] <= value <= span[1]


def test_the_library_is_the_table() -> None:
    assert set(library_ids()) == set(ROWS)
    assert len(ROWS) >= 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_is_sound_and_named_by_its_id(path: Path) -> None:
    protocol = load_file(path).protocol
    assert protocol.id == path.stem
    assert protocol.lmn_status.value == ROWS[protocol.id].get("lmn_status", "intact")
    assert from_line(to_line(protocol)) == protocol


@pytest.mark.parametrize("name", ROWS)
def test_each_file_cites_its_row_and_its_source_with_the_mark(name: str) -> None:
    protocol, row = _protocol(name), ROWS[name]
    assert re.search(rf"\b[Rr]ow {row['row']}\b", protocol.notes)
    assert any(row["source"] in citation.text and citation.mark == row["mark"] for citation in protocol.citations)
    assert (protocol.use.value, protocol.evidence.value) == (row["use"], row["evidence"])


@pytest.mark.parametrize("name", ROWS)
def test_the_work_keeps_to_the_figures_of_the_row(name: str) -> None:
    protocol, row = _protocol(name), ROWS[name]
    assert _within(len(protocol.channels), row["channels"])
    for group in _groups(protocol):
        assert group.waveform.value == row["waveform"]
        for key in GROUP_KEYS:
            assert key not in row or _within(getattr(group, key), row[key]), key
    if "contractions" in row:
        assert _within(sum(phase.contractions or 0 for phase in _work(protocol)), row["contractions"])
    if "minutes" in row:
        assert _within(sum(map(length_s, protocol.phases), Decimal()) / 60, row["minutes"])


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
    if ROWS[name]["row"] == "N11":  # the only row here whose rise is shorter: 0.3 s
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
