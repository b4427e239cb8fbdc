"""The people of a practice book, as `cast.toml` tells them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from importlib.resources import files
from typing import Any, Final

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

PROGRESSION: Final[Mapping[str, str]] = {
    "sci-quadriceps-resistance": "resistance",
    "sci-quadriceps-doublets": "fatigue-prone",
    "denervated-quadriceps-twitches": "denervated",
    "denervated-tibialis-triangular": "denervated",
    "shoulder-subluxation-stroke": "shoulder",
    "icu-quadriceps-short": "daily",
}
"""The progression rules that a protocol is prescribed with; "strength" for every other."""


@dataclass(frozen=True, slots=True)
class Person:
    """One invented patient. `protocol` is "" for somebody who has no plan; what the fields mean stands in `cast.toml`."""

    code: str
    born: int
    name: tuple[str, str]
    conditions: tuple[str, ...]
    body: str
    note: str = ""
    protocol: str = ""
    side: str = ""
    days: tuple[int, ...] = ()
    at: time = time(9)
    weeks: int = 0
    began_weeks: int = 0
    missed: tuple[int, ...] = ()
    reach: float = 1.0
    voluntary: float = 1.0
    lmn: str = "intact"
    sensation: str = "normal"
    yes: Mapping[str, str] = field(default_factory=dict)
    override: Mapping[str, str] = field(default_factory=dict)

    @property
    def progression(self) -> str:
        """The rules by which the plan goes on."""
        return PROGRESSION.get(self.protocol, "strength")


def cast() -> tuple[Person, ...]:
    """All of them, in the order of their codes."""
    text = files(__package__).joinpath("cast.toml").read_text(encoding="utf-8")
    return tuple(_person(told) for told in tomllib.loads(text)["patient"])


def _person(told: Mapping[str, Any]) -> Person:
    plain = {key: value for key, value in told.items() if key not in ("time", "days", "name", "conditions", "missed")}
    return Person(
        **plain,
        name=(told["name"][0], told["name"][1]),
        conditions=tuple(told["conditions"]),
        days=tuple(WEEKDAYS.index(day) for day in told.get("days", "").split()),
        at=time.fromisoformat(told.get("time", "09:00")),
        missed=tuple(told.get("missed", ())),
    )
