"""A file that is partly wrong, seen as if it were a protocol, so that the rules between its sound keys can still be judged.

This is how a file gets all its errors at once: a misspelt rate in one group does not hide that the ramps of another do not fit.
"""

from collections.abc import Mapping, Set
from typing import Any, get_origin

from pydantic import BaseModel

from emscontrol.protocol.fields import part_in
from emscontrol.protocol.findings import NotKnown, Place


class Draft:
    """Values of one part by attribute, as its model would give them. Raises NotKnown for those that are missing or wrong."""

    def __init__(self, part: type[BaseModel], raw: Any, place: Place, wrong: Set[Place]) -> None:
        self._part = part
        self._raw = raw
        self._place = place
        self._wrong = wrong

    def __getattr__(self, key: str) -> Any:
        place = (*self._place, key)
        if any(place[:length] in self._wrong for length in range(len(place) + 1)):
            raise NotKnown(key)
        field = self._part.model_fields[key]
        if key not in self._raw:
            return field.get_default()
        value, part = self._raw[key], part_in(field.annotation)
        if get_origin(field.annotation) is dict:
            if not all(isinstance(number, int) for number in value):
                raise NotKnown(key)
            return {number: self._member(part, value[number], (*place, number)) for number in value}
        if get_origin(field.annotation) is tuple:
            return [self._member(part, member, (*place, number)) for number, member in enumerate(value)]
        return value if part is None else Draft(part, value, place, self._wrong)

    def _member(self, part: type[BaseModel] | None, value: Any, place: Place) -> Any:
        """An entry of a list or mapping; a wrong one that is no part of its own makes the whole not known."""
        if place in self._wrong and (part is None or not isinstance(value, Mapping)):
            raise NotKnown(place)
        return value if part is None else Draft(part, value, place, self._wrong)
