"""SAFETY.md points to what exists: every hazard, control and rule has its row, every row its function and its test."""

import ast
import importlib
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from emscontrol.core import budget
from emscontrol.devices.registry import MODELS, profile
from emscontrol.safety.rules import RULES, TIME_RULES

ROOT = Path(__file__).parents[2]
NOT_YET = "not yet"
TEXT = (ROOT / "SAFETY.md").read_text(encoding="utf-8")


def table(*columns: str) -> dict[str, dict[str, str]]:
    """The rows of the table with these columns, by their first cell."""
    head = "| " + " | ".join(columns) + " |"
    lines = TEXT.splitlines()
    assert lines.count(head) == 1, f"SAFETY.md has no single table {head}"
    rows: dict[str, dict[str, str]] = {}
    for line in lines[lines.index(head) + 2 :]:
        if not line.startswith("|"):
            break
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        assert len(cells) == len(columns), f"{cells[0]}: {len(cells)} cells, not {len(columns)}"
        assert cells[0] not in rows, f"{cells[0]} has two rows"
        rows[cells[0]] = dict(zip(columns, (cell.strip("| ") for cell in cells), strict=True))
    return rows


def data(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / "tests" / "data" / name).read_text(encoding="utf-8"))


HAZARDS = table("id", "hazardous situation", "how it comes about", "harm", "severity", "controls", "what remains")
CONTROLS = table("id", "control", "what it does", "held by", "tests", "open")
RULE_ROWS = table("rule", "what it says", "control", "applied by", "tests")
SOURCE = data("hazards.toml")
HELD = [(name, path) for name, row in CONTROLS.items() for path in re.findall(r"`([^`]+)`", row["held by"])]
HELD += [(name, path) for name, row in RULE_ROWS.items() for path in re.findall(r"`([^`]+)`", row["applied by"])]
TESTS = [(name, test) for name, row in (CONTROLS | RULE_ROWS).items() for test in re.findall(r"`([^`]+)`", row["tests"])]


def resolve(path: str) -> object:
    """The module, class or function at a dotted path. Raises when there is none."""
    parts = path.split(".")
    for cut in range(len(parts), 0, -1):
        name = ".".join(parts[:cut])
        try:
            found: object = importlib.import_module(name)
        except ModuleNotFoundError as missing:
            if missing.name is None or not name.startswith(missing.name):
                raise  # the module is there and does not load
            continue
        for part in parts[cut:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(path)


@cache
def cases_of(file: Path) -> frozenset[str]:
    """The tests of a file: functions, methods as Class::method, and names of test cases that are assigned."""
    names = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            names.add(node.name)
            names |= {f"{node.name}::{item.name}" for item in node.body if isinstance(item, ast.FunctionDef)}
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name) and target.id.startswith("Test")}
    return frozenset(names)


def test_every_hazard_has_its_row() -> None:
    assert list(HAZARDS) == [hazard["id"] for hazard in SOURCE["hazard"]]
    for hazard in SOURCE["hazard"]:
        row = HAZARDS[hazard["id"]]
        assert row["severity"] == hazard["severity"]
        assert row["controls"].split() == hazard["controls"]
        assert hazard.get("residual", row["what remains"]) == row["what remains"]


def test_every_control_has_its_row() -> None:
    assert list(CONTROLS) == [control["id"] for control in SOURCE["control"]]
    for control in SOURCE["control"]:
        assert CONTROLS[control["id"]]["control"] == control["name"]


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_is_held_and_tested_or_says_that_it_is_not_yet(name: str) -> None:
    row = CONTROLS[name]
    for column in ("held by", "tests"):
        assert row[column] == NOT_YET or re.fullmatch(r"`[^`]+`(<br>`[^`]+`)*", row[column]), f"{name}: {row[column]!r}"
        if row[column] == NOT_YET:
            assert row["open"] != "-", f"{name}: {column} is not yet there, so something is open"


@pytest.mark.parametrize(("name", "path"), HELD, ids=[f"{name}-{path}" for name, path in HELD])
def test_what_holds_a_row_exists(name: str, path: str) -> None:
    if path.endswith(".md"):
        assert (ROOT / path).is_file()
        return
    assert path.startswith(("emscontrol.", "firmware_sim.")), f"{name}: {path} is no dotted path into the program"
    found = resolve(path)
    assert callable(found), f"{name}: {path} is no function or class"


@pytest.mark.parametrize(("name", "test"), TESTS, ids=[f"{name}-{test}" for name, test in TESTS])
def test_the_test_of_a_row_exists(name: str, test: str) -> None:
    file, _, case = test.partition("::")
    assert (ROOT / file).is_file(), f"{name}: there is no {file}"
    assert case in cases_of(ROOT / file), f"{name}: there is no {case} in {file}"


def test_every_rule_has_its_row() -> None:
    for rule in (*RULES, *TIME_RULES):
        row = RULE_ROWS[rule.id]
        assert row["what it says"] == rule.sentence
        assert row["control"] == rule.control
    assert set(RULE_ROWS) == {rule.id for rule in (*RULES, *TIME_RULES)} | refusals_in_code()


def refusals_in_code() -> set[str]:
    """The ids under which the program refuses besides the tables of rules."""
    found: set[str] = set()
    for file in (ROOT / "emscontrol").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            found |= {name for item in ids_given(call) for name in text_of(item, tree)}
    return found


def ids_given(call: ast.Call) -> list[ast.expr]:
    """What a call gives as ids: the third argument or `rules=` of SafetyRefusal, the first of no_verdict."""
    name = getattr(call.func, "id", "")
    if name == "no_verdict":
        return call.args[:1]
    given = [word.value for word in call.keywords if word.arg == "rules"] + call.args[2:3]
    return [item for rules in given if isinstance(rules, ast.Tuple) for item in rules.elts] if name == "SafetyRefusal" else []


def text_of(item: ast.expr, tree: ast.Module) -> list[str]:
    """The text of an id: written out, or the value of a constant of the module."""
    if isinstance(item, ast.Name):
        values = [n.value for n in tree.body if isinstance(n, ast.AnnAssign) and getattr(n.target, "id", "") == item.id]
        item = values[0] if values and values[0] is not None else item
    return [str(item.value)] if isinstance(item, ast.Constant) else []


def test_every_control_named_in_a_row_exists() -> None:
    assert {row["control"] for row in RULE_ROWS.values()} <= set(CONTROLS)
    assert {control for row in HAZARDS.values() for control in row["controls"].split()} <= set(CONTROLS)


def test_the_time_budget_is_the_one_of_the_program_and_of_the_fault_matrix() -> None:
    printed = {name: int(row["ms"]) for name, row in table("name", "ms", "what it bounds").items()}
    assert printed == {name: getattr(budget, name) for name in dir(budget) if name.startswith("T_")}
    assert printed == data("faults.toml")["budget"]


def test_the_watchdog_of_every_device_is_printed() -> None:
    rows = table("device", "model", "ms")
    assert {row["model"]: int(row["ms"]) * 1_000 for row in rows.values()} == {
        name: profile(name).capabilities.watchdog_us for name in MODELS
    }


@pytest.mark.parametrize(
    "words",
    [
        "not a certified medical device",
        "not for standing, walking",
        "not for the chest, the front of the neck, the head",
        "Isolated adapter or battery laptop",
        "hardware stop within reach",
        "shortwave or microwave",
    ],
)
def test_the_warnings_are_there(words: str) -> None:
    assert words in " ".join(TEXT.split())
