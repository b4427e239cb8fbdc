"""The command line in this process, as its users call it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emscontrol.core.errors import ExitCode


@dataclass(frozen=True)
class Said:
    """What one command printed, and what it ended with."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


Command = Callable[..., Said]
USAGE = int(ExitCode.USAGE)
