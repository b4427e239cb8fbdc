"""`emscontrol report --patient` and `--plan`: the book's part of the verb."""

from typing import TYPE_CHECKING

from emscontrol.core.errors import EmsError, ExitCode

if TYPE_CHECKING:
    from emscontrol.record.reports.blocks import Report


def course_of_the_book(home: str, patient: str | None, plan: int | None) -> tuple["Report", ExitCode]:
    """The report of a patient or of a plan, and 3 where a session has no record that bears it out.

    Raises BookError, NotAllowed for nobody who may look, UsageError for a patient or plan that there is not.
    """
    from emscontrol.cli.clinic.desk import Desk
    from emscontrol.clinic.course.read import course_of_patient, course_of_plan
    from emscontrol.clinic.course.report import course_report
    from emscontrol.desk.wording import worded
    from emscontrol.record.key_files import key_folder, known_keys

    ring = known_keys(key_folder(home))
    desk = Desk(home)
    try:
        with desk.reading("look") as (session, _, now):
            about = desk.book.about
            if plan is not None:
                course = course_of_plan(session, plan, now, about, ring)
            else:
                course = course_of_patient(session, patient or "", now, about, ring)
    except EmsError as problem:
        if desk.opened:
            worded(problem, desk.zone)
        raise
    finally:
        desk.close()
    sound = all(session.borne_out for session in course.sessions)
    return course_report(course), ExitCode.FINE if sound else ExitCode.JOURNAL
