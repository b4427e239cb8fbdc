"""The matrix of faults against what exists: every id, every switch, every test, every limit, on every page."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from firmware_sim.bounds import ALARM_MS, SLACK_MS, WATCHDOG_MS, bound, bound_ms
from firmware_sim.fault_kinds import KINDS, FaultKind
from firmware_sim.fault_matrix import BY_ID, HARDWARE, MATRIX, NEVER_STARTS, NO_STOP, Row, ids_of
from firmware_sim.host_faults import HOST_KINDS, HostKind
from firmware_sim.model_faults import CANNOT
from firmware_sim.registry import FRAMES, MODELS

ROOT = Path(__file__).parents[3]
SOURCE = tomllib.loads((ROOT / "tests" / "data" / "faults.toml").read_text(encoding="utf-8"))
FAULTS = {fault["id"]: fault for fault in SOURCE["fault"]}
PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
ALONE = "F07"
"""Injected by a test that forges a frame: no schedule could."""


def test_every_fault_of_the_source_has_its_row_with_its_time() -> None:
    assert [row.id for row in MATRIX] == list(FAULTS)
    assert {row.id: row.max_ms for row in MATRIX} == {name: fault["max_ms"] for name, fault in FAULTS.items()}
    assert FAULTS["F24"]["detect_ms"] == ALARM_MS


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.id)
def test_every_fault_is_a_switch_or_says_where_it_is_held(row: Row) -> None:
    assert row.switches or row.host or row.tests or row.missing
    assert set(row.switches) <= set(KINDS)
    assert set(row.host) <= set(HOST_KINDS)
    if FAULTS[row.id]["group"] in ("link", "device"):
        assert row.switches or row.id == ALONE


@pytest.mark.parametrize("test", sorted({test for row in MATRIX for test in row.tests}))
def test_every_test_that_a_row_names_exists(test: str) -> None:
    path, _, name = test.partition("::")
    assert name in functions(ROOT / path)


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_switch_belongs_to_a_fault() -> None:
    assert [kind for kind in FaultKind if not ids_of(kind)] == []
    assert [kind for kind in HostKind if not ids_of(kind)] == []


def test_every_switch_is_described() -> None:
    assert KINDS.keys() == set(FaultKind)
    assert HOST_KINDS.keys() == set(HostKind)
    assert all(spec.about for spec in KINDS.values())
    assert all(spec.about for spec in HOST_KINDS.values())
    assert all(f"`{kind}" in PAGE for kind in (*FaultKind, *HostKind))
    assert all(f"| {row.id} |" in PAGE for row in MATRIX)


@cache
def session_tests() -> str:
    folder = ROOT / "tests" / "session"
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("test_fault*.py")))


@pytest.mark.parametrize("kind", [k for k in FaultKind if not all(k in CANNOT.get(m, {}) for m in ("p24", "rehastim2"))])
def test_every_switch_is_felt_in_a_session_of_some_test(kind: FaultKind) -> None:
    """Quoted there as it is written on the command line."""
    assert re.search(rf'f?"{kind}[:@"/]', session_tests())


def test_every_mishap_of_the_host_is_felt_in_a_session_of_some_test() -> None:
    assert [kind for kind in HostKind if f"HostKind.{kind.name}" not in session_tests()] == []


@pytest.mark.parametrize("model", WATCHDOG_MS)
@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.id)
def test_every_limit_is_the_source_s_or_the_device_s_own_or_says_why_there_is_none(row: Row, model: str) -> None:
    limit = bound(row.id, model)
    own_ms = WATCHDOG_MS[model] + SLACK_MS
    assert limit.ms == bound_ms(row.id, model)
    if limit.ms is None:
        assert limit.why
        assert row.max_ms in (NO_STOP, HARDWARE) or model in row.unseen
    elif model in row.obeys:
        assert (limit.ms, limit.why) == (own_ms, row.obeys[model])
    else:
        assert limit.ms == row.max_ms or (row.deadman and limit.ms == own_ms > row.max_ms)
        assert (limit.ms == 0) == (row.max_ms == NEVER_STARTS)


def test_our_own_protocol_promises_every_time_of_the_source() -> None:
    promised = [row for row in MATRIX if row.max_ms >= 0]
    assert [row.id for row in promised if bound_ms(row.id, "reference") != row.max_ms] == []


def test_another_watchdog_is_another_limit() -> None:
    assert bound_ms("F03", "p24") == 2_050
    assert bound_ms("F03", "p24", watchdog_ms=700) == 750
    assert bound_ms("F03", "p24", watchdog_ms=100) == 550
    assert bound_ms("F05", "p24", watchdog_ms=700) == 330
    with pytest.raises(KeyError):
        bound("F99", "p24")
    with pytest.raises(KeyError):
        bound("F03", "p25")


def test_the_tables_of_the_models_agree() -> None:
    assert CANNOT.keys() <= set(MODELS)
    assert set(MODELS) <= FRAMES.keys()
    assert set(MODELS) <= WATCHDOG_MS.keys()
    assert {model for row in MATRIX for model in (*row.unseen, *row.obeys)} <= set(MODELS)
    assert BY_ID["F24"].max_ms == HARDWARE
