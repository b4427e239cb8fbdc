"""A validated protocol as one line of JSON, and back: how it reaches the engine process, which reads no files.

Exact decimals and whole-number keys travel as what they are; the reader validates everything again.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

from emscontrol.core.errors import UsageError
from emscontrol.protocol.model import Protocol

DECIMAL = "decimal"
PAIRS = "pairs"


def to_line(protocol: Protocol) -> str:
    """One line of JSON."""
    return json.dumps(_packed(protocol.model_dump(exclude_unset=True)), separators=(",", ":"))


def from_line(line: str) -> Protocol:
    """Read it back, validating as strictly as a file. Raises UsageError when it is no protocol."""
    try:
        return Protocol.model_validate(_unpacked(json.loads(line)))
    except ValueError as problem:
        raise UsageError(f"The engine was given a protocol that it cannot use: {problem}") from problem


def _packed(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {DECIMAL: str(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {key: _packed(item) for key, item in value.items()}
        return {PAIRS: [[key, _packed(item)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        return [_packed(item) for item in value]
    return value


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpacked(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {DECIMAL}:
        return Decimal(value[DECIMAL])
    if set(value) == {PAIRS}:
        return {key: _unpacked(item) for key, item in value[PAIRS]}
    return {key: _unpacked(item) for key, item in value.items()}
