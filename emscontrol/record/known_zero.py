"""Is it known that no current flowed at the end of a record, or is it not?"""

from collections.abc import Mapping
from typing import cast

from emscontrol.core.events import JSON


class KnownZero:
    """Feed it the events in order. `zero` is True while nothing was asked for since the stimulator last confirmed nothing.

    It confirms by a stop, or by acknowledging a set point without current. A set point with current, a stop that was not
    confirmed and a lost link make it False, and so does the stimulator where it measures current or reports output after that.
    """

    def __init__(self) -> None:
        self.zero = True
        self._off: int | None = None  # the set point without current that waits for its acknowledgement

    def take(self, kind: str, args: Mapping[str, JSON]) -> None:
        """The next event."""
        if kind == "set_point":
            self.zero, self._off = self.zero and not args["outputs"], None if args["outputs"] else cast("int", args["number"])
        elif kind == "acked":
            if args["number"] == self._off:
                self.zero, self._off = True, None
        elif kind == "stop_confirmed":
            self.zero, self._off = True, None
        elif kind in ("stop_unconfirmed", "link_lost") or _flows(kind, args):
            self.zero = False


def _flows(kind: str, args: Mapping[str, JSON]) -> bool:
    """Whether the stimulator itself says that there is current."""
    if kind == "measured":
        return bool(args["amplitude_ua"])
    return kind == "read_back" and bool(args.get("output_on") or args["active"])
