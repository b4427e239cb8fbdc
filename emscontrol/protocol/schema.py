"""The JSON Schema of protocol files, for editors that complete and check while one types.

It holds what a schema can say: keys, units, ranges, choices. The rules between keys (`rules.py`) and the strict spelling of
numbers (`scalars.py`) are only checked by loading.
"""

import json
from typing import Any, Final

from emscontrol.protocol.model import Protocol

SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12), with every key described."""
    made = _tidied(Protocol.model_json_schema())
    channels = made["properties"]["channels"]
    channels["patternProperties"] = {"^[1-9][0-9]?$": channels.pop("additionalProperties")}
    channels["additionalProperties"] = False
    channels.pop("propertyNames", None)
    return {"$schema": SCHEMA_DIALECT, **made, "title": "emscontrol protocol file, format 1"}


def schema_text() -> str:
    """The schema as the file `protocol.schema.json` holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _tidied(node: Any) -> Any:
    """Without nulls and defaults, which files may not hold, and without the titles that pydantic makes from names."""
    if isinstance(node, list):
        return [_tidied(member) for member in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _tidied(value) for key, value in node.items() if not _is_noise(key, value)}
    options = [option for option in kept.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        del kept["anyOf"]
        kept = {**options[0], **kept}
    return kept


def _is_noise(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or key == "default"
