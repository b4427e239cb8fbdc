"""Running a session in virtual time: everything in memory, time jumps from deadline to deadline."""

from typing import Final

from emscontrol.core.errors import EmsError
from emscontrol.core.events import Event
from emscontrol.core.units import US_PER_S
from emscontrol.record.journal import Journal
from emscontrol.session.engine import Engine
from emscontrol.session.inputs import Arm, Close, Connect, Input, Start, Stop
from emscontrol.session.links import Link
from emscontrol.session.states import State
from emscontrol.session.turn import Bystander, Listener, Turn

LONGEST_US: Final = 24 * 3600 * US_PER_S  # a session that is not over by then is hung
OPENING: Final[tuple[tuple[Input, State | None], ...]] = (
    (Connect(), State.IDLE),
    (Arm(), State.CONNECTED),
    (Start("rehearsal"), None),
)
"""What to ask for, and the state to wait in until it is done."""

OPENING_US: Final = 10 * US_PER_S
OPENING_LOOK_US: Final = US_PER_S // 100
STUCK_AFTER: Final = 10_000  # turns without time passing


class VirtualRun:
    """One engine on a clock that jumps. `now_us` is the virtual time."""

    def __init__(
        self,
        engine: Engine,
        link: Link,
        journal: Journal,
        listener: Listener | None = None,
        now_us: int = 0,
        bystander: Bystander | None = None,
    ) -> None:
        self.engine = engine
        self.now_us = now_us
        self._link = link
        self._turn = Turn(engine, link, journal, listener or _nobody, bystander)

    def give(self, given: Input) -> None:
        """Hand the engine an input now, and let the stimulator's immediate answer through. Raises the engine's refusals."""
        self._turn.take(given, self.now_us)
        self.settle()

    def settle(self) -> int | None:
        """Let everything happen that is due at this very moment; returns when something is due again, or None."""
        for _ in range(STUCK_AFTER):
            self._turn.listen(self.now_us)
            due_us = self._next_us()
            if due_us is None or due_us > self.now_us:
                return due_us
        raise RuntimeError(f"virtual time stands still at {self.now_us} µs")

    def advance(self, until_us: int) -> None:
        """Let time pass up to `until_us`, stopping at every deadline on the way."""
        self._pass(self._next_us(), until_us)

    def _pass(self, due_us: int | None, until_us: int) -> int | None:
        """`advance` where the next deadline is known already; returns the one after."""
        while due_us is not None and due_us <= until_us and not self.engine.closed:
            self.now_us = max(self.now_us, due_us)
            due_us = self.settle()
            if self._turn.watch_journal(self.now_us):
                due_us = self._next_us()
        if not self.engine.closed and self.now_us < until_us:
            self.now_us = until_us
            due_us = self.settle()
        return due_us

    def play_out(self) -> None:
        """Run to the closing event with nobody interfering; a fault is closed once zero is confirmed or hopeless."""
        engine = self.engine
        next_us = self._next_us()
        while not engine.closed:
            if engine.state is State.FAULT and engine.off_confirmed:
                self.give(Close())
                next_us = self._next_us()
            else:
                due_us = engine.due_us()
                next_us = self._pass(next_us, self.now_us + US_PER_S if due_us is None else due_us)

    def finish(self, within_us: int = LONGEST_US) -> None:
        """Run to the closing event. Raises RuntimeError when it does not come."""
        limit_us = self.now_us + within_us
        while not self.engine.closed:
            due_us = self._next_us()
            if due_us is None or due_us > limit_us:
                raise RuntimeError(f"the session does not end: {self.engine.state} at {self.now_us} µs")
            self.advance(due_us)

    def _next_us(self) -> int | None:
        its_us = self._link.due_us()
        if its_us is not None and its_us <= self.now_us:
            return its_us
        mine_us = self.engine.due_us()
        if mine_us is None or its_us is None:
            return its_us if mine_us is None else mine_us
        return min(mine_us, its_us)


def rehearse(run: VirtualRun) -> None:
    """Connect, arm, start and play out. Raises a refusal of one of these after a stop has closed the session."""
    engine = run.engine
    for step, until in OPENING:
        if engine.closed or engine.state is State.FAULT:
            break
        try:
            run.give(step)
        except EmsError as refusal:
            run.give(Stop("rehearsal", refusal.what))
            run.play_out()
            raise
        limit_us = run.now_us + OPENING_US
        while engine.state is until and run.now_us < limit_us:
            run.advance(run.now_us + OPENING_LOOK_US)
    run.play_out()


def _nobody(event: Event, now_us: int) -> None:
    """Nobody listens."""
