"""Makes the JSON Schema of one line of a journal from the vocabulary.

    python -m emscontrol.record.schema.make      writes the files beside this one

A schema says what each line holds. Hashes, signatures, order and totals are verify's.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from emscontrol.core.arguments import DEPTH_MAX, OUTPUT_KEYS, TOTAL_KEYS, WHOLE_MAX, Arg, ArgType
from emscontrol.core.vocabulary import EVENTS, EventKind
from emscontrol.record.line import FORMAT, FORMATS, SIGNED

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
FOLDER: Final = Path(__file__).parent
SINCE_2: Final = frozenset({"checkpoint"})  # kinds of records that format 1 did not have

_WHOLE: Final = {"type": "integer", "minimum": 0, "maximum": WHOLE_MAX}
_CHANNEL: Final = {"type": "integer", "minimum": 1, "maximum": WHOLE_MAX}


def _hex(digits: int) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^[0-9a-f]{{{digits}}}$"}


def _row(keys: frozenset[str], optional: frozenset[str] = frozenset()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict.fromkeys(sorted(keys | optional), _WHOLE),
        "required": sorted(keys),
        "additionalProperties": False,
    }


def _outputs(_: int) -> dict[str, Any]:
    swell = frozenset({"rise_us", "hold_us", "fall_us"})
    together = {name: sorted(swell - {name}) for name in sorted(swell)}
    return {"type": "array", "items": _row(OUTPUT_KEYS, swell) | {"dependentRequired": together}}


def _totals(format_: int) -> dict[str, Any]:
    keys = TOTAL_KEYS if format_ > 1 else TOTAL_KEYS - {"plateau_ua"}
    return {"type": "object", "propertyNames": {"pattern": "^[0-9]+$"}, "additionalProperties": _row(keys)}


_TYPES: Final[Mapping[ArgType, Callable[[int], dict[str, Any]]]] = {
    ArgType.TEXT: lambda _: {"type": "string"},
    ArgType.COUNT: lambda _: dict(_WHOLE),
    ArgType.INTEGER: lambda _: {"type": "integer", "minimum": -WHOLE_MAX, "maximum": WHOLE_MAX},
    ArgType.FLAG: lambda _: {"type": "boolean"},
    ArgType.CHANNEL: lambda _: dict(_CHANNEL),
    ArgType.CHANNELS: lambda _: {"type": "array", "items": _CHANNEL},
    ArgType.UA: lambda _: dict(_WHOLE),
    ArgType.US: lambda _: dict(_WHOLE),
    ArgType.MN: lambda _: dict(_WHOLE),
    ArgType.PERCENT: lambda _: {"type": "integer", "minimum": 0, "maximum": 100},
    ArgType.OUTPUTS: _outputs,
    ArgType.TOTALS: _totals,
    ArgType.OBJECT: lambda _: {"type": "object", "$comment": f"nested at most {DEPTH_MAX} deep"},
}


def schema(format_: int = FORMAT) -> dict[str, Any]:
    """The schema (draft 2020-12) of one line of a journal of this format. Raises KeyError for a format that is not known."""
    if format_ not in FORMATS:
        raise KeyError(format_)
    kinds = {name: row for name, row in EVENTS.items() if format_ > 1 or name not in SINCE_2}
    return {
        "$schema": DIALECT,
        "title": f"emscontrol journal, one line, format {format_}",
        "description": "docs/journal.md says how lines are chained and signed.",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in kinds],
        "$defs": {name: _line(row, format_) for name, row in kinds.items()},
    }


def schema_text(format_: int = FORMAT) -> str:
    """The schema as its file holds it."""
    return json.dumps(schema(format_), indent=1, ensure_ascii=False) + "\n"


def schema_file(format_: int = FORMAT) -> Path:
    """Where that file is."""
    return FOLDER / f"journal-{format_}.json"


def _line(row: EventKind, format_: int) -> dict[str, Any]:
    first = row.name == "session_opened"
    frame: dict[str, Any] = {
        "n": {"type": "integer", "minimum": 1} | ({"const": 1} if first else {}),
        "t_us": {"type": "integer", "description": "µs of a monotonic clock"},
        "wall": {"type": "string", "description": "time of day, ISO 8601 with offset"},
        "event": {"const": row.name},
    }
    if first:
        frame["format"] = {"const": format_}
    if first and format_ > 1:
        frame["key"] = _hex(64) | {"description": "public key, on a signed journal"}
    end: dict[str, Any] = {"prev": _hex(64), "hash": _hex(64)}
    if format_ > 1 and row.name in SIGNED:
        end["sig"] = _hex(128) | {"description": "signature of the hash, on a signed journal"}
    needed = [name for name, arg in row.args.items() if not arg.optional]
    return {
        "type": "object",
        "description": row.template,
        "properties": frame | {name: _argument(arg, format_) for name, arg in row.args.items()} | end,
        "required": [*(name for name in frame if name != "key"), *needed, "prev", "hash"],
        "additionalProperties": False,
    }


def _argument(arg: Arg, format_: int) -> dict[str, Any]:
    made = _TYPES[arg.type](format_)
    if arg.optional:
        made = {"anyOf": [made, {"type": "null"}]}
    return made | {"description": arg.meaning}


def main() -> None:
    """Write every format's file."""
    for format_ in sorted(FORMATS):
        schema_file(format_).write_text(schema_text(format_), encoding="utf-8")


if __name__ == "__main__":
    main()
