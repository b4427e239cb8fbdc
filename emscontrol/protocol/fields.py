"""How a range, a text or a choice becomes a field: one annotation checks the value, words the message and fills the schema."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, get_args, get_origin

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from emscontrol.protocol.bounds import BOUNDS, Bound
from emscontrol.protocol.text import is_forbidden


@dataclass(frozen=True, slots=True)
class Within:
    """The value lies in the named range of `BOUNDS`.

    On an `int` field only int passes, on a `Decimal` field int and Decimal.
    """

    name: str

    @property
    def bound(self) -> Bound:
        """The range."""
        return BOUNDS[self.name]

    @property
    def expects(self) -> str:
        """What would be right, in words."""
        return self.bound.expects

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        if source is int:
            strict: CoreSchema = core_schema.int_schema(strict=True)
            check: Callable[[object], object] = self._whole
        else:
            strict, check = core_schema.decimal_schema(), self._decimal
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(check, strict),  # our own JSON: decimals travel as text
            python_schema=core_schema.no_info_plain_validator_function(check),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        bound = self.bound
        kind = "integer" if bound.step == 1 else "number"
        return {"type": kind, "minimum": _plain(bound.low), "maximum": _plain(bound.high)}

    def _whole(self, value: object) -> int:
        if type(value) is int and self.bound.holds(value):
            return value
        raise PydanticCustomError("range", "must be {expects}", {"expects": self.expects})

    def _decimal(self, value: object) -> Decimal:
        if type(value) in (int, Decimal) and self.bound.holds(value):  # type: ignore[arg-type]  # narrowed by type()
            return Decimal(value)  # type: ignore[arg-type]
        raise PydanticCustomError("range", "must be {expects}", {"expects": self.expects})


@dataclass(frozen=True, slots=True)
class Text:
    """Text of `shortest` to `longest` characters without control characters; one line unless `lines`.

    `pattern` says how the whole of it is spelt, `spelt` the same in words.
    """

    longest: int
    lines: bool = False
    pattern: str = ""
    spelt: str = ""
    shortest: int = 1

    @property
    def expects(self) -> str:
        """What would be right, in words."""
        if self.spelt:
            return f"{self.spelt}, at most {self.longest} characters"
        kind = "text" if self.lines else "one line of text"
        return f"{kind} of {self.shortest} to {self.longest} characters without control characters"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, core_schema.str_schema(strict=True))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        pattern = {"pattern": f"^{self.pattern}$"} if self.pattern else {}
        return {"type": "string", "minLength": self.shortest, "maxLength": self.longest, **pattern}

    def _check(self, value: str) -> str:
        long_enough = self.shortest <= len(value.strip()) and len(value) <= self.longest
        clean = (self.lines or not set(value) & {"\n", "\t"}) and not any(map(is_forbidden, set(value)))
        if long_enough and clean and (not self.pattern or re.fullmatch(self.pattern, value)):
            return value
        raise PydanticCustomError("text", "must be {expects}", {"expects": self.expects})


def part_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation such as `tuple[Group, ...]` or `dict[int, Channel]` holds, or None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((part for part in map(part_in, get_args(annotation)) if part), None)


def expectation(field: FieldInfo, entry: bool = False) -> str:
    """What would be right for a field, in words; for one entry of it where the field is a list or a mapping."""
    holds_many = get_origin(field.annotation) in (tuple, dict)
    kinds = () if holds_many and not entry else (field.annotation, *get_args(field.annotation))
    choices = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, StrEnum)), None)
    if choices is not None:
        return "one of " + ", ".join(choice.value for choice in choices)
    nested = [metadata for kind in kinds for metadata in getattr(kind, "__metadata__", ())]
    checks = (metadata for metadata in (*field.metadata, *nested) if isinstance(metadata, Within | Text))
    return next((check.expects for check in checks), f"{field.description}")


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
