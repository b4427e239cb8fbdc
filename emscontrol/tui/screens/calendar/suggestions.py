"""The library as it comes to mind for one patient: rows, and everything about the chosen protocol in words."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from emscontrol.core.errors import EmsError
from emscontrol.protocol.parts import LmnStatus, Use
from emscontrol.tui.bench import Bench
from emscontrol.tui.language import _
from emscontrol.tui.screens.calendar.ordering import Basis
from emscontrol.tui.widgets.listing import Column, Row
from emscontrol.tui.words import describe

if TYPE_CHECKING:
    from emscontrol.clinic.plans.suggest import Suggestion

USE: Final[Mapping[Use, str]] = {
    Use.STANDARD: "standard",
    Use.SPECIALIST: "specialist",
    Use.NOT_RECOMMENDED: "NOT RECOMMENDED",
}
FITS: Final = ("made for it", "suggested", "", "does not fit")
"""A word for each `Fit`: made for such a muscle, suggested, other, not for this nerve."""


def columns() -> tuple[Column, ...]:
    """Of the list."""
    return Column(_("PROTOCOL"), 24, grow=1), Column(_("EV"), 2), Column(_("USE"), 15), Column(_("FITS"), 12)


def row_of(each: "Suggestion") -> Row:
    """One protocol."""
    return Row(each.protocol, (each.title, each.evidence.value, _(USE[each.use]), _(FITS[each.fit])))


def treated(basis: Basis) -> str:
    """Who it is and what for."""
    who = basis.patient if basis.called == basis.patient else f"{basis.patient} {basis.called}"
    why = "; ".join(basis.conditions) or _("no condition on record, so nothing is suggested for one")
    return _("New plan for {who}: {why}").format(who=who, why=why)


def warned(basis: Basis, name: str, sides: Mapping[int, str], device: str, bench: Bench) -> Iterator[str]:
    """What to mind about nerves, feeling and the stimulator, before anything else."""
    from emscontrol.clinic.plans.suggest import warnings

    protocol = basis.library[name].protocol
    chosen = {number: side for number, side in sides.items() if side}
    yield from (f"! {each}" for each in warnings(protocol, chosen, basis.examined))
    if protocol.lmn_status is LmnStatus.DAMAGED and device and not _declared(bench, device):
        yield "! " + _("{device} is not declared for muscle without its nerve.").format(device=device)


def about_protocol(basis: Basis, name: str) -> Iterator[str]:
    """Why it stands where it stands, then what it is."""
    from emscontrol.clinic.plans.suggest import Fit

    suggestion = next(each for each in basis.suggestions if each.protocol == name)
    head = _("Suggested:") if suggestion.fit <= Fit.SUGGESTED else _("Not suggested:")
    yield f"{head} {suggestion.why}"
    yield ""
    yield from describe(basis.library[name].protocol, {})
    if basis.unreadable:
        yield ""
        yield _("Files that cannot be read: {names}.").format(names=", ".join(basis.unreadable))


def _declared(bench: Bench, device: str) -> bool:
    try:
        return bench.denervation(device)
    except EmsError:
        return False
