"""What the protocol in the record asks of each channel, and how many of its contractions were given."""

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from emscontrol.core.units import counted
from emscontrol.program.timing import schedule
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Reference
from emscontrol.record.reports.session_read import SessionRecord


class Prescribed(NamedTuple):
    """What the protocol asks of one channel; `peak_ua` None where that follows from a threshold the record does not have."""

    contractions: int
    on_us: int
    peak_ua: int | None


def prescribed(session: SessionRecord) -> Mapping[int, Prescribed]:
    """By channel; empty for a measurement."""
    protocol = session.protocol
    if protocol is None:
        return {}
    contractions = schedule(protocol)[1]
    found = {}
    for number in protocol.channels:
        mine = [each for each in contractions if number in each.channels]
        on_us = sum(each.end_us - each.start_us for each in mine)
        found[number] = Prescribed(len(mine), on_us, _peak_ua(session, protocol, number))
    return found


def contractions_told(session: SessionRecord) -> str:
    """How many of how many, all channels together, and how many were cut short; "" where that makes no sense."""
    planned = sum(each.contractions for each in prescribed(session).values())
    if session.totals is None or not planned:
        return ""
    given = sum(row.get("contractions", 0) for row in session.totals.values())
    cut = 0 if session.goes_on else given - whole_ones(session)
    told = f"{given - cut} whole and {cut} cut short" if cut > 0 else f"{given}"
    return f"{session.at_least}{told} of {counted(planned, 'contraction')}"


def whole_ones(session: SessionRecord) -> int:
    """How many contractions ran to their end, all channels together."""
    return sum(each.kind == "contraction" for each in session.trace.contractions)


def _peak_ua(session: SessionRecord, protocol: Protocol, number: int) -> int | None:
    """The highest plateau that the fractions of the comfort level make, in the steps of the stimulator."""
    step_ua = session.opening["capabilities"].get("amplitude_step_ua")
    comfort_ua = session.channels.get(number, {}).get("comfort_ma")
    groups = [group for phase in protocol.phases for group in phase.groups if number in group.channels]
    if not isinstance(step_ua, int) or step_ua < 1 or not isinstance(comfort_ua, int):
        return None
    if any(group.intensity.of is not Reference.COMFORT for group in groups):
        return None
    steps_ua = [step_ua * group.recovery_ratio for group in groups]
    levels_ua = [int(Fraction(group.intensity.fraction) * comfort_ua) for group in groups]
    return max((level // step * step for level, step in zip(levels_ua, steps_ua, strict=True)), default=None)
