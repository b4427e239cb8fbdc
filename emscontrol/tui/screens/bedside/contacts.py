"""The contact of the electrodes, channel by channel: what was asked for, and what the stimulator has measured."""

from collections.abc import Mapping, Sequence
from typing import Any

from emscontrol.tui.language import _

TRIES_MOST = 20  # a view apart, so two seconds


class Contacts:
    """`possible` is set where the stimulator can measure; `begun` once somebody, or the checks, have asked for it."""

    def __init__(self) -> None:
        self.possible = False
        self.begun = False
        self._waiting: list[int] = []
        self._asked: int | None = None
        self._found: dict[int, str] = {}
        self._tries: dict[int, int] = {}

    def begin(self, channels: Sequence[int]) -> None:
        """Ask for all of these, one after the other."""
        self.begun = self.begun or bool(channels)
        self._waiting = list(channels)
        self._asked = None

    def next(self) -> int | None:
        """The channel to be asked for now; None while one is being measured, and when there is none left."""
        if self._asked is not None or not self._waiting:
            return None
        self._asked = self._waiting.pop(0)
        return self._asked

    def refused(self) -> None:
        """The stimulator was busy: the same channel again, but not for ever."""
        channel, self._asked = self._asked, None
        if channel is None:
            return
        self._tries[channel] = self._tries.get(channel, 0) + 1
        if self._tries[channel] < TRIES_MOST:
            self._waiting.insert(0, channel)
        else:
            self._found[channel] = _("NOT MEASURED")

    def hear(self, line: Mapping[str, Any]) -> None:
        """An event of the engine."""
        args = line["args"]
        if line["event"] in ("electrode_checked", "measured") and args.get("ohm") is not None:
            self._found[args["channel"]] = _shown(args["ohm"])
        elif line["event"] == "electrode_checked":
            self._found[args["channel"]] = _("NO CONTACT")
        if line["event"] == "electrode_checked" and args["channel"] == self._asked:
            self._asked = None

    def words(self, channel: int) -> str:
        """For the strip; "" where nothing was measured."""
        return self._found.get(channel, "")


def _shown(ohm: int) -> str:
    return f"{ohm / 1000:.1f} kΩ" if ohm >= 1000 else f"{ohm} Ω"
