"""What each channel got, beside what was prescribed, and how each figure is known."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from emscontrol.core.units import MN_PER_N, counted
from emscontrol.record.reports.blocks import Block, Table, Text
from emscontrol.record.reports.session_prescribed import Prescribed, prescribed
from emscontrol.record.reports.session_read import SessionRecord
from emscontrol.record.reports.words import UNKNOWN, area, charge, clock, ma, muscle, tenths_of_ma, whole

OF_PRESCRIBED: Final = " of prescribed"
CHANNEL: Final = "Channel, electrodes"
BESIDE_MAX: Final = 4
"""Channels that stand beside each other; more have a row each, and the figures stand beside each other."""

LEGEND: Final = (
    "Commanded: asked for by this program. Acknowledged: the stimulator confirmed it. Measured: by the stimulator. "
    "Assumed: worked out from commands."
)
NOTHING: Final = {"contractions": 0, "peak_ua": 0, "plateau_ua": 0, "on_us": 0, "pulses": 0, "charge_pc": 0}


class Given(NamedTuple):
    """What one channel got by the totals, was to get, and had by the stimulator's own report; figures left out are unknown.

    `at_least` stands before what was added up where not all of the record stands; a mean is not known then. `reported_us` is
    when the stimulator's report last came, since the start.
    """

    row: Mapping[str, int]
    planned: Prescribed | None
    measured: Mapping[str, int]
    reported_us: int | None
    at_least: str

    def sum(self, told: str) -> str:
        """What was added up, as it is told."""
        return told if told == UNKNOWN else f"{self.at_least}{told}"


def delivered(session: SessionRecord) -> list[Block]:
    """A row for each figure and a column for each channel, of many channels the other way; then what belongs to it in words."""
    numbers = channels_of(session)
    if not numbers:
        return [Text("No channel was used.")]
    planned = prescribed(session)
    told = [(head, tell) for head, where, tell in FIGURES if where(session)]
    heads = [head if planned else head.removesuffix(OF_PRESCRIBED) for head, _ in told]
    given = [_given(session, number, planned.get(number)) for number in numbers]
    cells = [(place_of(session, number), *(tell(got) for _, tell in told)) for number, got in zip(numbers, given, strict=True)]
    columns = [(CHANNEL, *heads), *cells]
    if len(numbers) > BESIDE_MAX:
        return [Table(LEGEND, columns[0], tuple(cells), frozenset(range(1, len(columns[0])))), *_beside(session)]
    head, *rows = zip(*columns, strict=True)
    return [Table(LEGEND, head, tuple(rows)), *_beside(session)]


def channels_of(session: SessionRecord) -> list[int]:
    """Every channel that was to be used or was."""
    asked = set(session.protocol.channels) if session.protocol else {session.plan.channel} if session.plan else set()
    return sorted(asked | set(session.channels) | set(session.totals or {}))


def place_of(session: SessionRecord, number: int) -> str:
    """Where the pads of a channel were, by the catalogue's name of the muscle."""
    place = session.channels.get(number, {})
    told = f"{number}  {muscle(place.get('muscle'), place.get('side'))}"
    return f"{told}, {area(place['area_cm2'])}" if place.get("area_cm2") else told


def _given(session: SessionRecord, number: int, planned: Prescribed | None) -> Given:
    """Nothing, of a channel that is not among those that got something; unknown, of a figure that the record leaves out."""
    row = None if session.totals is None else session.totals.get(number, NOTHING)
    times_us = [t_us for t_us, _ in session.samples.get(number, [])]
    reported_us = max(times_us) - (session.start_us or 0) if times_us else None
    return Given(row or {}, planned, session.measured.get(number, {}), reported_us, session.at_least)


def _of(told: str, wanted: str | None) -> str:
    return told if wanted is None else f"{told} of {wanted}"


def _pulses_measured(got: Given) -> str:
    """By when, because the stimulator reports now and then, and not at the very end."""
    told = got.sum(whole(got.measured.get("pulses")))
    return told if got.reported_us is None or told == UNKNOWN else f"{told} by {clock(got.reported_us)}"


def _mean(got: Given) -> str:
    return UNKNOWN if got.at_least else tenths_of_ma(got.row.get("plateau_ua"))


def _always(_: SessionRecord) -> bool:
    return True


def _measures(session: SessionRecord) -> bool:
    return bool(session.measured)


def _contracts(session: SessionRecord) -> bool:
    return session.plan is None


def _searches(session: SessionRecord) -> bool:
    """In a measurement steps are counted, and most of them are below the motor threshold."""
    return session.plan is not None


FIGURES: Final[tuple[tuple[str, Callable[[SessionRecord], bool], Callable[[Given], str]], ...]] = (
    (
        f"Contractions begun, commanded{OF_PRESCRIBED}",
        _contracts,
        lambda got: _of(got.sum(whole(got.row.get("contractions"))), got.planned and str(got.planned.contractions)),
    ),
    ("Steps, commanded", _searches, lambda got: got.sum(whole(got.row.get("contractions")))),
    (
        f"Peak, commanded{OF_PRESCRIBED}",
        _always,
        lambda got: _of(got.sum(ma(got.row.get("peak_ua"), got.planned is None)), got.planned and ma(got.planned.peak_ua)),
    ),
    ("Peak, measured", _measures, lambda got: got.sum(ma(got.measured.get("peak_ua")))),
    ("Mean on plateau of all phases, commanded", _contracts, _mean),
    (
        f"Time with current, commanded{OF_PRESCRIBED}",
        _always,
        lambda got: _of(got.sum(clock(got.row.get("on_us"), True)), got.planned and clock(got.planned.on_us, True)),
    ),
    ("Pulses, assumed", _always, lambda got: got.sum(whole(got.row.get("pulses")))),
    ("Pulses, measured", _measures, _pulses_measured),
    ("Charge, assumed", _always, lambda got: got.sum(charge(got.row.get("charge_pc")))),
)
"""Head, in which sessions it is told, and what stands there. The marks are those of `knowledge`."""


def _beside(session: SessionRecord) -> list[Block]:
    told = [_counting(session), _beyond(session), _commands(session.counts), *_forces(session)]
    return [Text(" ".join(filter(None, told)))]


def _counting(session: SessionRecord) -> str:
    if session.totals is None:
        return f"The totals are {UNKNOWN}: the record does not allow to count them."
    unheld = session.verified.totals_unheld
    if session.told_totals:
        return (
            f"These are the totals as the record tells them; they could not be held against its lines, because {unheld}."
            if unheld
            else ""
        )
    return "Counted here from the records that stand; whatever flowed after the last of them is not in it."


def _beyond(session: SessionRecord) -> str:
    more = session.channels_more
    return f"The record names {counted(more, 'channel')} more than any stimulator has; they are left out." if more else ""


def _commands(counts: Mapping[str, int]) -> str:
    """How many commands the stimulator acknowledged."""
    given = counts.get("set_point", 0)
    if not given:
        return ""
    told = [f"{counts.get('acked', 0)} acknowledged by the stimulator"]
    told += [f"{counts[kind]} {words}" for kind, words in UNANSWERED if counts.get(kind)]
    return f"{counted(given, 'set point')} commanded: {', '.join(told)}."


UNANSWERED: Final = (("refused_by_device", "refused by it"), ("uncertain", "without an answer"))


def _forces(session: SessionRecord) -> Sequence[str]:
    """The strongest pull of a simulated body, by channel."""
    strongest: dict[Any, Any] = {}
    for each in session.of("body_answered"):
        args: Any = each.event.args
        strongest[args["channel"]] = max(args["force_mn"], strongest.get(args["channel"], 0))
    return [
        f"The simulated muscle of channel {channel} pulled with up to {force_mn / MN_PER_N:.1f} N."
        for channel, force_mn in sorted(strongest.items())
    ]
