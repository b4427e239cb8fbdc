"""How the screening of a patient stands: what is to be asked, what is in the way of which plan, until when it holds."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from emscontrol.desk.wording import in_words
from emscontrol.tui.language import _
from emscontrol.tui.places import named
from emscontrol.tui.screens.patients.dossier import Dossier

if TYPE_CHECKING:
    from emscontrol.clinic.prescription.screened import PlanStands


def screening_words(dossier: Dossier) -> Text:
    """The whole state."""
    return Text("\n").join(_lines(dossier))


def _lines(dossier: Dossier) -> Iterator[Text]:
    state = dossier.screening
    if not state.asked:
        yield Text(_("The screening was never made: s asks the questions, one by one."), style="bold")
    elif state.never:
        words = _(
            "! The screening is incomplete. Questions open: {count}, of these never asked: {never}. s asks them, one by one."
        )
        yield Text(words.format(count=state.waiting, never=state.never), style="bold")
    elif state.waiting:
        yield Text(_("! {count} questions are to be asked again: s asks them.").format(count=state.waiting), style="bold")
    elif state.next_due_at is not None:
        yield Text(
            _("Every question is answered; the next one is due on {when}.").format(when=dossier.moment(state.next_due_at))
        )
    if dossier.skin:
        yield Text(_("BLOCK: {why}").format(why=dossier.skin), style="bold")
        yield Text("  " + _("A specialist looks at the skin and enters how it is: o, skin."))
    if state.against:
        yield Text(_("Answered with yes or unknown: {rules}.").format(rules=", ".join(state.against)))
    for plan in state.plans:
        yield Text("")
        yield from _of_plan(dossier, plan)
    if not state.plans:
        yield Text(_("There is no active plan that the answers could be held against."))


def _of_plan(dossier: Dossier, plan: "PlanStands") -> Iterator[Text]:
    if plan.problem:
        yield Text(_("Plan {plan} cannot be judged: {why}").format(plan=plan.plan, why=plan.problem), style="bold")
        return
    stands = any(each.refuses for each in plan.findings)
    until = _(" This holds until {when}.").format(when=dossier.moment(plan.expires_at)) if plan.expires_at else ""
    told = _("Plan {plan}: something stands in the way.") if stands else _("Plan {plan}: nothing stands in the way.")
    waiting = "" if stands or not dossier.screening.waiting else _(" But questions are still to be asked.")
    yield Text(told.format(plan=plan.plan) + waiting + ("" if stands or waiting else until), style="bold")
    for each in plan.findings:
        yield Text(f"  {each.standing.value.replace('_', ' ').upper()}  {each.rule}", style="bold")
        yield Text(f"    {named(in_words(each.reason, dossier.zone))}")
        if each.refuses:
            yield Text(f"    {named(in_words(each.remedy, dossier.zone))}")
