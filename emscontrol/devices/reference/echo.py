"""Does an answer repeat what was sent? What a device says is in force after `SET` and `CONTRACT`, against the command."""

from collections.abc import Iterable, Mapping

from emscontrol.core.units import format_ma
from emscontrol.devices.reference.order import InForce, Order
from emscontrol.devices.reference.profile import STEP_UA


def mismatch(order: Order, before: InForce, rows: Iterable[Mapping[str, int]]) -> str:
    """What is in force and was not sent, or was sent and is not in force, in a sentence; empty when the answer agrees.

    Channels that a `CONTRACT` does not name must be as they were; a contraction there may have run out by now. A channel at
    zero may be named or not.
    """
    said = {row["channel"]: row["amplitude"] for row in rows if row["amplitude"]}
    sent = {channel: amplitude for channel, amplitude in order.amplitudes.items() if amplitude}
    untouched = before.untouched_by(order)
    expected = untouched | sent
    for channel in sorted(said.keys() | expected.keys()):
        may_be_over = channel not in said and channel in untouched and channel in before.until_us
        if said.get(channel, 0) != expected.get(channel, 0) and not may_be_over:
            is_ua, meant_ua = said.get(channel, 0) * STEP_UA, expected.get(channel, 0) * STEP_UA
            return (
                f"It says that channel {channel} is at {format_ma(is_ua)} where {format_ma(meant_ua)} was sent: "
                "what it received is not what was sent."
            )
    return ""
