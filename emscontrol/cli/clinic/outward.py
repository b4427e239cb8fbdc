"""Rows of the book as facts for other programs: the units that people write, the rest as it is."""

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any, Final

OUTWARD: Final[Mapping[str, tuple[str, int]]] = {
    "amplitude_ua": ("amplitude_ma", 1_000),
    "area_mm2": ("area_cm2", 100),
    "charge_pc": ("charge_mc", 1_000_000_000),
    "duration_us": ("duration_s", 1_000_000),
    "value_milli": ("value", 1_000),
    "change_milli": ("change", 1_000),
    "slope_milli_per_week": ("per_week", 1_000),
}
"""{name inside: (name outside, how many of the inner unit make one of the outer)}."""


def outward(value: Any) -> Any:
    """A row, or rows, as mappings with names and units for the outside."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return dict(_pair(key, inner) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return [outward(each) for each in value]
    return value


def _pair(key: str, value: Any) -> tuple[str, Any]:
    if key not in OUTWARD:
        return key, outward(value)
    name, per_unit = OUTWARD[key]
    return name, None if value is None else value / per_unit
