"""What is found of a patient and entered by hand: nerve and feeling of a muscle, what is treated, what is in the body."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from emscontrol.core.errors import UsageError
from emscontrol.desk.desk import AtWork
from emscontrol.tui.language import _
from emscontrol.tui.places import muscle_name
from emscontrol.tui.widgets.form import Field, nothing_chosen

if TYPE_CHECKING:
    from emscontrol.clinic.patients.page_rows import PlanRow


def _sides() -> tuple[tuple[str, str], ...]:
    return ("left", _("left")), ("right", _("right"))


def muscle_fields(plans: Sequence["PlanRow"]) -> tuple[Field, ...]:
    """A muscle that was examined just now; the first one of the newest plan stands there already."""
    from emscontrol.safety.sites import known_muscles

    channels = [channel.partition(": ")[2].split() for plan in plans[:1] for channel in plan.channels[:1]]
    muscle, side = channels[0] if channels and len(channels[0]) == 2 else ("", "")
    by_name = sorted(((name, muscle_name(name)) for name in known_muscles()), key=lambda named: named[1].casefold())
    muscles = [nothing_chosen(), *by_name]
    return (
        Field("muscle", _("Muscle"), value=muscle, choices=muscles),
        Field("side", _("Side"), value=side, choices=(nothing_chosen(), *_sides())),
        Field(
            "lmn",
            _("Nerve"),
            choices=(
                ("unknown", _("not known")),
                ("intact", _("intact")),
                ("partial", _("partly damaged")),
                ("absent", _("absent: the muscle is denervated")),
            ),
        ),
        Field(
            "sensation",
            _("Feeling"),
            choices=(
                ("unknown", _("not known")),
                ("normal", _("normal")),
                ("reduced", _("reduced")),
                ("absent", _("absent")),
            ),
        ),
        Field("how", _("How examined"), _("as pinprick, reflex, strength")),
    )


def enter_muscle(at: AtWork, patient_id: int, answers: Mapping[str, str]) -> str:
    """Keep the finding, of this moment. Raises UsageError."""
    _require(answers["muscle"], _("No muscle was chosen."))
    _require(answers["side"], _("No side was chosen."))
    from emscontrol.clinic.patients.muscles import examine

    examine(at.session, at.actor, at.now, patient_id=patient_id, examined_at=at.now, **answers)
    return _("Kept what was found of {muscle} {side}.").format(muscle=muscle_name(answers["muscle"]), side=answers["side"])


def condition_fields() -> tuple[Field, ...]:
    """What is treated, and since when."""
    return (
        Field("condition", _("Treated for"), choices=(nothing_chosen(), *condition_choices())),
        Field("since", _("Since"), _("as 2026, 2026-03 or 2026-03-14; may be left out")),
        Field("note", _("Note"), _("may be left out")),
    )


def condition_choices() -> list[tuple[str, str]]:
    """Every condition, in the order of its words."""
    from emscontrol.clinic.patients.conditions import CONDITIONS

    return [(name, cause.words) for name, cause in sorted(CONDITIONS.items(), key=lambda item: item[1].words)]


def enter_condition(at: AtWork, patient_id: int, answers: Mapping[str, str]) -> str:
    """Keep it; what to think of first is said with it. Raises UsageError."""
    _require(answers["condition"], _("Nothing was chosen to be treated for."))
    from emscontrol.clinic.patients.conditions import CONDITIONS, add_condition

    add_condition(at.session, at.actor, at.now, patient_id, **answers)
    return " ".join(filter(None, (_("The condition is kept."), CONDITIONS[answers["condition"]].mind)))


def implant_fields() -> tuple[Field, ...]:
    """What it is, and where; what is not known counts as the worse case."""
    from emscontrol.clinic.patients.implants import KINDS, REGIONS

    regions = [nothing_chosen(_("everywhere or unknown")), *((region, region) for region in REGIONS if region)]
    return (
        Field("kind", _("What"), choices=tuple(KINDS.items())),
        Field("region", _("Where"), choices=regions),
        Field("side", _("Side"), choices=(nothing_chosen(_("both or unknown")), *_sides())),
        Field("placed_on", _("Since"), _("as 2026, 2026-03 or 2026-03-14; may be left out")),
        Field("note", _("Note"), _("may be left out")),
    )


def enter_implant(at: AtWork, patient_id: int, answers: Mapping[str, str]) -> str:
    """Keep it."""
    from emscontrol.clinic.patients.implants import add_implant

    add_implant(at.session, at.actor, at.now, patient_id, **answers)
    return _("The implant is kept; the screening counts it from now on.")


def _require(chosen: str, otherwise: str) -> None:
    if not chosen:
        raise UsageError(otherwise, _("Enter or Space on the field opens its list."))
