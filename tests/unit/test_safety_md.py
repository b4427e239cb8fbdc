"""SAFETY.md points to what exists: every hazard, control and rule has its row, every row its function and its test.

Below the table checks stand the tests of those rows that no part of the program tests by itself.
"""

import ast
import importlib
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.cli.thresholds import read_thresholds
from emscontrol.core import budget
from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.pulse import Output, Outputs, Train
from emscontrol.devices.registry import MODELS, profile
from emscontrol.devices.sciencemode4.driver import P24Driver
from emscontrol.safety.gate import Allowance, SafetyGate
from emscontrol.safety.rules import RULES, TIME_RULES
from emscontrol.session.handle import EngineHandle, running_engines, start_engine
from emscontrol.session.inputs import Arm, Connect
from emscontrol.session.messages import REQUESTS, VERSION
from emscontrol.session.states import State
from tests.session.rig import SHORT, Rig

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
    for _path, said in modules("emscontrol"):
        for call in (call for call in said.calls if isinstance(call.func, ast.Name)):
            found |= {name for item in ids_given(call) for name in text_of(item, said.tree)}
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
    rows = table("device", "model", "ms", "what it does then", "who can tell")
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
        "one that sticks on and says that it has stopped is believed",
        "are longer than the 550 ms that the fault matrix asks for",
        "No real stimulator has been driven by this edition",
    ],
)
def test_the_warnings_are_there(words: str) -> None:
    assert words in " ".join(TEXT.split())


# -- rows that are kept by what the code does not contain --------------------------------------------------------------------

DECIDING = ("core", "safety", "protocol", "program", "devices", "session")
"""The folders that decide about current: all time comes to them as an argument."""

ENGINE_LOADS = {"pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection", "ruamel", "serial"}


class Code(NamedTuple):
    """One module: its tree, and what a test asks of it, found in one walk. `imported` are the first names of modules."""

    tree: ast.Module
    calls: list[ast.Call]
    imported: set[str]
    attributes: set[str]


@cache
def code(file: Path) -> Code:
    """What a module says, read once for all tests."""
    found = Code(ast.parse(file.read_text(encoding="utf-8")), [], set(), set())
    for node in ast.walk(found.tree):
        if isinstance(node, ast.Call):
            found.calls.append(node)
        elif isinstance(node, ast.Import):
            found.imported.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.imported.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.Attribute):
            found.attributes.add(node.attr)
    return found


def modules(*folders: str) -> Iterator[tuple[str, Code]]:
    """(path, what it says) of every module of the program below these folders."""
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield file.relative_to(ROOT).as_posix(), code(file)


def test_only_the_gate_holds_the_key_to_cleared_outputs() -> None:
    holders = {path for path, _said in modules("emscontrol") if "_GATE_KEY" in (ROOT / path).read_text(encoding="utf-8")}
    assert holders == {"emscontrol/core/stimulator.py", "emscontrol/safety/gate.py"}


def test_nothing_that_decides_about_current_reads_a_clock() -> None:
    deciding = list(modules(*(f"emscontrol/{name}" for name in DECIDING)))
    clocks = [path for path, said in deciding if "time" in said.imported]
    assert clocks == ["emscontrol/session/handle.py"]  # the client's side: it waits for answers and decides nothing
    dated = [path for path, said in deciding if "datetime" in said.imported]
    assert all(path.startswith("emscontrol/safety/screening") for path in dated)  # days come in as arguments
    for path, said in deciding:
        assert not said.attributes & {"now", "utcnow", "today", "fromtimestamp"}, path


def test_no_file_is_made_into_code() -> None:
    for path, said in modules("emscontrol", "firmware_sim"):
        assert not {getattr(call.func, "id", "") for call in said.calls} & {"eval", "exec", "compile", "__import__"}, path
        assert not any(word.arg == "shell" for call in said.calls for word in call.keywords), path
        assert not said.imported & {"pickle", "marshal", "shelve", "dill"}, path


def test_the_engine_loads_no_library_but_these() -> None:
    code = (
        "import sys, emscontrol.wiring.engine_process, emscontrol.transport.serial_port, serial\n"
        "print(*{name.partition('.')[0] for name, module in sys.modules.items() "
        "if 'site-packages' in (getattr(module, '__file__', None) or '')})"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout.split()
    ours = {"emscontrol", "firmware_sim", "_distutils_hack"} | {name for name in found if name.startswith("__editable__")}
    assert set(found) - ours <= ENGINE_LOADS
    assert "pydantic" in found


# -- rows that are kept by order, state and history -------------------------------------------------------------------------


def refusing(rules: str) -> Any:
    """Expects a refusal under exactly this id."""
    return pytest.raises(SafetyRefusal, check=lambda refusal: refusal.rules == (rules,))


@pytest.mark.parametrize("channels", [(1, 1), (2, 1)])
def test_a_channel_named_twice_or_out_of_order_gets_nothing(channels: tuple[int, int]) -> None:
    rig = Rig().to_armed()
    train = rig.assembly.program.trains[1]
    with refusing("ONE_OUTPUT_A_CHANNEL"):
        rig.assembly.gate.send(Outputs(tuple(Output(channel, train, 1_000) for channel in channels)), rig.now_us)
    assert rig.assembly.gate.in_force.is_zero


class Stronger(P24Driver):
    """A driver with a fault: whatever it is asked for, it would make more of it."""

    def quantise_amplitude(self, train: Train, amplitude_ua: int) -> int:
        return amplitude_ua + 500


class Faster(P24Driver):
    """A driver with a fault: its pulses come sooner than asked."""

    def quantise_train(self, train: Train) -> Train:
        return replace(train, period_us=train.period_us - 250)


class Wider(P24Driver):
    """A driver with a fault: its pulses are longer than asked."""

    def quantise_train(self, train: Train) -> Train:
        return replace(train, waveform=replace(train.waveform, width_us=train.waveform.width_us + 1))


@pytest.mark.parametrize("driver", [Stronger, Faster, Wider])
def test_a_driver_that_rounds_up_is_not_obeyed(driver: type[P24Driver]) -> None:
    assembly = Rig().assembly
    gate = SafetyGate(driver(), assembly.envelopes, Allowance(10**9, {1: 10**12}))
    gate.arm(0)
    with refusing("ROUNDING_NEVER_UP"):
        gate.send(Outputs((Output(1, assembly.program.trains[1], 1_000),)), 0)
    assert gate.in_force.is_zero


def test_arming_waits_for_the_command_before() -> None:
    rig = Rig(faults=["late:40"])
    rig.run.give(Connect())
    rig.run.advance(1_000_000)
    rig.run.give(Arm())
    with refusing("BUSY"):
        rig.run.give(Arm())
    rig.run.advance(2_000_000)
    assert rig.engine.state is State.ARMED, "the first one is under way all the same"


@pytest.mark.parametrize(
    ("spoilt", "comfort_ua", "motor_ua", "rule"),
    [
        ({}, {"1": 20_000}, {}, "THRESHOLD_KNOWN"),
        ({"of: comfort": "of: motor"}, {}, {}, "THRESHOLD_KNOWN"),
        ({"of: comfort, fraction: 0.8": "of: motor, fraction: 1.5"}, {}, {"1": 14_000, "2": 14_000}, "AMPLITUDE_CAP"),
        ({"side: left, label": "side: left, amplitude_cap_ma: 15.9, label"}, {}, {}, "AMPLITUDE_CAP"),
    ],
)
def test_no_amplitude_without_its_threshold_nor_above_comfort(
    spoilt: dict[str, str], comfort_ua: dict[str, int], motor_ua: dict[str, int], rule: str
) -> None:
    text = SHORT
    for before, after in spoilt.items():
        assert before in text
        text = text.replace(before, after)
    with refusing(rule):
        Rig(text=text, comfort_ua=comfort_ua, motor_ua=motor_ua)


@pytest.mark.parametrize(
    "text", ["1=22,5", "1=22.5mA", "1=1e1", "1=-1", "1=.5", "1=", "=5", "0=5", "1 = 5", "1=1.2345", "1=1 000"]
)
def test_amplitudes_on_the_command_line_are_exact_or_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        read_thresholds((text,), "--comfort")


@settings(max_examples=200)
@given(st.builds("{}={}".format, st.text("0123456789 ", max_size=2), st.text("0123456789.,eE+-_ \u0665", max_size=6)))
def test_any_amplitude_on_the_command_line_is_what_it_says(text: str) -> None:
    try:
        found = read_thresholds((text,), "--comfort")
    except click.BadParameter:
        return
    channel, _, figure = text.partition("=")
    assert found == {channel: Decimal(figure) * 1_000}


def test_only_the_operator_may_ask_for_more_current() -> None:
    with tempfile.TemporaryDirectory(prefix="ems-") as home, ExitStack() as closing:
        spec = replace(Rig().spec, home=home, journal=str(Path(home) / "record.jsonl"))
        closing.callback(start_engine(spec, "a test").close)
        [address] = running_engines(home)
        second = EngineHandle(address.connect(5))
        closing.callback(second.close)
        second.say("hello", role="operator", name="another", version=VERSION)
        for verb, request in REQUESTS.items():
            if request.operator_only:
                second.say(verb, **{name: kind() for name, kind in request.fields.items()})
        second.say("stop")
        said = [line for _ in range(100) for line in second.messages(0.1)]
    refused = {line["do"] for line in said if line["type"] == "error" and "Only the operator" in line["what"]}
    assert refused == {verb for verb, request in REQUESTS.items() if request.operator_only}
    assert [line["result"] for line in said if line["type"] == "closed"] == ["stopped"]
    assert not any(line.get("event") in ("connected", "armed", "started") for line in said), json.dumps(said)
