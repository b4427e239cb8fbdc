"""What stands above the checks: everything that is in the way, marked, and the levels with which it would be given."""

from emscontrol.desk.visit import Visit
from emscontrol.tui.language import _


def obstacles(visit: Visit, not_today: str, estimated: bool) -> list[str]:
    """A line each. `not_today` is why it is given on another day than its own, `estimated` whether an estimate was accepted."""
    lines = [f"!! {sentence}" for sentence in visit.in_the_way]
    if visit.missing:
        lines.append(f"!! {visit.missing}")
    if not visit.on_its_day:
        lines.append(
            _("It is given today: {why}").format(why=not_today)
            if not_today
            else "!! " + _("This appointment is of another day. d gives it today, with a reason.")
        )
    for words in visit.levels:
        lines.append(f"   {in_names(words, visit)}")
    if visit.estimated and not estimated:
        lines.append("!! " + _("A level is an estimate: t measures it, e takes it."))
    return lines


def in_names(words: str, visit: Visit) -> str:
    """A sentence of the book about a level, with the names of muscles in place of their ids."""
    for place in visit.places:
        words = words.replace(f"{place.muscle} {place.side}", f"{place.name}, {_(place.side)},")
    return words
