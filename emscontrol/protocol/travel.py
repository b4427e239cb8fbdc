"""A validated protocol as one line of JSON, and back: how it reaches the engine process, which reads no files."""

from pydantic import ValidationError

from emscontrol.core.errors import UsageError
from emscontrol.protocol.model import Protocol


def to_line(protocol: Protocol) -> str:
    """One line of JSON; exact decimals are written as text."""
    return protocol.model_dump_json(exclude_unset=True)


def from_line(line: str) -> Protocol:
    """Read it back; every range and rule is checked again. Raises UsageError when it is no protocol."""
    try:
        return Protocol.model_validate_json(line)
    except ValidationError as problem:
        raise UsageError(f"The engine was given a protocol that it cannot use: {problem}") from problem
