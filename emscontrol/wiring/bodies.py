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
