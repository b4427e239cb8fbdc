"""Whether the fields of a request are in their ranges: from left to right, the first one that is not decides."""

from firmware_sim.reference.layout import EACH, Layout, Params
from firmware_sim.reference.tables import Refused, Result

CHANNEL = "channel"


def check_fields(layout: Layout, params: Params) -> None:
    """Refuses a field outside its range (BAD_VALUE), a channel that does not exist or is named twice (UNKNOWN_CHANNEL)."""
    _check_row(layout.checks, params)
    if not layout.each:
        return
    rows = params[EACH]
    low, high = layout.count
    if not low <= len(rows) <= high:
        raise Refused(Result.BAD_VALUE)
    named: set[int] = set()
    for row in rows:
        _check_row(layout.each_checks, row, named)


def _check_row(checks: tuple[tuple[str, int, int], ...], row: Params, named: set[int] | None = None) -> None:
    channel = 0
    for name, low, high in checks:
        value = row[name]
        if name == CHANNEL:
            if not low <= value <= high or (named is not None and value in named):
                raise Refused(Result.UNKNOWN_CHANNEL, value)
            channel = value
            if named is not None:
                named.add(value)
        elif not low <= value <= high:
            raise Refused(Result.BAD_VALUE, channel)
