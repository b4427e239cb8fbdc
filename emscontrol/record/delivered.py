"""The totals of a journal, held against its own lines."""

from collections.abc import Mapping
from typing import Any, Final

from emscontrol.record.chain import Problem
from emscontrol.record.reckon import BY_SHAPE, CHANNELS_MAX, KEYS, Reckoner
from emscontrol.record.refusals import KINDS, Refusals

INCOMPLETE: Final = "journal_failed"  # the record itself says that lines are missing in it
WORDS: Final[Mapping[str, str]] = {
    "pulses": "pulses",
    "contractions": "contractions",
    "peak_ua": "µA at the peak",
    "plateau_ua": "µA on the plateau",
    "charge_pc": "pC",
    "on_us": "µs with current",
}
"""How each figure of the totals is told."""
MISSING: Final = "the record itself says that lines are missing in it"
OTHER_COUNT: Final = "a record of this old format counts in another way"
NO_SENSE: Final = "the lines before them do not make sense as a session"
NO_SESSION: Final = "they do not make sense as a session"


class Delivered:
    """Feed it the records that fit. `checked` says that there were totals and that the lines could be held against them.

    `unheld` says why they could not be, or, without totals, why there are none; "" where nothing is in the way.
    """

    def __init__(self) -> None:
        self.old = False  # a journal of a format whose totals were counted in another way
        self.checked = False
        self._unheld = ""
        self._missing = False
        self.problems: list[Problem] = []
        self.reckoner = Reckoner()
        self.refusals = Refusals()
        self._told: dict[int, dict[str, int]] | None = None

    @property
    def told(self) -> bool:
        """Whether the record has totals of its own."""
        return self._told is not None

    @property
    def channels(self) -> dict[int, dict[str, int]]:
        """What each channel got: as the record's totals say, else as its lines add up to; none where they do not add up."""
        if self._told is not None:
            return self._told
        return {} if self.reckoner.lost else self.reckoner.channels()

    @property
    def unheld(self) -> str:
        """Why the totals could not be held against the lines, or the lines not added up to any."""
        if self._told is not None:
            return self._unheld
        return (MISSING if self._missing else NO_SESSION) if self.reckoner.lost else ""

    def take(self, n: int, kind: str, args: Mapping[str, Any], t_us: int, known: bool = False) -> None:
        """The next record, its arguments as its line holds them; `known` says that they are in the vocabulary."""
        if kind in KINDS:
            self.refusals.take(n, kind, args)
        if kind == INCOMPLETE:
            self.reckoner.lost = self._missing = True
        elif kind == "totals":
            self._compare(n, args.get("channels"))
        else:
            self.reckoner.take(kind, args, t_us, known)

    def _compare(self, n: int, channels: object) -> None:
        told = _rows(channels)
        if told is None:
            return
        if len(told) > CHANNELS_MAX:
            self.problems.append(Problem(n, "totals", f"The totals name {len(told)} channels; no stimulator has so many."))
            return
        self._told = told
        self._unheld = OTHER_COUNT if self.old else MISSING if self._missing else NO_SENSE if self.reckoner.lost else ""
        if self._unheld:
            return
        counted = self.reckoner.channels()
        figures = [figure for figure in KEYS if self.reckoner.shapes_known or figure not in BY_SHAPE]
        self.checked = True
        for channel in sorted(told.keys() | counted.keys()):
            for figure in figures:
                said, found = (rows.get(channel, {}).get(figure, 0) for rows in (told, counted))
                if said != found:
                    self.problems.append(
                        Problem(n, "totals", f"The totals say {said} {WORDS[figure]} on channel {channel}, the lines {found}.")
                    )


def _rows(channels: object) -> dict[int, dict[str, int]] | None:
    """The rows of `totals` by channel; None when they are none."""
    if not isinstance(channels, dict):
        return None
    rows: dict[int, dict[str, int]] = {}
    for channel, row in channels.items():
        if not (channel.isdecimal() and len(channel) <= 9 and isinstance(row, dict)):
            return None
        rows[int(channel)] = {figure: value for figure, value in row.items() if isinstance(value, int)}
    return rows
