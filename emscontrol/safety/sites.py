"""Where electrodes may go: the muscle catalogue with a cap for each muscle, and the regions that are out."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Final, NamedTuple

from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.nearest import nearest_word
from emscontrol.core.units import UA_PER_MA
from emscontrol.safety.limits import LIMITS

RULE: Final = "SITE"
"""The id under which a site is refused."""


class Site(NamedTuple):
    """One muscle of the catalogue. `cap_ua` already is the tighter of the muscle's own cap and its region's limit.

    `refused` says why nothing may be stimulated here in this edition; it is empty for the muscles that are offered.
    `source` and `mark` belong to the cap.
    """

    muscle: str
    name: str
    region: str
    cap_ua: int
    risks: str
    refused: str
    source: str
    mark: str

    @property
    def cap_ma(self) -> int:
        """The cap in mA, rounded down."""
        return self.cap_ua // UA_PER_MA


def known_muscles() -> tuple[str, ...]:
    """The ids of the catalogue, those that are not offered included, in its order."""
    return tuple(_SITES)


def likely_muscles(word: str) -> str:
    """Which muscle was probably meant by an unknown word: those with it in name or id, else the nearest id, else all.

    `quadriceps` is nearer to quad_all than to triceps.
    """
    meant = word.strip().lower()
    named = [muscle for muscle, found in _SITES.items() if meant and (meant in found.name.lower() or meant in muscle)]
    if named:
        return f"ids of muscles with this name: {', '.join(named)}"
    near = nearest_word(meant, _SITES)
    return f"the nearest id is {near}" if near else f"one of {', '.join(_SITES)}"


def site(muscle: str | None) -> Site:
    """The site of a muscle that may be stimulated. Raises SafetyRefusal when it is missing, unknown or not offered."""
    found = described_site(muscle)
    if found.refused:
        raise SafetyRefusal(
            f"{found.name} ({found.muscle}) is not stimulated: {found.refused}", "Choose another site.", (RULE,)
        )
    return found


def described_site(muscle: str | None) -> Site:
    """Any site of the catalogue, those that are not offered included. Raises SafetyRefusal when it is missing or unknown."""
    if not isinstance(muscle, str) or muscle not in _SITES:
        named = f"The muscle {muscle!r} is not in the catalogue" if muscle else "No muscle is named"
        likely = likely_muscles(str(muscle or ""))
        raise SafetyRefusal(
            f"{named}, so no limit is known for the site.", f"{likely[0].upper()}{likely[1:]}. See docs/muscles.md.", (RULE,)
        )
    return _SITES[muscle]


def _catalogue(text: str) -> Mapping[str, Site]:
    data = tomllib.loads(text)
    regions = {region["id"]: region for region in data["region"]}
    mark = data["marks"]["cap_ua"]
    return MappingProxyType({entry["id"]: _site(entry, regions[entry["region"]], mark) for entry in data["muscle"]})


def _site(entry: Mapping[str, str | int], region: Mapping[str, str], mark: str) -> Site:
    cap_ua, source = int(entry["cap_ua"]), f"muscle catalogue, {entry['name']}"
    if "limit" in region and LIMITS[region["limit"]].value < cap_ua:
        limit = LIMITS[region["limit"]]
        cap_ua, source, mark = limit.value, f"{limit.quantity} (muscle catalogue, {entry['name']})", limit.mark
    refused = f"it is not offered, because {entry['risks']}." if cap_ua <= 0 else region.get("refused", "")
    return Site(
        muscle=str(entry["id"]),
        name=str(entry["name"]),
        region=str(entry["region"]),
        cap_ua=cap_ua,
        risks=str(entry["risks"]),
        refused=refused,
        source=source,
        mark=mark,
    )


_SITES: Final = _catalogue(files(__package__).joinpath("sites.toml").read_text(encoding="utf-8"))
