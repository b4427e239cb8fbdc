"""The bodies that a simulator can be put on, checked before a session is begun."""

from pathlib import Path

from emscontrol.core.errors import UsageError


def known_body(name: str) -> str:
    """The name as an engine in any folder finds it. Raises UsageError naming the bodies there are."""
    from firmware_sim.body.library import find, is_file
    from firmware_sim.body.reading import BodyError

    try:
        find(name)
    except BodyError as problem:
        raise UsageError(f"--body: {problem}") from problem
    return str(Path(name).absolute()) if is_file(name) else name


def all_bodies() -> list[tuple[str, str]]:
    """Every body by name, with a sentence about it."""
    from firmware_sim.body.library import find, names

    return [(name, find(name).about) for name in names()]


def all_faults() -> list[tuple[str, str]]:
    """Every fault that a simulator can be given, as it is written, with a sentence about it."""
    from firmware_sim.faults import KINDS, form

    return [(form(kind), spec.about) for kind, spec in KINDS.items()]


def with_force(name: str, force: float, folder: Path) -> str:
    """A file in `folder` with the named body, its muscle as strong as `force` says: a body that has been trained, or not.

    Returns its path. The same figures give the same file.
    """
    from ruamel.yaml import YAML

    from firmware_sim.body.library import FOLDER

    yaml = YAML(typ="safe")
    described = yaml.load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    described["muscle"] = {**(described.get("muscle") or {}), "force": round(force, 4)}
    file = folder / f"{name}-{round(force * 10_000)}.yaml"
    with file.open("w", encoding="utf-8") as stream:
        yaml.dump(described, stream)
    return str(file)


def force_of(name: str) -> float:
    """How strong the muscle of a named body is, times the reference's."""
    from firmware_sim.body.library import find

    return find(name).usual.muscle.force
