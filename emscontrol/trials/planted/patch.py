"""Putting a bug into the program in memory, and taking it out again."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Patch:
    """`target` is `module:name` or `module:Class.name`; `make` is given what stands there and returns what takes its place."""

    target: str
    make: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Bug:
    """One deliberate bug: its name, what it breaks, the risk control that should hold, and the patches.

    `models` are those whose code it is in (all when empty). `shown_by` are the troubles without which nobody can see it; trials
    without one of them are passed over. `layers` says what else had to be taken away, where one control stands behind another.
    """

    name: str
    breaks: str
    control: str
    patches: tuple[Patch, ...]
    models: tuple[str, ...] = ()
    shown_by: tuple[str, ...] = ()
    layers: str = ""


@contextmanager
def planted(patches: Sequence[Patch]) -> Iterator[None]:
    """With these patches in place. Raises AttributeError when a target does not exist any more."""
    with ExitStack() as stack:
        for patch in patches:
            owner, name = _owner(patch.target)
            original = vars(owner)[name] if name in vars(owner) else getattr(owner, name)
            stack.callback(setattr, owner, name, original)
            setattr(owner, name, patch.make(original))
        yield


def _owner(target: str) -> tuple[Any, str]:
    module, _, path = target.partition(":")
    *outer, name = path.split(".")
    owner: Any = import_module(module)
    for part in outer:
        owner = getattr(owner, part)
    getattr(owner, name)
    return owner, name
