"""Is it known that no current flowed at the end of a record, or is it not?"""

from typing import cast

from emscontrol.core.events import Event


class KnownZero:
    """Feed it the events in order. `zero` is True while nothing was asked for since the stimulator last confirmed nothing.

    It confirms by a stop, or by acknowledging a set point without current. A set point with current, a stop that was not
    confirmed and a lost link make it False.
    """

    def __init__(self) -> None:
        self.zero = True
        self._off = 0  # the set point without current that waits for its acknowledgement

    def take(self, event: Event) -> None:
        """The next event."""
        args = event.args
        if event.kind == "set_point":
            self.zero, self._off = self.zero and not args["outputs"], 0 if args["outputs"] else cast("int", args["number"])
        elif event.kind == "stop_confirmed" or (event.kind == "acked" and args["number"] == self._off):
            self.zero = True
        elif event.kind in ("stop_unconfirmed", "link_lost"):
            self.zero = False
