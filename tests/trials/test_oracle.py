"""The judge's own figures: held to the sheets and the fault matrix, row by row."""

import tomllib
from pathlib import Path

import pytest

from emscontrol.devices.registry import profile
from emscontrol.trials.draw import draw, models
from emscontrol.trials.known import limits
from emscontrol.trials.oracle import facts
from emscontrol.trials.oracle import read as read_module
from emscontrol.trials.oracle.asked import places, planned_ua
from emscontrol.trials.oracle.bounds import BOUNDS
from emscontrol.trials.oracle.judge import CHECKS
from emscontrol.trials.oracle.spoils import SPOILS
from emscontrol.trials.protocols import MUSCLES
from firmware_sim.bounds import bound
from firmware_sim.fault_kinds import FaultKind
from firmware_sim.host_faults import HostKind

DATA = Path(__file__).parents[1] / "data"
MATRIX = {row["id"]: row["max_ms"] for row in tomllib.loads((DATA / "faults.toml").read_text(encoding="utf-8"))["fault"]}
BUDGET = tomllib.loads((DATA / "faults.toml").read_text(encoding="utf-8"))["budget"]
STRICTER = {"F22"}  # the matrix asks for no output before the handshake; a reset in a session is F23


def test_every_kind_of_trouble_says_what_it_spoils() -> None:
    assert set(SPOILS) == {*map(str, FaultKind), *(str(kind) for kind in HostKind if kind is not HostKind.HANG)}


def test_every_model_that_can_be_drawn_has_its_facts() -> None:
    assert set(models()) <= set(facts.DEVICES)
    assert set(MUSCLES) == set(facts.SITE_CAP_UA)


@pytest.mark.parametrize("model", models())
def test_the_facts_are_those_that_the_drivers_were_written_from(model: str) -> None:
    """Two copies of the same sheets: a slip in either shows."""
    capabilities, own = profile(model).capabilities, facts.DEVICES[model]
    assert own.watchdog_us == capabilities.watchdog_us
    assert own.amplitude_max_ua == capabilities.amplitude_max_ua
    assert own.step_ua == capabilities.amplitude_step_ua


@pytest.mark.parametrize("why", BOUNDS)
def test_no_bound_is_looser_than_its_row_of_the_matrix(why: str) -> None:
    row = BOUNDS[why]
    if row.row in MATRIX and row.max_us is not None and row.row not in STRICTER:
        assert 0 < row.max_us <= max(MATRIX[row.row], 50) * 1_000 + (300_000 if row.row == "F25" else 0)
    elif row.row in MATRIX and row.row not in STRICTER and MATRIX[row.row] > 0:
        for model in models():
            assert bound(row.row, model).ms == max(MATRIX[row.row], facts.DEVICES[model].watchdog_us // 1_000 + 50)
    elif row.row in BUDGET:
        assert row.max_us is not None


def test_the_deadlines_are_those_of_the_budget() -> None:
    for name in ("T_ACK", "T_LINK_LOST", "T_TICK_GAP", "T_STOP_DEV", "T_STOP_CONFIRM", "T_JOURNAL"):
        assert getattr(facts, f"{name}_US") == BUDGET[name] * 1_000


def test_what_nobody_can_promise_has_a_reason() -> None:
    assert ("stuck_on", "rehastim2") in limits()
    assert all(why for why in limits().values())


def test_every_check_has_a_name_of_its_own() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS) >= 14


def test_the_plan_is_worked_out_as_the_compiler_does() -> None:
    """Two ways to the same course: the compiler's steps never leave the judge's trapezoids, and reach their plateaus."""
    for seed in range(1, 25):
        trial, assembly = draw(seed, ("p24", "rehastim2"))
        own = places(trial)
        for step in assembly.program.steps:
            for output in step.outputs.channels:
                planned = planned_ua(own[output.channel].contractions, step.at_us, 52_000, 52_000)
                assert output.amplitude_ua <= planned, (seed, step.at_us, output)
        for plan in assembly.program.channels:
            assert plan.peak_ua == own[plan.channel].peak_ua, seed


def test_a_journal_is_read_line_by_line_where_it_does_not_parse_as_a_whole() -> None:
    """A damaged line hides neither itself nor the others, and one that holds two records is not taken for two."""
    fine = [b'{"t_us":1,"event":"a"}\n', b'{"t_us":2,"event":"b"}\n', b'{"t_us":3,"event":"a"}\n']

    def journal(*lines: bytes) -> list[tuple[int, int]]:
        return [(record.line, record.t_us) for record in read_module._records(lines)[0]]

    assert journal(*fine) == [(1, 1), (2, 2), (3, 3)]
    assert journal(fine[0], b"{broken\n", fine[2]) == [(1, 1), (3, 3)]
    assert journal(fine[0], b"\xff\n", fine[2]) == [(1, 1), (3, 3)]
    assert journal(fine[0], fine[1].strip() + b"," + fine[1], fine[2]) == [(1, 1), (3, 3)]
    assert journal(b"[]\n", b"7\n", fine[2]) == [(3, 3)]
    assert journal() == []
