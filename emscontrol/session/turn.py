"""One turn of the engine, the same for every runner: hand it an input, record what it tells, write what it sends."""

from collections.abc import Callable, Iterable
from typing import Final, Protocol

from emscontrol.core import budget
from emscontrol.core.errors import LinkError, LinkLost, StorageError
from emscontrol.core.events import Event, make
from emscontrol.core.units import US_PER_MS
from emscontrol.record.journal import Journal
from emscontrol.session.engine import Engine
from emscontrol.session.inputs import Arm, Clear, Effect, Halt, Input, LinkFailed, Received, Resume, Start, Tell, Write
from emscontrol.session.links import Link
from emscontrol.session.states import State

NEEDS_RECORD: Final = frozenset({State.CONNECTED, State.ARMED, State.RUNNING, State.PAUSED})
RECORDED: Final = (Clear, Arm, Start, Resume)  # requests that are refused when there is no record of them
Listener = Callable[[Event, int], None]


class Bystander(Protocol):
    """Somebody beside the session whose remarks belong into its record: the simulated body on the leads."""

    def heard(self) -> Iterable[Event]:
        """What has been said since the last time."""

    def after(self, event: Event, now_us: int) -> Iterable[Event]:
        """What is to be told when this has happened."""


class Turn:
    """Carries inputs into an engine and effects out of it. `listener` hears every event after it is in the journal."""

    def __init__(
        self, engine: Engine, link: Link, journal: Journal, listener: Listener, bystander: Bystander | None = None
    ) -> None:
        self._engine = engine
        self._link = link
        self._journal = journal
        self._listener = listener
        self._bystander = bystander
        self._link_down = False

    @property
    def link_down(self) -> bool:
        """True when the port is gone."""
        return self._link_down

    def take(self, given: Input, now_us: int) -> None:
        """Give the engine one input and do what it says.

        Raises the engine's refusals of an operator's request, and StorageError for one that needs a record that is gone.
        """
        if isinstance(given, RECORDED) and self._journal.failure is not None:
            raise StorageError(
                f"The record cannot be written: {self._journal.failure}", "End this session and begin a new one."
            )
        failures = self._carry_out(self._engine.handle(given, now_us), now_us)
        while failures:
            failures = self._carry_out(self._engine.handle(LinkFailed(failures.pop()), now_us), now_us)

    def listen(self, now_us: int) -> None:
        """Read the port and let the engine look at the time."""
        if self._link_down:
            self.take(Received(b""), now_us)
            return
        try:
            data = self._link.read(now_us)
        except LinkError as problem:
            self._link_down = True
            self.take(LinkFailed(problem.what), now_us)
            return
        self.take(Received(data), now_us)

    def watch_journal(self, now_us: int, pace: float = 1.0) -> bool:
        """End the session when its record cannot be kept: no journal, no session. True when it had to.

        `pace` is how much faster the clock runs. Also the moment in which the journal makes its checkpoints.
        """
        self._journal.tend(now_us)
        if self._engine.state not in NEEDS_RECORD:
            return False
        if self._journal.failure is not None:
            text = str(self._journal.failure)
            self.take(Halt(make("journal_failed", text=text), f"the record cannot be written: {text}"), now_us)
            return True
        lag_us = self._journal.lag_us(now_us)
        if lag_us > budget.T_JOURNAL * US_PER_MS * pace:
            self.take(Halt(make("journal_late", lag_us=lag_us), "the record is too far behind the disk"), now_us)
            return True
        return False

    def _carry_out(self, effects: list[Effect], now_us: int) -> list[str]:
        failures: list[str] = []
        for effect in effects:
            if isinstance(effect, Tell):
                self._record(effect.event, now_us)
            else:
                self._send(effect, now_us, failures)
        if self._bystander is not None:  # after everything that was to be written has been
            self._pass_on(self._bystander, [effect.event for effect in effects if isinstance(effect, Tell)], now_us)
        return failures

    def _record(self, event: Event, now_us: int) -> None:
        self._journal.append(event, now_us)
        self._listener(event, now_us)

    def _pass_on(self, bystander: Bystander, told: list[Event], now_us: int) -> None:
        remarks = [remark for event in told for remark in bystander.after(event, now_us)]
        for remark in [*bystander.heard(), *remarks]:
            if not self._engine.closed:  # the closing line is the record's last
                self._record(remark, now_us)

    def _send(self, effect: Write, now_us: int, failures: list[str]) -> None:
        """A port that hung up is not written to again; one that is only stuck still gets every stop."""
        if self._link_down:
            return
        try:
            self._link.write(effect.data, now_us, effect.urgent)
        except LinkLost as problem:
            self._link_down = True
            failures.append(problem.what)
        except LinkError as problem:
            if not self._engine.output_unknown:
                failures.append(problem.what)
