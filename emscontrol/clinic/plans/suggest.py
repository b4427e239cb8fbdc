"""Which protocols of the library come to mind for a patient: by what is treated and how the nerve was found; pure.

A suggestion is a place in a list and never more: whether somebody may be stimulated is for the screening and the rules.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from emscontrol.clinic.appointments.rest import Muscle, shared
from emscontrol.clinic.patients.conditions import CONDITIONS
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Evidence, LmnStatus, Side, Use
from emscontrol.safety.sites import described_site

ROWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "acl-high-rate": "D11",
        "acl-quadriceps": "D10",
        "acl-quadriceps-hamstrings": "D10",
        "calf-pump": "C01",
        "denervated-quadriceps-twitches": "L01",
        "denervated-tibialis-triangular": "L02",
        "foot-drop-strengthening": "N05",
        "icu-quadriceps-peroneus": "D04",
        "icu-quadriceps-short": "D05",
        "icu-six-channels": "D03",
        "immobilised-quadriceps": "D01",
        "knee-replacement-quadriceps": "D13",
        "older-adult-quadriceps": "D08",
        "sci-gluteal-pressure-relief": "N11",
        "sci-quadriceps-doublets": "N09",
        "sci-quadriceps-resistance": "N09",
        "shoulder-subluxation-stroke": "N03",
        "wrist-extensors-stroke": "N01",
    }
)
"""The row of the table of clinical protocols that each file of the library is of."""

USUAL: Final[Mapping[str, tuple[str, int, int]]] = MappingProxyType(
    {
        "D01": ("daily", 5, 6),
        "D03": ("daily", 7, 6),
        "D04": ("daily", 7, 6),
        "D05": ("daily", 5, 6),
        "D08": ("strength", 3, 9),
        "D10": ("strength", 3, 6),
        "D11": ("strength", 3, 6),
        "D13": ("daily", 14, 6),
        "N01": ("daily", 14, 8),
        "N03": ("shoulder", 7, 8),
        "N05": ("foot-drop", 7, 6),
        "N09": ("resistance", 2, 12),
        "N11": ("daily", 7, 12),
        "L01": ("denervated", 5, 12),
        "L02": ("denervated", 7, 12),
        "C01": ("daily", 7, 2),
    }
)
"""What that row's schedule comes to here: rules of progression, sessions a week, weeks. To begin a form with, nothing more."""


class Fit(IntEnum):
    """How well a protocol fits, in the order of the list."""

    NERVE = 0  # made for muscle without its nerve, and such a muscle was found
    SUGGESTED = 1
    OTHER = 2
    UNFIT = 3


class Examined(NamedTuple):
    """Nerve and feeling of one muscle of one side, as last examined."""

    muscle: str
    side: str
    lmn: str
    sensation: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One protocol of the library and why it stands where it does."""

    protocol: str
    title: str
    indication: str
    evidence: Evidence
    use: Use
    fit: Fit
    why: str


def suggested(library: Mapping[str, Protocol], conditions: Iterable[str], examined: Iterable[Examined]) -> list[Suggestion]:
    """The whole library: what fits first, by evidence, what does not fit the nerve last."""
    treated, found = tuple(conditions), tuple(examined)
    rows = [_of(name, protocol, treated, found) for name, protocol in library.items()]
    return sorted(rows, key=lambda row: (row.fit, row.evidence.value, list(Use).index(row.use), row.title))


def warnings(protocol: Protocol, sides: Mapping[int, str], examined: Iterable[Examined]) -> Iterator[str]:
    """What was found, or not looked at, of each muscle where this protocol would be given, a sentence each."""
    found = tuple(examined)
    for number, channel in sorted(protocol.channels.items()):
        side = sides.get(number, channel.side.value)
        name = described_site(channel.muscle).name
        if side not in (Side.LEFT, Side.RIGHT):
            yield f"Channel {number}, {name}: choose the side."
            continue
        place, here = f"{name} {side}", _examined(found, channel.muscle, side)
        if not any(each.muscle == channel.muscle and each.lmn != "unknown" for each in here):
            yield f"{place}: nerve not examined. Examine it before the first session."
        for each in here:
            yield from _against(place, protocol.lmn_status, each)


def _against(place: str, needs: LmnStatus, state: Examined) -> Iterator[str]:
    if needs is LmnStatus.INTACT and state.lmn in ("absent", "partial"):
        yield f"{place}: the nerve is {state.lmn}; this protocol needs it intact."
    elif needs is LmnStatus.DAMAGED and state.lmn == "intact":
        yield f"{place}: the nerve is intact; this protocol is for muscle without its nerve."
    if state.sensation in ("reduced", "absent"):
        yield f"{place}: feeling is {state.sensation}; skin cannot be judged by what the patient says."


def _examined(found: Iterable[Examined], muscle: str, side: str = "") -> list[Examined]:
    """Findings of a muscle, of a group that it is part of, and of parts of it; of both sides without a side."""
    return [each for each in found if shared([Muscle(muscle, side)], [Muscle(each.muscle, each.side)])]


def _of(name: str, protocol: Protocol, treated: tuple[str, ...], examined: tuple[Examined, ...]) -> Suggestion:
    fit, why = _fit(name, protocol, treated, examined)
    return Suggestion(name, protocol.title, protocol.indication, protocol.evidence, protocol.use, fit, why)


def _fit(name: str, protocol: Protocol, treated: tuple[str, ...], examined: tuple[Examined, ...]) -> tuple[Fit, str]:
    muscles = {channel.muscle for channel in protocol.channels.values()}
    own = [each for each in examined if any(_examined([each], muscle) for muscle in muscles)]
    bare = [each for each in own if each.lmn == "absent"]
    told = ", ".join(f"{described_site(each.muscle).name} {each.side}" for each in bare)
    if protocol.lmn_status is LmnStatus.DAMAGED:
        if bare:
            return Fit.NERVE, f"Without its nerve: {told}."
        if own and all(each.lmn == "intact" for each in own):
            return Fit.UNFIT, "Its muscles have their nerve."
    elif protocol.lmn_status is LmnStatus.INTACT and bare and len(bare) == len(own):
        return Fit.UNFIT, f"Needs the nerve, which is gone: {told}."
    causes = [CONDITIONS[each] for each in treated if each in CONDITIONS and ROWS.get(name) in CONDITIONS[each].rows]
    if causes and protocol.use is not Use.NOT_RECOMMENDED:
        return Fit.SUGGESTED, " ".join(f"{cause.words}.{f' {cause.mind}' if cause.mind else ''}" for cause in causes)
    return Fit.OTHER, "For something else than what is on record."
