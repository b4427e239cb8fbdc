"""What is entered on the pages of patients: the fields of each form, and how their answers are kept."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

from emscontrol.core.errors import UsageError
from emscontrol.desk.desk import AtWork
from emscontrol.tui.language import _
from emscontrol.tui.places import named
from emscontrol.tui.screens.patients.findings import condition_choices
from emscontrol.tui.widgets.form import Field, nothing_chosen

if TYPE_CHECKING:
    from emscontrol.clinic.patients.electrode_sets import SetState

CM2_IN_MM2 = 100

Entering: TypeAlias = Callable[[AtWork, int, Mapping[str, str]], str]
"""Keeps the answers of a form for the patient of this number; says in a sentence what was kept."""


def patient_fields(typed: str) -> tuple[Field, ...]:
    """Somebody new. What was searched for is taken for a code where it may be one."""
    code = typed.strip() if any(letter.isdigit() for letter in typed) and " " not in typed.strip() else ""
    return (
        Field("code", _("Code"), _("as P-017; what the patient's card says"), code),
        Field("born", _("Year of birth"), _("as 1985; may be left out")),
        Field("given", _("Given name"), _("may be left out")),
        Field("family", _("Family name"), _("may be left out")),
        Field("condition", _("Treated for"), choices=(nothing_chosen(), *condition_choices())),
    )


def enter_patient(at: AtWork, answers: Mapping[str, str]) -> str:
    """Keep somebody new, with name and condition where they were given. Returns the code."""
    from emscontrol.clinic.patients.conditions import add_condition
    from emscontrol.clinic.patients.patients import add_patient, set_name

    born = _whole(answers["born"], _("year of birth"), _("Write it like 1985, or leave it out.")) if answers["born"] else None
    row = add_patient(at.session, at.actor, at.now, code=answers["code"], birth_year=born)
    if answers["given"] or answers["family"]:
        set_name(at.session, at.actor, row.id, given=answers["given"], family=answers["family"])
    if answers["condition"]:
        add_condition(at.session, at.actor, at.now, row.id, answers["condition"])
    return row.code


def pads_fields(places: list[str], last: "SetState | None") -> tuple[Field, ...]:
    """A new set of electrodes: as the last one, for a place of a plan."""
    label = last.label if last else places[0] if places else ""
    area = f"{last.area_mm2 / CM2_IN_MM2:g}" if last else ""
    hint = _("muscle and side, as {place}").format(place=places[0] if places else "quad_all left")
    return (
        Field("label", _("For"), hint, label),
        Field("area", _("Size of one pad (cm²)"), _("e.g. 25, or 7 x 12.7"), area),
        Field("before", _("Used before"), _("how often; 0 for a new set"), "0"),
    )


def enter_pads(zone: ZoneInfo, at: AtWork, patient_id: int, answers: Mapping[str, str]) -> str:
    """Keep the set, opened today."""
    from emscontrol.clinic.patients.electrode_sets import open_set

    row = open_set(
        at.session,
        at.actor,
        at.now,
        patient_id,
        label=answers["label"],
        area_mm2=area_mm2(answers["area"]),
        opened_on=f"{at.now.astimezone(zone):%Y-%m-%d}",
        uses_before=_whole(answers["before"], _("number of uses"), _("Write it like 0 or 12.")),
    )
    return _("A new set of pads is kept for {label}.").format(label=named(row.label))


def area_mm2(text: str) -> int:
    """cm² as one figure, or as width x height in cm, in whole mm². Raises UsageError."""
    from decimal import Decimal, InvalidOperation

    try:
        plain = text.lower().replace("×", "x").replace(",", ".").replace("cm", "")
        figures = [Decimal(part.strip()) for part in plain.split("x")]
    except InvalidOperation:
        figures = []
    if len(figures) not in (1, 2) or not all(figure.is_finite() and 0 < figure <= 1000 for figure in figures):
        raise UsageError(_("{text} is no size of a pad.").format(text=repr(text)), _("Write it like 25, or 7 x 12.7, in cm."))
    area = figures[0] * (figures[1] if len(figures) > 1 else 1)
    return int(area * CM2_IN_MM2)


def _whole(text: str, what: str, remedy: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise UsageError(_("{text} is no {what}.").format(text=repr(text), what=what), remedy)
    return int(text)
