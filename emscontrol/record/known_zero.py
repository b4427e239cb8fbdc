"""Is it known that no current flowed at the end of a record, or is it not?"""

from typing import cast

from emscontrol.core.events import Event


class KnownZero:
    """Feed it the events in order. `zero` is True while nothing was asked for since the stimulator last confirmed nothing.

    It confirms by a stop, or by acknowledging a set point without current. A set point with current, a stop that was not
    confirmed and a lost link make it False, and so does the stimulator where it measures current or reports output after that.
    """

    def __init__(self) -> None:
        self.zero = True
        self._off: int | None = None  # the set point without current that waits for its acknowledgement

    def take(self, event: Event) -> None:
        """The next event."""
        args = event.args
        if event.kind == "set_point":
            self.zero, self._off = self.zero and not args["outputs"], None if args["outputs"] else cast("int", args["number"])
        elif event.kind == "stop_confirmed" or (event.kind == "acked" and args["number"] == self._off):
            self.zero, self._off = True, None
        elif event.kind in ("stop_unconfirmed", "link_lost") or _flows(event):
            self.zero = False


def _flows(event: Event) -> bool:
    """Whether the stimulator itself says that there is current."""
    args = event.args
    if event.kind == "measured":
        return bool(args["amplitude_ua"])
    return event.kind == "read_back" and bool(args.get("output_on") or args["active"])
