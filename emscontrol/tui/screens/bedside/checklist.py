"""The checks before a session as the screen asks for them: one table, made from what is known of the visit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from emscontrol.desk.visit import PlaceOfPads, Visit
from emscontrol.tui.language import _


class How(StrEnum):
    """What ticks a check."""

    KEY = "Enter"
    CODE = "a figure"
    STOP = "a STOP key"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to be looked at. `id` is that of checks.yaml; `details` are lines for whoever wants to know more, `mind` those
    that nobody may pass over.

    With a figure the check is ticked by one of 0 to `top`; up to `fine` it is as it should be.
    """

    id: str
    words: str
    how: How = How.KEY
    details: Sequence[str] = ()
    mind: Sequence[str] = ()
    top: int = 0
    fine: int = 0


@dataclass(slots=True)
class Ticked:
    """What has been ticked so far, in order, with the figures that were given, and those with which nothing is given."""

    figures: dict[str, int | None] = field(default_factory=dict)
    refused: list[tuple[str, int]] = field(default_factory=list)

    def words(self) -> str:
        """For the record."""
        told = [id_ if figure is None else f"{id_}={figure}" for id_, figure in self.figures.items()]
        told += [f"before that {id_}={figure}" for id_, figure in self.refused]
        return f"checked before: {', '.join(told)}" if told else ""


SKIN_TOP = 3
PAIN_TOP = 10
PAIN_KEYS = 9  # one key a figure; a pain of 10 before a session is no session


def checks_of(visit: Visit) -> list[Check]:
    """The checks of this visit in the order of the list. PC8 is measured when the stimulator is connected."""
    new = [due for due in visit.due if due.each_session]
    checks = [
        Check(
            "PC1", _identity(visit), details=visit.news, mind=[_("MIND {words}").format(words=each) for each in visit.lifted]
        ),
        Check(
            "PC2",
            _("Nothing new since last time: all of these answered no") if new else _("Nothing new since last time"),
            details=[due.question for due in new],
        ),
        Check(
            "PC3",
            _("Skin under each pad, 0 to 3: 0 intact, 1 red, 2 red over 30 min, 3 blister or burn"),
            How.CODE,
            details=[_where(place) for place in visit.places],
            top=SKIN_TOP,
            fine=1,
        ),
        Check("PC4", _("Pads: type and size as prescribed, moist, whole contact, a pad's width apart"), details=_pads(visit)),
        Check("PC5", _("Output off before pads or leads are touched; leads seated, away from mains")),
        Check("PC6", _("Joint positioned and fixed; no metal jewellery; nobody sits on a pad he cannot feel")),
        Check("PC7", _("Hand stop given to the patient; press STOP now to try it (Space or F12)"), How.STOP),
        Check("PC9", _("Pain now, 0 to 9"), How.CODE, details=_baseline(visit), top=PAIN_KEYS, fine=6),
    ]
    if visit.first_here:
        checks.insert(-1, Check("PC10", _("First session on this site: stop after two minutes and look at the skin")))
    return checks


def void_after(before: Visit | None, now: Visit, ticked: Ticked) -> list[str]:
    """Which ticks do not count any more: all where whose session it is, or what is given where and how much of it, has
    changed; the first where something was overridden or acknowledged that was not shown with it; the one about what is new
    where more questions of each session are due than were shown when it was ticked."""
    if before is None:
        return []
    if _what(before) != _what(now):
        return list(ticked.figures)
    asked, due = ({due.rule for due in visit.due if due.each_session} for visit in (before, now))
    more = {"PC1": not set(now.lifted) <= set(before.lifted), "PC2": not due <= asked}
    return [id_ for id_, unseen in more.items() if unseen and id_ in ticked.figures]


def _what(visit: Visit) -> tuple[object, ...]:
    places = tuple((place.channel, place.muscle, place.side, place.area_mm2, place.width_us) for place in visit.places)
    given = visit.plan, visit.number, visit.title, visit.protocol_sha256, visit.device
    return visit.patient, visit.birth_year, given, visit.starts_at, visit.levels, places


def _identity(visit: Visit) -> str:
    born = _("born {year}").format(year=visit.birth_year) if visit.birth_year else _("year of birth not known")
    who = f"{visit.patient} {visit.called}".strip()
    return _("This is {who}, {born}; side and protocol are right; the consent holds").format(who=who, born=born)


def _where(place: PlaceOfPads) -> str:
    return _("{channel}  {side} {label}, pads of {size}").format(
        channel=place.channel, side=_(place.side).upper(), label=place.label, size=place.size
    )


def _pads(visit: Visit) -> list[str]:
    return [
        f"{_where(place)}: "
        + (
            (_("used once") if place.uses == 1 else _("used {uses} times").format(uses=place.uses))
            if place.uses is not None
            else _("no electrode set is kept for this place")
        )
        for place in visit.places
    ]


_BASELINE = {
    "AD_T6": "Blood pressure and heart rate, every five minutes in the first three sessions",
    "HEART": "Blood pressure and heart rate",
    "RHABDO": "Creatine kinase",
}


def _baseline(visit: Visit) -> list[str]:
    return [_(_BASELINE[flag]) for flag in visit.flags]
