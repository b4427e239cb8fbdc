"""What was given in a session whose record has no end: counted from its set points, as the engine itself counts.

Pulses are those that the set points stand for up to the last record; whatever flowed after it, nobody knows.
"""

from collections.abc import Sequence

from emscontrol.record.line import Record
from emscontrol.record.reckon import Reckoner


def reckoned(records: Sequence[Record]) -> dict[int, dict[str, int]]:
    """Totals by channel, as the record's own `totals`; of what makes no sense, what came before it."""
    reckoner = Reckoner()
    for record in records:
        reckoner.take(record.event.kind, record.event.args, record.t_us)
    return reckoner.channels()
