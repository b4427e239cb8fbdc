"""What every kind of field can do."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final


class _Required:
    def __repr__(self) -> str:
        return "required"


REQUIRED: Final = _Required()


@dataclass(frozen=True, slots=True)
class Explained:
    """One named value of a command as a reader sees it; `allowed` holds limits and unit."""

    name: str
    meaning: str
    allowed: str


class Field(ABC):
    """A part of a command's data: parameters in, bytes out, and back."""

    @property
    @abstractmethod
    def keys(self) -> frozenset[str]:
        """The parameters this field speaks of."""

    @property
    @abstractmethod
    def needs(self) -> frozenset[str]:
        """Those of them that have no default."""

    @abstractmethod
    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append this field's bytes. Raises BadParameter."""

    @abstractmethod
    def read(self, data: bytes, at: int, params: dict[str, Any]) -> int:
        """Put this field's values into `params`, return where the next field begins. Raises Malformed or IndexError."""

    @abstractmethod
    def explain(self) -> Iterator[Explained]:
        """Every named value of this field."""
