"""The JSON Schema says what the loader does, as far as a schema can, and its copy in the tree is the current one."""

import json
import re
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from emscontrol.protocol.bounds import BOUNDS
from emscontrol.protocol.library import library_folder
from emscontrol.protocol.schema import schema, schema_text
from tests.unit.protocol.samples import GOOD, group, phase, problems, protocol
from tests.unit.protocol.test_bounds import PROBES

SCHEMA = schema()
LIBRARY = sorted(library_folder().glob("*.yaml"))


def faults(value: Any, rule: dict[str, Any], at: str = "") -> list[str]:
    """A judge of its own for the part of JSON Schema that is used here, so that the loader is not its own witness."""
    if "$ref" in rule:
        rule = {**SCHEMA["$defs"][rule["$ref"].removeprefix("#/$defs/")], **{k: v for k, v in rule.items() if k != "$ref"}}
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float, Decimal)}
    if not isinstance(value, kinds[rule["type"]]) or isinstance(value, bool):
        return [f"{at}: no {rule['type']}"]
    found = [f"{at}: {words}" for words, wrong in _simple(value, rule) if wrong]
    if isinstance(value, dict):
        found += _object_faults(value, rule, at)
    if isinstance(value, list):
        found += [f for i, v in enumerate(value) for f in faults(v, rule["items"], f"{at}/{i}")]
    return found


def _simple(value: Any, rule: dict[str, Any]) -> list[tuple[str, bool]]:
    size = len(value) if isinstance(value, str | list | dict) else 0
    least = rule.get("minLength", rule.get("minItems", rule.get("minProperties", 0)))
    most = rule.get("maxLength", rule.get("maxItems", rule.get("maxProperties", 10**9)))
    return [
        ("choice", "enum" in rule and value not in rule["enum"]),
        ("small", "minimum" in rule and value < rule["minimum"]),
        ("large", "maximum" in rule and value > rule["maximum"]),
        ("pattern", "pattern" in rule and not re.search(rule["pattern"], value)),
        ("size", not least <= size <= most),
    ]


def _object_faults(value: dict[Any, Any], rule: dict[str, Any], at: str) -> list[str]:
    found = [f"{at}: {key} missing" for key in rule.get("required", ()) if key not in value]
    options = rule.get("oneOf")
    if options and sum(all(k in value for k in option["required"]) for option in options) != 1:
        found.append(f"{at}: oneOf")
    for key, member in value.items():
        patterns = [r for p, r in rule.get("patternProperties", {}).items() if re.search(p, str(key))]
        known = [rule["properties"][key]] if key in rule.get("properties", {}) else patterns
        found += [f for r in known for f in faults(member, r, f"{at}/{key}")] if known else [f"{at}: {key} unknown"]
    return found


def _read(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def test_the_copy_in_the_tree_is_current() -> None:
    copy = files("emscontrol.protocol").joinpath("protocol.schema.json").read_text(encoding="utf-8")
    assert copy == schema_text(), "run: emscontrol schema > emscontrol/protocol/protocol.schema.json"
    assert json.loads(copy) == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_key_is_described_and_takes_nothing_unknown() -> None:
    parts = [SCHEMA, *(part for part in SCHEMA["$defs"].values() if part["type"] == "object")]
    assert len(parts) == 8
    for part in parts:
        assert part["description"]
        assert part["additionalProperties"] is False
        for key, rule in part["properties"].items():
            assert len(rule["description"]) > 10, key


def test_keys_with_a_unit_say_it_in_words() -> None:
    words = {"s": "(s)", "ms": "(ms)", "us": "(µs)", "hz": "(Hz)", "cm": "(cm)", "ma": "(mA)"}
    for part in SCHEMA["$defs"].values():
        for key, rule in part.get("properties", {}).items():
            unit = words.get(key.rpartition("_")[2])
            assert unit is None or "_" not in key or unit in rule["description"], key


def test_the_schema_holds_no_null() -> None:
    assert "null" not in schema_text()


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_the_library_obeys_the_schema(path: Path) -> None:
    assert faults(_read(path.read_text(encoding="utf-8")), SCHEMA) == []


def test_the_library_points_editors_to_the_schema() -> None:
    for path in LIBRARY:
        line = path.read_text(encoding="utf-8").splitlines()[0]
        assert line.startswith("# yaml-language-server: $schema=")
        target = (path.parent / line.partition("=")[2]).resolve()
        assert target == Path(str(files("emscontrol.protocol").joinpath("protocol.schema.json"))).resolve()


BETWEEN_KEYS = ("pulses_per_s", "short_pulse_width_us", "fraction_of_comfort", "session_s", "channel")


@pytest.mark.parametrize("name", [name for name in BOUNDS if name not in BETWEEN_KEYS])
def test_schema_and_loader_agree_on_every_range(name: str) -> None:
    bound = BOUNDS[name]
    inside, outside = PROBES[name](f"{bound.high}"), PROBES[name](f"{bound.high + bound.step}")
    assert faults(_read(inside), SCHEMA) == []
    assert problems(inside) == ()
    assert faults(_read(outside), SCHEMA) != []
    assert problems(outside) != ()


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("author: nobody\n", ""),
        GOOD.replace("title:", "titel: x\ntitle:"),
        GOOD.replace("{diameter_cm: 3.2}", "{width_cm: 3}"),
        GOOD.replace("id: sample", "id: A b"),
        GOOD.replace("mark: R80", "mark: Q"),
        GOOD.replace("  2:\n", "  0:\n"),
        protocol(phase(duration_s=5)),
        protocol(phase(contractions=None)),
        protocol(phase(group(1, waveform="square"), group(2))),
        GOOD.replace("[1]", "[]"),
    ],
)
def test_what_the_schema_refuses_the_loader_refuses(text: str) -> None:
    assert faults(_read(text), SCHEMA) != []
    assert problems(text) != ()
