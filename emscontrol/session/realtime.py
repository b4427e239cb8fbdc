"""Running a session in real time: one loop, one thread, no call that waits for anything but the next event.

The loop that runs the checks is the loop that keeps the stimulator alive: if it hangs, the stimulator's own watchdog acts.
"""

import contextlib
import selectors
from collections.abc import Callable
from typing import Any, Final

from emscontrol.core.errors import EmsError, UsageError
from emscontrol.core.events import Event, make
from emscontrol.core.units import US_PER_MS, US_PER_S
from emscontrol.record.clock import WallWatch, local_wall_clock
from emscontrol.record.journal import Journal
from emscontrol.session.clients import Client, Clients
from emscontrol.session.endpoint import Endpoint
from emscontrol.session.engine import Engine
from emscontrol.session.inputs import Close, Halt, Note, Stop
from emscontrol.session.links import Link
from emscontrol.session.messages import (
    NAME_MAX,
    REQUESTS,
    VERSION,
    asks_to_stop,
    closed_line,
    error_line,
    event_line,
    hello_line,
    parse,
    view_line,
)
from emscontrol.session.signals import SignalPipe
from emscontrol.session.states import State
from emscontrol.session.turn import Bystander, Turn

LOOK_US: Final = 20 * US_PER_MS  # longest wait of the loop
WALL_US: Final = US_PER_S
VIEW_US: Final = 100 * US_PER_MS
FIRST_CLIENT_US: Final = 15 * US_PER_S  # an engine that nobody calls ends itself
LINES_A_TURN: Final = 256
GOODBYE_S: Final = 0.3


class RealTimeRun:
    """One engine, one link, its clients, on a real clock. `clock` gives µs (scaled for fast rehearsals), `pace` its speed."""

    def __init__(
        self,
        engine: Engine,
        link: Link,
        journal: Journal,
        endpoint: Endpoint,
        signals: SignalPipe,
        clock: Callable[[], int],
        *,
        pace: float,
        simulated: bool,
        journal_path: str,
        bystander: Bystander | None = None,
    ) -> None:
        self._engine = engine
        self._link = link
        self._journal = journal
        self._endpoint = endpoint
        self._clients = Clients(endpoint)
        self._signals = signals
        self._clock = clock
        self._pace = pace
        self._simulated = simulated
        self._journal_path = journal_path
        self._turn = Turn(engine, link, journal, self._heard, bystander)
        self._selector = selectors.DefaultSelector()
        self._began_us = clock()
        self._reached_us = self._began_us
        self._viewed_us = 0
        self._wall = WallWatch()
        self._wall_looked_us = 0
        self._had_operator = False
        self.signal = 0

    def run(self) -> None:
        """Serve until the session is closed. The caller closes link and journal."""
        self._selector.register(self._endpoint.listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._signals.fileno(), selectors.EVENT_READ, self._signalled)
        fd = self._link.fileno()
        if fd is not None:
            self._selector.register(fd, selectors.EVENT_READ, None)
        while not self._engine.closed and not self._abandoned():
            self._one_turn()
        self._goodbye()

    def note(self, note: Note) -> None:
        """Record and tell something that happened before the loop runs."""
        self._turn.take(note, self._now_us())

    def fail(self, problem: Exception) -> None:
        """For the outermost loop: stop first, then say what failed, then go."""
        text = f"{type(problem).__name__}: {problem}"
        with contextlib.suppress(Exception):  # the outermost loop: what follows must happen even if the stop cannot be made
            self._link.write(self._engine.bare_stop(self._clock()), self._clock(), urgent=True)
        with contextlib.suppress(Exception):
            self._journal.append(make("engine_fault", text=text), self._clock())
        self._clients.tell(closed_line("fault", f"internal fault: {text}", self._journal_path, unknown=True))
        with contextlib.suppress(OSError):
            self._goodbye_quietly()

    # -- the loop ------------------------------------------------------------------------------------------------------

    def _one_turn(self) -> None:
        ready = self._selector.select(self._wait_s())
        self._catch_up()
        for key, _ in ready:
            if key.data is not None:
                key.data()
        now_us = self._now_us()
        self._unplugged_fd()
        self._turn.listen(now_us)
        self._turn.watch_journal(now_us, self._pace)
        self._watch_wall_clock(now_us)
        self._watch_lease(now_us)
        self._close_alone(now_us)
        self._show(now_us)

    def _catch_up(self) -> None:
        """Above real time a simulator has deadlines closer together than turns of this loop: take each at its own time."""
        self._reached_us = self._clock()
        if self._pace == 1.0:
            return
        while not self._engine.closed:
            due = [d for d in (self._engine.due_us(), self._link.due_us()) if d is not None]
            if not due or min(due) >= self._reached_us:
                return
            self._turn.listen(min(due))

    def _now_us(self) -> int:
        """The time of this turn: the clock's own, or, faster than real time, how far the simulator has been taken."""
        return self._clock() if self._pace == 1.0 else self._reached_us

    def _wait_s(self) -> float:
        now_us = self._clock()
        due = [now_us + round(LOOK_US * self._pace)]
        due += [d for d in (self._engine.due_us(), self._link.due_us()) if d is not None]
        return max(0.0, (min(due) - now_us) / US_PER_S / self._pace)

    def _unplugged_fd(self) -> None:
        """A port that hung up stays readable for ever; stop selecting on it."""
        fd = self._link.fileno()
        if self._turn.link_down and fd is not None and fd in self._selector.get_map():
            self._selector.unregister(fd)

    def _watch_wall_clock(self, now_us: int) -> None:
        """A jump of the wall clock changes nothing but is recorded."""
        if now_us - self._wall_looked_us < WALL_US or self._pace != 1.0:
            return
        self._wall_looked_us = now_us
        jump = self._wall.look(local_wall_clock(), now_us)
        if jump is not None:
            self._turn.take(Note(jump), now_us)

    def _watch_lease(self, now_us: int) -> None:
        late = self._clients.overdue(now_us)
        if late is None or self._pace != 1.0:
            return
        late.operator = False
        self._halt(
            make("lease_lost", client=late.name, silent_us=now_us - late.seen_us), f"{late.name} has been silent", now_us
        )

    def _close_alone(self, now_us: int) -> None:
        """A fault with zero confirmed and nobody there to clear it is closed."""
        if self._engine.state is State.FAULT and self._engine.off_confirmed and self._clients.operator is None:
            self._turn.take(Close(), now_us)

    def _abandoned(self) -> bool:
        waited_us = self._clock() - self._began_us
        return not self._had_operator and self._engine.state is State.IDLE and waited_us > FIRST_CLIENT_US * self._pace

    def _show(self, now_us: int) -> None:
        if now_us - self._viewed_us >= VIEW_US * self._pace:
            self._viewed_us = now_us
            self._clients.show(lambda: view_line(self._engine.view(now_us)))
        for client in list(self._clients.all.values()):
            if not client.flush():
                self._talks(client)  # its last words may be a stop
                self._gone(client)

    def _goodbye(self) -> None:
        now_us = self._now_us()
        self._clients.tell(view_line(self._engine.view(now_us)))
        self._clients.tell(
            closed_line(self._engine.result, self._engine.reason, self._journal_path, self._engine.output_unknown)
        )
        self._goodbye_quietly()

    def _goodbye_quietly(self) -> None:
        self._clients.close(GOODBYE_S)
        self._endpoint.close()
        self._selector.close()

    # -- what comes in -------------------------------------------------------------------------------------------------

    def _heard(self, event: Event, now_us: int) -> None:
        self._clients.tell(event_line(event, now_us))

    def _signalled(self) -> None:
        for number, name in self._signals.read():
            self.signal = self.signal or number
            self._halt(make("interrupted", signal=name), f"ended by {name}", self._now_us())

    def _accept(self) -> None:
        superfluous = self._clients.superfluous()
        if superfluous is not None:
            self._gone(superfluous)
        client = self._clients.accept(self._now_us())
        if client is not None:
            self._selector.register(client.sock, selectors.EVENT_READ, lambda: self._talks(client))
            client.queue(
                hello_line(self._endpoint.address.pid, self._endpoint.address.device, self._journal_path, self._simulated)
            )

    def _talks(self, client: Client) -> None:
        lines = client.lines()
        if lines is None:
            self._gone(client)
            return
        spoken = [line for line in lines if line.strip()]
        stops = [line for line in spoken if b"stop" in line.lower()]
        for line in (stops + spoken)[:LINES_A_TURN]:
            self._obey(client, line)
        if len(spoken) > LINES_A_TURN:  # nobody has so much to say; a stop among it has been obeyed
            self._gone(client)

    def _obey(self, client: Client, line: bytes) -> None:
        now_us = self._now_us()
        verb = "stop"
        try:
            if asks_to_stop(line) and client.admitted:
                self._turn.take(REQUESTS["stop"].build(_fields(line), client.name) or Stop(client.name, "asked for"), now_us)
                return
            verb, fields = parse(line)
            self._request(client, verb, fields, now_us)
        except EmsError as problem:
            client.queue(error_line(verb, problem))

    def _request(self, client: Client, verb: str, fields: Any, now_us: int) -> None:
        client.seen_us = now_us
        if verb == "hello":
            self._welcome(client, fields, now_us)
            return
        if not client.admitted:
            raise UsageError("Say hello first, with the secret of this engine.")
        request = REQUESTS[verb]
        if request.operator_only and not client.operator:
            raise UsageError(f"Only the operator may {verb}; others may watch, pause and stop.")
        given = request.build(fields, client.name)
        if given is not None:
            self._turn.take(given, now_us)

    def _welcome(self, client: Client, fields: Any, now_us: int) -> None:
        if fields["version"] != VERSION:
            raise UsageError(f"This engine speaks version {VERSION}, the client {fields['version']}.", "Use the same release.")
        if not self._clients.secret_fits(fields.get("secret", "")):
            raise UsageError("The secret does not fit this engine.")
        if client.greeted:
            raise UsageError("This connection has said hello already.")
        client.admitted = client.greeted = True
        client.name = "".join(c for c in fields["name"][:NAME_MAX] if c.isprintable())
        client.operator = fields["role"] == "operator" and self._clients.operator is None
        self._had_operator = self._had_operator or client.operator
        role = "operator" if client.operator else "watcher"
        self._turn.take(Note(make("client_joined", client=client.name, role=role)), now_us)

    def _gone(self, client: Client) -> None:
        if client.sock.fileno() < 0:
            return  # it has been let go already
        if client.sock in self._selector.get_map():
            self._selector.unregister(client.sock)
        was_operator = client.operator
        self._clients.drop(client)
        now_us = self._now_us()
        if was_operator and not self._engine.closed:
            self._halt(make("client_gone", client=client.name), f"{client.name} is gone", now_us)

    def _halt(self, event: Event, reason: str, now_us: int) -> None:
        self._turn.take(Halt(event, reason, fault=False), now_us)


def _fields(line: bytes) -> dict[str, Any]:
    try:
        _, fields = parse(line)
    except UsageError:
        return {}
    return dict(fields)
