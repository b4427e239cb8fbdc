"""Nothing new since last time: what is asked before each session is answered with no."""

from collections.abc import Set

from emscontrol.core.errors import UsageError
from emscontrol.desk.desk import AtWork
from emscontrol.desk.visit import DAY_H, Visit
from emscontrol.tui.language import _


def keep_no_news(at_work: AtWork, visit: Visit, shown: Set[str]) -> None:
    """Each question that was `shown` with that check, and is still open, was answered with no.

    Raises UsageError where another one has become due meanwhile. What somebody else has answered since stays as it is.
    """
    from emscontrol.clinic.patients.patients import find_patient
    from emscontrol.clinic.screening.answering import due_questions, give_answer
    from emscontrol.safety.screening_facts import Answer

    patient = find_patient(at_work.session, visit.patient).id
    known = {due.rule for due in visit.due if due.each_session}
    due = [q.rule for q in due_questions(at_work.session, patient, at_work.now) if q.rule.asked_h < DAY_H]
    unseen = [rule for rule in due if rule.id not in shown and rule.id in known]
    if unseen:
        raise UsageError(_("A question has become due meanwhile: {q}").format(q=unseen[0].question), _("Check again."))
    for rule in due:
        if rule.id in shown:
            give_answer(at_work.session, at_work.actor, at_work.now, patient, rule.id, Answer.NO)
