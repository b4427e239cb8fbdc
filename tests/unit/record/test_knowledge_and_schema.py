"""How each figure is known, and the published schema: each table is walked, each line of a real journal fits."""

import json
import re
from typing import Any

import pytest

from emscontrol.core.arguments import TOTAL_KEYS
from emscontrol.core.events import EVENTS
from emscontrol.record.knowledge import EVENT_FIGURES, FIGURES, TOTALS, Knowledge, knowledge_of
from emscontrol.record.line import FORMAT, FORMATS, SIGNED
from emscontrol.record.schema.make import schema, schema_file, schema_text
from tests.unit.record.stations import GOLDEN

LINES = [
    pytest.param(int(path.name[7]), json.loads(line), id=f"{path.name}:{number}")
    for path in sorted(GOLDEN.glob("*.jsonl"))
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1)
    if number < 12 or number % 20 == 0 or b'"set_point"' not in line[:120]
]


def test_every_figure_of_every_event_says_how_it_is_known() -> None:
    figures = {(name, arg) for name, row in EVENTS.items() for arg, told in row.args.items() if told.type in FIGURES}
    assert set(EVENT_FIGURES) == figures
    assert set(TOTALS) == TOTAL_KEYS


def test_what_a_device_reports_is_not_what_was_commanded() -> None:
    assert knowledge_of("measured", "amplitude_ua") is Knowledge.MEASURED
    assert knowledge_of("set_point", "outputs") is Knowledge.COMMANDED
    assert knowledge_of("acked", "number") is Knowledge.ACKNOWLEDGED
    assert TOTALS["charge_pc"] is Knowledge.ASSUMED
    with pytest.raises(KeyError):
        knowledge_of("acked", "text")


def test_what_is_signed_are_events() -> None:
    assert set(EVENTS) > SIGNED


@pytest.mark.parametrize("format_", sorted(FORMATS))
def test_the_published_file_is_what_the_vocabulary_makes(format_: int) -> None:
    told = "python -m emscontrol.record.schema.make"
    assert schema_file(format_).read_text(encoding="utf-8") == schema_text(format_), told


def test_there_is_no_schema_of_an_unknown_format() -> None:
    with pytest.raises(KeyError):
        schema(FORMAT + 1)


KINDS = {"integer": int, "string": str, "boolean": bool, "array": list, "object": dict, "null": type(None)}


def misfit(value: Any, rule: dict[str, Any]) -> str:
    """Why a value does not fit, "" when it does: a small reader of the words that the schema uses."""
    if "anyOf" in rule:
        return "" if any(not misfit(value, each) for each in rule["anyOf"]) else "none of anyOf"
    kind = rule.get("type")
    if kind and (not isinstance(value, KINDS[kind]) or (kind == "integer" and isinstance(value, bool))):
        return f"{value!r} is no {kind}"
    if isinstance(value, list):
        return next(filter(None, (misfit(each, rule.get("items", {})) for each in value)), "")
    if isinstance(value, dict):
        return misfit_in(value, rule)
    right = (
        value == rule.get("const", value),
        not isinstance(value, int) or rule.get("minimum", value) <= value <= rule.get("maximum", value),
        not isinstance(value, str) or re.search(rule.get("pattern", ""), value) is not None,
    )
    return "" if all(right) else f"{value!r} is not as {rule} asks"


def misfit_in(value: dict[str, Any], rule: dict[str, Any]) -> str:
    """The same for the members of an object."""
    missing = [name for name in rule.get("required", ()) if name not in value]
    if missing:
        return f"{missing} missing"
    rest = rule.get("additionalProperties", {})
    for name, inner in value.items():
        known = rule.get("properties", {}).get(name)
        if known is None and rest is False:
            return f"{name} is not known"
        if problem := misfit(name, rule.get("propertyNames", {})) or misfit(inner, rest if known is None else known):
            return f"{name}: {problem}"
    return ""


@pytest.mark.parametrize(("format_", "line"), LINES)
def test_a_line_of_a_real_journal_fits_the_schema_of_its_format(format_: int, line: dict[str, Any]) -> None:
    made = schema(format_)
    assert not misfit(line, made["$defs"][line["event"]])
    assert sum(not misfit(line, rule) for rule in made["$defs"].values()) == 1
    for name in line:
        assert misfit({key: value for key, value in line.items() if key != name}, made["$defs"][line["event"]]) or name in (
            "key",
            "sig",
            *(arg for arg, told in EVENTS[line["event"]].args.items() if told.optional),
        )
    assert misfit(line | {"more": 1}, made["$defs"][line["event"]])
