"""What the models refuse, in words for the author of a file: what was found, what would be right, the nearest known key."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from emscontrol.core.nearest import nearest_key
from emscontrol.protocol.fields import expectation, part_in
from emscontrol.protocol.findings import Finding, Place
from emscontrol.protocol.model import RULES_BROKEN, Protocol
from emscontrol.protocol.parts import Burst, Channel, Citation, Electrode, Group, Intensity, PhaseSpec
from emscontrol.protocol.problems import Problem
from emscontrol.protocol.text import quoted
from emscontrol.protocol.tree import Tree

_WHERE: Final[Mapping[type[BaseModel], str]] = {
    Protocol: "at the top of the file",
    Citation: "in a citation",
    Channel: "in a channel",
    Electrode: "under electrode",
    PhaseSpec: "in a phase",
    Group: "in a group",
    Burst: "under burst",
    Intensity: "under intensity",
}
MISSING: Final = "missing"
_PYDANTIC_KEY: Final = "[key]"  # how pydantic marks an error in the key of a mapping


def findings_of(errors: Iterable[Mapping[str, Any]], tree: Tree) -> list[Finding]:
    """What pydantic refused, as findings; what stems from something that the reader refused already is left out."""
    return [
        finding for error in errors for finding in _findings_of(error, tree.data) if not _stems_from(tree.broken, finding.at)
    ]


def problem_at(finding: Finding, tree: Tree) -> Problem:
    """A finding with its line and column; one about a missing key points at the part it is missing from."""
    spot = tree.spots.get(finding.at)
    if spot is not None and not finding.on_key:
        return Problem(spot.line, spot.column, finding.at, finding.found, finding.right)
    above = finding.at
    while spot is None and above not in tree.spots:
        above = above[:-1]
    spot = tree.spots[above]
    return Problem(spot.key_line, spot.key_column, finding.at, finding.found, finding.right)


def _findings_of(error: Mapping[str, Any], data: Any) -> list[Finding]:
    if error["type"] == RULES_BROKEN:
        return list(error["ctx"]["findings"])
    place: Place = tuple(error["loc"])
    if place and place[-1] == _PYDANTIC_KEY:
        _, field = _model_at(place[:-2])
        right = expectation(field, entry=True) if field is not None else "a known key"
        return [Finding(place[:-1], "found as a key", right, on_key=True)]
    if error["type"] == "missing":
        return [Finding(place, MISSING, _right(place, error))]
    if error["type"] in ("extra_forbidden", "invalid_key"):
        return [Finding(place, "unknown key", _known_instead(place), on_key=True)]
    value = _value_at(data, place)
    if error["type"] == "too_short" and len(value) >= error["ctx"]["min_length"]:
        return []  # pydantic counts sound entries only, and the others are told already
    return [Finding(place, _found(value), _right(place, error))]


def _right(place: Place, error: Mapping[str, Any]) -> str:
    if error["type"] == "too_short":
        return f"at least {error['ctx']['min_length']}"
    if error["type"] == "too_long":
        return f"at most {error['ctx']['max_length']}"
    part, field = _model_at(place)
    entry = bool(place) and not isinstance(place[-1], str)
    if part is not None and (field is None or entry or get_origin(field.annotation) not in (tuple, dict)):
        return "the keys " + ", ".join(name for name, known in part.model_fields.items() if known.is_required())
    return expectation(field, entry) if field is not None else "a known key"


def _known_instead(place: Place) -> str:
    part, _ = _model_at(place[:-1])
    fields = part.model_fields if part is not None else {}
    key = str(place[-1])
    elsewhere = next((where for owner, where in _WHERE.items() if key in owner.model_fields), None)
    if elsewhere:
        return f"{key} belongs {elsewhere}"
    near = nearest_key(key, fields)
    if near:
        return f"the nearest key is {near}: {fields[near].description}"
    return "known here: " + ", ".join(fields)


def _model_at(place: Place) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """The part that stands at a place, if one does, and the field that leads there."""
    part: type[BaseModel] | None = Protocol
    field: FieldInfo | None = None
    for step in place:
        if isinstance(step, str) and part is not None:
            field = part.model_fields.get(step)
            part = part_in(field.annotation) if field is not None else None
    return part, field


def _value_at(data: Any, place: Place) -> Any:
    for step in place:
        data = data[step]
    return data


def _found(value: Any) -> str:
    if isinstance(value, str):
        return f"found the text {quoted(value)}"
    if isinstance(value, dict):
        return "found keys and values"
    if isinstance(value, list):
        return f"found a list of {len(value)}"
    return f"found {value}"


def _stems_from(broken: Iterable[Place], place: Place) -> bool:
    return any(place[: len(above)] == above for above in broken)
