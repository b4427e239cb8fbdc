"""What is known of a patient's body: thresholds with their age, nerve and feeling, implants, pads."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from emscontrol.core.units import format_ma
from emscontrol.tui.language import _
from emscontrol.tui.places import area_words, named, place_name
from emscontrol.tui.screens.patients.dossier import Dossier

if TYPE_CHECKING:
    from emscontrol.clinic.patients.page_rows import ThresholdRow


def body_words(dossier: Dossier) -> RenderableType:
    """All of it in sections."""
    page = dossier.page
    made: list[RenderableType] = []
    made += _section(
        _("THRESHOLDS, WITH THEIR AGE (t measures)"),
        [_threshold(row) for row in page.thresholds],
        _("Nothing was measured: t measures thresholds."),
    )
    muscles = [
        (
            place_name(row.muscle, row.side),
            _("nerve {lmn}").format(lmn=row.lmn),
            _("feeling {felt}").format(felt=row.sensation),
            f"{row.how}, {dossier.day(row.examined_at)}",
        )
        for row in page.muscles
    ]
    made += _section(_("MUSCLES: NERVE AND FEELING"), muscles, _("No muscle was examined: e enters what was found."))
    implants = [
        (row.kind, " ".join(filter(None, (row.region, row.side))) or _("everywhere or unknown"), row.placed_on or "", row.note)
        for row in page.implants
    ]
    made += _section(_("IMPLANTS"), implants, _("None on record: i enters one."))
    pads = [
        (
            named(each.label),
            area_words(each.area_mm2),
            _("{uses} of {most} uses").format(uses=each.uses, most=each.uses_max),
            _("opened {day}").format(day=each.opened_on),
            Text(_("RENEW"), style="bold") if each.due else "",
        )
        for each in page.electrode_sets
    ]
    made += _section(_("ELECTRODES"), pads, _("No set of pads is known: a enters one."))
    if page.notes:
        made += [Text(_("NOTES"), style="bold"), Text(page.notes)]
    return Group(*made)


def _threshold(row: "ThresholdRow") -> Sequence[str | Text]:
    age = _("{days} d").format(days=row.age_days)
    told = Text.assemble((_("{age}  OLD").format(age=age), "bold")) if row.due else Text(age)
    pulse = _("{width} µs on {area}").format(width=row.width_us, area=area_words(row.area_mm2))
    return place_name(row.muscle, row.side), row.kind, format_ma(row.amplitude_ua), told, pulse


def _section(heading: str, rows: Sequence[Sequence[str | Text]], nothing: str) -> Iterator[RenderableType]:
    yield Text(heading, style="bold")
    if not rows:
        yield Text(f"  {nothing}", style="dim")
        return
    grid = Table.grid(padding=(0, 2, 0, 0))
    for row in rows:
        grid.add_row("", *(Text(cell) if isinstance(cell, str) else cell for cell in row))
    yield grid
