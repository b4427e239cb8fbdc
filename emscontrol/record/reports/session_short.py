"""A session in a few plain sentences, for somebody who knows the treatment and not this program."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from emscontrol.core.units import counted
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Group
from emscontrol.record.reports.blocks import Block, Text
from emscontrol.record.reports.session_prescribed import whole_ones
from emscontrol.record.reports.session_read import SessionRecord
from emscontrol.record.reports.words import UNKNOWN, ma, muscle, short

CHANNELS_MAX: Final = 4
ELSEWHERE: Final = "Where on the muscle the pads sat is not in this record."


def in_short(session: SessionRecord) -> list[Block]:
    """What was given, with which pulses and what for; empty for what was no session of a protocol."""
    protocol = session.protocol
    if protocol is None:
        return []
    groups = [group for phase in protocol.phases for group in phase.groups]
    given = f"{_given(session, groups)} {_where(session, protocol)}. {_prescribed(groups)}"
    return [Text(given), Text(f"For: {short(protocol.indication, 400).rstrip('.')}. {ELSEWHERE}")]


def _given(session: SessionRecord, groups: Iterable[Group]) -> str:
    """How many contractions ran to their end, of what length, and how many did not."""
    if session.totals is None:
        return f"It is {UNKNOWN} how many contractions were given"
    whole, begun = whole_ones(session), sum(row.get("contractions", 0) for row in session.totals.values())
    if session.goes_on:
        return f"{'' if session.whole else 'At least '}{counted(begun, 'contraction')} begun"
    long, cut = _range((group.on_s for group in groups), "s"), begun - whole
    if cut > 0 and not whole:
        return f"{counted(cut, 'contraction')}, cut short of {long},"
    return f"{counted(whole, 'contraction')} of {long}{f' and {cut} cut short' if cut > 0 else ''}"


def _where(session: SessionRecord, protocol: Protocol) -> str:
    """The muscles, each with its highest current."""
    numbers = sorted(protocol.channels)
    told = [f"on {_muscle(session, number)}, up to {_peak(session, number)}" for number in numbers[:CHANNELS_MAX]]
    more = len(numbers) - CHANNELS_MAX
    return "; ".join([*told, f"and on {counted(more, 'other channel')}"] if more > 0 else told)


def _muscle(session: SessionRecord, number: int) -> str:
    place = session.channels.get(number, {})
    return muscle(place.get("muscle"), place.get("side"))


def _peak(session: SessionRecord, number: int) -> str:
    if session.totals is None:
        return UNKNOWN
    return f"{session.at_least}{ma(session.totals.get(number, {}).get('peak_ua', 0))}"


def _prescribed(groups: Iterable[Group]) -> str:
    """Pulses and times as the protocol asks for them, over all its phases."""
    each = list(groups)
    bursts = "bursts of pulses" if any(group.burst for group in each) else "pulses"
    held = [group.on_s - group.ramp_up_s - group.ramp_down_s for group in each]
    times = (
        f"{_range((group.ramp_up_s for group in each), 's')} rising",
        f"{_range(held, 's')} held",
        f"{_range((group.ramp_down_s for group in each), 's')} falling",
        f"{_range((group.off_s for group in each), 's')} of rest",
    )
    widths = _range((Decimal(group.pulse_width_us) for group in each), "µs")
    rates = _range((group.rate_hz for group in each), "Hz")
    return f"Prescribed: {bursts} of {widths} at {rates}; {', '.join(times)}."


def _range(figures: Iterable[Decimal], unit: str) -> str:
    """The least and the most, or the one that all are."""
    found = sorted(set(figures))
    told = [f"{figure.normalize():f}" for figure in ((found[0], found[-1]) if len(found) > 1 else found)]
    return f"{' to '.join(told)} {unit}"
