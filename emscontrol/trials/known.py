"""What is known not to hold, and why: declared here, counted in every summary, never left out in silence."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from emscontrol.trials.oracle.violation import Violation
from emscontrol.trials.trial import Evidence


@dataclass(frozen=True, slots=True)
class KnownLimit:
    """One limit: its name, why it is there, and which findings it explains."""

    name: str
    why: str
    explains: Callable[[Evidence, Violation], bool]


def _struck(evidence: Evidence, *kinds: str) -> bool:
    return any(struck.kind in kinds for struck in evidence.struck)


KNOWN: Final[tuple[KnownLimit, ...]] = ()
"""Findings that are no surprise. Each names the control that is missing and where it is written for the reader."""


def known_limit(evidence: Evidence, violation: Violation) -> str:
    """The name of the limit that explains a finding, or an empty text."""
    return next((limit.name for limit in KNOWN if limit.explains(evidence, violation)), "")
