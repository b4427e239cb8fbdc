"""From an appointment to a session that may begin: everything that must hold while it runs, and what is done after it."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from emscontrol.core.errors import EmsError
from emscontrol.desk.desk import StationDesk
from emscontrol.desk.handing_in import announced
from emscontrol.desk.holding import held, stays_here
from emscontrol.desk.occasion import Occasion, occasion
from emscontrol.desk.wanted import Attendant, Wanted
from emscontrol.desk.wording import worded
from emscontrol.session.spec import SessionSpec

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Running(NamedTuple):
    """One session of the book about to run: `let_go` gives its stimulator back; it must be called whatever becomes of it."""

    chosen: Occasion
    spec: SessionSpec
    let_go: Callable[[], None]


def prepare(desk: StationDesk, wanted: Wanted, attendant: Attendant, make: Callable[[Occasion], SessionSpec]) -> Running:
    """Find what is to be given, announce its journal, and hold its stimulator; what is of another day is moved with the hold,
    and back when it is let go without a contraction: the device refused, or STOP came first.

    Raises every reason why it may not be, in the clinic's words; then nothing in the book has changed.

    The journal is handed in afterwards with `emscontrol.desk.handing_in.hand_in`, also after a crash.
    """
    try:
        return _prepared(desk, wanted, attendant, make)
    except EmsError as problem:
        if desk.opened:
            worded(problem, desk.zone)
        raise


def _prepared(desk: StationDesk, wanted: Wanted, attendant: Attendant, make: Callable[[Occasion], SessionSpec]) -> Running:
    chosen = occasion(desk, wanted, attendant)
    spec = make(chosen)
    given = chosen.prescription
    with ExitStack() as stack:
        stack.enter_context(announced(desk, Path(spec.journal), given.booking))
        move = _Move(chosen, Path(spec.journal))
        online = held(desk, given.stimulator, attendant.say, lambda session: move.to_now(session, desk.now()), move.back)
        stack.enter_context(online if chosen.online else stays_here(desk, given.booking.book))
        return Running(chosen, spec, stack.pop_all().close)


class _Move:
    """What is given on another day than its own is of now from here on, in the same change that takes its stimulator."""

    def __init__(self, chosen: Occasion, journal: Path) -> None:
        self._why = chosen.moved_why
        self._appointment = chosen.prescription.booking.appointment
        self._journal = journal
        self._from: datetime | None = None
        self._to: datetime | None = None

    def to_now(self, session: "Session", now: datetime) -> None:
        """Nothing for an appointment of today."""
        from emscontrol.clinic.appointments.changing import bring_to_now
        from emscontrol.clinic.prescription.prescribe import planned_at

        if self._why:
            self._from = planned_at(session, self._appointment)
            self._to = bring_to_now(session, self._appointment, self._why, now).starts_at

    def back(self, session: "Session") -> None:
        """To its own day, when this session gave nothing and nobody else has changed it meanwhile.

        A record that cannot be read may have given something: then it stays. So it does when this program was killed.
        """
        from emscontrol.clinic.appointments.changing import bring_back
        from emscontrol.clinic.sessions.read_journal import read_journal

        if self._from is None or self._to is None:
            return
        if self._journal.exists() and read_journal(self._journal.read_bytes()).contractions:
            return
        bring_back(session, self._appointment, self._to, self._from)
