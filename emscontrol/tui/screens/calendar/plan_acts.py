"""What can be done with a plan, each as one piece of work in the book's own thread."""

from collections.abc import Sequence
from datetime import time
from typing import TYPE_CHECKING

from emscontrol.desk.desk import AtWork
from emscontrol.tui.station import Station

if TYPE_CHECKING:
    from emscontrol.clinic.plans.plan_page import PlanPage


async def read_plan(station: Station, number: int) -> "PlanPage":
    """One plan. Raises what the book raises."""

    def read(work: AtWork) -> "PlanPage":
        from emscontrol.clinic.plans.plan_page import plan_page

        return plan_page(work.session, number, work.now)

    return await station.read("look", read)


async def decide(station: Station, page: "PlanPage", why: str | None) -> None:
    """Accept what is proposed, or refuse it for a reason. What was not written down yet is, as it was seen."""

    def write(work: AtWork) -> None:
        from emscontrol.clinic.book.rows import by_id
        from emscontrol.clinic.plans.steps import accept, propose_step, refuse
        from emscontrol.clinic.tables.plans import Plan
        from emscontrol.core.errors import BookConflict

        seen = page.waiting
        number, version = (seen.id, seen.version) if seen else (0, 0)
        if seen is None:
            step = propose_step(work.session, by_id(work.session, Plan, page.id, "plan"), work.now)
            if step is None or step.reason != page.outlook:
                raise BookConflict("What was proposed has changed meanwhile; nothing was decided.", "Look at it again.")
            number, version = step.id, step.version
        if why is None:
            accept(work.session, work.actor, work.now, number, version)
        else:
            refuse(work.session, work.actor, work.now, number, version, why)

    await station.write("progression", write)


async def turn_plan(station: Station, page: "PlanPage", way: str, call_off: str) -> int:
    """Pause, resume or finish it; with a reason in `call_off` what is still booked is called off. Returns how many were."""

    def write(work: AtWork) -> int:
        from emscontrol.clinic.appointments.changing import cancel
        from emscontrol.clinic.appointments.renewing import still_to_come
        from emscontrol.clinic.plans.upkeep import turn
        from emscontrol.clinic.staff.roles import require

        turn(work.session, work.actor, page.id, page.version, way)
        if not call_off:
            return 0
        require(work.actor, "appointments")
        rows = still_to_come(work.session, page.id, work.now)
        for row in rows:
            cancel(work.session, row.id, call_off)
        return len(rows)

    return await station.write("plans", write)


async def book_rest(station: Station, number: int, weekdays: Sequence[int], times: Sequence[time]) -> int:
    """Book every session that is neither booked nor done. Returns how many were booked."""
    about = await station.about()

    def write(work: AtWork) -> int:
        from emscontrol.clinic.appointments.booking import book_plan

        return len(book_plan(work.session, number, weekdays, times, work.now, about))

    return await station.write("appointments", write)
