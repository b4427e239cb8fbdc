"""What each channel got, beside what was prescribed, and how each figure is known."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from emscontrol.core.units import MN_PER_N, counted
from emscontrol.program.timing import schedule
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Reference
from emscontrol.record.reports.blocks import Block, Table, Text
from emscontrol.record.reports.session_read import SessionRecord
from emscontrol.record.reports.words import UNKNOWN, area, charge, clock, ma, muscle, whole

OF_PRESCRIBED: Final = " of prescribed"
NOTHING: Final = {"contractions": 0, "peak_ua": 0, "plateau_ua": 0, "on_us": 0, "pulses": 0, "charge_pc": 0}


class Prescribed(NamedTuple):
    """What the protocol asks of one channel; `peak_ua` None where that follows from a threshold the record does not have."""

    contractions: int
    on_us: int
    peak_ua: int | None


class Given(NamedTuple):
    """What one channel got by the totals, was to get, and had by the stimulator's own report; figures left out are unknown."""

    row: Mapping[str, int]
    planned: Prescribed | None
    measured: Mapping[str, int]


def delivered(session: SessionRecord) -> list[Block]:
    """The table with a row for each channel, then what belongs to it in words."""
    numbers = channels_of(session)
    if not numbers:
        return [Text("No channel was used.")]
    planned = prescribed(session)
    columns = [(head, told) for head, only_measured, told in COLUMNS if session.measured or not only_measured]
    given = {number: _given(session, number, planned.get(number)) for number in numbers}
    rows = tuple((place_of(session, number), *(told(given[number]) for _, told in columns)) for number in numbers)
    heads = ("Channel, electrodes", *(head if planned else head.removesuffix(OF_PRESCRIBED) for head, _ in columns))
    return [Table("", heads, rows, frozenset(range(1, len(heads)))), *_beside(session)]


def channels_of(session: SessionRecord) -> list[int]:
    """Every channel that was to be used or was."""
    asked = set(session.protocol.channels) if session.protocol else {session.plan.channel} if session.plan else set()
    return sorted(asked | set(session.channels) | set(session.totals or {}))


def place_of(session: SessionRecord, number: int) -> str:
    """Where the pads of a channel were, by the catalogue's name of the muscle."""
    place = session.channels.get(number, {})
    told = f"{number}  {muscle(place.get('muscle'), place.get('side'))}"
    return f"{told}, {area(place['area_cm2'])}" if place.get("area_cm2") else told


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
    """How many were begun, of how many, all channels together; "" where that makes no sense."""
    planned = sum(each.contractions for each in prescribed(session).values())
    if session.totals is None or not planned:
        return ""
    given = sum(row.get("contractions", 0) for row in session.totals.values())
    return f"{given} of {counted(planned, 'contraction')}"


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


def _given(session: SessionRecord, number: int, planned: Prescribed | None) -> Given:
    """Nothing, of a channel that is not among those that got something; unknown, of a figure that the record leaves out."""
    row = None if session.totals is None else session.totals.get(number, NOTHING)
    return Given(row or {}, planned, session.measured.get(number, {}))


def _of(told: str, wanted: str | None) -> str:
    return told if wanted is None else f"{told} of {wanted}"


COLUMNS: Final[tuple[tuple[str, bool, Callable[[Given], str]], ...]] = (
    (
        f"Contractions, commanded{OF_PRESCRIBED}",
        False,
        lambda got: _of(whole(got.row.get("contractions")), got.planned and str(got.planned.contractions)),
    ),
    (
        f"Peak, commanded{OF_PRESCRIBED}",
        False,
        lambda got: _of(ma(got.row.get("peak_ua"), got.planned is None), got.planned and ma(got.planned.peak_ua)),
    ),
    ("Mean on plateau, commanded", False, lambda got: ma(got.row.get("plateau_ua"))),
    ("Peak, measured", True, lambda got: ma(got.measured.get("peak_ua"))),
    (
        f"Time with current, commanded{OF_PRESCRIBED}",
        False,
        lambda got: _of(clock(got.row.get("on_us"), True), got.planned and clock(got.planned.on_us, True)),
    ),
    ("Pulses, assumed", False, lambda got: whole(got.row.get("pulses"))),
    ("Pulses, measured", True, lambda got: whole(got.measured.get("pulses"))),
    ("Charge, assumed", False, lambda got: charge(got.row.get("charge_pc"))),
)
"""Head, whether only where the stimulator measured something, and what stands there. The marks are those of `knowledge`."""


def _beside(session: SessionRecord) -> list[Block]:
    told = [_counting(session), _commands(session.counts), _last_report(session), *_forces(session)]
    return [Text(" ".join(filter(None, told)))]


def _counting(session: SessionRecord) -> str:
    if session.totals is None:
        return f"The totals are {UNKNOWN}: the record does not allow to count them."
    if session.told_totals:
        return ""
    return "Counted here from the records that stand; whatever flowed after the last of them is not in it."


def _commands(counts: Mapping[str, int]) -> str:
    """How many commands the stimulator acknowledged."""
    given = counts.get("set_point", 0)
    if not given:
        return ""
    told = [f"{counts.get('acked', 0)} acknowledged by the stimulator"]
    told += [f"{counts[kind]} {words}" for kind, words in UNANSWERED if counts.get(kind)]
    return f"{counted(given, 'set point')} commanded: {', '.join(told)}."


UNANSWERED: Final = (("refused_by_device", "refused by it"), ("uncertain", "without an answer"))


def _last_report(session: SessionRecord) -> str:
    """Until when the stimulator's own figures reach."""
    times_us = [t_us for samples in session.samples.values() for t_us, _ in samples]
    return f"It last reported what it measured at {clock(max(times_us) - (session.start_us or 0))}." if times_us else ""


def _forces(session: SessionRecord) -> Sequence[str]:
    """The strongest pull of a simulated body, by channel."""
    strongest: dict[Any, Any] = {}
    for each in session.of("body_answered"):
        strongest[each.event.args["channel"]] = each.event.args["force_mn"]
    return [
        f"The simulated muscle of channel {channel} pulled with up to {force_mn / MN_PER_N:.1f} N."
        for channel, force_mn in sorted(strongest.items())
    ]
