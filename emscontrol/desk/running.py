"""From an appointment to a session that may begin: everything that must hold while it runs, and what is done after it."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from emscontrol.core.errors import BookConflict, EmsError
from emscontrol.desk.desk import StationDesk
from emscontrol.desk.handing_in import announced
from emscontrol.desk.holding import held, stays_here, why_of
from emscontrol.desk.occasion import Occasion, occasion
from emscontrol.desk.wanted import Attendant, Wanted
from emscontrol.desk.wording import worded
from emscontrol.session.spec import SessionSpec

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from emscontrol.clinic.book.book import About


class Running(NamedTuple):
    """One session of the book about to run: `let_go` gives its stimulator back; it must be called whatever becomes of it, with
    whether the session has begun, as far as anybody knows. What goes wrong with it is told and not raised.
    """

    chosen: Occasion
    spec: SessionSpec
    let_go: Callable[[bool], None]


def prepare(desk: StationDesk, wanted: Wanted, attendant: Attendant, make: Callable[[Occasion], SessionSpec]) -> Running:
    """Find what is to be given, announce its journal, and hold its stimulator; what is of another day is moved with the hold,
    and back when it is let go and its record says that it gave nothing: it was refused, or STOP came before a contraction.

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
        move = _Move(chosen, Path(spec.journal), lambda: desk.book.about)
        online = held(desk, given.stimulator, attendant.say, lambda session: move.to_now(session, desk.now()), move.back)
        stack.enter_context(online if chosen.online else stays_here(desk, given.booking.book))
        close = stack.pop_all().close

    def let_go(began: bool) -> None:
        move.began = began
        try:
            close()
        except (EmsError, OSError) as problem:
            attendant.say(f"What was held for the session could not be let go: {why_of(problem)}")

    return Running(chosen, spec, let_go)


class _Move:
    """What is given on another day than its own is of now from here on, in the same change that takes its stimulator."""

    def __init__(self, chosen: Occasion, journal: Path, about: Callable[[], "About"]) -> None:
        self._why = chosen.moved_why
        self._appointment = chosen.prescription.booking.appointment
        self._journal = journal
        self._about = about
        self._from: datetime | None = None
        self._moved = 0
        self.began = True

    def to_now(self, session: "Session", now: datetime) -> None:
        """Nothing for an appointment of today."""
        from emscontrol.clinic.appointments.changing import bring_to_now
        from emscontrol.clinic.prescription.prescribe import planned_at

        if self._why:
            self._from = planned_at(session, self._appointment)
            self._moved = bring_to_now(session, self._appointment, self._why, now).moved

    def back(self, session: "Session") -> None:
        """To its own day, when this session gave nothing, nobody else has changed it meanwhile and its own time is still free.

        So it stays when this program was killed. Raises BookConflict, and what reading the record raises.
        """
        from emscontrol.clinic.appointments.changing import bring_back

        if self._from is None or not gave_nothing(self._journal, self.began):
            return
        try:
            bring_back(session, self._appointment, self._moved, self._from, self._about())
        except EmsError as problem:
            told = f"Appointment {self._appointment} stays where it was moved to: {problem.what}"
            raise BookConflict(told, "Move it to another time.") from problem


def gave_nothing(journal: Path, began: bool) -> bool:
    """It was refused before there was a record, or its record says so to the end: no contraction, and zero read back.

    One that is gone, is still written, was changed, or ends without knowing what the output does may have given something.
    Raises what reading it raises.
    """
    from emscontrol.clinic.sessions.content import journal_bytes, lines_of
    from emscontrol.clinic.sessions.read_journal import read_journal
    from emscontrol.record.replay import final_state
    from emscontrol.record.sink import is_being_written

    if not journal.exists():
        return not began
    if is_being_written(journal):
        return False
    content = journal_bytes(journal)
    facts = read_journal(content)
    return facts.closed and not facts.contractions and final_state(lines_of(content)).stop_confirmed
