"""When a record says that no current flowed, and when it does not."""

from collections.abc import Sequence

import pytest

from emscontrol.core.events import Event, make
from emscontrol.record.known_zero import KnownZero
from tests.unit.record.sample import set_point

OFF = make("set_point", number=2, outputs=[], cause="rest")
ACKED = make("acked", number=2)
STOPPED = [make("stop_sent"), make("stop_confirmed", after_us=40_000)]
LOST = make("link_lost", text="gone", silent_us=1)


def measured(amplitude_ua: int) -> Event:
    return make("measured", channel=1, amplitude_ua=amplitude_ua, set_ua=0, pulses=5)


def read_back(output_on: bool | None, *active: int) -> Event:
    told = {} if output_on is None else {"output_on": output_on}
    return make("read_back", active=list(active), text="", **told)


@pytest.mark.parametrize(
    ("events", "zero"),
    [
        ([], True),
        ([set_point(1, 2000)], False),
        ([set_point(1, 2000), OFF], False),
        ([set_point(1, 2000), OFF, make("acked", number=1)], False),
        ([set_point(1, 2000), OFF, ACKED], True),
        ([set_point(1, 2000), make("acked", number=0)], False),
        ([set_point(1, 2000), make("stop_sent")], False),
        ([set_point(1, 2000), *STOPPED], True),
        ([OFF], True),
        ([make("stop_unconfirmed", text="no answer")], False),
        ([*STOPPED, LOST], False),
        ([LOST], False),
        ([LOST, *STOPPED], True),
        ([LOST, set_point(1), *STOPPED], True),
        ([*STOPPED, measured(16_000)], False),
        ([*STOPPED, measured(0)], True),
        ([set_point(1, 2000), OFF, ACKED, measured(100)], False),
        ([set_point(1, 2000), OFF, ACKED, measured(100), ACKED], False),
        ([set_point(1, 2000), measured(2000), OFF, ACKED], True),
        ([*STOPPED, measured(16_000), *STOPPED], True),
        ([*STOPPED, read_back(True)], False),
        ([*STOPPED, read_back(None, 1)], False),
        ([*STOPPED, read_back(False)], True),
        ([set_point(1, 2000), read_back(False)], False),
    ],
)
def test_what_is_known_of_the_current(events: Sequence[Event], zero: bool) -> None:
    known = KnownZero()
    for event in events:
        known.take(event.kind, event.args)
    assert known.zero is zero
