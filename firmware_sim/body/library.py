"""The bodies that have a name, and bodies from a file."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from firmware_sim.body.profile import Profile
from firmware_sim.body.reading import BodyError, read_profile

FOLDER: Final = Path(__file__).parent / "named"


def names() -> list[str]:
    """The named bodies, in the order of the alphabet."""
    return sorted(file.stem for file in FOLDER.glob("*.yaml"))


def is_file(name: str) -> bool:
    """Whether this means a file rather than a name."""
    return name.endswith((".yaml", ".yml"))


def find(name: str) -> Profile:
    """The body of this name, or the one in this file (a path that ends in .yaml). Raises BodyError naming those there are."""
    if is_file(name):
        return _from_file(Path(name))
    if name not in names():
        raise BodyError(f"no body is called {name!r}; there are {', '.join(names())}, or give a file that ends in .yaml.")
    return _named(name)


@lru_cache(maxsize=64)
def _named(name: str) -> Profile:
    return read_profile((FOLDER / f"{name}.yaml").read_text("utf-8"), name)


def _from_file(path: Path) -> Profile:
    try:
        text = path.read_text("utf-8")
    except OSError as problem:
        raise BodyError(f"body {path}: it cannot be read: {problem.strerror or problem}.") from None
    except UnicodeDecodeError:
        raise BodyError(f"body {path}: it is not text in UTF-8.") from None
    return read_profile(text, path.stem)
