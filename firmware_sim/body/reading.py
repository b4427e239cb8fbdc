"""Reading a person from a YAML file. Strict: what is not known or not possible is refused, with its place and what is right."""

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any, Final, TypeVar

from firmware_sim.body.profile import MuscleProfile, Profile, SensationProfile, Site, SkinProfile, SpasmProfile

SECTIONS: Final = {"muscle": MuscleProfile, "sensation": SensationProfile, "skin": SkinProfile, "spasms": SpasmProfile}
LARGEST_BYTES: Final = 65_536
LAST_CHANNEL: Final = 64
Section = TypeVar("Section", MuscleProfile, SensationProfile, SkinProfile, SpasmProfile)


class BodyError(ValueError):
    """A body that is not known, or a file that is not one. The message says what was found and what would be right."""


def read_profile(text: str, name: str) -> Profile:
    """The person that a file describes. Raises BodyError."""
    if len(text.encode("utf-8", "replace")) > LARGEST_BYTES:
        raise BodyError(f"body {name}: the file is larger than {LARGEST_BYTES} bytes; that is no body.")
    parsed = _parse(text, name)
    if parsed is None:
        raise BodyError(
            f"body {name}: nothing is in the file; write `about` with one sentence on who this is, as docs/bodies.md says."
        )
    data = _mapping(parsed, f"body {name}")
    _only(data, ("about", *SECTIONS, "channels"), f"body {name}")
    about = data.get("about")
    if not isinstance(about, str) or not about.strip():
        raise BodyError(f"body {name}: `about` is missing; write one sentence on who this is.")
    sections = {key: data[key] for key in SECTIONS if key in data}
    channels = _mapping(data.get("channels", {}), f"body {name}, channels")
    return Profile(
        name,
        about.strip(),
        _site(sections, f"body {name}"),
        {_channel(key, name): _own_site(sections, own, f"body {name}, channel {key}") for key, own in channels.items()},
    )


def _parse(text: str, name: str) -> object:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        where = "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}: "
        what = ", ".join(part for part in (problem.context, problem.problem) if part)
        raise BodyError(f"body {name}: this is not YAML: {where}{' '.join(what.split()).rstrip('.')}.") from None
    except (YAMLError, RecursionError, ValueError) as problem:
        what = str(problem).partition("\n")[0].strip().rstrip(".:")
        raise BodyError(f"body {name}: this is not YAML: {what}.") from None


def _own_site(usual: Mapping[str, Any], own: object, where: str) -> Site:
    """The usual figures with what is said of one channel put over them."""
    mine = _mapping(own, where)
    _only(mine, tuple(SECTIONS), where)
    merged = {
        key: {**_mapping(usual.get(key, {}), where), **_mapping(mine.get(key, {}), f"{where}, {key}")}
        for key in {*usual, *mine}
    }
    return _site(merged, where)


def _site(data: Mapping[str, Any], where: str) -> Site:
    def section(kind: type[Section], key: str) -> Section:
        return _section(kind, data.get(key, {}), f"{where}, {key}")

    return Site(
        section(MuscleProfile, "muscle"),
        section(SensationProfile, "sensation"),
        section(SkinProfile, "skin"),
        section(SpasmProfile, "spasms"),
    )


def _section(kind: type[Section], data: object, where: str) -> Section:
    given = _mapping(data, where)
    known = {each.name: each for each in fields(kind)}
    _only(given, tuple(known), where)
    return kind(**{key: _value(known[key], value, f"{where}, {key}") for key, value in given.items()})


def _value(known: Field[Any], value: object, where: str) -> Any:
    rule = known.metadata
    if "choices" in rule:
        if value not in rule["choices"]:
            raise BodyError(f"{where}: {_shown(value)} is not one of {', '.join(rule['choices'])}.")
        return value
    if "low" not in rule:
        if not isinstance(value, bool):
            raise BodyError(f"{where}: {_shown(value)} is not true or false.")
        return value
    if value == "none" and rule.get("none"):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not rule["low"] <= value <= rule["high"]:
        or_none = ", or none" if rule.get("none") else ""
        raise BodyError(f"{where}: {_shown(value)} is not a number from {rule['low']:g} to {rule['high']:g}{or_none}.")
    return float(value)


def _channel(key: object, name: str) -> int:
    if isinstance(key, bool) or not isinstance(key, int) or not 1 <= key <= LAST_CHANNEL:
        raise BodyError(f"body {name}, channels: {_shown(key)} is no channel; they go from 1 to {LAST_CHANNEL}.")
    return key


def _mapping(data: object, where: str) -> Mapping[Any, Any]:
    if not isinstance(data, dict):
        raise BodyError(f"{where}: {_shown(data)} is not a table of names and values.")
    return data


def _only(data: Mapping[Any, Any], known: tuple[str, ...], where: str) -> None:
    for key in data:
        if key not in known:
            raise BodyError(f"{where}: nothing is called {_shown(key)} here; there are {', '.join(known)}.")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
