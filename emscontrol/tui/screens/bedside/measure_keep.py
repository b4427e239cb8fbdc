"""Keeping in the book what was measured: thresholds as the engine reported them, the nerve as a person took it over."""

from typing import TYPE_CHECKING, Final

from emscontrol.core.errors import UsageError
from emscontrol.core.events import Event
from emscontrol.core.units import format_ma
from emscontrol.desk.desk import AtWork
from emscontrol.session.spec import ProcedureSpec
from emscontrol.tui.language import _
from emscontrol.tui.screens.bedside.measure_found import Found

if TYPE_CHECKING:
    from emscontrol.clinic.patients.thresholds import Measured

HOW_SEARCHED: Final = "threshold search"
HOW_CURVE: Final = "strength-duration curve"
MHZ_US: Final = 1_000_000_000
"""Millihertz times microseconds: the period of a rate."""


def require_fit(found: Found, practice: bool) -> None:
    """Raises UsageError for a simulation in a clinic's book, and for a person in a practice book."""
    if found.simulated != practice:
        what = (
            _("This was a simulation, and the book is a clinic's.") if found.simulated else _("The book is for practice only.")
        )
        raise UsageError(what, _("Nothing was kept; the record stays where it is."))


def far_above(at_work: AtWork, code: str, procedure: ProcedureSpec, found: Found) -> str:
    """What is to be asked before the comfort level is kept: "" unless it is far above the last one."""
    from emscontrol.clinic.patients.patients import find_patient
    from emscontrol.clinic.patients.thresholds import far_above_words, last_far_below

    patient = find_patient(at_work.session, code)
    for event in found.thresholds:
        measured = _measured(at_work, procedure, found, event)
        last = last_far_below(at_work.session, patient.id, measured)
        if last is not None:
            return far_above_words(measured, last)
    return ""


def keep_thresholds(at_work: AtWork, code: str, procedure: ProcedureSpec, found: Found, why: str) -> str:
    """Keep all that were found, or none. `why` is the reason for a comfort level far above the last one. Says what was kept."""
    from emscontrol.clinic.patients.patients import find_patient
    from emscontrol.clinic.patients.thresholds import COMFORT, record_threshold

    patient = find_patient(at_work.session, code)
    new = [_measured(at_work, procedure, found, event) for event in found.thresholds]
    if not new:
        raise UsageError(_("No threshold was found, so there is none to keep."), _("Measure again."))
    for measured in _in_writing_order(at_work, patient.id, new):
        reason = why if measured.kind == COMFORT else ""
        record_threshold(at_work.session, at_work.actor, at_work.now, patient.id, measured, reason)
    return ", ".join(f"{_(measured.kind)} {format_ma(measured.amplitude_ua)}" for measured in new)


def _in_writing_order(at_work: AtWork, patient_id: int, new: "list[Measured]") -> "list[Measured]":
    """From the weakest on; from the strongest on where a new one is above a stronger one of before, which comes to replace it.

    The book compares each with what it has of the same day, and nothing of what is measured together contradicts itself.
    """
    from emscontrol.clinic.patients.thresholds import KINDS, newest_thresholds
    from emscontrol.clinic.tables.findings import Threshold

    first = new[0]
    where = (
        Threshold.muscle == first.muscle,
        Threshold.side == first.side,
        Threshold.area_mm2 == first.area_mm2,
        Threshold.width_us == first.width_us,
    )
    old = {row.kind: row.amplitude_ua for row in newest_thresholds(at_work.session, patient_id, *where)}
    above = any(
        measured.amplitude_ua > ua
        for measured in new
        for kind, ua in old.items()
        if KINDS.index(kind) > KINDS.index(measured.kind)
    )
    return new[::-1] if above else new


def keep_nerve(at_work: AtWork, code: str, procedure: ProcedureSpec, found: Found) -> None:
    """Keep what the curve suggests as the finding of the muscle's nerve; what is known of its feeling stays."""
    from emscontrol.clinic.patients.muscles import examine, state_of
    from emscontrol.clinic.patients.patients import find_patient

    patient = find_patient(at_work.session, code)
    before = state_of(at_work.session, patient.id, procedure.muscle, procedure.side)
    examine(
        at_work.session,
        at_work.actor,
        at_work.now,
        patient_id=patient.id,
        muscle=procedure.muscle,
        side=procedure.side,
        lmn=found.lmn,
        sensation="unknown" if before is None else before.sensation,
        how=HOW_CURVE,
        examined_at=at_work.now,
    )


def _measured(at_work: AtWork, procedure: ProcedureSpec, found: Found, event: Event) -> "Measured":
    from emscontrol.clinic.patients.thresholds import Measured

    return Measured(
        muscle=procedure.muscle,
        side=procedure.side,
        kind=str(event.args["threshold"]),
        area_mm2=procedure.area_mm2,
        width_us=int(str(event.args["width_us"])),
        amplitude_ua=int(str(event.args["amplitude_ua"])),
        how=HOW_SEARCHED,
        measured_at=at_work.now,
        rate_mhz=MHZ_US // procedure.period_us,
        journal_id=found.journal_id,
    )
